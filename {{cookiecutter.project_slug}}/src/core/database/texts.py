"""What a column of text takes."""


def storable(text: str) -> str:
    """Return ``text`` as every database takes it, with escapes for a NUL and half a surrogate pair."""
    return text.replace("\x00", "\\x00").encode("utf-8", "backslashreplace").decode()
