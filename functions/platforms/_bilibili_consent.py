"""How a person lets an app submit to Bilibili.

Source: https://open.bilibili.com/doc/4/eaf0e2b5-bde9-b9a0-9be1-019bb455701c (read 2026-11-21, as
github.com/masterAventador/automation-tool has it). The page knows an app, a state and where to go back to, and nothing
else of the standard; what an app may do was agreed with Bilibili.
"""

from __future__ import annotations

import time
from collections.abc import Sequence

from functions.platforms._archives import Account as Member
from functions.platforms._arcopen import AN_EPOCH, TOKENS, signed, taken
from publishing.adapter import Conversation
from publishing.consent import Account, Answer, Consent, Grant, Scope
from publishing.replies import parsed

CONSENTS = "https://account.bilibili.com/pc/account-pc/auth/oauth"


def _in_the_standards_words(answer: Answer) -> Answer:
    """What is told lies in `data`; its end is a moment; scopes are a list."""
    if answer.get("code"):
        return {"error": str(answer["code"]), "error_description": answer.get("message", "")}
    told = dict(answer["data"])
    lasts = int(told.get("expires_in") or 0)
    left_s = max(0, lasts - int(time.time())) if lasts > AN_EPOCH else lasts
    return {**told, "expires_in": left_s, "scope": list(told.get("scopes") or ())}


CONSENT = Consent(
    authorize_url=CONSENTS,
    token_url=f"{TOKENS}/token",
    scopes=(
        Scope("USER_INFO", "Tell whose account it is."),
        Scope("ARC_BASE", "Submit videos, look for them and take them back."),
        Scope("ARC_DATA", "Count views and likes.", needed=False),
    ),
    pkce=False,
    on_page={"redirect_uri": "gourl", "response_type": "", "scope": ""},
    in_exchange={"redirect_uri": ""},
    standard=_in_the_standards_words,
)


def accounts_of(grant: Grant) -> Conversation[Sequence[Account]]:
    """The one member who consented."""
    reply = yield signed("GET", "user/account/info", grant.channel)
    user = parsed(Member, taken(reply, grant.channel)).data
    return [Account(user.openid, user.name, secrets=grant.tokens, lasts_s=grant.lasts_s)]
