"""An issuer of tokens for tests: it signs whatever it is asked to, and publishes its keys."""

from __future__ import annotations

import json
import threading
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from functools import cache
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

import jwt
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import ec, rsa
from jwt.algorithms import ECAlgorithm, RSAAlgorithm

NAME = "https://issuer.example/"
AUDIENCE = "postroom"
SUBJECT = "somebody@example.org"
WORKSPACE = "ws_01kagwz8w7e0f4h5j6k7m8n9pq"

Key = rsa.RSAPrivateKey | ec.EllipticCurvePrivateKey
_ADOPTED: list[bytes] = []


@cache
def rsa_key(name: str = "one") -> rsa.RSAPrivateKey:
    """A key, made once; the first may be another process's."""
    if name == "one" and _ADOPTED:
        adopted = serialization.load_pem_private_key(_ADOPTED[-1], None)
        assert isinstance(adopted, rsa.RSAPrivateKey)
        return adopted
    return rsa.generate_private_key(public_exponent=65537, key_size=2048)


def pem() -> str:
    """The RSA key that tokens are signed with, for another process to adopt."""
    kind, form, cipher = serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
    return rsa_key().private_bytes(kind, form, cipher).decode()


def adopt(pem: str) -> None:
    """Sign from now on with another process's RSA key."""
    _ADOPTED.append(pem.encode())
    rsa_key.cache_clear()


@cache
def ec_key() -> ec.EllipticCurvePrivateKey:
    """A key, made once."""
    return ec.generate_private_key(ec.SECP256R1())


def public_pem() -> bytes:
    """What everybody can know of the RSA key."""
    kind, form = serialization.Encoding.PEM, serialization.PublicFormat.SubjectPublicKeyInfo
    return rsa_key().public_key().public_bytes(kind, form)


def key_set() -> dict[str, Any]:
    """The keys as they are published, one for RS256 and one for ES256."""
    rs256 = RSAAlgorithm.to_jwk(rsa_key().public_key(), as_dict=True)
    es256 = ECAlgorithm.to_jwk(ec_key().public_key(), as_dict=True)
    return {"keys": [{**rs256, "kid": "rsa", "use": "sig"}, {**es256, "kid": "ec", "use": "sig"}]}


def claims(**changes: object) -> dict[str, object]:
    """What a good token says; a change to None leaves the claim out."""
    now = datetime.now(UTC)
    good: dict[str, object] = {
        "iss": NAME,
        "aud": AUDIENCE,
        "iat": now,
        "exp": now + timedelta(minutes=5),
        "sub": SUBJECT,
    }
    return {name: value for name, value in {**good, **changes}.items() if value is not None}


def token(
    *, key: Key | None = None, algorithm: str = "RS256", headers: Mapping[str, Any] | None = None, **changes: object
) -> str:
    """A token, good but for the changes."""
    chosen = {"kid": "ec" if algorithm == "ES256" else "rsa", **(headers or {})}
    return jwt.encode(claims(**changes), key or rsa_key(), algorithm=algorithm, headers=chosen)


@contextmanager
def served() -> Iterator[str]:
    """The key set on this machine, at the address that is given; where `/moved` leads is not it."""

    class Serve(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            self.send_response(302 if self.path == "/moved" else 200)
            self.send_header("Location", "/keys")
            self.end_headers()
            self.wfile.write(json.dumps(key_set()).encode())

        def log_message(self, *_: object) -> None:
            """Quiet."""

    server = ThreadingHTTPServer(("127.0.0.1", 0), Serve)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    yield f"http://127.0.0.1:{server.server_port}"
    server.shutdown()
    server.server_close()


@dataclass
class Published:
    """The key set as it is fetched; counts how often, and fails while `down`."""

    keys: dict[str, Any] = field(default_factory=key_set)
    fetched: int = 0
    down: bool = False

    def __call__(self) -> dict[str, Any]:
        self.fetched += 1
        if self.down:
            raise jwt.PyJWKClientConnectionError("down")
        copied: dict[str, Any] = json.loads(json.dumps(self.keys))
        return copied
