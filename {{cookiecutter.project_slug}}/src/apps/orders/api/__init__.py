"""The API of the shop."""
