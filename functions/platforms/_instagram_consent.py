"""How a person lets an app publish on Instagram: by Instagram's own login, or by Facebook's where `api` names its host.

Source: https://developers.facebook.com/documentation/instagram-platform/instagram-api-with-instagram-login/
business-login, …/reference/access_token and …/instagram-api-with-facebook-login/get-started (read 2026-11-21, stored
copies). Facebook Login leads to the accounts that are connected to the person's Pages; its tokens last sixty days and
nobody renews them but the person.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace

from functions.platforms._facebook_consent import CONSENT as BY_FACEBOOK
from functions.platforms._facebook_consent import VERSION, graph_of, lasting
from functions.platforms._meta import Graph
from functions.platforms._meta_consent import APP, in_the_standards_words, long_lived
from publishing.adapter import Conversation, Field
from publishing.consent import Account, Answer, Consent, Grant, Scope
from publishing.replies import Reply, parsed

HOST, FACEBOOK = "https://graph.instagram.com", "https://graph.facebook.com"
SITE = "https://www.instagram.com"
LIMIT = 100
_WHERE = "App dashboard → Instagram → API setup with Instagram login."
_OWN = (
    Field("client_id", label="Instagram app id", required=False, max_chars=40, help=_WHERE),
    Field("client_secret", label="Instagram app secret", secret=True, required=False, max_chars=100, help=_WHERE),
)
_METAS = tuple(replace(field, required=False) for field in APP)


def _unwrapped(answer: Answer) -> Answer:
    """The token, which lies in a list of one; what was allowed is called permissions."""
    (told, *_) = answer["data"] if isinstance(answer.get("data"), list) else [answer]
    return in_the_standards_words({**told, **({"scope": told["permissions"]} if "permissions" in told else {})})


INSTAGRAMS = Consent(
    authorize_url=f"{SITE}/oauth/authorize",
    token_url="https://api.instagram.com/oauth/access_token",  # noqa: S106 - an address
    scopes=(
        Scope("instagram_business_basic", "Tell whose account it is, and look for what may be out already."),
        Scope("instagram_business_content_publish", "Publish pictures and videos."),
        Scope("instagram_business_manage_insights", "Count views and reach.", needed=False),
    ),
    supplies=("access_token", "account_id"),
    app=(*_OWN, *_METAS),
    pkce=False,
    separator=",",
    standard=_unwrapped,
)
FACEBOOKS = replace(
    BY_FACEBOOK,
    scopes=(
        Scope("instagram_basic", "Tell which accounts there are, and look for what may be out already."),
        Scope("instagram_content_publish", "Publish pictures and videos."),
        Scope("pages_show_list", "Tell which Pages the accounts are connected to."),
        Scope("pages_read_engagement", "Read which account a Page is connected to."),
        Scope("instagram_manage_insights", "Count views and reach.", needed=False),
        Scope("instagram_manage_contents", "Take posts back.", needed=False),
    ),
    supplies=("access_token", "account_id"),
    app=(*_METAS[:2], *_OWN, *_METAS[2:]),
)


class _Profile(Reply):
    user_id: str
    username: str


class _Connected(Reply):
    id: str
    username: str = ""


class _Page(Reply):
    instagram_business_account: _Connected | None = None


class _Pages(Reply):
    data: tuple[_Page, ...] = ()


def is_facebooks(settings: Mapping[str, str]) -> bool:
    """Whether it is Facebook's login that is asked for."""
    return settings.get("api", "").strip().rstrip("/") == FACEBOOK


def accounts_of(grant: Grant) -> Conversation[Sequence[Account]]:
    """The account whose owner consented, or those connected to the Pages of whoever did."""
    known = grant.channel
    if is_facebooks(known.settings):
        return (yield from _behind_pages(grant))
    token = yield from long_lived(
        Graph("Instagram", HOST, known),
        "access_token",
        grant_type="ig_exchange_token",
        client_secret=known.secrets["client_secret"],
        access_token=known.secrets["access_token"],
    )
    graph = Graph("Instagram", f"{HOST}/{VERSION}", grant.with_token(token.access_token))
    reply = yield graph.get("me", fields="user_id,username")
    profile = parsed(_Profile, graph.taken(reply))
    return [_account(profile.user_id, profile.username, token.access_token, token.expires_in)]


def _behind_pages(grant: Grant) -> Conversation[Sequence[Account]]:
    token = yield from lasting(grant)
    graph = graph_of(grant, token.access_token)
    reply = yield graph.get("me/accounts", fields="instagram_business_account{id,username}", limit=LIMIT)
    pages = parsed(_Pages, graph.taken(reply)).data
    found = [page.instagram_business_account for page in pages if page.instagram_business_account]
    return [_account(each.id, each.username, token.access_token, token.expires_in) for each in found]


def _account(identifier: str, name: str, token: str, lasts_s: float) -> Account:
    settings, secrets = {"account_id": identifier}, {"access_token": token}
    return Account(identifier, name or identifier, f"{SITE}/{name}/", settings, secrets, lasts_s)
