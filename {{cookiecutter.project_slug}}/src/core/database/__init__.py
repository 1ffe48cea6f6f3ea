"""What becomes of connections that somebody else ends."""
