"""How a person lets an app publish on Facebook Pages: as many as the person manages and names in the dialog.

Source: https://developers.facebook.com/docs/pages-api/getting-started, …/docs/graph-api/reference/user/accounts and
…/docs/facebook-login/guides/advanced/manual-flow (read 2026-11-21, stored copies). A Page's token that comes of a
long-lived one does not end.
"""

from __future__ import annotations

from collections.abc import Sequence

from functions.platforms._meta import VERSIONS, Graph
from functions.platforms._meta_consent import APP, LongLived, in_the_standards_words, long_lived
from publishing.adapter import Conversation
from publishing.consent import Account, Consent, Grant, Scope
from publishing.replies import Reply, parsed

HOST, VERSION = "https://graph.facebook.com", VERSIONS[0].name
LIMIT = 100
MAY_CREATE = "CREATE_CONTENT"


class _Permission(Reply):
    permission: str
    status: str = ""


class _Permissions(Reply):
    data: tuple[_Permission, ...] = ()


class _Page(Reply):
    id: str
    name: str = ""
    access_token: str = ""
    tasks: tuple[str, ...] = ()


class _Pages(Reply):
    data: tuple[_Page, ...] = ()


def allowed(grant: Grant) -> Conversation[Sequence[str]]:
    """What the person left ticked."""
    graph = graph_of(grant)
    reply = yield graph.get("me/permissions")
    found = parsed(_Permissions, graph.taken(reply)).data
    return [each.permission for each in found if each.status == "granted"]


CONSENT = Consent(
    authorize_url=f"https://www.facebook.com/{VERSION}/dialog/oauth",
    token_url=f"{HOST}/{VERSION}/oauth/access_token",
    scopes=(
        Scope("pages_show_list", "Tell which Pages there are."),
        Scope("pages_read_engagement", "Look for what may be out already."),
        Scope("pages_manage_posts", "Publish on the Pages, and take posts back."),
        Scope("read_insights", "Count views and clicks.", needed=False),
    ),
    supplies=("access_token", "page_id"),
    app=APP,
    pkce=False,
    separator=",",
    standard=in_the_standards_words,
    allowed=allowed,
)


def accounts_of(grant: Grant) -> Conversation[Sequence[Account]]:
    """The Pages the person may create content on, each with a token of its own."""
    graph = graph_of(grant, (yield from lasting(grant)).access_token)
    reply = yield graph.get("me/accounts", fields="id,name,access_token,tasks", limit=LIMIT)
    pages = parsed(_Pages, graph.taken(reply)).data
    return [_account(page) for page in pages if page.access_token and MAY_CREATE in page.tasks]


def lasting(grant: Grant) -> Conversation[LongLived]:
    """The person's own token, for sixty days."""
    known = grant.channel
    return (
        yield from long_lived(
            graph_of(grant),
            "oauth/access_token",
            grant_type="fb_exchange_token",
            client_id=known.settings["app_id"],
            client_secret=known.secrets["app_secret"],
            fb_exchange_token=known.secrets["access_token"],
        )
    )


def _account(page: _Page) -> Account:
    secrets, settings = {"access_token": page.access_token}, {"page_id": page.id}
    return Account(page.id, page.name, f"https://www.facebook.com/{page.id}", settings, secrets)


def graph_of(grant: Grant, token: str = "") -> Graph:
    """Facebook's Graph, asked with the grant's token or with another."""
    return Graph("Facebook", f"{HOST}/{VERSION}", grant.with_token(token) if token else grant.channel)
