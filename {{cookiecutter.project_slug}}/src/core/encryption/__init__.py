"""Fields whose text is encrypted in the database, and their keys."""
