"""How a person lets an app post on Threads.

Source: https://developers.facebook.com/documentation/threads/get-started/get-access-tokens-and-permissions and
…/long-lived-tokens (read 2026-11-21, stored copies)
"""

from __future__ import annotations

from collections.abc import Sequence

from functions.platforms._meta import Graph
from functions.platforms._meta_consent import APP, in_the_standards_words, long_lived
from publishing.adapter import Conversation
from publishing.consent import Account, Consent, Grant, Scope
from publishing.replies import Reply, parsed

HOST = "https://graph.threads.net"

CONSENT = Consent(
    authorize_url="https://threads.net/oauth/authorize",
    token_url=f"{HOST}/oauth/access_token",
    scopes=(
        Scope("threads_basic", "Tell whose profile it is, and look for what may be out already."),
        Scope("threads_content_publish", "Publish posts."),
        Scope("threads_manage_replies", "Publish threads of posts.", needed=False),
        Scope("threads_read_replies", "Look for the rest of a thread.", needed=False),
        Scope("threads_delete", "Take posts back.", needed=False),
        Scope("threads_manage_insights", "Count views and likes.", needed=False),
    ),
    supplies=("access_token",),
    app=APP,
    pkce=False,
    separator=",",
    standard=in_the_standards_words,
)


class _Profile(Reply):
    id: str
    username: str


def accounts_of(grant: Grant) -> Conversation[Sequence[Account]]:
    """The one profile whose owner consented, with a token of sixty days."""
    known = grant.channel
    token = yield from long_lived(
        Graph("Threads", HOST, known),
        "access_token",
        grant_type="th_exchange_token",
        client_secret=known.secrets["app_secret"],
        access_token=known.secrets["access_token"],
    )
    graph = Graph("Threads", f"{HOST}/v1.0", grant.with_token(token.access_token))
    reply = yield graph.get("me", fields="id,username")
    profile = parsed(_Profile, graph.taken(reply))
    address, secrets = f"https://www.threads.com/@{profile.username}", {"access_token": token.access_token}
    return [Account(profile.id, profile.username, address, secrets=secrets, lasts_s=token.expires_in)]
