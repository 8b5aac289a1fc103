"""How a person lets an app publish on a site of theirs at WordPress.com, which is chosen on WordPress.com's own page.

Source: https://developer.wordpress.com/docs/api/oauth2/ (read 2026-11-21, stored copy). Without the scope `global` a
token is good for one site; with a code it is given for good, and nothing renews it. Which scopes were allowed is not
told. Which of them /wp/v2 asks for is taken from what they are said to be for: uncertain, not tried.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from pydantic import Field as Reads
from pydantic import ValidationError

from functions.platforms._wordpress import WORDPRESS_COM, author
from publishing.adapter import Conversation
from publishing.consent import CLIENT_ID, CLIENT_SECRET, Account, Consent, Grant, Scope
from publishing.errors import Unavailable
from publishing.replies import Reply

OAUTH = "https://public-api.wordpress.com/oauth2"

CONSENT = Consent(
    authorize_url=f"{OAUTH}/authorize",
    token_url=f"{OAUTH}/token",
    scopes=(
        Scope("users", "Tell whose account it is, and whether it may publish."),
        Scope("posts", "Publish posts, look for what may be out already, and take posts back."),
        Scope("media", "Hand over pictures and videos.", needed=False),
        Scope("taxonomy", "Look tags up, and make new ones.", needed=False),
    ),
    supplies=("site_url", "access_token", "username", "application_password"),  # the first two in place of the others
    app=(CLIENT_ID, CLIENT_SECRET),
    pkce=False,
)


class _Site(Reply):
    blog_id: int = Reads(gt=0)


def accounts_of(grant: Grant) -> Conversation[Sequence[Account]]:
    """The one site the token is good for."""
    try:
        site = _Site.model_validate(dict(grant.told))
    except ValidationError:
        raise Unavailable("WordPress.com does not tell which site was chosen. Begin again.") from None
    settings = {"site_url": f"{WORDPRESS_COM}{site.blog_id}"}
    who = yield from author(replace(grant.channel, settings={**grant.channel.settings, **settings}))
    return [Account(who.id, who.name, who.url, settings, grant.tokens, grant.lasts_s)]
