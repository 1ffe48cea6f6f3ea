"""Messages of tasks that ended badly: kept with what went wrong, listed, and sent again."""
