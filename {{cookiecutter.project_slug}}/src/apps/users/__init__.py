"""Accounts, roles, and how a caller signs in."""
