"""Posts on Mastodon, or on any other server that speaks its API.

Source: https://docs.joinmastodon.org/methods/statuses/ and github.com/mastodon/mastodon: post_status_service.rb,
status_length_validator.rb, rate_limiter.rb (read 2026-11-21). Contract by documentation: never run against Mastodon.
An Idempotency-Key is kept for an hour, less than a delivery may stay in doubt: it is sent, yet what is out looked for.
"""

from __future__ import annotations

import html
import re
import time
import unicodedata
from collections.abc import Iterator, Sequence
from contextlib import suppress
from datetime import datetime, timedelta
from typing import Any

import httpx
from pydantic import AwareDatetime, ConfigDict, JsonValue, RootModel
from pydantic import Field as Reads

from functions.platforms._checks import insist, problems
from functions.platforms._markdown import to_plain
from functions.platforms._pictures import fetched
from publishing.adapter import PUBLISHES, Adapter, Conversation, Credentials, Field, Kind, Limits, Rate, Resource
from publishing.errors import OutcomeUnknown, Throttled, Unauthorized, Unavailable
from publishing.model import Channel, Identity, Outcome, Pending, Post, Problem, Receipt, utc_text
from publishing.replies import Reply, bounded_wait_s, error_for, parsed, quoted, read_if_readable, retry_after_s

ALT_CHARS = 1_500  # what is longer Mastodon cuts off without a word
VISIBILITIES = ("public", "unlisted", "private", "direct")
SCOPES = "Preferences → Development → New application, with the scopes read, write:statuses and write:media."
WAIT_S = 5.0  # an animated GIF is made into a video: a few seconds
PAGE = 40

URL = re.compile(r"https?://[^\s<>]*[^\s<>.,;:!?'\")\]}]")
MENTION = re.compile(r"(?<![=/\w])(@\w[\w.-]*+)@\w++(?:[.-]+\w++)*", re.ASCII)
NO_TAG = re.compile(r"[\s!-/:-@\[-^`{-~]|\A[\d_]*\Z")
MARKUP = re.compile(r"<[^<>]*+>")
VIDEO = re.compile(r"\.(?:mp4|m4v|mov|webm|avi|mkv|mpe?g|ogv)(?:[?#]|$)", re.IGNORECASE)
RIDER = re.compile(  # what a reader does not take for a character of its own
    "([\U0001f1e6-\U0001f1ff]){2}|\u200d[\u203c-\u3299\U0001f000-\U0001faff]?|[\u200c\U0001f3fb-\U0001f3ff\U000e0020-\U000e007f]"
)


class Mastodon:
    """Publishes posts in plain text, with pictures, a link and hashtags."""

    name = "mastodon"
    title = "Mastodon"
    # 500 is Mastodon's own; an instance may have set more, which `check` cannot know: it is not told the channel. 300
    # posts in three hours are RateLimiter's; pictures are throttled beside, 30 in half an hour. Tags have no limit.
    limits = Limits(
        text_chars=500, title_chars=500, tags=50, media=4, timeout_s=60.0, rate=Rate(300, 10_800.0), own_hosts=True
    )
    credentials = Credentials(
        (
            Field("base_url", Kind.URL, "Instance", help="The account's server, https://mastodon.social for one."),
            Field("access_token", label="Access token", secret=True, help=SCOPES),
            Field("visibility", label="Visibility", required=False, help=f"One of {', '.join(VISIBILITIES)}."),
            Field("language", label="Language", required=False, max_chars=12, help="A code as en, de or pt-BR."),
        )
    )
    uses: frozenset[Resource] = frozenset()
    idempotent = False

    def check(self, post: Post) -> Sequence[Problem]:
        """Everything that keeps this post from being published here."""
        length, unit = _characters(_text(post)), "characters (title, link and tags included)"
        return [*problems(post, self.limits, count=lambda _text: length, unit=unit), *_objections(post)]

    def publish(self, post: Post, channel: Channel) -> Conversation[Outcome]:
        """Upload the pictures and create the post: at once, or when the last picture is ready."""
        insist(self.check(post))
        ids, ready = [], True
        for media in post.content.media:
            picture = yield from fetched(media, most_bytes=16 * 2**20)  # MediaAttachment::IMAGE_LIMIT
            file = {"file": (picture.file_name, picture.data, picture.content_type)}
            reply = yield _request("POST", "v2/media", channel, data={"description": media.alt}, files=file)
            ids.append(parsed(_Thing, _taken(reply, channel)).id)
            ready &= reply.status_code != httpx.codes.ACCEPTED
        return (yield from _created(post, channel, ids)) if ready else Pending({"media": " ".join(ids)}, WAIT_S)

    def resume(self, pending: Pending, post: Post, channel: Channel) -> Conversation[Outcome]:
        """Create the post when its pictures are ready, unless it is out: a worker may have died after it did that."""
        out = yield from self.find(post, channel, post.at - timedelta(minutes=5))
        if out:
            return out
        ids = pending.state.get("media", "").split()
        for each in ids:
            reply = yield _request("GET", f"v1/media/{each}", channel)
            if reply.status_code == httpx.codes.PARTIAL_CONTENT:
                return Pending(pending.state, WAIT_S)
            if reply.status_code == httpx.codes.NOT_FOUND:  # as for a picture that is part of a post already
                raise OutcomeUnknown("A picture is no longer free to be used; the post may be out.")
            _taken(reply, channel)
        return (yield from _created(post, channel, ids))

    def find(self, post: Post, channel: Channel, since: datetime) -> Conversation[Receipt | None]:
        """The receipt of `post`, by its words and pictures' texts, among what was published after `since`."""
        account = yield from _account(channel)
        asked = {"limit": PAGE, "exclude_reblogs": "true"}
        reply = yield _request("GET", f"v1/accounts/{account.id}/statuses", channel, params=asked)
        statuses = parsed(_Statuses, _taken(reply, channel)).root  # newest first
        recent = [status for status in statuses if status.created_at and status.created_at >= since]
        found = next((status for status in recent if status.is_of(post)), None)
        if not found and len(recent) == PAGE:
            raise OutcomeUnknown(f"It is not among the last {PAGE} posts, and there are more.")
        return found.receipt() if found else None

    def stand_in(self, request: httpx.Request) -> httpx.Response:
        """The beginning of a picture, then a picture that is ready."""
        answer = b"\x89PNG\r\n\x1a\n" if request.method == "GET" else b'{"id": "0"}'
        return httpx.Response(200, content=answer, request=request)

    def verify(self, channel: Channel) -> Conversation[Identity]:
        """Ask whose token this is."""
        account = yield from _account(channel)
        return Identity(account.id, account.acct, account.url or "")


class _Thing(Reply):  # an account, an uploaded picture, a post
    id: str = Reads(pattern=r"^[\w-]{1,64}$")
    url: str | None = None
    acct: str = ""
    created_at: AwareDatetime | None = None

    def receipt(self) -> Receipt:
        return Receipt(self.id, self.url or "", utc_text(self.created_at) if self.created_at else "")


class _Status(_Thing):
    content: str = ""
    media_attachments: tuple[dict[str, JsonValue], ...] = ()

    def is_of(self, post: Post) -> bool:
        words = _essence(html.unescape(MARKUP.sub("", self.content)))
        alts = [str(picture.get("description") or "").strip() for picture in self.media_attachments]
        return words == _essence(_text(post)) and alts == [media.alt.strip() for media in post.content.media]


class _Statuses(RootModel[tuple[_Status, ...]]):
    model_config = ConfigDict(frozen=True, hide_input_in_errors=True)


class _Trouble(Reply):
    error: str = ""


def _request(method: str, path: str, channel: Channel, **content: Any) -> httpx.Request:
    token = channel.secrets["access_token"].strip()
    if not (token.isascii() and token.isprintable()):
        raise Unauthorized("This is no access token: it holds characters that none has.")
    address = httpx.URL(channel.settings["base_url"]).copy_with(path=f"/api/{path}", query=None, fragment=None)
    request = httpx.Request(method, address, **content)
    request.headers["authorization"] = f"Bearer {token}"
    return request


def _account(channel: Channel) -> Conversation[_Thing]:
    reply = yield _request("GET", "v1/accounts/verify_credentials", channel)
    return parsed(_Thing, _taken(reply, channel))


def _created(post: Post, channel: Channel, media: Sequence[str]) -> Conversation[Receipt]:
    form: dict[str, object] = {"status": _text(post)} | ({"media_ids": list(media)} if media else {})
    form |= {name: channel.settings[name] for name in ("visibility", "language") if channel.settings.get(name)}
    if form.get("visibility", "public") not in VISIBILITIES:
        raise Unauthorized(f"The visibility of this channel is none of {', '.join(VISIBILITIES)}.")
    key = {"idempotency-key": post.id}
    reply = yield _request("POST", "v1/statuses", channel, json=form, headers=key, extensions=PUBLISHES)
    return parsed(_Thing, _taken(reply, channel)).receipt()


def _taken(reply: httpx.Response, channel: Channel) -> httpx.Response:
    if reply.is_success:
        return reply
    told, status = quoted(read_if_readable(_Trouble, reply).error, channel), reply.status_code
    message = f"Mastodon answered: {told}" if told else ""
    if status == httpx.codes.TOO_MANY_REQUESTS:
        reset_s = None
        with suppress(ValueError):
            reset_s = datetime.fromisoformat(reply.headers.get("x-ratelimit-reset", "")).timestamp() - time.time()
        raise Throttled(message, retry_after_s=retry_after_s(reply, bounded_wait_s(reset_s)), status=status)
    if "not finished processing" in told:  # in English, that is: it is told in the account's language
        raise Unavailable(message, status=status)
    raise error_for(reply, message)


def _text(post: Post) -> str:
    content, text = post.content, to_plain(post.content.text)
    link = "" if content.link in URL.findall(text) else content.link
    parts = (content.title, text, link, " ".join(f"#{tag}" for tag in content.tags))
    return "\n\n".join(part for part in parts if part.strip())


def _characters(text: str) -> int:
    """As Mastodon counts: what a reader takes for one; an address is always 23, a mention only its local part."""
    seen = unicodedata.normalize("NFC", MENTION.sub(r"\1", URL.sub("x" * 23, text)))
    return sum(unicodedata.category(each)[0] != "M" and each not in "\u0e33\u0eb3" for each in RIDER.sub(r"\1", seen))


def _essence(text: str) -> str:
    """A text's words without blanks: what is left of it in HTML, where mentions are shown without their server."""
    return "".join(MENTION.sub(r"\1", unicodedata.normalize("NFC", text)).split())


def _objections(post: Post) -> Iterator[Problem]:
    for place, tag in enumerate(post.content.tags):
        if NO_TAG.search(tag):
            yield Problem(f"content.tags[{place}]", "This cannot be a hashtag.", "Use letters, digits and underscores.")
    for place, media in enumerate(post.content.media):
        if VIDEO.search(media.url):
            yield Problem(f"content.media[{place}].url", "Videos cannot be published here yet.", "Link to it instead.")
        if len(media.alt) > ALT_CHARS:
            yield Problem(f"content.media[{place}].alt", f"It is longer than {ALT_CHARS} characters.", "Shorten it.")


ADAPTER: Adapter = Mastodon()
