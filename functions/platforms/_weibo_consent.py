"""How a person lets an app post on Weibo.

Source: https://open.weibo.com/wiki/Oauth2/authorize and …/wiki/Oauth2/access_token (read 2026-11-21, stored copies).
Nothing is asked for by name: what an app may do was agreed with Weibo. Nobody renews the token but the person.
"""

from __future__ import annotations

from collections.abc import Sequence

from functions.platforms._weibo import API, Token, User, asked, posted, taken
from publishing.adapter import Conversation
from publishing.consent import Account, Consent, Grant
from publishing.replies import parsed

CONSENT = Consent(
    authorize_url=f"{API}/oauth2/authorize",
    token_url=f"{API}/oauth2/access_token",
    scopes=(),
    supplies=("access_token",),
    pkce=False,
)


def accounts_of(grant: Grant) -> Conversation[Sequence[Account]]:
    """The one user who consented."""
    channel = grant.channel
    uid = parsed(Token, taken((yield posted("oauth2/get_token_info", channel)), channel)).uid
    user = parsed(User, taken((yield asked("2/users/show.json", channel, uid=str(uid))), channel))
    secrets = {"access_token": channel.secrets["access_token"]}
    return [Account(str(uid), user.screen_name, f"https://weibo.com/u/{uid}", secrets=secrets, lasts_s=grant.lasts_s)]
