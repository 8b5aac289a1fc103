"""How a person installs an app in a Slack workspace.

Source: https://docs.slack.dev/authentication/installing-with-oauth and …/reference/methods/oauth.v2.access (read
2026-11-21, stored copies). What is wrong is told with status 200. An app must not have token rotation switched on:
nothing renews its tokens here.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from functions.platforms._slack import API, channel_id, home
from publishing.adapter import Conversation, Field
from publishing.consent import CLIENT_ID, CLIENT_SECRET, Account, Answer, Consent, Grant, Proof, Scope


def _in_the_standards_words(answer: Answer) -> Answer:
    return answer if answer.get("ok") else {"error": str(answer.get("error", "refused"))}


CONSENT = Consent(
    authorize_url="https://slack.com/oauth/v2/authorize",
    token_url=f"{API}/oauth.v2.access",
    scopes=(
        Scope("chat:write", "Post where the app is invited, and take posts back."),
        Scope("files:write", "Upload videos.", needed=False),
        Scope("channels:history", "Look for what may be out already in public channels.", needed=False),
        Scope("groups:history", "Look for what may be out already in private channels.", needed=False),
    ),
    supplies=("bot_token",),
    app=(
        CLIENT_ID,
        CLIENT_SECRET,
        Field("signing_secret", label="Signing secret", secret=True, required=False, help="It signs callbacks."),
    ),
    proof=Proof.BASIC,
    pkce=False,
    separator=",",
    standard=_in_the_standards_words,
)


def accounts_of(grant: Grant) -> Conversation[Sequence[Account]]:
    """The app's own user in the workspace it was installed in."""
    secrets = {"bot_token": grant.channel.secrets["access_token"]}
    channel = replace(grant.channel, secrets={**grant.channel.secrets, **secrets})
    workspace = yield from home(channel)
    name, link = f"{workspace.user} at {workspace.team}", f"{workspace.url}archives/{channel_id(channel)}"
    return [Account(workspace.user_id, name, link, secrets=secrets, lasts_s=grant.lasts_s)]
