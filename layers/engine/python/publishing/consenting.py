"""Speaks OAuth 2.0 by a platform's declaration, with `oauthlib`: the address of its consent page, and what comes back.

PKCE (RFC 7636) with S256 wherever the platform has it; the code is exchanged in one request that is never repeated.
"""

from __future__ import annotations

import base64
import json
import re
from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any
from urllib.parse import parse_qsl, quote, urlencode, urlsplit

import httpx
from oauthlib.oauth2 import MissingCodeError, OAuth2Error, WebApplicationClient

from publishing.abilities import Authorizes, Pushes
from publishing.adapter import Conversation
from publishing.consent import SCOPES, Consent, Grant, Proof, Scope
from publishing.errors import Refused, Unavailable
from publishing.model import Channel
from publishing.replies import may_have_acted, quoted

VERIFIER_CHARS = 64
DENIED = frozenset({"access_denied", "user_cancelled_login", "user_cancelled_authorize", "user_denied"})
_CODE = re.compile(r"[A-Za-z0-9_.-]{1,60}")
_SECURE = "https://postroom.invalid/"  # oauthlib insists on https; where this is, only API Gateway knows


@dataclass(frozen=True, slots=True)
class Asking:
    """One asking for consent: by which declaration, for which channel (its settings, the app's fields), back to where.

    `verifier` is PKCE's secret; empty where the platform has no PKCE.
    """

    consent: Consent
    title: str
    channel: Channel
    redirect_uri: str
    verifier: str = ""

    @property
    def app_id(self) -> str:
        """What the platform knows the app by; empty where there is no app."""
        known = {**self.channel.settings, **self.channel.secrets}
        return known.get(self.consent.app_id, "").strip()

    @property
    def page(self) -> str:
        """The address of the platform's consent page, without any parameter."""
        return self._filled(self.consent.authorize_url)

    @property
    def scopes(self) -> tuple[Scope, ...]:
        """What is asked for: all, unless the operator's app may not ask for all."""
        named = self.channel.settings.get(SCOPES.name, "").split() if SCOPES in self.consent.app else []
        return tuple(scope for scope in self.consent.scopes if not named or scope.name in named)

    def address(self, state: str) -> str:
        """The address of the consent page."""
        client, page = self._client, self.page
        asked: dict[str, Any] = {"redirect_uri": self.redirect_uri, "state": state, **self.consent.extra}
        if self.scopes:
            asked["scope"] = self.consent.separator.join(scope.name for scope in self.scopes)
        if self.verifier:
            challenge = client.create_code_challenge(self.verifier, "S256")
            asked |= {"code_challenge": challenge, "code_challenge_method": "S256"}
        made = client.prepare_request_uri(_SECURE, **asked)
        query = _renamed(made.partition("?")[2], self.consent.on_page)
        return f"{page}{'&' if '?' in page else '?'}{urlencode(query, quote_via=quote)}"

    def granted(self, code: str) -> Conversation[Grant]:
        """Exchange the code: once, whatever comes of it.

        Raises:
            Refused: the platform does not take it. Unavailable: it did not answer, or with what cannot be read.
        """
        reply = yield self._exchange(code)
        told = self._standard(reply)
        try:
            token = self._client.parse_request_body_response(json.dumps(told))
            _insist_on_token(token)
        except (OAuth2Error, ValueError, TypeError, KeyError, AttributeError):
            raise self._objection(reply, told, code) from None
        grant = self._grant(token)
        if self.consent.allowed:
            grant = replace(grant, scopes=tuple((yield from self.consent.allowed(grant))))
        self.consent.insist_on(grant.scopes, self.title)
        return grant

    def _exchange(self, code: str) -> httpx.Request:
        secret = self.channel.secrets.get(self.consent.app_secret, "").strip()
        proof = self.consent.proof
        basic = proof is Proof.BASIC_ALONE or (proof is Proof.BASIC and bool(secret))
        more = {"client_secret": secret} if secret and not basic else {}
        body = self._client.prepare_request_body(
            code=code,
            redirect_uri=self.redirect_uri,
            include_client_id=not basic,
            code_verifier=self.verifier or None,
            **more,
        )
        headers = {"accept": "application/json"}
        if basic:
            pair = f"{self._client.client_id}:{secret}".encode()
            headers["authorization"] = f"Basic {base64.b64encode(pair).decode()}"
        url = self._filled(self.consent.token_url)
        return httpx.Request("POST", url, data=dict(_renamed(body, self.consent.in_exchange)), headers=headers)

    def _standard(self, reply: httpx.Response) -> Mapping[str, Any]:
        try:
            answer = json.loads(reply.content)
            return dict(self.consent.standard(answer))
        except (ValueError, TypeError, AttributeError, KeyError, RecursionError):
            return {}

    def _objection(self, reply: httpx.Response, told: Mapping[str, Any], code: str) -> Refused | Unavailable:
        if "error" not in told and (reply.is_success or may_have_acted(reply)):
            return Unavailable(f"{self.title} did not answer as it should. Begin again.", status=reply.status_code)
        named = str(told.get("error", ""))
        hidden = replace(self.channel, secrets={**self.channel.secrets, "code": code, "verifier": self.verifier})
        words = quoted(str(told.get("error_description") or named), hidden)
        message = f"{self.title} answered: {words}" if words else f"{self.title} does not take the consent."
        return Refused(message, code=named if _CODE.fullmatch(named) else "", status=reply.status_code)

    def _grant(self, token: Mapping[str, Any]) -> Grant:
        names = ("access_token", "refresh_token")
        tokens = {name: str(token[name]) for name in names if token.get(name)}
        given = _scopes(token.get("scope")) or tuple(scope.name for scope in self.scopes)
        channel = replace(self.channel, secrets={**self.channel.secrets, **tokens})
        return Grant(channel, dict(token), given, float(token.get("expires_in") or 0))

    def _filled(self, address: str) -> str:
        for name, value in {**self.consent.usual, **self.channel.settings}.items():
            address = address.replace(f"{{{name}}}", value.strip().rstrip("/"))
        return address

    @property
    def _client(self) -> WebApplicationClient:
        return WebApplicationClient(self.app_id)


def address_of(adapter: Authorizes, asking: Asking, state: str) -> Conversation[str]:
    """Where the person is asked; a platform that wants to be told first is."""
    if isinstance(adapter, Pushes):
        return (yield from adapter.pushed(asking.channel, dict(parse_qsl(urlsplit(asking.address(state)).query))))
    return asking.address(state)


def granted_by(adapter: Authorizes, asking: Asking, code: str, query: str) -> Conversation[Grant]:
    """What the code is good for, which came in this query."""
    if isinstance(adapter, Pushes):
        known = asking.channel
        return (
            yield from adapter.exchanged(known, lambda channel: replace(asking, channel=channel).granted(code), query)
        )
    return (yield from asking.granted(code))


def new_verifier() -> str:
    """A new secret for PKCE."""
    verifier: str = WebApplicationClient("").create_code_verifier(VERIFIER_CHARS)
    return verifier


def code_of(query: str, state: str, title: str) -> str:
    """The code in the query a platform sent the person back with.

    Raises:
        Refused: the person, or the platform, said no; `code` is `access_denied` where it was the person.
    """
    try:
        told: dict[str, str] = WebApplicationClient("").parse_request_uri_response(f"{_SECURE}?{query}", state=state)
    except MissingCodeError:
        raise Refused(f"{title} sent nobody back with a code.", code="missing_code") from None
    except OAuth2Error as error:
        code = error.error or ""
        if code in DENIED:
            raise Refused("The consent was declined.", code="access_denied") from None
        named = code if _CODE.fullmatch(code) else "an error"
        raise Refused(f"{title} answered: {named}.", code=named if _CODE.fullmatch(code) else "") from None
    return told["code"]


def _renamed(text: str, names: Mapping[str, str]) -> list[tuple[str, str]]:
    """Parameters by the names a vendor gives them, without those it is not told."""
    told = [(names.get(name, name), value) for name, value in parse_qsl(text, keep_blank_values=True)]
    return [(name, value) for name, value in told if name]


def _insist_on_token(token: Mapping[str, Any]) -> None:
    if not (isinstance(token["access_token"], str) and token["access_token"].strip()):
        raise ValueError("The access token is none.")


def _scopes(told: object) -> tuple[str, ...]:
    """Scopes as vendors list them: with blanks, commas or both between them, or as a list."""
    parts = told if isinstance(told, list) else [told] if isinstance(told, str) else []
    return tuple(name for part in parts if isinstance(part, str) for name in re.split(r"[,\s]+", part) if name)
