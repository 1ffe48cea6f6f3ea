"""The shape of every body."""
