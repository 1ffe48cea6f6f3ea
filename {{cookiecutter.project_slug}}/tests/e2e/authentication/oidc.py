"""Signs in with tokens of an issuer, which runs here, over TLS, for as long as the tests need it."""

import datetime
import http.server
import ipaddress
import json
import ssl
import threading
import uuid
from collections.abc import Iterator
from contextlib import contextmanager
from functools import partial
from pathlib import Path
from typing import Any

import jwt
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID

from apps.users.models import User
from tests.e2e.authentication import Authentication
from tests.e2e.http import Client

AUDIENCE = "service"
KEY_ID = "e2e"
LIFETIME = datetime.timedelta(hours=1)


@contextmanager
def authentication(folder: Path) -> Iterator[Authentication]:
    """Publish the issuer's documents, and return how to sign in. ``folder`` gets its certificate."""
    key = ec.generate_private_key(ec.SECP256R1())
    certificate = folder / "issuer.pem"
    certificate.write_bytes(
        key.private_bytes(
            serialization.Encoding.PEM,
            serialization.PrivateFormat.PKCS8,
            serialization.NoEncryption(),
        )
        + own_certificate(key).public_bytes(serialization.Encoding.PEM)
    )
    documents: dict[str, Any] = {"/keys": {"keys": [public_key(key)]}}
    server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), handler_of(documents))
    issuer = f"https://127.0.0.1:{server.server_port}"
    documents["/.well-known/openid-configuration"] = {
        "issuer": issuer,
        "jwks_uri": f"{issuer}/keys",
    }
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(certificate)
    server.socket = context.wrap_socket(server.socket, server_side=True)
    thread = threading.Thread(target=server.serve_forever)
    thread.start()
    try:
        yield Authentication(
            partial(sign_in, issuer, key),
            {
                "OIDC_ISSUER": issuer,
                "OIDC_AUDIENCE": AUDIENCE,
                # Empty, so that no .env says otherwise.
                "OIDC_JWKS_URL": "",
                "OIDC_CLIENT_IDS": "",
                "OIDC_ROLES_CLAIM": "",
                "OIDC_ROLES_MAPPING": "",
                # https://docs.openssl.org/master/man3/SSL_CTX_load_verify_locations/
                "SSL_CERT_FILE": str(certificate),
            },
        )
    finally:
        server.shutdown()
        thread.join()
        server.server_close()


def sign_in(issuer: str, key: ec.EllipticCurvePrivateKey, client: Client, user: User) -> None:
    """Let ``client`` act for ``user``."""
    now = datetime.datetime.now(datetime.UTC)
    claims = {
        "iss": issuer,
        "aud": AUDIENCE,
        "sub": str(uuid.uuid5(uuid.NAMESPACE_URL, user.email)),
        "iat": now,
        "exp": now + LIFETIME,
        "email": user.email,
        "email_verified": True,
    }
    token = jwt.encode(claims, key, algorithm="ES256", headers={"kid": KEY_ID})
    client.headers["Authorization"] = f"Bearer {token}"


def public_key(key: ec.EllipticCurvePrivateKey) -> dict[str, Any]:
    """Return the key as RFC 7517 writes it."""
    algorithm = jwt.algorithms.ECAlgorithm(jwt.algorithms.ECAlgorithm.SHA256)
    described: dict[str, Any] = algorithm.to_jwk(key.public_key(), as_dict=True)
    return described | {"kid": KEY_ID, "use": "sig", "alg": "ES256"}


def own_certificate(key: ec.EllipticCurvePrivateKey) -> x509.Certificate:
    """Return a certificate for 127.0.0.1, signed by itself."""
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "127.0.0.1")])
    now = datetime.datetime.now(datetime.UTC)
    return (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(name)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(now - LIFETIME)
        .not_valid_after(now + LIFETIME)
        .add_extension(
            x509.SubjectAlternativeName([x509.IPAddress(ipaddress.ip_address("127.0.0.1"))]),
            critical=False,
        )
        .sign(key, hashes.SHA256())
    )


def handler_of(documents: dict[str, Any]) -> type[http.server.BaseHTTPRequestHandler]:
    """Return a handler that answers a GET with the document of its path."""

    class Handler(http.server.BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            body = json.dumps(documents[self.path]).encode()
            self.send_response(200)
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)

        def log_message(self, *_: Any) -> None:
            """Say nothing on the terminal of the tests."""

    return Handler
