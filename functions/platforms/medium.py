"""Stories on Medium, by its legacy interface.

Source: https://github.com/Medium/medium-api-docs (archived 2023-03-02, "no longer supported"; read 2026-11-21).
Contract by documentation: never run against Medium itself. Nothing can be read there, so what may be out cannot be
looked for: this adapter has no `find`. Codes of errors are not documented; those here were seen by others.
"""

from __future__ import annotations

import html
import re
from collections.abc import Iterator, Sequence
from datetime import UTC, datetime, timedelta

import httpx
from pydantic import AliasPath, JsonValue
from pydantic import Field as Reads

from functions.platforms._checks import insist, problems
from functions.platforms._markdown import to_html
from publishing.adapter import PUBLISHES, Adapter, Conversation, Credentials, Field, Limits, Resource, Takes
from publishing.errors import PublishingError, QuotaSpent, Unauthorized
from publishing.model import Channel, Content, Identity, Post, Problem, Receipt, utc_text
from publishing.replies import Reply, error_for, parsed, publishes, quoted, read_if_readable, retry_after_s

API = "https://api.medium.com/v1"
TAG_CHARS = 25
LISTED = 5  # publications named to somebody who looks for the id of one

# Codes users reported: no token, a wrong one, and its user or application gone (medium-sdk-nodejs#33, #35).
UNAUTHORIZED = frozenset({"6000", "6001", "6003", "6004", "6005"})
ASKED_AGAIN_S = 3_600.0  # a day's stories are free again 24 hours after their first, and nobody tells when that was
LATEST_MS = 10**13  # in the year 2286: what is later is no moment
IDENTIFIER = re.compile(r"[0-9A-Za-z]{1,128}")
TABLE_ROW = re.compile(r"^[ \t>]*[-:|][-:| \t\r]*$", re.MULTILINE)  # below a table's head; rendering takes longer
PICTURES = Takes(types=("image/jpeg", "image/png", "image/gif", "image/tiff"))  # it fetches them itself

ACCESS_HELP = (
    "Settings → Security and apps → Integration tokens. Medium no longer issues any: only one made before 2025 works. "
    "Without one, import the text by hand at medium.com/p/import."
)
PUBLICATION_HELP = "The id of a publication you edit; none: your own profile. Its writers can only hand in drafts."


class Medium:
    """Publishes stories, with the content's own address as canonical URL."""

    name = "medium"
    title = "Medium"
    # A longer title, a longer tag and a fourth tag would be ignored without a word. Of texts and pictures no limit is
    # documented: these are ours. About 10 stories a day are let through (MediumEng in medium-api-docs#105, 2018-10-11).
    limits = Limits(text_chars=100_000, title_chars=100, tags=3, media=20, timeout_s=60.0, in_flight=2, image=PICTURES)
    credentials = Credentials(
        (
            Field("token", label="Integration token", secret=True, help=ACCESS_HELP),
            Field("publication_id", label="Publication id", required=False, help=PUBLICATION_HELP, max_chars=128),
        )
    )
    uses: frozenset[Resource] = frozenset()
    idempotent = False

    def check(self, post: Post) -> Sequence[Problem]:
        """Everything that keeps this post from being published here."""
        return [*problems(post, self.limits), *_own_problems(post.content)]

    def publish(self, post: Post, channel: Channel) -> Conversation[Receipt]:
        """Create the story; before that ask whose token it is, for stories stand under their author's id."""
        insist(self.check(post))
        place = _publication(channel) or f"users/{(yield from _user(channel)).id}"
        reply = yield _request("POST", f"{place}/posts", channel, json=_story(post.content))
        story = parsed(_Story, _taken(reply, channel))
        return Receipt(story.id, story.url, _moment(story.published_at))

    def stand_in(self, request: httpx.Request) -> httpx.Response:
        """Anybody's own description."""
        user = {"id": "0" * 64, "username": "", "url": ""}
        return httpx.Response(200, json={"data": user}, request=request)

    def verify(self, channel: Channel) -> Conversation[Identity]:
        """Ask whose token this is, and whether the publication is among theirs."""
        user = yield from _user(channel)
        if not _publication(channel):
            return Identity(user.id, user.username, user.url)
        reply = yield _request("GET", f"users/{user.id}/publications", channel)
        listed = parsed(_Publications, _taken(reply, channel)).data
        found = next((each for each in listed if each.id == channel.settings["publication_id"].strip()), None)
        if found:
            return Identity(found.id, found.name, found.url)
        known = quoted(", ".join(f"{each.name} is {each.id}" for each in listed[:LISTED]), channel)
        raise Unauthorized(f"This publication is none of the token's user. {known or 'There is none'}.")


class _User(Reply):
    id: str = Reads(pattern=r"^[0-9A-Za-z]+$", validation_alias=AliasPath("data", "id"))
    username: str = Reads("", validation_alias=AliasPath("data", "username"))
    url: str = Reads("", validation_alias=AliasPath("data", "url"))


class _Story(Reply):
    id: str = Reads(min_length=1, validation_alias=AliasPath("data", "id"))
    url: str = Reads(pattern=r"^https?://\S+$", validation_alias=AliasPath("data", "url"))
    published_at: JsonValue = Reads(None, validation_alias=AliasPath("data", "publishedAt"))


class _Publication(Reply):
    id: str
    name: str = ""
    url: str = ""


class _Publications(Reply):
    data: tuple[_Publication, ...]


class _Complaint(Reply):
    message: str = ""
    code: JsonValue = None


class _Trouble(Reply):
    errors: tuple[_Complaint, ...] = ()


def _user(channel: Channel) -> Conversation[_User]:
    reply = yield _request("GET", "me", channel)
    return parsed(_User, _taken(reply, channel))


def _publication(channel: Channel) -> str:
    given = channel.settings.get("publication_id", "").strip()
    if given and not IDENTIFIER.fullmatch(given):
        raise Unauthorized("This is no publication's id: those are letters and digits only.")
    return f"publications/{given}" if given else ""


def _request(method: str, path: str, channel: Channel, *, json: object = None) -> httpx.Request:
    token = channel.secrets["token"].strip()
    if not (token.isascii() and token.isprintable()):
        raise Unauthorized("This is no integration token: it holds characters that none has.")
    headers = {"authorization": f"Bearer {token}", "accept": "application/json", "accept-charset": "utf-8"}
    extensions = PUBLISHES if method == "POST" else {}
    return httpx.Request(method, f"{API}/{path}", headers=headers, json=json, extensions=extensions)


def _taken(reply: httpx.Response, channel: Channel) -> httpx.Response:
    if reply.is_success:
        return reply
    raise _error(reply, channel)


def _error(reply: httpx.Response, channel: Channel) -> PublishingError:
    complaint = next(iter(read_if_readable(_Trouble, reply).errors), _Complaint())
    told, status = quoted(complaint.message, channel), reply.status_code
    message, code = f"Medium answered: {told}" if told else "", str(complaint.code or "")
    if code in UNAUTHORIZED:
        return Unauthorized(message, code=code, status=status)
    if status == httpx.codes.TOO_MANY_REQUESTS and told and publishes(reply):  # the one limit Medium itself has
        again = datetime.now(UTC) + timedelta(seconds=retry_after_s(reply, ASKED_AGAIN_S))
        return QuotaSpent(message, until=again, code=code, status=status)
    return error_for(reply, message, code=code)


def _moment(milliseconds: JsonValue) -> str:
    if isinstance(milliseconds, int) and 0 < milliseconds < LATEST_MS:
        return utc_text(datetime.fromtimestamp(milliseconds / 1000, UTC))
    return ""


def _story(content: Content) -> dict[str, object]:
    required = {"title": content.title, "contentFormat": "html", "content": _body(content), "publishStatus": "public"}
    optional = {"tags": list(content.tags), "canonicalUrl": content.link}
    return {**required, **{name: given for name, given in optional.items() if given}}


def _body(content: Content) -> str:
    """The story with its title on top, which is not shown else; a text that begins with it has it once."""
    title = f"<h1>{_escaped(content.title)}</h1>"
    subtitle = f"<h2>{_escaped(content.summary)}</h2>" if content.summary else ""  # medium-api-docs#124
    pictures = [f'<p><img src="{_escaped(each.url)}" alt="{_escaped(each.alt)}"></p>' for each in content.media]
    text = to_html(content.text).removeprefix(title).strip()
    return "\n".join(part for part in (title, subtitle, *pictures, text) if part)


def _escaped(text: str) -> str:
    return html.escape(text, quote=False).replace('"', "&quot;")  # as the text's own headings are


def _own_problems(content: Content) -> Iterator[Problem]:
    if not content.title.strip():
        yield Problem("content.title", "A story on Medium needs a title.", "Give it a title.")
    if TABLE_ROW.search(content.text) and "<table>" in to_html(content.text):
        yield Problem("content.text", "Medium has no tables.", "Override the text for this channel.")
    for place, tag in enumerate(content.tags):
        if not tag.strip() or len(tag) > TAG_CHARS:
            message = f"A tag on Medium has 1 to {TAG_CHARS} characters; it ignores others."
            yield Problem(f"content.tags[{place}]", message, "Override the tags for this channel.")


ADAPTER: Adapter = Medium()
