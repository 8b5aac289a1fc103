"""Posts on any site that runs Ghost, by its Admin API.

Source: https://docs.ghost.org/admin-api, the package @tryghost/admin-api-schema 4.7.5, and github.com/TryGhost/Ghost:
core/server/data/schema/schema.js, api/endpoints/posts.js, services/auth/api-key/admin.js (read 2026-11-21). Contract
by documentation: never run against Ghost itself. No newsletter is named, so nobody is sent an e-mail.
"""

from __future__ import annotations

import hashlib
import html
import re
import time
import unicodedata
from collections.abc import Iterator, Sequence
from datetime import datetime

import httpx
import jwt
from pydantic import Field as Reads

from functions.platforms._checks import insist, problems
from functions.platforms._markdown import to_html
from publishing.adapter import PUBLISHES, Adapter, Conversation, Credentials, Field, Kind, Limits, Resource
from publishing.errors import OutcomeUnknown, PublishingError, Refused, Unauthorized, Unavailable
from publishing.model import Channel, Content, Identity, Media, Post, Problem, Receipt
from publishing.replies import Reply, error_for, parsed, quoted, read_if_readable

KEY = re.compile(r"([0-9a-f]{24}):((?:[0-9a-f]{2}){32})", re.IGNORECASE)
KEY_HELP = "Beside the API URL: Admin API key, two parts with a colon between them."
TOKEN_S, STEP_S = 300, 60  # the longest Ghost takes; tokens of one minute are the same, whatever the clocks' skew
SLUG_CHARS = 120  # of the title's words; Ghost cuts a slug at 185
EXCERPT_CHARS, ALT_CHARS, TAG_CHARS, ADDRESS_CHARS = 300, 191, 191, 2_000
LONG_ANSWER = {"answer_bytes": 20_000_000}  # a post comes back as Lexical, which is many times its text

SPEAKABLE = f"Tags here have {TAG_CHARS} characters at most and begin with neither a comma nor # (an internal tag)."
VIDEO = re.compile(r"\.(?:3gp|avi|m4v|mkv|mov|mp4|mpe?g|ogv|webm)(?:[?#]|$)", re.IGNORECASE)

ACCESS = ("UnauthorizedError", "NoPermissionError", "HostLimitError")  # the last: a plan without integrations
KEYS = ("INVALID_JWT", "INVALID_AUTH_HEADER", "MISSING_ADMIN_API_KID", "UNKNOWN_ADMIN_API_KEY", "INVALID_API_KEY_TYPE")
SORTED: dict[str, type[PublishingError]] = {
    **dict.fromkeys((*ACCESS, *KEYS), Unauthorized),
    **dict.fromkeys(("ValidationError", "RequestEntityTooLargeError", "BadRequestError"), Refused),
    "MaintenanceError": Unavailable,  # Ghost says so itself before it does anything
    "UpdateCollisionError": OutcomeUnknown,  # somebody else was faster: read it again
}


class Ghost:
    """Publishes posts, with the content's own address as canonical URL and its first picture as feature image."""

    name = "ghost"
    title = "Ghost"
    # 255 characters: a validation of Ghost's schema. Text, tags and pictures have no bound there: these are ours.
    limits = Limits(text_chars=100_000, title_chars=255, tags=50, media=20, timeout_s=30.0, own_hosts=True)
    credentials = Credentials(
        (
            Field("admin_url", Kind.URL, "API URL", help="Settings → Integrations → Add custom integration: API URL."),
            Field("admin_key", label="Admin API key", secret=True, help=KEY_HELP, sample=f"{'0' * 24}:{'0' * 64}"),
        )
    )
    uses: frozenset[Resource] = frozenset()
    idempotent = False  # a slug that is taken gets a number: the second post would be another

    def check(self, post: Post) -> Sequence[Problem]:
        """Everything that keeps this post from being published here."""
        return [*problems(post, self.limits), *_objections(post)]

    def publish(self, post: Post, channel: Channel) -> Conversation[Receipt]:
        """Create the post, published at once."""
        insist(self.check(post))
        reply = yield _request("POST", "posts/?source=html", channel, json={"posts": [_article(post)]})
        (article,) = parsed(_Created, _taken(reply, channel)).posts
        return article.receipt()

    def find(self, post: Post, channel: Channel, since: datetime) -> Conversation[Receipt | None]:  # noqa: ARG002
        """The receipt of `post`, by its slug; that is its own, whatever `since`.

        Whole posts are asked for: with some fields alone, not every version of Ghost comes to the right address.
        """
        wanted = f"slug:'{_slug(post)}'+status:[published,sent]"
        query = httpx.QueryParams(filter=wanted, limit=1)
        reply = yield _request("GET", f"posts/?{query}", channel)
        return next((article.receipt() for article in parsed(_Posts, _taken(reply, channel)).posts), None)

    def verify(self, channel: Channel) -> Conversation[Identity]:
        """Ask for posts, which takes the key, and then for the site's own description, which is public."""
        _taken((yield _request("GET", "posts/?fields=id&limit=1", channel)), channel)
        reply = yield _request("GET", "site/", channel)
        site = parsed(_About, _taken(reply, channel)).site
        return Identity(site.url, site.title, site.url)


class _Article(Reply):
    id: str = Reads(pattern="^[0-9a-f]{24}$")
    url: str = Reads(default="", pattern=r"^(https?://\S+)?$")
    published_at: str | None = None

    def receipt(self) -> Receipt:
        return Receipt(self.id, self.url, self.published_at or "")


class _Created(Reply):
    posts: tuple[_Article]


class _Posts(Reply):
    posts: tuple[_Article, ...]


class _Site(Reply):
    title: str = ""
    url: str = Reads(min_length=1)


class _About(Reply):
    site: _Site


class _Told(Reply):
    message: str = ""
    context: str | None = None
    type: str = ""
    code: str | None = None


class _Trouble(Reply):
    """What Ghost says of a request it did not take; nothing where a proxy answered in its stead."""

    errors: tuple[_Told, ...] = ()

    def error(self, reply: httpx.Response, channel: Channel) -> PublishingError:
        """Sorted by Ghost's own type and code first, by the status where they say nothing."""
        first = next(iter(self.errors), _Told())
        told = quoted(f"{first.message} {first.context or ''}", channel)
        message, code = f"Ghost answered: {told}" if told else "", quoted(first.code or first.type, channel)
        kind = SORTED.get(first.code or "") or SORTED.get(first.type)
        return kind(message, code=code, status=reply.status_code) if kind else error_for(reply, message, code=code)


def _taken(reply: httpx.Response, channel: Channel) -> httpx.Response:
    if reply.is_success:
        return reply
    if reply.has_redirect_location:
        raise Refused("The site redirects: connect the address it leads to.", status=reply.status_code)
    raise read_if_readable(_Trouble, reply).error(reply, channel)


def _request(method: str, path: str, channel: Channel, *, json: object = None) -> httpx.Request:
    site = channel.settings["admin_url"].strip().rstrip("/").removesuffix("/ghost")
    headers = {"authorization": f"Ghost {_token(channel)}", "accept-version": "v5.0"}
    extensions = LONG_ANSWER | (PUBLISHES if method == "POST" else {})
    return httpx.Request(method, f"{site}/ghost/api/admin/{path}", headers=headers, json=json, extensions=extensions)


def _token(channel: Channel) -> str:
    key = KEY.fullmatch(channel.secrets["admin_key"].strip())
    if not key:
        raise Unauthorized("This is no Admin API key of Ghost's: it has two parts, with a colon between them.")
    since_s = int(time.time()) // STEP_S * STEP_S
    claims = {"iat": since_s, "exp": since_s + TOKEN_S, "aud": "/admin/"}
    return jwt.encode(claims, bytes.fromhex(key[2]), algorithm="HS256", headers={"kid": key[1]})


def _article(post: Post) -> dict[str, object]:
    content = post.content
    feature = content.media[0] if content.media else Media("")
    optional = {
        "custom_excerpt": content.summary,
        "canonical_url": str(httpx.URL(content.link)),  # Ghost takes ASCII addresses alone
        "feature_image": str(httpx.URL(feature.url)),
        "feature_image_alt": feature.alt,
    }
    required: dict[str, object] = {"title": content.title, "slug": _slug(post), "html": _html(post)}
    required |= {"status": "published", "tags": [{"name": tag} for tag in content.tags]}
    return required | {name: text for name, text in optional.items() if text}


def _html(post: Post) -> str:
    """The text and the further pictures.

    Ghost makes its editor's cards of it: by Koenig's parsers, a picture anywhere gets one of its own, as does a table.
    """
    pictures = [(html.escape(media.url), html.escape(media.alt)) for media in post.content.media[1:]]
    return to_html(post.content.text) + "".join(
        f'<figure><img src="{url}" alt="{alt}"></figure>\n' for url, alt in pictures
    )


def _slug(post: Post) -> str:
    """The title's words and what tells this post from any other of that title."""
    plain = unicodedata.normalize("NFKD", post.content.title).encode("ascii", "ignore").decode().lower()
    words = "-".join(re.findall("[a-z0-9]+", plain))[:SLUG_CHARS].strip("-")
    return f"{words or 'post'}-{hashlib.sha256(post.id.encode()).hexdigest()[:12]}"


def _objections(post: Post) -> Iterator[Problem]:
    content = post.content
    if not content.title.strip():
        yield Problem("content.title", "A post on Ghost needs a title.", "Give it a title.")
    for field, text, most in _bounded(content):
        if len(text) > most:
            yield Problem(f"content.{field}", f"It has {len(text)} characters; the most here is {most}.", "Shorten it.")
    for place, tag in enumerate(content.tags):
        if not tag.strip() or len(tag) > TAG_CHARS or tag.strip().startswith((",", "#")):
            yield Problem(f"content.tags[{place}]", SPEAKABLE, "Override the tags for this channel.")
    for place, media in enumerate(content.media):
        if VIDEO.search(media.url):
            yield Problem(f"content.media[{place}].url", "Videos cannot be published here yet.", "Link to it instead.")


def _bounded(content: Content) -> Iterator[tuple[str, str, int]]:
    yield "summary", content.summary, EXCERPT_CHARS
    yield "link", content.link, ADDRESS_CHARS
    for media in content.media[:1]:
        yield "media[0].url", media.url, ADDRESS_CHARS
        yield "media[0].alt", media.alt, ALT_CHARS


ADAPTER: Adapter = Ghost()
