"""Videos on a YouTube channel.

Source: https://developers.google.com/youtube/v3/docs/videos, …/videos/insert, …/playlistItems, …/errors and
…/guides/using_resumable_upload_protocol (read 2026-11-21, stored copies). Contract by documentation: never run against
YouTube. A project may insert 100 videos a day, and what a project that is not audited inserts stays private.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from datetime import datetime, timedelta

import httpx

from functions.platforms import _google, _websub
from functions.platforms._checks import insist, problems
from functions.platforms._grants import app_fields, renewed
from functions.platforms._markdown import to_plain
from functions.platforms._media import measured
from functions.platforms._youtube_consent import CONSENT, accounts_of
from functions.platforms._youtube_sessions import Session
from functions.platforms._youtube_uploads import API, SITE, mine, processed, seen, shown
from publishing.adapter import Adapter, Conversation, Credentials, Field, Life, Limits, Resource, Takes
from publishing.consent import Account, Grant
from publishing.errors import QuotaSpent, Refused, Throttled, Unauthorized
from publishing.inbound import Call, Heard
from publishing.model import Channel, Content, Fresh, Identity, Media, Metric, Outcome, Pending, Post, Problem, Receipt

UPLOAD, FEED = "https://www.googleapis.com/upload/youtube/v3/videos", f"{SITE}feeds/videos.xml"
SCOPE = "https://www.googleapis.com/auth/youtube"
PRIVACIES, ANSWERS = ("public", "unlisted", "private"), {"yes": True, "no": False}
ANY_VIDEO = "application/octet-stream"
TAG_CHARS = 500
URL = re.compile(r"https?://[^\s<>]*[^\s<>.,;:!?'\")\]}]")
EARLIER = timedelta(minutes=5)  # clocks differ


class YouTube:
    """Uploads a video with a title, a description and tags."""

    name = "youtube"
    title = "YouTube"
    # 15 minutes are the most of a channel whose owner's telephone is not verified: YouTube says so once it has it.
    limits = Limits(
        text_chars=5_000,
        title_chars=100,
        tags=250,
        media=1,
        timeout_s=240.0,
        in_flight=2,
        lag_s=60.0,
        image=None,
        video=Takes(size_bytes=256 * 2**30, seconds=(0.0, 43_200.0)),
    )
    credentials = Credentials(
        (
            Field("client_id", label="Client id", help="Of an OAuth client in a Google Cloud project."),
            Field("client_secret", label="Client secret", secret=True, help="Of the same client."),
            Field("refresh_token", label="Refresh token", secret=True, help=f"With offline access to {SCOPE}."),
            Field("access_token", label="Access token", secret=True, required=False, help="None is needed."),
            Field("privacy", label="Privacy", required=False, help=f"One of {', '.join(PRIVACIES)}; public if none."),
            Field(
                "category_id", label="Category", required=False, max_chars=4, help="A number: 22 if none.", sample="22"
            ),
            Field("made_for_kids", label="Made for kids", required=False, help="yes or no; YouTube has rules on it."),
            Field("hub_secret", label="Hub secret", secret=True, required=False, help="As given to the feed's hub."),
        )
    )
    consent = CONSENT
    uses: frozenset[Resource] = frozenset()
    idempotent = False

    def check(self, post: Post) -> Sequence[Problem]:
        """Everything that keeps this post from being published here."""
        description = _description(post.content)
        length = len(description.encode("utf-8", "surrogatepass"))
        found = problems(post, self.limits, count=lambda _text: length, unit="bytes (link included)")
        return [*found, *_objections(post.content, description)]

    def publish(self, post: Post, channel: Channel) -> Conversation[Outcome]:
        """Open the session in which `resume` hands over the video; nothing is to be seen before its end."""
        insist(self.check(post))
        media = yield from measured(post.content.media[0])
        kind = media.type if media.type.startswith("video/") else ANY_VIDEO
        return (yield from self._session(post, channel).begun(replace(media, type=kind)))

    def resume(self, pending: Pending, post: Post, channel: Channel) -> Conversation[Outcome]:
        """Hand over the next piece; once all are, wait until the video is processed."""
        state = pending.state
        try:
            if "video" in state:
                return (yield from processed(state, channel))
            return (yield from self._session(post, channel).gone_on(state))
        except Throttled as error:  # what was handed over stands
            return Pending(state, error.retry_after_s)
        except QuotaSpent as error:
            return Pending(state, _google.seconds_until(error.until))

    def find(self, post: Post, channel: Channel, since: datetime) -> Conversation[Receipt | None]:
        """The receipt of `post`, by its title and description, among the channel's uploads after `since`."""
        return (yield from seen(post.content.title, _description(post.content), channel, since))

    def stand_in(self, request: httpx.Request) -> httpx.Response:
        """A video of one byte, or a session."""
        headers = {"content-range": "bytes 0-0/1", "location": f"{UPLOAD}?upload_id=0"}
        return httpx.Response(206, headers=headers, request=request)

    def life(self, supplied: Mapping[str, str]) -> Life | None:
        """An hour."""
        return Life(3_600.0) if "refresh_token" in supplied else None

    def refresh(self, channel: Channel) -> Conversation[Fresh]:
        """Another access token, for an hour."""
        app = app_fields(channel, "client_id", "client_secret")
        return (yield from renewed(channel, "Google", _google.TOKENS, form=app, of_the_app=_google.OF_THE_APP))

    def remove(self, receipt: Receipt, channel: Channel) -> Conversation[None]:
        """Delete the video, for ever."""
        reply = yield _google.request("DELETE", f"{API}videos", channel, params={"id": receipt.id})
        if reply.status_code != httpx.codes.NOT_FOUND:
            _google.taken(reply, channel)

    def metrics(self, receipt: Receipt, channel: Channel) -> Conversation[Mapping[Metric, int]]:
        """Its counts; likes and comments only where the channel shows them."""
        video = yield from shown("statistics", receipt.id, channel)
        if video is None:
            raise Refused("YouTube knows no such video, or no longer.")
        return video.counts()

    def hear(self, call: Call, channel: Channel, now: datetime) -> str | Sequence[Heard]:
        """What the hub of the channel's feed says; repeated, it says nothing else, so `now` is of no interest."""
        _ = now
        return _websub.heard(call, secret=channel.secrets.get("hub_secret", "").strip(), topic=FEED)

    def accounts(self, grant: Grant) -> Conversation[Sequence[Account]]:
        """The channel that was chosen."""
        return (yield from accounts_of(grant))

    def verify(self, channel: Channel) -> Conversation[Identity]:
        """Ask whose channel this is."""
        own = yield from mine("snippet", channel)
        if own is None:
            raise Unauthorized("This Google account has no YouTube channel.")
        return Identity(own.id, own.title, f"{SITE}channel/{own.id}")

    def _session(self, post: Post, channel: Channel) -> Session:
        def begin(media: Media) -> httpx.Request:
            return _insertion(post, media, channel)

        return Session(channel, post.content.media[0], begin, lambda: self.find(post, channel, post.at - EARLIER))


def _insertion(post: Post, media: Media, channel: Channel) -> httpx.Request:
    headers = {
        "content-type": "application/json; charset=UTF-8",
        "x-upload-content-length": str(media.size_bytes),
        "x-upload-content-type": media.type,
    }
    params = {"uploadType": "resumable", "part": "snippet,status"}
    return _google.request("POST", UPLOAD, channel, params=params, headers=headers, json=_video(post.content, channel))


def _video(content: Content, channel: Channel) -> dict[str, object]:
    category, kids = (channel.settings.get(name, "").strip() for name in ("category_id", "made_for_kids"))
    privacy = channel.settings.get("privacy", "").strip() or PRIVACIES[0]
    if privacy not in PRIVACIES:
        raise Unauthorized(f"The privacy of this channel is none of {', '.join(PRIVACIES)}.")
    if kids and kids not in ANSWERS:
        raise Unauthorized("Whether this channel's videos are made for kids is neither yes nor no.")
    snippet = {"title": content.title, "description": _description(content), "tags": list(content.tags)}
    return {
        "snippet": snippet | ({"categoryId": category} if category else {}),
        "status": {"privacyStatus": privacy} | ({"selfDeclaredMadeForKids": ANSWERS[kids]} if kids else {}),
    }


def _description(content: Content) -> str:
    text = to_plain(content.text).strip()
    link = "" if content.link in URL.findall(text) else content.link
    return "\n\n".join(part for part in (text, link) if part)


def _objections(content: Content, description: str) -> Iterator[Problem]:
    if not content.title.strip():
        yield Problem("content.title", "A video on YouTube needs a title.", "Give it one, for this channel at least.")
    if not content.media:
        yield Problem("content.media", "A post on YouTube is a video.", "Give it one, or leave this channel out.")
    for field, text in (("title", content.title), ("text", description), ("tags", "".join(content.tags))):
        if "<" in text or ">" in text:
            yield Problem(f"content.{field}", "YouTube takes no < and no >.", f"Override the {field} for this channel.")
    chars = _tag_chars(content.tags)
    if chars > TAG_CHARS:
        message = f"The tags are {chars} characters long altogether; the most here is {TAG_CHARS}."
        yield Problem("content.tags", message, "Remove some, or override the tags for this channel.")


def _tag_chars(tags: Sequence[str]) -> int:
    """As YouTube counts: the commas between them, and the quotation marks it puts around one that has a blank."""
    return sum(len(tag) + 2 * (" " in tag) for tag in tags) + max(0, len(tags) - 1)


ADAPTER: Adapter = YouTube()
