"""Posts on Reddit: texts, links, pictures, galleries and videos in one subreddit.

Source: https://www.reddit.com/dev/api#POST_api_submit and github.com/praw-dev/praw:
praw/models/reddit/subreddit/subreddit.py (read 2026-11-21). Contract by documentation: never run against Reddit, which
approves apps before it lets them in (Responsible Builder Policy).
A post with media is made after it was taken, and Reddit tells its id to websockets only: here it is looked for.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from datetime import UTC, datetime, timedelta

import httpx

from functions.platforms._checks import insist, problems
from functions.platforms._grants import basic, renewed
from functions.platforms._reddit import (
    DUPLICATE,
    ENDED,
    OF_THE_APP,
    Made,
    agent,
    made,
    name_of,
    request,
    spent_s,
    taken,
)
from functions.platforms._reddit_consent import CONSENT, accounts_of
from functions.platforms._reddit_media import PICTURE_BYTES, handed_over, poster, put
from functions.platforms._reddit_post import SITE, Listing, User, body_of, common_of, form_of, kind_of
from publishing.adapter import PUBLISHES, Adapter, Conversation, Credentials, Field, Life, Limits, Rate, Resource, Takes
from publishing.consent import Account, Grant
from publishing.errors import OutcomeUnknown, QuotaSpent, Refused, Throttled, Unauthorized
from publishing.model import Channel, Fresh, Identity, Metric, Outcome, Pending, Post, Problem, Receipt
from publishing.replies import parsed

EARLIER = timedelta(minutes=5)  # clocks differ
PAGE = 100
BATCH = 5  # so many media are handed over at a time
FIRST_LOOK_S, LOOKS = 10.0, 8  # each wait is twice the one before: 40 minutes
APPS = "reddit.com/prefs/apps, once Reddit has approved the app"

_VIDEOS = Takes(types=("video/mp4", "video/quicktime"), size_bytes=10**9, seconds=(0.0, 900.0))


class Reddit:
    """Publishes posts in Markdown, links, pictures and videos in a subreddit or on a profile."""

    name = "reddit"
    title = "Reddit"
    limits = Limits(
        text_chars=40_000,
        title_chars=300,
        media=20,
        timeout_s=300.0,
        lag_s=60.0,
        rate=Rate(12, 60.0),  # 100 requests a minute are an app's; how often one may post depends on its standing
        image=Takes(types=("image/jpeg", "image/png", "image/gif", "image/webp"), size_bytes=PICTURE_BYTES),
        video=_VIDEOS,
    )
    credentials = Credentials(
        (
            Field("client_id", label="Client id", max_chars=100, help=f"{APPS}."),
            Field("client_secret", label="Client secret", secret=True, required=False, help="None for installed apps."),
            Field(
                "refresh_token",
                label="Refresh token",
                secret=True,
                help="Granted with duration=permanent and the scopes identity, submit, read, history, edit and flair.",
            ),
            Field("access_token", label="Access token", secret=True, required=False, help="It is renewed as it ends."),
            Field("username", label="Username", max_chars=40, sample="username", help="Whose account it is."),
            Field(
                "subreddit",
                label="Subreddit",
                max_chars=40,
                sample="subreddit",
                help="Where to post, without r/; u_ and the username for the profile.",
            ),
            Field("flair_id", label="Flair id", required=False, max_chars=60, help="Some subreddits demand a flair."),
            Field("flair_text", label="Flair text", required=False, max_chars=64),
            Field("nsfw", label="Not safe for work", required=False, max_chars=5, help="yes, where all posts are."),
            Field("spoiler", label="Spoiler", required=False, max_chars=5, help="yes, where all posts are."),
            Field(
                "resubmit", label="Repeat links", required=False, max_chars=5, help="yes: links posted there before."
            ),
        )
    )
    consent = CONSENT
    uses: frozenset[Resource] = frozenset()
    idempotent = False

    def check(self, post: Post) -> Sequence[Problem]:
        """Everything that keeps this post from being published here."""
        length = len(body_of(post))
        return [*problems(post, self.limits, count=lambda _text: length), *_objections(post)]

    def publish(self, post: Post, channel: Channel) -> Conversation[Outcome]:
        """Submit it; media are handed over first, and it is `resume` that submits them."""
        insist(self.check(post))
        if post.content.media:
            return (yield from _put(post, channel, ()))
        try:
            return (yield from _submitted(post, channel, ()))
        except Refused as error:
            twin = (yield from self.find(post, channel, post.at - EARLIER)) if error.code == DUPLICATE else None
            if twin is None:
                raise
            return twin

    def resume(self, pending: Pending, post: Post, channel: Channel) -> Conversation[Outcome]:
        """Hand over what is left, submit it unless it is out already, or look whether it is out by now."""
        try:
            return (yield from self._resumed(pending.state, post, channel))
        except Throttled as error:
            return Pending(pending.state, error.retry_after_s)
        except QuotaSpent as error:
            return Pending(pending.state, max(0.0, (error.until - datetime.now(UTC)).total_seconds()))

    def _resumed(self, state: Mapping[str, str], post: Post, channel: Channel) -> Conversation[Outcome]:
        places = tuple(state.get("places", "").split())
        if "sent" not in state and len(places) < _number_of_places(post):
            return (yield from _put(post, channel, places))
        out = yield from self.find(post, channel, post.at - EARLIER)
        if out or "sent" in state:
            return out or _later(int(state["sent"]))
        try:
            return (yield from _submitted(post, channel, places))
        except OutcomeUnknown:
            return _later(0)  # it takes longer to be seen than a delivery in doubt is left alone

    def find(self, post: Post, channel: Channel, since: datetime) -> Conversation[Receipt | None]:
        """The receipt of `post`, by title and place, among what the account submitted after `since`."""
        asked = {"sort": "new", "limit": str(PAGE), "raw_json": "1"}
        reply = yield request("GET", f"user/{name_of(channel, 'username')}/submitted", channel, params=asked)
        children = parsed(Listing, taken(reply, channel)).data.children
        recent = [each.data for each in children if each.data.created_utc >= since.timestamp()]
        found = next((each for each in recent if each.is_of(post, channel)), None)
        if not found and len(recent) == PAGE:
            raise OutcomeUnknown(f"It is not among the last {PAGE} posts, and there are more.")
        return found.receipt() if found else None

    def pause_s(self, reply: httpx.Response) -> float:
        """Until Reddit takes requests again."""
        return spent_s(reply)

    def life(self, supplied: Mapping[str, str]) -> Life | None:
        """An hour, where Reddit says nothing else."""
        return Life(3_600.0) if "refresh_token" in supplied else None

    def refresh(self, channel: Channel) -> Conversation[Fresh]:
        """Renew the access token; the refresh token is permanent."""
        headers = {**agent(channel), **basic(channel)}
        url = f"{SITE}/api/v1/access_token"
        return (yield from renewed(channel, self.title, url, headers=headers, ended=ENDED, of_the_app=OF_THE_APP))

    def remove(self, receipt: Receipt, channel: Channel) -> Conversation[None]:
        """Delete the post; of one that is gone Reddit says the same."""
        taken((yield request("POST", "api/del", channel, data={"id": receipt.id})), channel)

    def metrics(self, receipt: Receipt, channel: Channel) -> Conversation[Mapping[Metric, int]]:
        """Its score, comments and crossposts."""
        reply = yield request("GET", "api/info", channel, params={"id": receipt.id, "raw_json": "1"})
        for each in parsed(Listing, taken(reply, channel)).data.children:
            return {
                Metric.LIKES: each.data.score,
                Metric.COMMENTS: each.data.num_comments,
                Metric.SHARES: each.data.num_crossposts,
            }
        raise Refused("Reddit does not have this post any more.")

    def accounts(self, grant: Grant) -> Conversation[Sequence[Account]]:
        """Whose consent it is."""
        return (yield from accounts_of(grant))

    def verify(self, channel: Channel) -> Conversation[Identity]:
        """Ask whose token this is."""
        user = parsed(User, taken((yield request("GET", "api/v1/me", channel)), channel))
        if user.name.casefold() != name_of(channel, "username").casefold():
            raise Unauthorized(f"The access token is of u/{user.name}, not of the username of this channel.")
        return Identity(user.id, user.name, f"{SITE}/user/{user.name}")


def _put(post: Post, channel: Channel, places: Sequence[str]) -> Conversation[Pending]:
    """Hand over some media more; a video's poster is the last."""
    known, media = list(places), post.content.media
    for each in media[len(known) : len(known) + BATCH]:
        known.append(str((yield from handed_over(each, channel))))  # noqa: PERF401 - a comprehension cannot yield
    if media[0].is_video and len(known) < _number_of_places(post):
        known.append(str((yield from put(poster(), channel))))
    return Pending({"places": " ".join(known)}, 0.0)


def _submitted(post: Post, channel: Channel, places: Sequence[str]) -> Conversation[Outcome]:
    common = common_of(post, channel)
    if kind_of(post) == "gallery":
        items = [{"caption": "", "outbound_url": "", "media_id": each.partition(",")[0]} for each in places]
        body = {**common, "text": body_of(post), "items": items, "show_error_list": True}
        path, content = "api/submit_gallery_post.json", {"json": body}
    else:
        path, content = "api/submit", {"data": {**common, **form_of(post, channel, places)}}
    answer = made((yield request("POST", path, channel, extensions=PUBLISHES, **content)), channel)
    return _receipt(answer) if answer.id else _later(0)


def _receipt(answer: Made) -> Receipt:
    return Receipt(f"t3_{answer.id.removeprefix('t3_')}", answer.url)


def _later(looks: int) -> Pending:
    """It was submitted: to be looked for less and less often."""
    if looks >= LOOKS:
        raise OutcomeUnknown("Reddit took it, but does not show it: it may have failed to process the media.")
    return Pending({"sent": str(looks + 1)}, FIRST_LOOK_S * 2**looks)


def _number_of_places(post: Post) -> int:
    media = post.content.media
    return 2 if media and media[0].is_video else len(media)


def _objections(post: Post) -> Iterator[Problem]:
    media = post.content.media
    if not post.content.title.strip():
        yield Problem("content.title", "A post on Reddit needs a title.", "Give it a title.")
    beside = media[1:] if media and media[0].is_video else ()
    if len(beside) > 1 or any(each.is_video for each in media[1:]):
        remedy = "Remove the others; the video first, then at most a picture to be shown until it plays."
        yield Problem("content.media", "A video stands alone in a post on Reddit.", remedy)


ADAPTER: Adapter = Reddit()
