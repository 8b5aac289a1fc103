"""Posts on LinkedIn, of a member or of an organization's page.

Source: https://learn.microsoft.com/linkedin/marketing/community-management/shares/posts-api, the pages beside it, and
…/integrations/migrations (read 2026-11-21, stored copies). Contract by documentation: never run against LinkedIn.
A page's posts can be read with r_organization_social, a member's by a few apps only: with any other token `find` cannot
tell, and says so. A member's video is then kept from going out twice by LinkedIn alone, which refuses the same again.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from datetime import datetime
from urllib.parse import quote

import httpx

from functions.platforms._checks import insist, problems
from functions.platforms._grants import app_fields, renewed
from functions.platforms._linkedin import ENDED, REMEDY, VERSIONS, author_of, request, taken
from functions.platforms._linkedin_consent import CONSENT, accounts_of
from functions.platforms._linkedin_counts import counts
from functions.platforms._linkedin_posts import LINK, PAGE, SLACK, Owns, created, listed
from functions.platforms._linkedin_uploads import begin, go_on, picture
from functions.platforms._little_text import TAG, texts
from publishing.adapter import Adapter, Conversation, Credentials, Field, Life, Limits, Resource, Takes
from publishing.consent import Account, Grant
from publishing.errors import OutcomeUnknown, Unauthorized
from publishing.model import Channel, Fresh, Identity, Metric, Outcome, Pending, Post, Problem, Receipt
from publishing.replies import Reply, parsed

SITE = "https://www.linkedin.com/"
PAGES = 6
UNREADABLE = "unreadable"
SIZE = re.compile(rb'"fileSizeBytes": *([0-9]+)')
PICTURES = Takes(types=("image/png", "image/jpeg", "image/gif"), size_bytes=5_000_000)  # unsure: what others name
VIDEOS = Takes(types=("video/mp4",), size_bytes=500_000_000, seconds=(3.0, 1_800.0))
TOKEN_HELP = f"OAuth 2.0; it lasts 60 days. {REMEDY}"
RENEWAL_HELP = "Some apps are given one: with it and the app's id and secret the access token is renewed for a year."
VERSION_HELP = f"{VERSIONS[0].name} where none is given; else {VERSIONS[1].name}."


class LinkedIn:
    """Publishes a text with pictures or a video, or with an article's card where there is a link with a title."""

    name = "linkedin"
    title = "LinkedIn"
    # Java's characters; unsure: that escapes count, and an article title's 400. 30 tags are our own bound. It takes 20
    # pictures; a conversation has requests for 19. 150 posts a day (hearsay) are no pace: it tells when they are spent.
    limits = Limits(
        text_chars=3_000,
        title_chars=400,
        tags=30,
        media=19,
        timeout_s=120.0,
        lag_s=60.0,
        image=PICTURES,
        video=VIDEOS,
    )
    credentials = Credentials(
        (
            Field("access_token", label="Access token", secret=True, required=False, help=TOKEN_HELP),
            Field("author", label="Author", help="urn:li:person:… or urn:li:organization:…", max_chars=100),
            Field("refresh_token", label="Refresh token", secret=True, required=False, help=RENEWAL_HELP),
            Field("client_id", label="App id", required=False, max_chars=100),
            Field("client_secret", label="App secret", secret=True, required=False),
            Field("api_version", label="API version", required=False, help=VERSION_HELP, max_chars=6),
        )
    )
    consent = CONSENT
    uses: frozenset[Resource] = frozenset()
    idempotent = False  # it refuses the same text of an author for some time, whatever that was sent for
    versions = VERSIONS

    def check(self, post: Post) -> Sequence[Problem]:
        """Everything that keeps this post from being published here."""
        chars = len(texts(post)[0].encode("utf-16-le", "surrogatepass")) // 2
        found = problems(post, self.limits, count=lambda _text: chars, unit="characters (escaped for LinkedIn)")
        return [*found, *_further_problems(post)]

    def publish(self, post: Post, channel: Channel) -> Conversation[Outcome]:
        """Hand over the pictures, then create the post; of a video, ask first where its parts are to go."""
        insist(self.check(post))
        for media in post.content.media:
            if media.is_video:
                return (yield from begin(media, self.limits, channel))
        shown: list[dict[str, str]] = []
        for media in post.content.media:
            shown += [(yield from picture(media, PICTURES.size_bytes, channel))]
        return (yield from created(post, channel, shown))

    def resume(self, pending: Pending, post: Post, channel: Channel) -> Conversation[Outcome]:
        """Go on with a video; once it is ready create the post, unless that can be seen to be out."""
        (video,) = post.content.media
        waiting = yield from go_on(pending.state, video, channel)
        if waiting:
            return waiting
        out = yield from self._seen(post, channel)
        shown = {"id": pending.state["video"]} | ({"altText": video.alt} if video.alt else {})
        return out or (yield from created(post, channel, [shown], late=True))

    def _seen(self, post: Post, channel: Channel) -> Conversation[Receipt | None]:
        try:
            return (yield from self.find(post, channel, post.at - SLACK))
        except OutcomeUnknown as error:
            if error.code != UNREADABLE:
                raise
        return None

    def find(self, post: Post, channel: Channel, since: datetime) -> Conversation[Receipt | None]:
        """The receipt of `post`, by its words and how many pictures it has, among what the author published lately."""
        for page in range(PAGES):
            reply = yield listed(channel, start=page * PAGE)
            if reply.status_code == httpx.codes.FORBIDDEN:
                raise OutcomeUnknown("This access token may not read what its author published.", code=UNREADABLE)
            owns = parsed(Owns, taken(reply, channel)).elements
            found = next((own for own in owns if own.created >= since and own.is_of(post)), None)
            if found or all(own.touched < since for own in owns):  # the last touched is first, pages may be short
                return Receipt(found.id, LINK + found.id) if found else None
        raise OutcomeUnknown(f"It is not among the last {PAGE * PAGES} posts, and there are more.")

    def remove(self, receipt: Receipt, channel: Channel) -> Conversation[None]:
        """Delete the post."""
        asked = request("DELETE", f"rest/posts/{quote(receipt.id, safe='')}", channel)
        asked.headers["x-restli-method"] = "DELETE"
        reply = yield asked
        if reply.status_code != httpx.codes.NOT_FOUND:
            taken(reply, channel)

    def metrics(self, receipt: Receipt, channel: Channel) -> Conversation[Mapping[Metric, int]]:
        """A page's counts of the post; of a member's, likes and comments, where the token may read them."""
        return (yield from counts(receipt.id, channel))

    def life(self, supplied: Mapping[str, str]) -> Life | None:
        """Sixty days; most apps are given nothing to renew it with."""
        return Life(5_184_000.0) if "refresh_token" in supplied else None

    def refresh(self, channel: Channel) -> Conversation[Fresh]:
        """Another access token; the refresh token's year goes on as it began."""
        app, url = app_fields(channel, "client_id", "client_secret"), f"{SITE}oauth/v2/accessToken"
        return (yield from renewed(channel, self.title, url, form=app, ended=ENDED))

    def accounts(self, grant: Grant) -> Conversation[Sequence[Account]]:
        """The member who consented, and the pages that one administers."""
        return (yield from accounts_of(grant))

    def verify(self, channel: Channel) -> Conversation[Identity]:
        """Ask a member's token whose it is; have a page's read what the page published."""
        author, kind, key = author_of(channel)
        if kind == "organization":
            parsed(Owns, taken((yield listed(channel, start=0)), channel))
            return Identity(author, "", f"{SITE}company/{key}/")
        member = parsed(_Member, taken((yield request("GET", "v2/userinfo", channel)), channel))
        if member.sub != key:
            raise Unauthorized("This access token is not the author's, but another member's.")
        return Identity(author, member.name)

    def stand_in(self, request: httpx.Request) -> httpx.Response:
        """Any picture or a video's length, and a place for it."""
        if request.method == "GET":
            length = {"content-range": "bytes 0-0/1"}
            return httpx.Response(206, headers=length, content=b"\x89PNG\r\n\x1a\n", request=request)
        size = SIZE.search(request.content)
        parts = [{"uploadUrl": SITE, "firstByte": 0, "lastByte": int(size[1]) - 1 if size else 0}]
        place = {"uploadUrl": SITE, "image": "urn:li:image:0", "video": "urn:li:video:0", "uploadInstructions": parts}
        return httpx.Response(200, json={"value": place}, request=request)


class _Member(Reply):
    sub: str
    name: str = ""


def _further_problems(post: Post) -> Iterator[Problem]:
    message, remedy = "A hashtag is letters and digits, one letter at least.", "Override the tags for this channel."
    for place, tag in enumerate(post.content.tags):
        if not TAG.fullmatch(tag):
            yield Problem(f"content.tags[{place}]", message, remedy)
    if len(post.content.media) > 1 and any(media.is_video for media in post.content.media):
        message = "A post on LinkedIn has pictures, or one video."
        yield Problem("content.media", message, "Override the media for this channel.")


ADAPTER: Adapter = LinkedIn()
