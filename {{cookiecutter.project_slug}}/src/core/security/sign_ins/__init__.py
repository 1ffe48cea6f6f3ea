"""Sessions that know their user, so that they can be listed and ended."""
