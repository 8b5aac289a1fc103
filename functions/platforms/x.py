"""Posts on X, alone or in threads.

Source: https://docs.x.com/x-api/posts/manage-tweets/introduction, …/posts/timelines/introduction,
…/fundamentals/rate-limits and https://docs.x.com/fundamentals/authentication/oauth-2-0/user-access-token
(read 2026-11-21). Contract by documentation: never run against X.
Posting costs: $0.015 each, $0.20 with an address in it, and $0.001 for each post that is read to find one.
Since February 2026 programs may answer only who asked for it; that one's own thread is no such answer is not written.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from datetime import UTC, datetime, timedelta

import httpx

from functions.platforms._captions import alt_problems, hashtag_problems
from functions.platforms._checks import insist, problems
from functions.platforms._grants import app_fields, basic, renewed
from functions.platforms._weighted import weight
from functions.platforms._x import BASE, DUPLICATE, ENDED, request, spent_s, taken
from functions.platforms._x_consent import CONSENT, accounts_of
from functions.platforms._x_media import GIF_BYTES, PICTURE_BYTES, begin, go_on, is_gif, pictures
from functions.platforms._x_posts import CHARS, Answer, Posts, cut, me, out_of, parts_of, text_of
from publishing.adapter import PUBLISHES, Adapter, Conversation, Credentials, Field, Life, Limits, Rate, Resource, Takes
from publishing.consent import Account, Grant
from publishing.errors import OutcomeUnknown, QuotaSpent, Refused, Throttled
from publishing.fitting import FIT
from publishing.model import Channel, Fresh, Identity, Media, Metric, Outcome, Pending, Post, Problem, Receipt
from publishing.replies import parsed, publishes

POSTS = 25  # the most X's own editor takes
EARLIER = timedelta(minutes=5)  # clocks differ
SCOPES = "tweet.read tweet.write users.read media.write offline.access"
GUIDE = "console.x.com → your app → Keys and tokens → OAuth 2.0"

_PICTURES = Takes(types=("image/jpeg", "image/png", "image/webp", "image/gif"), size_bytes=GIF_BYTES)
_VIDEOS = Takes(  # the most of an account without a subscription
    types=("video/mp4", "video/quicktime"),
    size_bytes=512 * 2**20,
    seconds=(0.5, 140.0),
    width=(32, 1920),
    height=(32, 1920),
    ratio=(1 / 3, 3.0),
    codecs=("AVC",),
)


class X:
    """Publishes posts and threads of plain text, with pictures or a video, a link and hashtags."""

    name = "x"
    title = "X"
    limits = Limits(
        text_chars=CHARS,
        title_chars=CHARS,
        tags=50,
        media=4,
        timeout_s=180.0,
        rate=Rate(12, 60.0),  # 100 in 15 minutes are allowed; X says in its answers when they are spent
        image=_PICTURES,
        video=_VIDEOS,
        threads=True,
    )
    credentials = Credentials(
        (
            Field("client_id", label="Client id", help=f"{GUIDE}."),
            Field("client_secret", label="Client secret", secret=True, required=False, help=f"{GUIDE}; web apps only."),
            Field("refresh_token", label="Refresh token", secret=True, help=f"Granted with the scopes {SCOPES}."),
            Field("access_token", label="Access token", secret=True, required=False, help="It is renewed as it ends."),
        )
    )
    consent = CONSENT
    uses: frozenset[Resource] = frozenset()
    idempotent = False

    def check(self, post: Post) -> Sequence[Problem]:
        """Everything that keeps this post from being published here."""
        text = text_of(post)
        lengths = [weight(part) for part in cut(post, text)]
        unit = "characters (title, link and tags included)"
        found = problems(post, self.limits, count=lambda _text: max(lengths), unit=unit)
        return [*found, *_objections(post, len(lengths)), *alt_problems(post), *hashtag_problems(post)]

    def publish(self, post: Post, channel: Channel) -> Conversation[Outcome]:
        """Upload the pictures and post, a thread's first post first; a video is uploaded by `resume`."""
        insist(self.check(post))
        media = post.content.media
        if media and _in_pieces(media[0]):
            return (yield from begin(media[0], channel))
        ids = yield from pictures(media, channel)
        try:
            return (yield from _posted(post, channel, {"media": ids}))
        except Refused as error:
            out = (yield from self.find(post, channel, post.at - EARLIER)) if error.code == DUPLICATE else None
            if out is None:
                raise
            return out

    def resume(self, pending: Pending, post: Post, channel: Channel) -> Conversation[Outcome]:
        """Go on with the video, or post what is not out yet: that is looked for each time, a worker may have died."""
        try:
            return (yield from self._resumed(pending.state, post, channel))
        except Throttled as error:
            return Pending(pending.state, error.retry_after_s)
        except QuotaSpent as error:
            return Pending(pending.state, max(0.0, (error.until - datetime.now(UTC)).total_seconds()))

    def _resumed(self, state: Mapping[str, str], post: Post, channel: Channel) -> Conversation[Outcome]:
        if "upload" in state:
            return (yield from go_on(state, post.content.media[0], channel))
        user = state.get("user") or (yield from me(channel)).id
        out = yield from out_of(post, channel, user, state.get("ids", ""), post.at - EARLIER)
        known = {"media": state.get("media", ""), "user": user, "ids": ",".join(out)}
        if len(out) == len(parts_of(post)):
            return _outcome(post, known)
        try:
            return (yield from _posted(post, channel, known))
        except Refused as error:
            if error.code == DUPLICATE:
                raise OutcomeUnknown("X has this already, but does not show it yet.", code=error.code) from error
            where = f"Only the first {len(out)} of the thread's {len(parts_of(post))} posts are out. " if out else ""
            raise Refused(f"{where}{error}", code=error.code, status=error.status) from error

    def find(self, post: Post, channel: Channel, since: datetime) -> Conversation[Receipt | Pending | None]:
        """The receipt of `post`, by its words, among the account's posts; of a thread, whatever is out."""
        user = (yield from me(channel)).id
        out = yield from out_of(post, channel, user, "", since)
        return _outcome(post, {"ids": ",".join(out), "user": user}) if out else None

    def stand_in(self, request: httpx.Request) -> httpx.Response:
        """The beginning of a picture or video, then what X has of it."""
        if request.method == "GET":
            told = {"content-range": "bytes 0-0/1", "content-type": "video/mp4"}
            return httpx.Response(200, headers=told, content=b"\x89PNG\r\n\x1a\n", request=request)
        return httpx.Response(200, json={"data": {"id": "0"}}, request=request)

    def pause_s(self, reply: httpx.Response) -> float:
        """Until the account may post again, which others may do in its name, too."""
        return spent_s(reply) if publishes(reply) else 0.0

    def life(self, supplied: Mapping[str, str]) -> Life | None:
        """Two hours."""
        return Life(7_200.0) if "refresh_token" in supplied else None

    def refresh(self, channel: Channel) -> Conversation[Fresh]:
        """Renew the access token; the refresh token is good for this once, and X gives another."""
        secret = bool(channel.secrets.get("client_secret", "").strip())
        form = {} if secret else app_fields(channel, "client_id")
        headers = basic(channel) if secret else {}
        url = f"{BASE}/oauth2/token"
        return (yield from renewed(channel, self.title, url, headers=headers, form=form, ended=ENDED))

    def remove(self, receipt: Receipt, channel: Channel) -> Conversation[None]:
        """Delete the post, or the posts of a thread, the last first."""
        for each in reversed(receipt.id.split(",")):
            reply = yield request("DELETE", f"tweets/{each}", channel)
            if reply.status_code != httpx.codes.NOT_FOUND:
                taken(reply, channel)

    def metrics(self, receipt: Receipt, channel: Channel) -> Conversation[Mapping[Metric, int]]:
        """Its public counts; a thread's are those of its first post."""
        asked = {"ids": receipt.id.partition(",")[0], "tweet.fields": "public_metrics"}
        reply = yield request("GET", "tweets", channel, params=asked)
        for each in parsed(Posts, taken(reply, channel)).data:
            return each.public_metrics.counted()
        raise Refused("X does not have this post any more.")

    def accounts(self, grant: Grant) -> Conversation[Sequence[Account]]:
        """Whose consent it is."""
        return (yield from accounts_of(grant))

    def verify(self, channel: Channel) -> Conversation[Identity]:
        """Ask whose token this is."""
        user = yield from me(channel)
        return Identity(user.id, user.username, f"https://x.com/{user.username}")


def _posted(post: Post, channel: Channel, known: Mapping[str, str]) -> Conversation[Outcome]:
    """Post what comes after what is known to be out."""
    ids = known.get("ids", "").split(",") if known.get("ids") else []
    body: dict[str, object] = {"text": parts_of(post)[len(ids)]}
    if ids:
        body["reply"] = {"in_reply_to_tweet_id": ids[-1]}
    elif known.get("media"):
        body["media"] = {"media_ids": known["media"].split()}
    reply = yield request("POST", "tweets", channel, json=body, extensions=PUBLISHES)
    made = parsed(Answer, taken(reply, channel)).data.id
    return _outcome(post, {**known, "ids": ",".join([*ids, made])})


def _outcome(post: Post, known: Mapping[str, str]) -> Receipt | Pending:
    ids = known["ids"].split(",")
    if len(ids) < len(parts_of(post)):
        return Pending({name: known[name] for name in ("ids", "user") if known.get(name)}, 0.0)
    return Receipt(known["ids"], f"https://x.com/i/web/status/{ids[0]}")


def _in_pieces(media: Media) -> bool:
    return media.is_video or is_gif(media)


def _objections(post: Post, number: int) -> Iterator[Problem]:
    media = post.content.media
    if number > POSTS:
        message = f"The thread would have {number} posts; the most here is {POSTS}."
        yield Problem("content.text", message, "Shorten it, or override the text for this channel.")
    if len(media) > 1 and any(map(_in_pieces, media)):
        yield Problem("content.media", "A video or GIF stands alone in a post on X.", "Remove the others.")
    for place, each in enumerate(media):
        if each.size_bytes > PICTURE_BYTES and not _in_pieces(each):
            message = f"It has {each.size_bytes / 1e6:.1f} MB; the most here is {PICTURE_BYTES / 1e6:.1f} MB."
            yield Problem(f"content.media[{place}]", message, FIT)


ADAPTER: Adapter = X()
