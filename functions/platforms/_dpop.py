"""Proofs that whoever shows a token holds the key it is bound to (DPoP), one for each request.

Source: https://www.rfc-editor.org/rfc/rfc9449, https://atproto.com/specs/oauth (a stored copy of the latter, read
2026-11-21). A server that wants a nonce of its own in the proof says so and has done nothing: it is asked once more.
"""

from __future__ import annotations

import base64
import hashlib
import json
import re
import secrets
import time
from typing import TypeVar

import httpx
import jwt
from cryptography.hazmat.primitives.asymmetric import ec
from jwt.algorithms import ECAlgorithm

from publishing.adapter import Conversation
from publishing.errors import Unauthorized

T = TypeVar("T")

PUBLIC = ("kty", "crv", "x", "y")
WANTED = "use_dpop_nonce"
_NONCE = re.compile(r"[!-~]{1,500}")


def new_key(lasts_s: float) -> str:
    """A new private key, as a JWK that says how long what is bound to it can last."""
    made: dict[str, object] = ECAlgorithm.to_jwk(ec.generate_private_key(ec.SECP256R1()), as_dict=True)
    return json.dumps({**made, "exp": int(time.time() + lasts_s)})


def left_s(key: str) -> float:
    """For how many seconds more what is bound to the key can last; 0 where that is over, or not known."""
    try:
        return max(0.0, float(json.loads(key)["exp"]) - time.time())
    except (ValueError, TypeError, KeyError):
        return 0.0


def proven(request: httpx.Request, key: str, *, token: str = "", nonce: str = "") -> Conversation[httpx.Response]:
    """The answer to the request with a proof, and with the token that is bound to the key.

    Raises:
        Unauthorized: the key is none.
    """
    reply = yield _with_proof(request, key, token, nonce)
    if _is_wanted(reply):
        reply = yield _with_proof(request, key, token, nonce_of(reply))
    return reply


def bound(conversation: Conversation[T], key: str) -> Conversation[T]:
    """The conversation, with a proof in each of its requests."""
    try:
        request = next(conversation)
        while True:
            request = conversation.send((yield from proven(request, key)))
    except StopIteration as end:
        result: T = end.value
        return result


def nonce_of(reply: httpx.Response) -> str:
    """The nonce that the server wants in the next proof; empty where it tells none."""
    nonce: str = reply.headers.get("dpop-nonce", "")
    return nonce if _NONCE.fullmatch(nonce) else ""


def _is_wanted(reply: httpx.Response) -> bool:
    said = reply.headers.get("www-authenticate", "") + reply.text[:1_000]
    return reply.status_code in {400, 401} and WANTED in said and bool(nonce_of(reply))


def _with_proof(request: httpx.Request, key: str, token: str, nonce: str) -> httpx.Request:
    told = {
        "jti": secrets.token_urlsafe(16),
        "htm": request.method,
        "htu": str(request.url.copy_with(query=None, fragment=None)),
        "iat": int(time.time()),
    }
    told |= {"nonce": nonce} if nonce else {}
    told |= {"ath": _hash(token)} if token else {}
    headers = httpx.Headers({**request.headers, "dpop": _signed(told, key)})
    if token:
        headers["authorization"] = f"DPoP {token}"
    return httpx.Request(
        request.method, request.url, headers=headers, content=request.read(), extensions=request.extensions
    )


def _signed(told: dict[str, object], key: str) -> str:
    try:
        known = json.loads(key)
        public = {name: known[name] for name in PUBLIC}
        return jwt.encode(told, jwt.PyJWK(known).key, "ES256", {"typ": "dpop+jwt", "jwk": public})
    except (ValueError, TypeError, KeyError, jwt.PyJWTError):
        raise Unauthorized("The channel's key cannot be read: connect it again.") from None


def _hash(token: str) -> str:
    return base64.urlsafe_b64encode(hashlib.sha256(token.encode()).digest()).rstrip(b"=").decode()
