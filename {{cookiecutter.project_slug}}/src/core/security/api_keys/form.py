"""What a key looks like: ``apikey_<prefix>_<secret><checksum>``.

It begins like no other word, so that those who scan code and logs for secrets find it; and the
checksum tells a key from what only looks like one, without asking the service. GitHub's tokens are
made like this: https://github.blog/engineering/platform-security/behind-githubs-new-authentication-token-formats/
"""

import re
import secrets
import string
import zlib

BEGINNING = "apikey"
PREFIX_BYTES = 6
# 43 of 62 characters are 256 bits.
SECRET_LENGTH = 43
CHECKSUM_LENGTH = 6
ALPHABET = string.digits + string.ascii_uppercase + string.ascii_lowercase

KEY = re.compile(
    r"(?P<begin>apikey_(?P<prefix>[0-9a-f]{12})_(?P<secret>[0-9A-Za-z]{43}))"
    r"(?P<checksum>[0-9A-Za-z]{6})"
)
# Keys that were made before the form above.
FORMER_KEY = re.compile(r"(?P<prefix>[0-9a-f]{12})\.(?P<secret>[\w-]{43})", re.ASCII)


def new_parts() -> tuple[str, str]:
    """Return a new prefix and a new secret."""
    secret = "".join(secrets.choice(ALPHABET) for _ in range(SECRET_LENGTH))
    return secrets.token_hex(PREFIX_BYTES), secret


def joined(prefix: str, secret: str) -> str:
    """Return the whole key."""
    begin = f"{BEGINNING}_{prefix}_{secret}"
    return f"{begin}{checksum(begin)}"


def parts_of(key: str) -> tuple[str, str] | None:
    """Return prefix and secret of ``key``; ``None`` for what is no key."""
    if found := FORMER_KEY.fullmatch(key):
        return found["prefix"], found["secret"]
    found = KEY.fullmatch(key)
    # No secret: anybody can compute the checksum of what was sent.
    if found is None or checksum(found["begin"]) != found["checksum"]:
        return None
    return found["prefix"], found["secret"]


def checksum(text: str) -> str:
    """Return the CRC32 of ``text`` in base 62."""
    number = zlib.crc32(text.encode())
    digits = ""
    for _ in range(CHECKSUM_LENGTH):
        number, digit = divmod(number, len(ALPHABET))
        digits = ALPHABET[digit] + digits
    return digits
