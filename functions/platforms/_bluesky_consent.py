"""How a person lets an app post from an account of the AT Protocol, wherever its server is.

Source: https://atproto.com/specs/oauth (a stored copy, read 2026-11-21). The server is told beforehand what will be
asked (PAR), every request carries a proof (DPoP), and an app is known by the address of what it says of itself. Ours
has no secret there: what it is given ends in two weeks, renewed or not (that copy says one; each server decides). With
a key of its own (private_key_jwt) it would be longer, and one more secret that the operator keeps.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import replace
from urllib.parse import parse_qsl, urlencode, urlsplit

import httpx

from functions.platforms._atproto import SERVICE, opened
from functions.platforms._atproto_servers import Server, home_of, server_of
from functions.platforms._dpop import bound, left_s, new_key, proven
from functions.platforms._grants import renewed
from publishing.adapter import Conversation
from publishing.consent import Account, Consent, Exchange, Grant, Scope
from publishing.errors import Refused, Unavailable
from publishing.model import Channel, Fresh
from publishing.replies import Reply, may_have_acted, quoted, read_if_readable

_CODE = re.compile("[a-z_]{1,60}")
SESSION_S = 14 * 86_400.0  # so long servers go on with an app that has no key

CONSENT = Consent(
    authorize_url="{service}",
    token_url="{token_endpoint}",  # noqa: S106 - an address
    scopes=(
        Scope("atproto", "Tell whose account it is."),
        Scope("transition:generic", "Post, upload pictures and videos, and take posts back."),
    ),
    # The password is no part of it, and not to be kept beside what takes its place.
    supplies=("handle", "client_id", "access_token", "refresh_token", "dpop_key", "app_password"),
    app=(),
    usual={"service": SERVICE},
)


class _Pushed(Reply):
    request_uri: str = ""
    error: str = ""
    error_description: str = ""


def client_id(redirect_uri: str) -> str:
    """What servers know the app by: where it says of itself what `introduction` does; this machine's need not."""
    if urlsplit(redirect_uri).scheme == "https":
        return f"{redirect_uri}?client=metadata"
    return f"http://localhost?{urlencode({'redirect_uri': redirect_uri, 'scope': _scope()})}"


def introduction(redirect_uri: str) -> Mapping[str, object]:
    """The app's own words."""
    return {
        "client_id": client_id(redirect_uri),
        "client_name": "Postroom",
        "application_type": "web",
        "redirect_uris": [redirect_uri],
        "grant_types": ["authorization_code", "refresh_token"],
        "response_types": ["code"],
        "scope": _scope(),
        "token_endpoint_auth_method": "none",
        "dpop_bound_access_tokens": True,
    }


def fresh_app(redirect_uri: str) -> Mapping[str, str]:
    """The app's address, and a new key for this one consent."""
    return {"client_id": client_id(redirect_uri), "dpop_key": new_key(SESSION_S)}


def pushed(channel: Channel, asked: Mapping[str, str]) -> Conversation[str]:
    """Tell the account's server what will be asked; where it is."""
    server = yield from server_of(_service(channel), entry=True)
    if urlsplit(server.page).scheme not in {"https", urlsplit(server.push).scheme}:
        raise Refused("The server's page of consent is not to be trusted: its address does not begin with https.")
    reply = yield from proven(httpx.Request("POST", server.push, data=dict(asked)), channel.secrets["dpop_key"])
    told = read_if_readable(_Pushed, reply)
    if not (reply.is_success and told.request_uri):
        raise _objection(reply, told, channel)
    query = urlencode({"client_id": asked["client_id"], "request_uri": told.request_uri})
    return f"{server.page}{'&' if '?' in server.page else '?'}{query}"


def exchanged(channel: Channel, exchange: Exchange, query: str) -> Conversation[Grant]:
    """The grant for a code: if the server asked is the one that answers, and lets apps into the account it names."""
    server = yield from server_of(_service(channel), entry=True)
    if dict(parse_qsl(query)).get("iss") != server.issuer:
        raise Refused("Another server answered than the one that was asked.", code="another_server")
    grant = yield from bound(exchange(_at(channel, server)), channel.secrets["dpop_key"])
    if not grant.told.get("scope"):
        raise Refused("The account's server does not say what was allowed.")
    home = yield from home_of(str(grant.told.get("sub", "")))
    if (yield from server_of(home.pds)).issuer != server.issuer:
        raise Refused("The server that answered has no say in the account it names.", code="another_server")
    settings = {**channel.settings, "service": home.pds, "handle": home.handle}
    return replace(grant, channel=replace(grant.channel, settings=settings))


def accounts_of(grant: Grant) -> Conversation[Sequence[Account]]:
    """The one account."""
    session = yield from opened(grant.channel)
    if session.did != grant.told.get("sub"):
        raise Refused("The account's server names another account.", code="another_account")
    own = {name: grant.channel.secrets[name] for name in ("client_id", "dpop_key")}
    settings = {name: grant.channel.settings[name] for name in ("handle", "service")}
    return [
        Account(
            session.did,
            session.handle,
            session.profile,
            settings={**settings, "client_id": own.pop("client_id")},
            secrets={**own, **grant.tokens},
            lasts_s=grant.lasts_s,
        )
    ]


def refreshed(channel: Channel, title: str) -> Conversation[Fresh]:
    """New tokens; the refresh token is good for this once, and all of them for two weeks from the consent at most."""
    server = yield from server_of(_service(channel))
    form = {"client_id": channel.settings.get("client_id", "")}
    key = channel.secrets.get("dpop_key", "")
    fresh = yield from bound(renewed(channel, title, server.token, form=form), key)
    return replace(fresh, renewable_s=left_s(key))


def _at(channel: Channel, server: Server) -> Channel:
    return replace(channel, settings={**channel.settings, "token_endpoint": server.token})


def _service(channel: Channel) -> str:
    return channel.settings.get("service", "").strip() or SERVICE


def _scope() -> str:
    return " ".join(scope.name for scope in CONSENT.scopes)


def _objection(reply: httpx.Response, told: _Pushed, channel: Channel) -> Refused | Unavailable:
    if may_have_acted(reply) or not told.error:
        return Unavailable("The account's server did not answer as it should.", status=reply.status_code)
    words = quoted(told.error_description or told.error, channel)
    code = told.error if _CODE.fullmatch(told.error) else ""
    return Refused(f"The account's server answered: {words}", code=code, status=reply.status_code)
