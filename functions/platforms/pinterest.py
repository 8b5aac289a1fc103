"""Pins on a Pinterest board, of one picture or several.

Source: https://developers.pinterest.com/docs/api/v5/pins-create and the OpenAPI description 5.23.0 in
github.com/pinterest/api-description (read 2026-11-21). Contract by documentation: never run against Pinterest itself.
An app with trial access creates Pins at the API sandbox only, which has tokens and boards of its own.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from datetime import UTC, datetime
from urllib.parse import urlencode

import httpx
from pydantic import AliasPath
from pydantic import Field as Reads

from functions.platforms._checks import insist, problems
from functions.platforms._markdown import to_plain
from publishing.adapter import PUBLISHES, Adapter, Conversation, Credentials, Field, Kind, Limits, Rate, Resource
from publishing.errors import OutcomeUnknown, PublishingError, Refused, Throttled, Unauthorized
from publishing.model import Channel, Identity, Post, Problem, Receipt, utc_text
from publishing.replies import Reply, error_for, parsed, publishes, quoted, read_if_readable, retry_after_s, spent_for_s

API, TRIAL, SITE = "https://api.pinterest.com", "https://api-sandbox.pinterest.com", "https://www.pinterest.com"
HOSTS = ("api.pinterest.com", "api-sandbox.pinterest.com")
ALT_CHARS, LINK_CHARS = 500, 2_048
PAGE, PAGES = 100, 40
SPENT = {"remaining": "x-ratelimit-remaining", "reset_after": "x-ratelimit-reset"}  # the latter in seconds

THROTTLED = 8
ERRORS: dict[int, type[Unauthorized | Refused]] = {
    **dict.fromkeys((2, 3, 29), Unauthorized),  # authentication failed; a scope, or the app's own access, is missing
    **dict.fromkeys((1, 40, 235), Refused),  # wrong parameters, no such board, no such image
}
REMEDIES = {
    40: "Connect the channel to a board of its account.",
    235: "Its address must lead everybody to a PNG, JPEG, WebP, BMP or TIFF picture of 20 MB at most.",
}
SCOPES = "OAuth 2.0, with boards:read, boards:write, pins:read, pins:write; 30 days."
TRIAL_REMEDY = f"Ask Pinterest for standard access, or connect the channel to {TRIAL} with a token from there."


class Pinterest:
    """Publishes Pins; Pinterest itself fetches their pictures from where they are."""

    name = "pinterest"
    title = "Pinterest"
    # What the category `org_write` allows in a minute could not be read; one a second is our own caution.
    limits = Limits(text_chars=800, title_chars=100, media=5, timeout_s=60.0, lag_s=60.0, rate=Rate(60, 60.0))
    credentials = Credentials(
        (
            Field("access_token", label="Access token", secret=True, help=SCOPES),
            Field("board_id", label="Board id", help="A number; GET /v5/boards tells it.", max_chars=30),
            Field("board_section_id", label="Section id", required=False, help="A number.", max_chars=30),
            Field(
                "base_url", Kind.URL, "API", required=False, hosts=HOSTS, help=f"{TRIAL} for apps with trial access."
            ),
        )
    )
    uses: frozenset[Resource] = frozenset()
    idempotent = False

    def check(self, post: Post) -> Sequence[Problem]:
        """Everything that keeps this post from being published here."""
        found = problems(post, self.limits, count=lambda text: len(to_plain(text)))
        return [*found, *_further_problems(post)]

    def publish(self, post: Post, channel: Channel) -> Conversation[Receipt]:
        """Create the Pin."""
        insist(self.check(post))
        reply = yield _request("POST", "pins", channel, json=_pin(post, channel))
        made = parsed(_Made, _taken(reply, channel))
        return Receipt(made.id, f"{SITE}/pin/{made.id}/", made.created_at or "")

    def pause_s(self, reply: httpx.Response) -> float:
        """Until Pinterest allows the next one."""
        return spent_for_s(reply, **SPENT) if publishes(reply) else 0.0

    def find(self, post: Post, channel: Channel, since: datetime) -> Conversation[Receipt | None]:
        """The receipt of `post`, by all the words it has, on the whole board: its owner may have arranged it anew."""
        if not any(_words(post)):
            raise OutcomeUnknown("Without a word it cannot be told from other Pins.")
        path = _listed(channel)
        for _ in range(PAGES):
            page = parsed(_Page, _taken((yield _request("GET", path, channel)), channel))
            found = next((own for own in page.items if own.created >= since and own.is_of(post)), None)
            if found or not page.bookmark:
                return Receipt(found.id, f"{SITE}/pin/{found.id}/", utc_text(found.created)) if found else None
            path = f"{_listed(channel)}&{urlencode({'bookmark': page.bookmark})}"
        raise OutcomeUnknown(f"It is not among {PAGE * PAGES} Pins of the board, and there are more.")

    def verify(self, channel: Channel) -> Conversation[Identity]:
        """Read the board."""
        reply = yield _request("GET", f"boards/{_number('board_id', channel)}", channel)
        board = parsed(_Board, _taken(reply, channel))
        return Identity(board.id, board.name, f"{SITE}/{board.owner}/")


class _Made(Reply):
    id: str = Reads(pattern="^[0-9]+$")
    created_at: str | None = None


class _Own(Reply):
    id: str = Reads(pattern="^[0-9]+$")
    created_at: datetime
    title: str | None = None
    description: str | None = None
    alt_text: str | None = None

    @property
    def created(self) -> datetime:
        return self.created_at if self.created_at.tzinfo else self.created_at.replace(tzinfo=UTC)

    def is_of(self, post: Post) -> bool:
        """Whether it has the post's words; where the post has none, Pinterest may have set some."""
        own = [(text or "").split() for text in (self.title, self.description, self.alt_text)]
        return all(words in ([], there) for words, there in zip(_words(post), own, strict=True))


class _Page(Reply):
    items: tuple[_Own, ...]
    bookmark: str | None = None


class _Board(Reply):
    id: str
    name: str
    owner: str = Reads(default="", validation_alias=AliasPath("owner", "username"))


class _Trouble(Reply):
    """What Pinterest says of a request it did not take; nothing where a proxy answered in its stead."""

    code: int = 0
    message: str = ""

    def error(self, reply: httpx.Response, channel: Channel) -> PublishingError:
        """Sorted by Pinterest's own code first, by the status where that says nothing or leaves it open."""
        remedy = TRIAL_REMEDY if "trial access" in self.message.lower() else REMEDIES.get(self.code, "")
        message = f"Pinterest answered: {quoted(f'{self.message} {remedy}', channel)}" if self.message else ""
        code, status, kind = str(self.code), reply.status_code, ERRORS.get(self.code)
        if status == httpx.codes.TOO_MANY_REQUESTS or (self.code == THROTTLED and reply.is_client_error):
            wait_s = retry_after_s(reply, default=spent_for_s(reply, **SPENT) or 60.0)
            return Throttled(message, retry_after_s=wait_s, code=code, status=status)
        if kind and reply.is_client_error:
            return kind(message, code=code, status=status)
        return error_for(reply, message, code=code)


def _request(method: str, path: str, channel: Channel, *, json: object = None) -> httpx.Request:
    token = channel.secrets["access_token"].strip()
    if not (token.isascii() and token.isprintable()):
        raise Unauthorized("This is no access token: it holds characters that none has.")
    url = f"{(channel.settings.get('base_url') or API).rstrip('/').removesuffix('/v5')}/v5/{path}"
    extensions = PUBLISHES if method == "POST" else {}
    return httpx.Request(method, url, headers={"authorization": f"Bearer {token}"}, json=json, extensions=extensions)


def _taken(reply: httpx.Response, channel: Channel) -> httpx.Response:
    if reply.is_success:
        return reply
    raise read_if_readable(_Trouble, reply).error(reply, channel)


def _number(name: str, channel: Channel) -> str:
    number = channel.settings.get(name, "").strip()
    if not re.fullmatch("[0-9]+" if name == "board_id" else "[0-9]*", number):
        raise Unauthorized(f"The {name} of this channel is not a number.")
    return number


def _listed(channel: Channel) -> str:
    section = _number("board_section_id", channel)
    within = f"boards/{_number('board_id', channel)}" + (f"/sections/{section}" if section else "")
    return f"{within}/pins?page_size={PAGE}"


def _pin(post: Post, channel: Channel) -> dict[str, object]:
    content, items = post.content, [{"url": media.url} for media in post.content.media]
    several = {"source_type": "multiple_image_urls", "items": items}
    source = several if len(items) > 1 else {"source_type": "image_url", **items[0]}
    where = {name: _number(name, channel) for name in ("board_id", "board_section_id")}
    texts = {"title": content.title, "description": to_plain(content.text), "link": content.link}
    given = {**where, **texts, "alt_text": _alt(post)}
    return {"media_source": source} | {name: text for name, text in given.items() if text.strip()}


def _alt(post: Post) -> str:
    return "; ".join(media.alt for media in post.content.media if media.alt.strip())  # a Pin has one for all pictures


def _words(post: Post) -> list[list[str]]:
    return [text.split() for text in (post.content.title, to_plain(post.content.text), _alt(post))]


def _further_problems(post: Post) -> Iterator[Problem]:
    media, link, alt_chars = post.content.media, post.content.link, len(_alt(post))
    if not media:
        yield Problem("content.media", "A Pin needs a picture.", "Give it one, or leave this channel out.")
    if alt_chars > ALT_CHARS:
        message = f"The alternative texts have {alt_chars} characters together; the most here is {ALT_CHARS}."
        yield Problem("content.media", message, "Shorten them, or override the media for this channel.")
    if len(link) > LINK_CHARS:
        yield Problem("content.link", f"The link has more than {LINK_CHARS} characters.", "Give a shorter one.")
    for place, each in enumerate(media):
        if each.url.partition("?")[0].lower().endswith((".mp4", ".m4v", ".mov", ".webm")):
            yield Problem(f"content.media[{place}].url", "Videos cannot be pinned yet.", "Give it a picture instead.")


ADAPTER: Adapter = Pinterest()
