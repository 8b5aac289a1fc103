"""How a person lets an app upload to YouTube.

Source: https://developers.google.com/identity/protocols/oauth2/web-server (read 2026-11-21, stored copy). Google asks
for the channel, where a person has several: one consent is one channel, a brand's or the person's own.
That web apps may use PKCE is what other clients do; the page shows it for installed ones.
"""

from __future__ import annotations

from collections.abc import Sequence

from functions.platforms._google import TOKENS
from functions.platforms._youtube_uploads import SITE, mine
from publishing.adapter import Conversation
from publishing.consent import Account, Consent, Grant, Scope
from publishing.errors import Refused

CONSENT = Consent(
    authorize_url="https://accounts.google.com/o/oauth2/v2/auth",
    token_url=TOKENS,
    scopes=(
        Scope("https://www.googleapis.com/auth/youtube", "Upload videos, look for them, count and take them back."),
    ),
    extra={"access_type": "offline", "prompt": "select_account consent"},
)


def accounts_of(grant: Grant) -> Conversation[Sequence[Account]]:
    """The one channel that was chosen on the consent page."""
    if "refresh_token" not in grant.tokens:
        raise Refused("Google gave no refresh token: without one nothing could be published after an hour.")
    own = yield from mine("snippet", grant.channel)
    if own is None:
        return []
    return [Account(own.id, own.title, f"{SITE}channel/{own.id}", secrets=grant.tokens, lasts_s=grant.lasts_s)]
