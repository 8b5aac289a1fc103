"""How a person gives an app a webhook in a Discord channel, which is chosen on Discord's own page.

Source: https://docs.discord.com/developers/topics/oauth2#webhooks (read 2026-11-21, stored copy). The token that comes
along is for nothing the webhook needs, and is not kept.
"""

from __future__ import annotations

from collections.abc import Sequence

from pydantic import Field as Reads
from pydantic import ValidationError

from publishing.adapter import Conversation, Field
from publishing.consent import CLIENT_ID, CLIENT_SECRET, Account, Consent, Grant, Proof, Scope
from publishing.errors import Unavailable
from publishing.replies import Reply

CONSENT = Consent(
    authorize_url="https://discord.com/oauth2/authorize",
    token_url="https://discord.com/api/oauth2/token",  # noqa: S106 - an address
    scopes=(Scope("webhook.incoming", "Post in the channel that is chosen on the next page."),),
    supplies=("webhook_url",),
    app=(
        CLIENT_ID,
        CLIENT_SECRET,
        Field("public_key", label="Public key", required=False, max_chars=64, help="It proves that Discord calls."),
    ),
    proof=Proof.BASIC,
    pkce=False,
    anew=True,
)


class _Webhook(Reply):
    id: str
    url: str = Reads(repr=False)
    name: str | None = None
    guild_id: str = ""
    channel_id: str = ""


def accounts_of(grant: Grant) -> Conversation[Sequence[Account]]:
    """The webhook that was made."""
    yield from ()  # nothing is asked: the token endpoint has told it
    try:
        webhook = _Webhook.model_validate(grant.told.get("webhook"))
    except ValidationError:
        raise Unavailable("Discord made no webhook. Begin again.") from None
    link = f"https://discord.com/channels/{webhook.guild_id}/{webhook.channel_id}"
    return [Account(webhook.id, webhook.name or webhook.id, link, secrets={"webhook_url": webhook.url})]
