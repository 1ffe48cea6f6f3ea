"""Import and export of whole tables, as background jobs."""
