"""Signs in with a token of an issuer, which publishes its keys over HTTP in a process of its own."""

import json
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
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


class IssuerServer:
    """The process in which issuers publish, each at a path of its own."""

    def __init__(self) -> None:
        self.port = 0
        self.start()

    def start(self) -> None:
        """Run it, on the port that it had before if there was one. It has forgotten all pages."""
        script = Path(__file__).with_name("oidc_server.py")
        self._process = subprocess.Popen(
            [sys.executable, str(script), str(self.port)],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
        )
        self.port = self._answer()["port"]
        self.url = f"http://127.0.0.1:{self.port}"

    def stop(self) -> None:
        """Kill it: connections are refused."""
        self._process.kill()
        self._process.communicate()

    def pause(self) -> None:
        """Let it hang: connections come about, and nothing comes back."""
        self._process.send_signal(signal.SIGSTOP)

    def resume(self) -> None:
        self._process.send_signal(signal.SIGCONT)

    def publish(self, path: str, body: str, **page: Any) -> None:
        """Answer with ``body`` at ``path``; ``page`` is as in ``oidc_server.Page``."""
        self._order(path=path, body=body, **page)

    def requests(self, path: str) -> int:
        """Return how often ``path`` was asked for."""
        return self._order(path=path)["requests"]

    def _order(self, **order: Any) -> dict[str, int]:
        assert self._process.stdin
        self._process.stdin.write(json.dumps(order) + "\n")
        self._process.stdin.flush()
        return self._answer()

    def _answer(self) -> dict[str, int]:
        assert self._process.stdout
        answer: dict[str, int] = json.loads(self._process.stdout.readline())
        return answer


class Issuer:
    """An OpenID Connect issuer, as far as a service that takes its tokens sees it."""

    def __init__(self, server: IssuerServer) -> None:
        self.server = server
        self.path = f"/{uuid4().hex}"
        self.url = server.url + self.path
        self.jwks_url = f"{self.url}/keys"
        self.rotate()
        self.publish_discovery()

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
        self.public = {**public, "kid": self.key_id, "use": "sig", "alg": algorithm}
        self.publish_keys()

    def publish_keys(self, body: str | None = None, **page: Any) -> None:
        """Publish the key, or ``body`` in its place."""
        keys = json.dumps({"keys": [self.public]})
        self.server.publish(f"{self.path}/keys", keys if body is None else body, **page)

    def publish_discovery(self, body: str | None = None, **page: Any) -> None:
        """Publish where the keys are, or ``body`` in its place."""
        document = json.dumps({"issuer": self.url, "jwks_uri": self.jwks_url})
        path = f"{self.path}/.well-known/openid-configuration"
        self.server.publish(path, document if body is None else body, **page)

    @property
    def fetches(self) -> int:
        """How often its keys were read."""
        return self.server.requests(f"{self.path}/keys")

    @property
    def discoveries(self) -> int:
        """How often somebody read where they are."""
        return self.server.requests(f"{self.path}/.well-known/openid-configuration")

    def claims(self, subject: str, **claims: Any) -> dict[str, Any]:
        """Return the claims of a good token, changed by ``claims``; ``None`` leaves one out."""
        now = int(time.time())
        good = {"iss": self.url, "aud": AUDIENCE, "sub": subject, "iat": now}
        everything = {**good, "exp": now + LIFETIME_SECONDS, **claims}
        return {name: value for name, value in everything.items() if value is not None}

    def token(self, subject: str, *, headers: dict[str, Any] | None = None, **claims: Any) -> str:
        """Return a signed token with these claims."""
        return jwt.encode(
            self.claims(subject, **claims),
            self.key,
            algorithm=self.algorithm,
            headers={"kid": self.key_id, **(headers or {})},
        )

    @property
    def environment(self) -> dict[str, Any]:
        """The settings that make a service trust this issuer."""
        return {
            "OIDC_ISSUER": self.url,
            "OIDC_AUDIENCE": AUDIENCE,
            "OIDC_JWKS_URL": "",
            "OIDC_CLIENT_IDS": [],
            "OIDC_ROLES_CLAIM": "",
            "OIDC_ROLES_MAPPING": [],
        }


@contextmanager
def running_server() -> Iterator[IssuerServer]:
    """Run the process for the length of the block."""
    server = IssuerServer()
    try:
        yield server
    finally:
        server.stop()


@pytest.fixture(scope="session")
def issuer_server() -> Iterator[IssuerServer]:
    """Return a process that all tests share: none may stop it."""
    with running_server() as server:
        yield server


@pytest.fixture(scope="session")
def shared_issuer(issuer_server: IssuerServer) -> Issuer:
    return Issuer(issuer_server)


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
