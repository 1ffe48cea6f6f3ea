"""Mail from templates."""
