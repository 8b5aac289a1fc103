"""Posts on Mastodon, or on any other server that speaks its API.

Source: https://docs.joinmastodon.org/methods/statuses/ and github.com/mastodon/mastodon: post_status_service.rb,
media_attachment.rb (read 2026-11-21). Contract by documentation: never run against Mastodon. An Idempotency-Key is kept
for an hour, less than a delivery may stay in doubt: it is sent, yet what is out looked for. Of a thread, each post is a
step of its own with a key of its own; the receipt names all of them.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import datetime, timedelta

import httpx
from pydantic import Field as Reads

from functions.platforms import _mastodon_text as texts
from functions.platforms._checks import insist, problems
from functions.platforms._mastodon import Statuses, Thing, account, chain, request, taken
from functions.platforms._mastodon_consent import CONSENT, accounts_of, registered
from functions.platforms._media import form
from functions.platforms._pictures import fetched
from functions.platforms._whole_video import file_name, fit, mixed_problems
from publishing.adapter import PUBLISHES, Adapter, Conversation, Credentials, Field, Kind, Limits, Rate, Resource, Takes
from publishing.consent import Account, Grant
from publishing.errors import OutcomeUnknown, Refused, Unauthorized
from publishing.model import Channel, Identity, Media, Metric, Outcome, Pending, Post, Problem, Receipt
from publishing.replies import Reply, parsed

VISIBILITIES = ("public", "unlisted", "private", "direct")
SCOPES = "Preferences → Development → New application, with the scopes read, write:statuses and write:media."
PICTURE_BYTES, VIDEO_BYTES = 16 * 2**20, 99 * 2**20  # MediaAttachment::IMAGE_LIMIT, VIDEO_LIMIT
FIRST_LOOK_S, LONGEST_LOOK_S, LOOKS = 5.0, 60.0, 60  # videos and animated GIFs are worked on
PAGE = 40
EARLIER = timedelta(minutes=5)  # clocks differ


class Mastodon:
    """Publishes posts in plain text, with pictures or a video, a link and hashtags."""

    name = "mastodon"
    title = "Mastodon"
    # 300 posts in three hours are RateLimiter's; media are throttled beside, 30 in half an hour. Tags have no limit.
    limits = Limits(
        texts.CHARS,
        title_chars=texts.CHARS,
        tags=50,
        media=4,
        timeout_s=120.0,
        rate=Rate(30, 60.0),
        own_hosts=True,
        image=Takes(("image/png", "image/jpeg", "image/gif", "image/webp"), PICTURE_BYTES),
        video=Takes(("video/mp4", "video/webm", "video/quicktime", "video/ogg"), VIDEO_BYTES),
        threads=True,
    )
    credentials = Credentials(
        (
            Field("base_url", Kind.URL, "Instance", help="The account's server, https://mastodon.social for one."),
            Field("access_token", label="Access token", secret=True, help=SCOPES),
            Field("visibility", label="Visibility", required=False, help=f"One of {', '.join(VISIBILITIES)}."),
            Field("language", label="Language", required=False, max_chars=12, help="A code as en, de or pt-BR."),
        )
    )
    consent = CONSENT
    uses: frozenset[Resource] = frozenset()
    idempotent = False

    def check(self, post: Post) -> Sequence[Problem]:
        """Everything that keeps this post from being published here."""
        length, unit = texts.length(texts.whole(post)), "characters (title, link and tags included)"
        limits = replace(self.limits, text_chars=0) if post.content.thread else self.limits
        found = problems(post, limits, count=lambda _text: length, unit=unit)
        return [*found, *texts.objections(post), *mixed_problems(post)]

    def publish(self, post: Post, channel: Channel) -> Conversation[Outcome]:
        """Upload the media and create the post: at once, or when the last of them is ready."""
        insist(self.check(post))
        ids, ready = [], True
        for media in post.content.media:
            reply = yield from self._handed_over(media, channel)
            ids.append(parsed(Thing, taken(reply, channel)).id)
            ready &= reply.status_code != httpx.codes.ACCEPTED
        state = {"media": " ".join(ids)}
        return (yield from _created(post, channel, state)) if ready else Pending(state, FIRST_LOOK_S)

    def resume(self, pending: Pending, post: Post, channel: Channel) -> Conversation[Outcome]:
        """Create the post when its media are ready, or the next one of a thread.

        Not so what is out: a worker may have died after it did that.
        """
        out = yield from self.find(post, channel, post.at - EARLIER)
        if isinstance(out, Receipt):
            return out
        state = dict(pending.state)
        if out and len(out.state["out"].split()) >= len(state.get("out", "").split()):
            state = dict(out.state)
        if "out" not in state and not (yield from _are_ready(state["media"].split(), channel)):
            return _later(state)
        return (yield from _created(post, channel, state))

    def find(self, post: Post, channel: Channel, since: datetime) -> Conversation[Receipt | Pending | None]:
        """The receipt of `post`, by its words and pictures' texts, among what was published after `since`."""
        author = yield from account(channel)
        asked = {"limit": PAGE, "exclude_reblogs": "true"}
        reply = yield request("GET", f"v1/accounts/{author.id}/statuses", channel, params=asked)
        recent = parsed(Statuses, taken(reply, channel)).since(since)
        out = chain(post, recent)
        if out:
            return _outcome(post, [each.id for each in out], out[0].url or "", out[0].at)
        if len(recent) == PAGE:
            raise OutcomeUnknown(f"It is not among the last {PAGE} posts, and there are more.")
        return None

    def remove(self, receipt: Receipt, channel: Channel) -> Conversation[None]:
        """Delete it; of a thread the last post first."""
        for each in reversed(receipt.id.split(",")):
            reply = yield request("DELETE", f"v1/statuses/{each}", channel)
            if reply.status_code not in {httpx.codes.NOT_FOUND, httpx.codes.GONE}:
                taken(reply, channel)

    def metrics(self, receipt: Receipt, channel: Channel) -> Conversation[Mapping[Metric, int]]:
        """What this server knows of; of a thread, of its first post."""
        reply = yield request("GET", f"v1/statuses/{receipt.id.partition(',')[0]}", channel)
        seen = parsed(_Counted, taken(reply, channel))
        return {Metric.LIKES: seen.likes, Metric.SHARES: seen.boosts + seen.quotes, Metric.COMMENTS: seen.replies}

    def stand_in(self, request: httpx.Request) -> httpx.Response:
        """The beginning of a picture or video, then one that is ready."""
        answer = b"\x89PNG\r\n\x1a\n" if request.method == "GET" else b'{"id": "0"}'
        return httpx.Response(200, content=answer, headers={"content-range": "bytes 0-0/8"}, request=request)

    def accounts(self, grant: Grant) -> Conversation[Sequence[Account]]:
        """Whose consent it is."""
        return (yield from accounts_of(grant))

    def registered(self, channel: Channel, redirect_uri: str) -> Conversation[Mapping[str, str]]:
        """A new app at the account's server."""
        return (yield from registered(channel, redirect_uri))

    def verify(self, channel: Channel) -> Conversation[Identity]:
        """Ask whose token this is."""
        author = yield from account(channel)
        return Identity(author.id, author.acct, author.url or "")

    def _handed_over(self, media: Media, channel: Channel) -> Conversation[httpx.Response]:
        told = {"description": media.alt}
        if media.is_video:
            video = yield from fit(media, self.limits)
            headers, extensions = form(told, "file", video, file_name(video))
            return (yield request("POST", "v2/media", channel, headers=headers, extensions=extensions))
        picture = yield from fetched(media, most_bytes=PICTURE_BYTES)
        file = {"file": (picture.file_name, picture.data, picture.content_type)}
        return (yield request("POST", "v2/media", channel, data=told, files=file))


class _Counted(Reply):
    likes: int = Reads(alias="favourites_count")
    boosts: int = Reads(alias="reblogs_count")
    quotes: int = Reads(0, alias="quotes_count")  # since Mastodon 4.5
    replies: int = Reads(alias="replies_count")


def _are_ready(media: Sequence[str], channel: Channel) -> Conversation[bool]:
    for each in media:
        reply = yield request("GET", f"v1/media/{each}", channel)
        if reply.status_code == httpx.codes.PARTIAL_CONTENT:
            return False
        if reply.status_code == httpx.codes.NOT_FOUND:  # as for a picture that is part of a post already
            raise OutcomeUnknown("A picture is no longer free to be used; the post may be out.")
        taken(reply, channel)
    return True


def _later(state: Mapping[str, str]) -> Pending:
    looks = int(state.get("looks", "0"))
    if looks >= LOOKS:
        raise Refused("Mastodon did not get the media ready in an hour.")
    return Pending({**state, "looks": str(looks + 1)}, min(LONGEST_LOOK_S, FIRST_LOOK_S * 1.5 ** min(looks, 10)))


def _created(post: Post, channel: Channel, state: Mapping[str, str]) -> Conversation[Outcome]:
    """Create the post, or the one of a thread that is next by `state`."""
    out, media = state.get("out", "").split(), state.get("media", "").split()
    form: dict[str, object] = {"status": texts.parts(post)[len(out)]}
    form |= {"in_reply_to_id": out[-1]} if out else {"media_ids": media} if media else {}
    form |= {name: channel.settings[name] for name in ("visibility", "language") if channel.settings.get(name)}
    if form.get("visibility", "public") not in VISIBILITIES:
        raise Unauthorized(f"The visibility of this channel is none of {', '.join(VISIBILITIES)}.")
    key = {"idempotency-key": f"{post.id}-{len(out)}" if out else post.id}
    reply = yield request("POST", "v1/statuses", channel, json=form, headers=key, extensions=PUBLISHES)
    made = parsed(Thing, taken(reply, channel))
    first = (state["url"], state["at"]) if out else (made.url or "", made.at)
    return _outcome(post, [*out, made.id], *first)


def _outcome(post: Post, ids: Sequence[str], url: str, at: str) -> Receipt | Pending:
    """What it is that so many posts are out."""
    if len(ids) < len(texts.parts(post)):
        return Pending({"out": " ".join(ids), "url": url, "at": at}, 0.0)
    return Receipt(",".join(ids), url, at)


ADAPTER: Adapter = Mastodon()
