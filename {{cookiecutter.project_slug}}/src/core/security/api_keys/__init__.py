"""Keys that let programs call the API: ``Authorization: Api-Key <key>``."""
