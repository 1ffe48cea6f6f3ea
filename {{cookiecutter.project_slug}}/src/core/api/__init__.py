"""How every app speaks HTTP: errors, formats, pages, the schema."""
