"""Real credentials for tests, one module per way to sign in."""
