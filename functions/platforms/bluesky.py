"""Posts on Bluesky, from an account on any personal data server (PDS) of the AT Protocol.

Source: https://atproto.com/lexicons, github.com/bluesky-social/atproto@d6296a1: lexicons, packages/pds/src/api
(read 2026-11-21). Contract by documentation: never run against Bluesky. A post's key in its repository is made of
`post.id`, its record of what never changes: a PDS takes the same record under the same key for done (putRecord.ts,
"no-op"), for as long as it is there; createRecord would answer 500. Where a picture has changed since, the post is
edited. Mentions stay plain text: they would need the mentioned account's DID.
"""

from __future__ import annotations

import hashlib
import re
import time
import unicodedata
from collections.abc import Sequence
from datetime import datetime
from typing import Any

import httpx
from pydantic import Field as Reads
from pydantic import JsonValue

from functions.platforms._checks import insist, problems, text_problems
from functions.platforms._markdown import to_plain
from functions.platforms._pictures import fetched
from publishing.adapter import PUBLISHES, Adapter, Conversation, Credentials, Field, Kind, Limits, Rate, Resource
from publishing.errors import PublishingError, Throttled, Unauthorized
from publishing.model import Channel, Identity, Post, Problem, Receipt, utc_text
from publishing.replies import Reply, bounded_wait_s, error_for, parsed, quoted, read_if_readable, retry_after_s

SERVICE = "https://bsky.social"
POSTS = "app.bsky.feed.post"
BYTES = Limits(text_chars=3_000)  # beside the 300 characters

UNAUTHORIZED = re.compile("Auth|Token|Account(?:Takedown|Deactivated|Suspended|NotFound)")
VIDEO = re.compile(r"\.(?:mp4|m4v|mov|webm|avi|mkv|mpe?g|ogv)(?:[?#]|$)", re.IGNORECASE)
LINKED = re.compile(r"https?://(?:[^\s<>()]|\([^\s<>()]*\))++|(?<!\S)#[^\s#]++")
TRAILING = ".,;:!?'\"…\u2019”»"
NO_TAG = re.compile(r"[\s#]|\A[\d!-/:-@\[-`{-~]*\Z|.{65}")
# Unicode's clusters in short, beside marks: flags, what is joined to an emoji or an Indic consonant, modifiers.
RIDER = re.compile(
    "([\U0001f1e6-\U0001f1ff]){2}|\u200d[\u203c-\u3299\U0001f000-\U0001faff]?|[\u200c\U0001f3fb-\U0001f3ff\U000e0020-\U000e007f]"
    "|(?<=[\u094d\u09cd\u0acd\u0b4d\u0c4d\u0d4d])[\u0904-\u0d7f]|[\u0e33\u0eb3\uff9e\uff9f]"
)


class Bluesky:
    """Publishes posts in plain text whose links and hashtags work, with pictures or else a card for the link."""

    name = "bluesky"
    title = "Bluesky"
    # 30 sessions in five minutes (and 300 a day, which a 429 tells): every post opens one, as none can be kept.
    limits = Limits(300, title_chars=300, tags=8, media=4, timeout_s=60.0, rate=Rate(30, 300.0), own_hosts=True)
    credentials = Credentials(
        (
            Field("handle", label="Handle", help="As ann.bsky.social, without the @.", max_chars=260),
            Field("app_password", label="App password", secret=True, help="Settings → App passwords."),
            Field("service", Kind.URL, "Service", required=False, help=f"The account's PDS, if it is not {SERVICE}."),
        )
    )
    uses: frozenset[Resource] = frozenset()
    idempotent = True

    def check(self, post: Post) -> Sequence[Problem]:
        """Everything that keeps this post from being published here."""
        text = _text(post)
        bare, size = RIDER.sub(r"\1", unicodedata.normalize("NFC", text)), len(text.encode(errors="surrogatepass"))
        length = sum(unicodedata.category(each)[0] != "M" or each in "\u102b\u102c\u1038" for each in bare)
        found = problems(post, self.limits, count=lambda _: length, unit="characters (all that is shown as text)")
        found += text_problems(post, BYTES, count=lambda _: size, unit="bytes")
        if post.content.text.strip() and not (text or post.content.link or post.content.media):
            found.append(Problem("content.text", "Nothing of this text can be shown in plain text.", "Give it words."))
        for place, tag in enumerate(post.content.tags):
            if NO_TAG.search(tag):
                found.append(Problem(f"content.tags[{place}]", "This cannot be a hashtag.", "Use one word of letters."))
        for place, media in enumerate(post.content.media):
            if VIDEO.search(media.url):
                found.append(Problem(f"content.media[{place}].url", "Videos cannot be published here.", "Link to it."))
        return found

    def publish(self, post: Post, channel: Channel) -> Conversation[Receipt]:
        """Open a session, upload the pictures and put the record in its place."""
        insist(self.check(post))
        session = yield from _session(channel)
        images: list[JsonValue] = []
        for media in post.content.media:
            picture = yield from fetched(media, most_bytes=2_000_000)  # embed/images.json; formerly 1,000,000
            kind = {"content-type": picture.content_type}
            reply = yield _request("POST", "repo.uploadBlob", channel, session, content=picture.data, headers=kind)
            images.append({"image": parsed(_Upload, _taken(reply, channel)).blob, "alt": media.alt})
        put = {**_place(post, session), "record": _record(post, images)}
        reply = yield _request("POST", "repo.putRecord", channel, session, json=put, extensions=PUBLISHES)
        return session.receipt(parsed(_Put, _taken(reply, channel)).uri)

    def find(self, post: Post, channel: Channel, since: datetime) -> Conversation[Receipt | None]:
        """The receipt of `post`, by its key."""
        _ = since
        session = yield from _session(channel)
        reply = yield _request("GET", "repo.getRecord", channel, session, params=_place(post, session))
        if reply.is_client_error and "Could not locate record" in str(_error(reply, channel)):
            return None
        return session.receipt(parsed(_Put, _taken(reply, channel)).uri)

    def stand_in(self, request: httpx.Request) -> httpx.Response:
        """A session, the beginning of a picture, its upload."""
        if request.method == "GET":
            return httpx.Response(200, content=b"\x89PNG\r\n\x1a\n", request=request)
        answer = {"accessJwt": "hidden", "did": "did:plc:hidden", "handle": "hidden.invalid", "blob": {"$type": "blob"}}
        return httpx.Response(200, json=answer, request=request)

    def verify(self, channel: Channel) -> Conversation[Identity]:
        """Open a session."""
        session = yield from _session(channel)
        return Identity(session.did, session.handle, session.profile)


class _Put(Reply):
    uri: str = Reads(pattern=r"^at://\S+/\S+$")


class _Upload(Reply):
    blob: dict[str, JsonValue]


class _Session(Reply):
    token: str = Reads(alias="accessJwt", pattern=r"^[!-~]+$")
    did: str = Reads(pattern=r"^did:[!-~]+$")
    handle: str = "handle.invalid"

    @property
    def profile(self) -> str:
        return f"https://bsky.app/profile/{self.did if self.handle == 'handle.invalid' else self.handle}"

    def receipt(self, uri: str) -> Receipt:
        return Receipt(uri, f"{self.profile}/post/{uri.rpartition('/')[2]}")


class _Trouble(Reply):
    error: str = ""
    message: str = ""


def _request(method: str, name: str, channel: Channel, session: _Session | None, **content: Any) -> httpx.Request:
    service = httpx.URL(channel.settings.get("service") or SERVICE)
    address = service.copy_with(path=f"/xrpc/com.atproto.{name}", query=None, fragment=None)
    request = httpx.Request(method, address, **content)
    if session:
        request.headers["authorization"] = f"Bearer {session.token}"
    return request


def _session(channel: Channel) -> Conversation[_Session]:
    who = channel.settings["handle"].strip().removeprefix("@")
    login = {"identifier": who, "password": channel.secrets["app_password"].strip()}
    reply = yield _request("POST", "server.createSession", channel, None, json=login)
    if reply.status_code == httpx.codes.BAD_REQUEST:  # there is nothing in it but credentials
        raise Unauthorized(str(_error(reply, channel)), status=reply.status_code)
    return parsed(_Session, _taken(reply, channel))


def _taken(reply: httpx.Response, channel: Channel) -> httpx.Response:
    if reply.is_success:
        return reply
    raise _error(reply, channel)


def _error(reply: httpx.Response, channel: Channel) -> PublishingError:
    """Sorted by the error's name first: an expired token comes with a 400."""
    trouble, status = read_if_readable(_Trouble, reply), reply.status_code
    code, told = quoted(trouble.error, channel), quoted(trouble.message or trouble.error, channel)
    message = f"Bluesky answered: {told}" if told else ""
    if status == httpx.codes.TOO_MANY_REQUESTS:
        reset = reply.headers.get("ratelimit-reset", "")
        wait_s = int(reset) - time.time() if re.fullmatch("[0-9]{1,15}", reset) else None
        return Throttled(message, retry_after_s=retry_after_s(reply, bounded_wait_s(wait_s)), code=code, status=status)
    if reply.is_client_error and UNAUTHORIZED.search(code):
        return Unauthorized(message, code=code, status=status)
    return error_for(reply, message, code=code)


def _place(post: Post, session: _Session) -> dict[str, str]:
    """Its key is a TID: the minute it was due (67 s, in truth), then 36 bits of its id, so that no two posts meet."""
    minute = int(post.at.timestamp()) * 1_000_000 >> 26
    number = minute << 36 | int.from_bytes(hashlib.sha256(post.id.encode()).digest()[:8]) >> 28
    key = "".join("234567abcdefghijklmnopqrstuvwxyz"[number >> shift & 31] for shift in range(60, -1, -5))
    return {"repo": session.did, "collection": POSTS, "rkey": key}


def _record(post: Post, images: Sequence[JsonValue]) -> dict[str, object]:
    text, content = _text(post), post.content
    record = {"$type": POSTS, "text": text, "createdAt": utc_text(post.at), "facets": _facets(text)}
    if images:
        return record | {"embed": {"$type": "app.bsky.embed.images", "images": images}}
    card = {"uri": content.link, "title": content.title or content.link, "description": content.summary}
    return record | ({"embed": {"$type": "app.bsky.embed.external", "external": card}} if content.link else {})


def _text(post: Post) -> str:
    """The text with what no card shows: title and link."""
    content, text = post.content, to_plain(post.content.text)
    link = "" if content.link in [each.rstrip(TRAILING) for each in LINKED.findall(text)] else content.link
    head, foot = (content.title, link) if content.media or not content.link else ("", "")
    parts = (head, text, foot, " ".join(f"#{tag}" for tag in content.tags))
    return "\n\n".join(part for part in parts if part.strip())


def _facets(text: str) -> list[dict[str, object]]:
    facets: list[dict[str, object]] = []
    for found in LINKED.finditer(text):
        said, start = found[0].rstrip(TRAILING), len(text[: found.start()].encode())
        index = {"byteStart": start, "byteEnd": start + len(said.encode())}
        if said.startswith("http"):
            facets.append({"index": index, "features": [{"$type": "app.bsky.richtext.facet#link", "uri": said}]})
        elif not NO_TAG.search(said[1:]):
            facets.append({"index": index, "features": [{"$type": "app.bsky.richtext.facet#tag", "tag": said[1:]}]})
    return facets


ADAPTER: Adapter = Bluesky()
