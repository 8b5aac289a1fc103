"""Posts on Bluesky, from an account on any personal data server (PDS) of the AT Protocol.

Source: https://atproto.com/lexicons, github.com/bluesky-social/atproto@d6296a1: lexicons, packages/pds/src/api
(read 2026-11-21). Contract by documentation: never run against Bluesky. A post's key in its repository is made of
`post.id`, its record of what never changes: a PDS takes the same record under the same key for done (putRecord.ts,
"no-op"), for as long as it is there; createRecord would answer 500. Where a picture has changed since, the post is
edited. Mentions stay plain text: they would need the mentioned account's DID.

A thread is put post by post, each when the one before is written down, under the keys that follow the first one's. All
at once (applyWrites) would need the CID of what the PDS is about to write; so each reply names what the PDS answered,
and whatever is lost on the way is put again and changes nothing. With an app password a session is opened for each step
and thrown away; where a person consented, its tokens are renewed, for two weeks at most.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import datetime

import httpx
from pydantic import JsonValue

from functions.platforms import _bluesky_consent as consents
from functions.platforms import _bluesky_text as texts
from functions.platforms._atproto import SERVICE, Session, asked, error_of, opened, taken
from functions.platforms._bluesky_record import (
    Posts,
    Put,
    after,
    answering,
    card,
    gallery,
    place,
    place_of,
    record,
    shown,
    uri,
)
from functions.platforms._bluesky_video import blob_of, handed_over
from functions.platforms._checks import insist, problems, text_problems
from functions.platforms._pictures import fetched
from functions.platforms._whole_video import fit, mixed_problems
from publishing.adapter import (
    PUBLISHES,
    Adapter,
    Conversation,
    Credentials,
    Field,
    Kind,
    Life,
    Limits,
    Rate,
    Resource,
    Takes,
)
from publishing.consent import Account, Exchange, Grant
from publishing.model import Channel, Fresh, Identity, Metric, Outcome, Pending, Post, Problem, Receipt
from publishing.replies import Reply, parsed

PUBLIC = "https://public.api.bsky.app"  # the AppView, without a session
BYTES = Limits(text_chars=texts.BYTES)  # beside the 300 characters
PASSWORD, BY_CONSENT = "Settings → App passwords.", "Comes with a person's consent: POST /v1/grants."
PICTURE_BYTES = 2_000_000  # embed/images.json; formerly 1,000,000


class Bluesky:
    """Publishes posts in plain text whose links and hashtags work, with pictures, a video, or a card for the link."""

    name = "bluesky"
    title = "Bluesky"
    # 30 sessions in five minutes (and 300 a day, which a 429 tells): every step opens one, as none can be kept. Videos:
    # embed/video.json; of three minutes at most, as Bluesky's app has it.
    limits = Limits(
        texts.CHARS,
        title_chars=texts.CHARS,
        tags=8,
        media=4,
        timeout_s=180.0,
        rate=Rate(30, 60.0),
        own_hosts=True,
        image=Takes(("image/png", "image/jpeg", "image/gif", "image/webp"), PICTURE_BYTES),
        video=Takes(("video/mp4",), 300_000_000, (0.0, 180.0)),
        threads=True,
    )
    credentials = Credentials(
        (
            Field("handle", label="Handle", help="As ann.bsky.social, without the @.", max_chars=260),
            Field("app_password", label="App password", secret=True, help=PASSWORD, unless="access_token"),
            Field("service", Kind.URL, "Service", required=False, help=f"The account's PDS, if it is not {SERVICE}."),
            Field("client_id", label="Client id", required=False, help=BY_CONSENT),
            Field("access_token", label="Access token", secret=True, required=False, max_chars=8_000, help=BY_CONSENT),
            Field("refresh_token", label="Refresh token", secret=True, required=False, help=BY_CONSENT),
            Field("dpop_key", label="Key", secret=True, required=False, help=BY_CONSENT),
        )
    )
    consent = consents.CONSENT
    uses: frozenset[Resource] = frozenset()
    idempotent = True

    def check(self, post: Post) -> Sequence[Problem]:
        """Everything that keeps this post from being published here."""
        text, limits = texts.whole(post), self.limits
        if post.content.thread:
            limits = replace(limits, text_chars=0)
        unit = "characters (all that is shown as text)"
        found = problems(post, limits, count=lambda _: texts.length(text), unit=unit)
        if not post.content.thread:
            found += text_problems(post, BYTES, count=lambda _: texts.size(text), unit="bytes")
        return [*found, *texts.objections(post), *mixed_problems(post)]

    def publish(self, post: Post, channel: Channel) -> Conversation[Outcome]:
        """Open a session, upload the pictures and put the record in its place; with a video, begin with that."""
        insist(self.check(post))
        if any(media.is_video for media in post.content.media):
            video = yield from fit(post.content.media[0], self.limits)
            session = yield from opened(channel)
            return (yield from handed_over(video, post.id, channel, session))
        session = yield from opened(channel)
        images: list[JsonValue] = []
        for media in post.content.media:
            picture = yield from fetched(media, most_bytes=PICTURE_BYTES)
            kind = {"content-type": picture.content_type}
            reply = yield from asked("POST", "repo.uploadBlob", channel, session, content=picture.data, headers=kind)
            images.append(shown(media, "image", parsed(_Upload, taken(reply, channel)).blob))
        return (yield from _put(post, channel, session, {}, gallery(images) if images else card(post)))

    def resume(self, pending: Pending, post: Post, channel: Channel) -> Conversation[Outcome]:
        """Put the post when its video is ready, or the next one of a thread."""
        if "job" not in pending.state:
            session = yield from opened(channel)
            return (yield from _put(post, channel, session, pending.state, {}))
        blob = yield from blob_of(pending.state, channel)
        if isinstance(blob, Pending):
            return blob
        session = yield from opened(channel)
        video = {"$type": "app.bsky.embed.video", **shown(post.content.media[0], "video", blob)}
        return (yield from _put(post, channel, session, {}, video))

    def find(self, post: Post, channel: Channel, since: datetime) -> Conversation[Receipt | Pending | None]:
        """The receipt of `post`, by its key; of a thread that is not whole, what it lacks."""
        _, state = since, dict[str, str]()
        session = yield from opened(channel)
        for part in range(len(texts.parts(post))):
            put = yield from _seen(place(post, session, part), channel, session)
            if put is None:
                return Pending(state, 0.0) if state else None
            state = after(state, put)
        return session.receipt(uri(place(post, session)))

    def remove(self, receipt: Receipt, channel: Channel) -> Conversation[None]:
        """Delete the record and those of its thread, the last one first; one that is not there is deleted as well."""
        session = yield from opened(channel)
        places = [place_of(receipt.id)]
        for part in range(1, texts.PARTS):
            put = yield from _seen(place_of(receipt.id, part), channel, session)
            if put is None or put.root != receipt.id:
                break
            places.append(place_of(receipt.id, part))
        for each in reversed(places):
            taken((yield from asked("POST", "repo.deleteRecord", channel, session, json=each)), channel)

    def metrics(self, receipt: Receipt, channel: Channel) -> Conversation[Mapping[Metric, int]]:
        """What Bluesky counts; of a thread, of its first post."""
        reply = yield httpx.Request("GET", f"{PUBLIC}/xrpc/app.bsky.feed.getPosts", params={"uris": receipt.id})
        posts = parsed(Posts, taken(reply, channel)).posts
        return posts[0].counts() if posts else {}

    def stand_in(self, request: httpx.Request) -> httpx.Response:
        """A session, the beginning of a picture or video, its upload."""
        if "/xrpc/" not in request.url.path:
            length = {"content-range": "bytes 0-0/8"}
            return httpx.Response(200, content=b"\x89PNG\r\n\x1a\n", headers=length, request=request)
        answer = {"accessJwt": "hidden", "did": "did:plc:hidden", "handle": "hidden.invalid", "blob": {"$type": "blob"}}
        return httpx.Response(200, json={**answer, "token": "hidden", "canUpload": True, "jobId": "0"}, request=request)

    def life(self, supplied: Mapping[str, str]) -> Life | None:
        """Half an hour, where the server says nothing else; an app password does not end."""
        return Life(1_800.0) if "refresh_token" in supplied else None

    def refresh(self, channel: Channel) -> Conversation[Fresh]:
        """Renew what a consent brought; the refresh token is good for this once."""
        return (yield from consents.refreshed(channel, self.title))

    def accounts(self, grant: Grant) -> Conversation[Sequence[Account]]:
        """Whose consent it is."""
        return (yield from consents.accounts_of(grant))

    def registered(self, channel: Channel, redirect_uri: str) -> Conversation[Mapping[str, str]]:
        """The app, with a key for this one consent; nobody is asked."""
        _ = channel
        yield from ()
        return consents.fresh_app(redirect_uri)

    def introduction(self, redirect_uri: str) -> Mapping[str, object]:
        """What servers read of the app."""
        return consents.introduction(redirect_uri)

    def pushed(self, channel: Channel, asked: Mapping[str, str]) -> Conversation[str]:
        """Tell the account's server what will be asked."""
        return (yield from consents.pushed(channel, asked))

    def exchanged(self, channel: Channel, exchange: Exchange, query: str) -> Conversation[Grant]:
        """Exchange the code at the server that was asked."""
        return (yield from consents.exchanged(channel, exchange, query))

    def verify(self, channel: Channel) -> Conversation[Identity]:
        """Open a session."""
        session = yield from opened(channel)
        return Identity(session.did, session.handle, session.profile)


class _Upload(Reply):
    blob: dict[str, JsonValue]


def _put(
    post: Post, channel: Channel, session: Session, state: Mapping[str, str], embed: Mapping[str, object]
) -> Conversation[Outcome]:
    """Put the post, or the one of a thread that is next by `state`."""
    part = int(state.get("part", "0"))
    written = record(post, part, embed) | answering(post, session, state)
    put = {**place(post, session, part), "record": written}
    reply = yield from asked("POST", "repo.putRecord", channel, session, json=put, extensions=PUBLISHES)
    out = parsed(Put, taken(reply, channel))
    if part + 1 < len(texts.parts(post)):
        return Pending(after(state, out), 0.0)
    return session.receipt(uri(place(post, session)))


def _seen(where: Mapping[str, str], channel: Channel, session: Session) -> Conversation[Put | None]:
    reply = yield from asked("GET", "repo.getRecord", channel, session, params=dict(where))
    if reply.is_client_error and "Could not locate record" in str(error_of(reply, channel)):
        return None
    return parsed(Put, taken(reply, channel))


ADAPTER: Adapter = Bluesky()
