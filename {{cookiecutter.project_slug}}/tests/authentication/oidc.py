"""Signs in with a token of an issuer that publishes its keys over HTTP, as a real one does."""

import json
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from threading import Thread
from typing import Any
from uuid import uuid4

import jwt
import pytest
from cryptography.hazmat.primitives.asymmetric import ec, rsa
from jwt.algorithms import ECAlgorithm, RSAAlgorithm
from pytest_django import Settings
from rest_framework.test import APIClient

from apps.users.authentication.oidc.models import ExternalIdentity, identity_digest
from apps.users.models import User

AUDIENCE = "the-service"
LIFETIME_SECONDS = 300


class Issuer:
    """An OpenID Connect issuer, as far as a service that takes its tokens sees it.

    ``fetches`` counts how often its keys were read. ``answer`` is what it publishes.
    """

    def __init__(self) -> None:
        self.fetches = 0
        self.algorithm = "ES256"
        self.rotate()
        issuer = self

        class Handler(BaseHTTPRequestHandler):
            def do_GET(self) -> None:
                issuer.fetches += 1
                status, body = issuer.answer()
                with suppress(ConnectionError):  # A client may have given up by now.
                    self.send_response(status)
                    self.end_headers()
                    self.wfile.write(body)

            def log_message(self, *args: Any) -> None:
                """Print nothing: tests read what is printed."""

        self.server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self.url = f"http://127.0.0.1:{self.server.server_port}"
        self.jwks_url = f"{self.url}/keys"

    def rotate(self, algorithm: str = "ES256") -> None:
        """Sign with a new key from now on, and publish only that."""
        self.algorithm = algorithm
        self.key_id = uuid4().hex
        if algorithm == "ES256":
            self.key: Any = ec.generate_private_key(ec.SECP256R1())
            public = ECAlgorithm.to_jwk(self.key.public_key(), as_dict=True)
        else:
            self.key = rsa.generate_private_key(public_exponent=65537, key_size=2048)
            public = RSAAlgorithm.to_jwk(self.key.public_key(), as_dict=True)
        keys = {"keys": [{**public, "kid": self.key_id, "use": "sig", "alg": algorithm}]}
        self.answer = lambda: (200, json.dumps(keys).encode())

    def claims(self, subject: str, **claims: Any) -> dict[str, Any]:
        """Return the claims of a good token, changed by ``claims``; ``None`` leaves one out."""
        now = int(time.time())
        good = {"iss": self.url, "aud": AUDIENCE, "sub": subject, "iat": now}
        everything = {**good, "exp": now + LIFETIME_SECONDS, **claims}
        return {name: value for name, value in everything.items() if value is not None}

    def token(self, subject: str, **claims: Any) -> str:
        """Return a signed token with these claims."""
        return jwt.encode(
            self.claims(subject, **claims),
            self.key,
            algorithm=self.algorithm,
            headers={"kid": self.key_id},
        )

    def stop(self) -> None:
        """Answer no more."""
        self.server.shutdown()
        self.server.server_close()

    @property
    def environment(self) -> dict[str, str]:
        """The variables that make a service trust this issuer."""
        return {
            "OIDC_ISSUER": self.url,
            "OIDC_AUDIENCE": AUDIENCE,
            "OIDC_JWKS_URL": self.jwks_url,
        }


@contextmanager
def running_issuer() -> Iterator[Issuer]:
    """Run an issuer for the length of the block."""
    issuer = Issuer()
    thread = Thread(target=issuer.server.serve_forever, kwargs={"poll_interval": 0.01})
    thread.start()
    try:
        yield issuer
    finally:
        issuer.stop()
        thread.join()


@pytest.fixture(scope="session")
def shared_issuer() -> Iterator[Issuer]:
    with running_issuer() as issuer:
        yield issuer


@pytest.fixture
def issuer(shared_issuer: Issuer, settings: Settings) -> Issuer:
    """Return an issuer that the service trusts."""
    for name, value in shared_issuer.environment.items():
        setattr(settings, name, value)
    return shared_issuer


@pytest.fixture
def sign_in(issuer: Issuer) -> Callable[[User], APIClient]:
    """Return a function that gives a client of the API with the credentials of a user."""

    def sign_in(user: User) -> APIClient:
        subject = str(user.pk)
        ExternalIdentity.objects.get_or_create(
            digest=identity_digest(issuer=issuer.url, subject=subject),
            defaults={"user": user, "issuer": issuer.url, "subject": subject},
        )
        client = APIClient()
        client.credentials(HTTP_AUTHORIZATION=f"Bearer {issuer.token(subject)}")
        return client

    return sign_in


@pytest.fixture
def credential_queries() -> int:
    """Return how many queries a request's credentials cost: the user, by identity."""
    return 1
