"""What the command line knows besides."""
