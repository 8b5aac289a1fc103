"""How a person lets an app post on X.

Source: https://docs.x.com/fundamentals/authentication/oauth-2-0/authorization-code (read 2026-11-21)
"""

from __future__ import annotations

from collections.abc import Sequence

from functions.platforms._x import BASE
from functions.platforms._x_posts import me
from publishing.adapter import Conversation, Field
from publishing.consent import CLIENT_ID, Account, Consent, Grant, Proof, Scope

CONSENT = Consent(
    authorize_url="https://x.com/i/oauth2/authorize",
    token_url=f"{BASE}/oauth2/token",
    scopes=(
        Scope("tweet.read", "Look for what may be out already, and read its counts."),
        Scope("tweet.write", "Post, and take posts back."),
        Scope("users.read", "Tell whose account it is."),
        Scope("media.write", "Upload pictures and videos."),
        Scope("offline.access", "Go on when two hours are over."),
    ),
    app=(
        CLIENT_ID,
        Field("client_secret", label="Client secret", secret=True, required=False, help="Web apps have one."),
    ),
    proof=Proof.BASIC,
)


def accounts_of(grant: Grant) -> Conversation[Sequence[Account]]:
    """The one account whose owner consented."""
    user = yield from me(grant.channel)
    address = f"https://x.com/{user.username}"
    return [Account(user.id, user.username, address, secrets=grant.tokens, lasts_s=grant.lasts_s)]
