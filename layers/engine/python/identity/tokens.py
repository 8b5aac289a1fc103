"""An issuer's tokens: JWTs signed with RS256 or ES256, checked against its published keys (RFC 7519, RFC 8725)."""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import dataclass
from typing import Annotated, Any
from urllib.parse import urlsplit

import jwt
from pydantic import BaseModel, ConfigDict, Field, ValidationError

from identity.model import WORKSPACE, Bearer, Denial, Denied, Role, person_of

ALGORITHMS = ("RS256", "ES256")
TYPES = frozenset({"", "jwt", "at+jwt"})  # a token of another kind (ID, logout, DPoP proof …) is none for us
REQUIRED = ("iss", "aud", "exp", "iat", "sub")
LEEWAY_S = 30
KEEP_S = 600.0  # the issuer's keys are fetched anew this often
PAUSE_S = 60.0  # and never more often than this, however many unknown key ids callers make up
FETCH_TIMEOUT_S = 3.0

Fetch = Callable[[], dict[str, Any]]


class _Claims(BaseModel):
    """What a token says of its bearer. Claims named `workspace` and `role` narrow what it may be used for."""

    model_config = ConfigDict(frozen=True, extra="ignore", hide_input_in_errors=True)

    sub: Annotated[str, Field(min_length=1, max_length=255)]
    workspace: Annotated[str, Field(pattern=f"^{WORKSPACE.pattern}$")] | None = None
    role: Role | None = None


class PublishedKeys:
    """The issuer's public keys by their ids, fetched when first needed."""

    def __init__(self, fetch: Fetch, now_s: Callable[[], float] = time.monotonic) -> None:
        self._fetch = fetch
        self._now_s = now_s
        self._keys: dict[str, jwt.PyJWK] = {}
        self._fetched_s = self._tried_s = float("-inf")

    def key(self, identifier: str) -> jwt.PyJWK | None:
        """The key of that id, if the issuer publishes it.

        Raises:
            Denied: the issuer's keys could not be had yet, so nothing can be said.
        """
        now_s = self._now_s()
        stale = now_s - self._fetched_s > KEEP_S
        if (stale or identifier not in self._keys) and now_s - self._tried_s >= PAUSE_S:
            self._refresh(now_s)
        if not self._keys:
            raise Denied(Denial.UNAVAILABLE)
        return self._keys.get(identifier)

    def _refresh(self, now_s: float) -> None:
        self._tried_s = now_s
        try:
            found = jwt.PyJWKSet.from_dict(self._fetch()).keys
        except (jwt.PyJWTError, ValueError, OSError):
            return  # the keys we have stay good until the issuer can be reached again
        self._keys = {key.key_id: key for key in found if key.key_id and _signs(key)}
        self._fetched_s = now_s


def _signs(key: jwt.PyJWK) -> bool:
    return key.public_key_use in {None, "sig"} and key.algorithm_name in ALGORITHMS


def published_at(url: str, *, plain_http: bool = False) -> Fetch:
    """Fetches the key set at `url`; without redirects, and over https alone unless `plain_http` (stage local).

    Raises:
        ValueError: the address is not one keys may be fetched from.
    """
    if urlsplit(url).scheme not in ({"https", "http"} if plain_http else {"https"}):
        raise ValueError("The issuer's key set must be at an https address.")
    return jwt.PyJWKClient(url, cache_jwk_set=False, timeout=FETCH_TIMEOUT_S).fetch_data


@dataclass(frozen=True)
class Issuer:
    """The one issuer whose tokens are accepted, and the audience they must be for."""

    name: str
    audience: str
    keys: PublishedKeys

    def bearer(self, token: str) -> Bearer:
        """Who shows `token`.

        Raises:
            Denied: the token is not this issuer's, not for us, not valid now, or lacks what we need to know.
        """
        try:
            claims = _Claims.model_validate(self._verified(token))
        except jwt.ExpiredSignatureError:
            raise Denied(Denial.EXPIRED_TOKEN) from None
        except (jwt.PyJWTError, ValidationError):
            raise Denied(Denial.INVALID_TOKEN) from None
        return Bearer(person_of(self.name, claims.sub), claims.workspace or "", claims.role or Role.ADMIN)

    def _verified(self, token: str) -> dict[str, Any]:
        claims: dict[str, Any] = jwt.decode(
            token,
            key=self._key(jwt.get_unverified_header(token)),
            algorithms=ALGORITHMS,
            issuer=self.name,
            audience=self.audience,
            leeway=LEEWAY_S,
            options={"require": list(REQUIRED), "enforce_minimum_key_length": True},
        )
        return claims

    def _key(self, header: dict[str, Any]) -> jwt.PyJWK:
        if header.get("alg") not in ALGORITHMS or _type(header) not in TYPES:
            raise jwt.InvalidTokenError
        key = self.keys.key(str(header.get("kid", "")))
        if key is None:
            raise jwt.InvalidTokenError
        return key


def _type(header: dict[str, Any]) -> str:
    return str(header.get("typ") or "").lower().removeprefix("application/")
