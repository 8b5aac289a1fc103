"""How a person lets an app submit to Reddit.

Source: https://github.com/reddit-archive/reddit/wiki/OAuth2 (read 2026-11-21, stored copy)
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from functions.platforms._reddit import request, taken
from functions.platforms._reddit_post import User
from publishing.adapter import Conversation, Field
from publishing.consent import CLIENT_ID, Account, Consent, Grant, Proof, Scope
from publishing.replies import parsed

SITE = "https://www.reddit.com"
NOBODY = "unknown"  # whom the User-Agent names while it is not known who consented

CONSENT = Consent(
    authorize_url=f"{SITE}/api/v1/authorize",
    token_url=f"{SITE}/api/v1/access_token",
    scopes=(
        Scope("identity", "Tell whose account it is."),
        Scope("submit", "Submit posts."),
        Scope("read", "Look at posts."),
        Scope("history", "Look for what may be out already."),
        Scope("edit", "Take posts back."),
        Scope("flair", "Give posts the flair some subreddits demand.", needed=False),
    ),
    supplies=("access_token", "refresh_token", "username"),
    app=(
        CLIENT_ID,
        Field("client_secret", label="Client secret", secret=True, required=False, help="None for installed apps."),
    ),
    proof=Proof.BASIC_ALONE,
    pkce=False,
    extra={"duration": "permanent"},
)


def accounts_of(grant: Grant) -> Conversation[Sequence[Account]]:
    """The one user who consented."""
    channel = replace(grant.channel, settings={**grant.channel.settings, "username": NOBODY})
    user = parsed(User, taken((yield request("GET", "api/v1/me", channel)), channel))
    settings = {"username": user.name}
    return [Account(user.id, user.name, f"{SITE}/user/{user.name}", settings, grant.tokens, grant.lasts_s)]
