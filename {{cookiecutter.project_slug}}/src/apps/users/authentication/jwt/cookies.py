"""Tokens in cookies, which no script of a page can read.

``__Host-`` makes browsers take them over HTTPS only, from this host only, and send them to no other:
https://www.rfc-editor.org/rfc/draft-ietf-httpbis-rfc6265bis#name-the-__host-prefix
"""

from django.http import HttpResponse

from apps.users.authentication.jwt.tokens import AccessToken, RefreshToken

ACCESS_COOKIE = "__Host-access"
REFRESH_COOKIE = "__Host-refresh"


def set_cookies(response: HttpResponse, refresh: RefreshToken) -> None:
    """Give the browser a pair of tokens, each for as long as it is good."""
    _set_cookie(response, ACCESS_COOKIE, refresh.access_token)  # type: ignore[arg-type]
    _set_cookie(response, REFRESH_COOKIE, refresh)


def delete_cookies(response: HttpResponse) -> None:
    """Take the tokens from the browser."""
    for name in (ACCESS_COOKIE, REFRESH_COOKIE):
        response.delete_cookie(name, samesite="Strict")


def _set_cookie(response: HttpResponse, name: str, token: AccessToken | RefreshToken) -> None:
    response.set_cookie(
        name,
        str(token),
        max_age=token.lifetime,
        secure=True,
        httponly=True,
        # Pages of other sites cannot have them sent; those of CORS_ALLOWED_ORIGINS below the same
        # registered domain can.
        samesite="Strict",
    )
