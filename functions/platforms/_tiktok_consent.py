"""How a person lets an app post on TikTok.

Source: https://developers.tiktok.com/doc/login-kit-web and …/doc/oauth-user-access-token-management (read 2026-11-21,
stored copies). PKCE is for desktop and mobile apps there, with a challenge of TikTok's own.
"""

from __future__ import annotations

from collections.abc import Sequence

from pydantic import AliasPath
from pydantic import Field as Reads

from functions.platforms._tiktok_api import API, read, request
from publishing.adapter import Conversation, Field
from publishing.consent import CLIENT_SECRET, Account, Consent, Grant, Scope
from publishing.replies import Reply

NAMES = {"client_id": "client_key"}

CONSENT = Consent(
    authorize_url="https://www.tiktok.com/v2/auth/authorize/",
    token_url=f"{API}oauth/token/",
    scopes=(
        Scope("user.info.basic", "Tell whose account it is."),
        Scope("video.list", "Look for what may be out already, and count."),
        Scope("video.publish", "Publish videos and photos.", needed=False),
        Scope("video.upload", "Put videos into the inbox, to be finished in the app.", needed=False),
    ),
    app=(Field("client_key", label="Client key", max_chars=100), CLIENT_SECRET),
    pkce=False,
    separator=",",
    on_page=NAMES,
    in_exchange=NAMES,
)


class _User(Reply):
    id: str = Reads(min_length=1, validation_alias=AliasPath("data", "user", "open_id"))
    name: str = Reads("", validation_alias=AliasPath("data", "user", "display_name"))


def accounts_of(grant: Grant) -> Conversation[Sequence[Account]]:
    """The one creator who consented."""
    reply = yield request("GET", "user/info/", grant.channel, params={"fields": "open_id,display_name"})
    user = read(_User, reply, grant.channel)
    return [Account(user.id, user.name or user.id, secrets=grant.tokens, lasts_s=grant.lasts_s)]
