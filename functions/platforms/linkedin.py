"""Posts on LinkedIn, of a member or of an organization's page.

Source: https://learn.microsoft.com/linkedin/marketing/community-management/shares/posts-api, the pages beside it, and
…/integrations/migrations (read 2026-11-21, stored copies). Contract by documentation: never run against LinkedIn.
A page's posts can be read with r_organization_social, a member's by a few apps only: with any other token `find` cannot
tell, and says so.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from urllib.parse import quote, unquote

import httpx
from pydantic import AliasPath, JsonValue
from pydantic import Field as Reads

from functions.platforms._checks import insist, problems
from functions.platforms._markdown import to_plain
from functions.platforms._pictures import fetched
from publishing.adapter import PUBLISHES, Adapter, Conversation, Credentials, Field, Limits, Resource
from publishing.errors import OutcomeUnknown, PublishingError, QuotaSpent, Refused, Unauthorized, Unavailable
from publishing.model import Channel, Identity, Media, Post, Problem, Receipt
from publishing.replies import Reply, error_for, parsed, quoted, read_if_readable

API, SITE, LINK = "https://api.linkedin.com/", "https://www.linkedin.com/", "https://www.linkedin.com/feed/update/"
VERSION = "202607"  # July 2026: answered until 2027-07-15, says the table of migrations (as others read it 2026-08-13)
PAGE, PAGES, SLACK = 50, 6, timedelta(minutes=5)  # LinkedIn's clock and ours
TAG = re.compile(r"(?=\d*[^\W\d_])[^\W_]+")  # letters and digits, but not digits alone
HASHTAG = re.compile(rf"(?<![^\s(])#({TAG.pattern})(?!\w)")
REMEDY = "It takes w_member_social for a member; w_organization_social, r_organization_social and a role for a page."


class LinkedIn:
    """Publishes a text with pictures, or with an article's card where there is a link with a title and no picture."""

    name = "linkedin"
    title = "LinkedIn"
    # Java's characters; unsure: that escapes count, and an article title's 400. 30 tags are our own bound. It takes 20
    # pictures; a conversation has requests for 19. 150 posts a day (hearsay) are no pace: it tells when they are spent.
    limits = Limits(text_chars=3_000, title_chars=400, tags=30, media=19, timeout_s=60.0, lag_s=60.0)
    credentials = Credentials(
        (
            Field("access_token", label="Access token", secret=True, help=f"OAuth 2.0; it lasts 60 days. {REMEDY}"),
            Field("author", label="Author", help="urn:li:person:… or urn:li:organization:…", max_chars=100),
        )
    )
    uses: frozenset[Resource] = frozenset()
    idempotent = False  # it refuses the same text of an author for some time, whatever that was sent for

    def check(self, post: Post) -> Sequence[Problem]:
        """Everything that keeps this post from being published here."""
        chars = len(_texts(post)[0].encode("utf-16-le", "surrogatepass")) // 2
        found = problems(post, self.limits, count=lambda _text: chars, unit="characters (escaped for LinkedIn)")
        message, remedy = "A hashtag is letters and digits, one letter at least.", "Override the tags for this channel."
        wrong = (place for place, tag in enumerate(post.content.tags) if not TAG.fullmatch(tag))
        return [*found, *(Problem(f"content.tags[{place}]", message, remedy) for place in wrong)]

    def publish(self, post: Post, channel: Channel) -> Conversation[Receipt]:
        """Hand over the pictures, then create the post; where LinkedIn has its text already, see whose that is."""
        insist(self.check(post))
        images: list[dict[str, str]] = []
        for media in post.content.media:
            images += [(yield from _handed_over(media, channel))]
        reply = yield _request("POST", "rest/posts", channel, json=_body(post, channel, images), extensions=PUBLISHES)
        named = reply.headers.get("x-restli-id", "")  # there is nothing in the body
        urn = unquote(named) if reply.is_success else (yield from _out_already(reply, post, channel))
        if not re.fullmatch(r"urn:li:(share|ugcPost):[0-9]+", urn):
            raise OutcomeUnknown("The platform's answer names no post.", status=reply.status_code)
        return Receipt(urn, LINK + urn)

    def find(self, post: Post, channel: Channel, since: datetime) -> Conversation[Receipt | None]:
        """The receipt of `post`, by its words and how many pictures it has, among what the author published lately."""
        for page in range(PAGES):
            reply = yield _posts(channel, start=page * PAGE)
            if reply.status_code == httpx.codes.FORBIDDEN:
                raise OutcomeUnknown("This access token may not read what its author published.")
            owns = parsed(_Owns, _taken(reply, channel)).elements
            found = next((own for own in owns if own.created >= since and own.is_of(post)), None)
            if found or all(own.touched < since for own in owns):  # the last touched is first, pages may be short
                return Receipt(found.id, LINK + found.id) if found else None
        raise OutcomeUnknown(f"It is not among the last {PAGE * PAGES} posts, and there are more.")

    def verify(self, channel: Channel) -> Conversation[Identity]:
        """Ask a member's token whose it is; have a page's read what the page published."""
        author, kind, key = _author(channel)
        if kind == "organization":
            parsed(_Owns, _taken((yield _posts(channel, start=0)), channel))
            return Identity(author, "", f"{SITE}company/{key}/")
        member = parsed(_Member, _taken((yield _request("GET", "v2/userinfo", channel)), channel))
        if member.sub != key:
            raise Unauthorized("This access token is not the author's, but another member's.")
        return Identity(author, member.name)

    def stand_in(self, request: httpx.Request) -> httpx.Response:
        """Any picture, and a place for it."""
        if request.method == "GET":
            return httpx.Response(200, content=b"\x89PNG\r\n\x1a\n", request=request)
        return httpx.Response(200, json={"value": {"uploadUrl": SITE, "image": "urn:li:image:0"}}, request=request)


class _Member(Reply):
    sub: str
    name: str = ""


class _Slot(Reply):  # the token goes to its address, which is LinkedIn's own for that
    url: str = Reads(validation_alias=AliasPath("value", "uploadUrl"), pattern=r"^https://(www|api)\.linkedin\.com/")
    image: str = Reads(validation_alias=AliasPath("value", "image"), pattern=r"^urn:li:image:[\w-]+$")


class _Own(Reply):
    id: str
    commentary: str | None = None
    article: str | None = Reads(default=None, validation_alias=AliasPath("content", "article", "title"))
    picture: JsonValue = Reads(default=None, validation_alias=AliasPath("content", "media"))
    pictures: tuple[JsonValue, ...] = Reads(default=(), validation_alias=AliasPath("content", "multiImage", "images"))
    created: datetime = Reads(validation_alias="createdAt")  # in milliseconds, like the next
    touched: datetime = Reads(validation_alias="lastModifiedAt")

    def is_of(self, post: Post) -> bool:
        commentary, article = _texts(post)
        words = _words(commentary) + article.get("title", "").split()
        same = _words(self.commentary or "") + (self.article or "").split() == words
        return same and (len(self.pictures) or int(bool(self.picture))) == len(post.content.media)


class _Owns(Reply):
    elements: tuple[_Own, ...]


class _Trouble(Reply):
    message: str = ""
    code: str = ""
    service_code: int = Reads(default=0, validation_alias="serviceErrorCode")

    def error(self, reply: httpx.Response, channel: Channel) -> PublishingError:
        status, remedy = reply.status_code, REMEDY if reply.status_code == httpx.codes.FORBIDDEN else ""
        message = f"LinkedIn answered: {quoted(f'{self.message} {remedy}', channel)}" if self.message else ""
        code = quoted(f"{self.code} {self.service_code or ''}", channel)
        if status == httpx.codes.UPGRADE_REQUIRED:
            return Unavailable(f"LinkedIn ended version {VERSION} of its API: update us.", code=code, status=status)
        if status == httpx.codes.TOO_MANY_REQUESTS and " DAY limit" in self.message:
            today = datetime.now(UTC).replace(hour=0, minute=0, second=0, microsecond=0)
            return QuotaSpent(message, until=today + timedelta(days=1), code=code, status=status)
        return error_for(reply, message, code=code)


def _author(channel: Channel) -> tuple[str, str, str]:
    parts = re.fullmatch(r"urn:li:(person|organization):([A-Za-z0-9_-]+)", channel.settings["author"].strip())
    if not parts:
        raise Unauthorized("The author of this channel is no urn:li:person:… and no urn:li:organization:….")
    return parts[0], parts[1], parts[2]


def _request(method: str, path: str, channel: Channel, **content: object) -> httpx.Request:
    token = channel.secrets["access_token"].strip()
    if not (token.isascii() and token.isprintable()):
        raise Unauthorized("This is no access token: it holds characters that none has.")
    headers = {"authorization": f"Bearer {token}", "linkedin-version": VERSION, "x-restli-protocol-version": "2.0.0"}
    return httpx.Request(method, httpx.URL(API).join(path), headers=headers, **content)  # type: ignore[arg-type]


def _posts(channel: Channel, *, start: int) -> httpx.Request:
    query = f"q=author&author={quote(_author(channel)[0], safe='')}&start={start}&count={PAGE}&sortBy=LAST_MODIFIED"
    return _request("GET", f"rest/posts?{query}", channel)


def _taken(reply: httpx.Response, channel: Channel) -> httpx.Response:
    if reply.is_success:
        return reply
    raise read_if_readable(_Trouble, reply).error(reply, channel)


def _out_already(reply: httpx.Response, post: Post, channel: Channel) -> Conversation[str]:
    """The post that LinkedIn says has the same text, if it is still there and not from before this one was due."""
    trouble = read_if_readable(_Trouble, reply)
    named = re.search(r"duplicate of (urn:li:(?:share|ugcPost):[0-9]+)", trouble.message)
    if named:
        there = yield _request("GET", f"rest/posts/{quote(named[1], safe='')}", channel)
        if there.status_code not in {403, 404} and parsed(_Own, _taken(there, channel)).created >= post.at - SLACK:
            return named[1]
    raise trouble.error(reply, channel)


def _handed_over(media: Media, channel: Channel) -> Conversation[dict[str, str]]:
    picture = yield from fetched(media, most_bytes=5_000_000)  # unsure: what others name; LinkedIn tells pixels only
    if picture.content_type == "image/webp":
        raise Refused("LinkedIn takes PNG, JPEG and GIF pictures, but no WebP.", code="content.media")
    owner = {"initializeUploadRequest": {"owner": _author(channel)[0]}}
    reply = yield _request("POST", "rest/images?action=initializeUpload", channel, json=owner)
    slot = parsed(_Slot, _taken(reply, channel))
    _taken((yield _request("PUT", slot.url, channel, content=picture.data)), channel)
    return {"id": slot.image} | ({"altText": picture.alt} if picture.alt else {})


def _body(post: Post, channel: Channel, images: list[dict[str, str]]) -> dict[str, object]:
    commentary, article = _texts(post)
    picture = {"media": images[0]} if len(images) == 1 else {"multiImage": {"images": images}}
    content: dict[str, object] = {"content": {"article": article} if article else picture} if article or images else {}
    feed = {"feedDistribution": "MAIN_FEED", "targetEntities": [], "thirdPartyDistributionChannels": []}
    who_and_what = {"author": _author(channel)[0], "commentary": commentary, "visibility": "PUBLIC", **content}
    return {**who_and_what, "distribution": feed, "lifecycleState": "PUBLISHED", "isReshareDisabledByAuthor": False}


def _texts(post: Post) -> tuple[str, dict[str, str]]:
    """The text in LinkedIn's "little" form, where what is not escaped cuts it off; and what an article's card shows."""
    content, text = post.content, to_plain(post.content.text)
    card = {"source": content.link, "title": content.title.strip(), "description": content.summary}
    article = {} if content.media or not (card["source"] and card["title"]) else card
    title, link = ("", "") if article else (content.title, content.link)
    parts = [title, text, "" if link in text.split() else link, " ".join(f"#{tag}" for tag in content.tags)]
    pieces = HASHTAG.split("\n\n".join(part.strip() for part in parts if part.strip()))
    pieces[::2] = [re.sub(r"[\\|{}@\[\]()<>#*_~]", r"\\\g<0>", plain) for plain in pieces[::2]]
    pieces[1::2] = [rf"{{hashtag|\#|{tag}}}" for tag in pieces[1::2]]
    return "".join(pieces), {name: shown for name, shown in article.items() if shown}


def _words(little: str) -> list[str]:
    """What a text keeps: addresses come back shortened."""
    plain = re.sub(r"\\(.)", r"\1", re.sub(r"\{hashtag\|\\?[#\uff03]\|([^{}|]*)\}", r"#\1", little))
    return re.sub(r"https?://\S+", "link", plain).split()


ADAPTER: Adapter = LinkedIn()
