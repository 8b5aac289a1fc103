"""How a person lets an app post on a Mastodon server, which knows apps of its own and takes a new one for each consent.

Source: https://docs.joinmastodon.org/methods/apps/, …/methods/oauth/ and …/spec/oauth/ (read 2026-11-21, in part).
Servers from 4.3 on check PKCE, older ones pass it over. Apps that nobody consents to are cleared away by the servers.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import httpx
from pydantic import Field as Reads

from functions.platforms._mastodon import account, taken
from publishing.adapter import Conversation
from publishing.consent import Account, Consent, Grant, Scope
from publishing.model import Channel
from publishing.replies import Reply, parsed

CONSENT = Consent(
    authorize_url="{base_url}/oauth/authorize",
    token_url="{base_url}/oauth/token",  # noqa: S106 - an address
    scopes=(
        Scope("read", "Tell whose account it is, and look for what may be out already."),
        Scope("write:statuses", "Post, and take posts back."),
        Scope("write:media", "Upload pictures and videos."),
    ),
    supplies=("access_token",),
    app=(),
)


class _App(Reply):
    client_id: str = Reads(min_length=1)
    client_secret: str = Reads(min_length=1, repr=False)


def registered(channel: Channel, redirect_uri: str) -> Conversation[Mapping[str, str]]:
    """A new app at the channel's server."""
    form = {
        "client_name": "Postroom",
        "redirect_uris": redirect_uri,
        "scopes": " ".join(scope.name for scope in CONSENT.scopes),
    }
    base = channel.settings["base_url"].strip().rstrip("/")
    app = parsed(_App, taken((yield httpx.Request("POST", f"{base}/api/v1/apps", data=form)), channel))
    return {"client_id": app.client_id, "client_secret": app.client_secret}


def accounts_of(grant: Grant) -> Conversation[Sequence[Account]]:
    """The one user who consented; the token does not end."""
    author = yield from account(grant.channel)
    return [Account(author.id, author.acct, author.url or "", secrets=grant.tokens, lasts_s=grant.lasts_s)]
