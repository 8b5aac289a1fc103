"""A post of TikTok's under way, known by the publish_id it was begun with: handed over in chunks, and followed.

Source: https://developers.tiktok.com/doc/content-posting-api-media-transfer-guide and
…/content-posting-api-reference-get-video-status (read 2026-11-21, stored copies)

What is handed over is to be seen only after its last chunk was taken, so what is begun and never ended does no harm.
Where it stands is asked before every chunk: `uploaded_bytes` tells what has become of one whose answer was lost, and
the status does of the last one. An address for chunks lives an hour. Another is asked for only once it is dead, when
nothing can come of it any more, or where TikTok says that the post failed: so no post is ever handed over twice.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Mapping

import httpx
from pydantic import AliasPath
from pydantic import Field as Reads

from functions.platforms._media import part
from functions.platforms._tiktok_api import objection, read, request
from publishing.adapter import PUBLISHES, Conversation
from publishing.errors import OutcomeUnknown, PublishingError, Refused, Unavailable
from publishing.model import Channel, Handoff, Media, Outcome, Pending, Receipt
from publishing.replies import Reply, error_for, may_have_acted, publishes, quoted

State = Mapping[str, str]
Begin = Callable[[int], Conversation[Outcome]]

SITE = "https://www.tiktok.com/"
CHUNK_BYTES = 30_000_000  # one a step; of 5 to 64 MB, and the last one takes the rest: less than twice as many
ADDRESS_S, SPARE_S, DEAD_S = 3_600.0, 300.0, 120.0
FIRST_LOOK_S, LONGEST_LOOK_S = 5.0, 900.0
LOOKS, SEEKS = 100, 12  # at what is worked on: a day; for the id of what is out, while it is moderated: an hour or two
ROUNDS = 3  # so often a video is begun
AGAIN = frozenset({"internal", "internal_error", "video_pull_failed", "spam_risk_too_many_posts"})


class _Status(Reply):
    status: str = Reads(validation_alias=AliasPath("data", "status"))
    reason: str = Reads("", validation_alias=AliasPath("data", "fail_reason"))
    posts: tuple[int | str, ...] = Reads((), validation_alias=AliasPath("data", "publicaly_available_post_id"))
    uploaded: int = Reads(0, validation_alias=AliasPath("data", "uploaded_bytes"))


def chunks(size_bytes: int) -> tuple[int, int]:
    """How long a chunk is and how many there are; TikTok has the last one take what is left over."""
    number = max(1, size_bytes // CHUNK_BYTES)
    return (CHUNK_BYTES if number > 1 else size_bytes), number


def gone_on(state: State, media: Media, channel: Channel, begin: Begin) -> Conversation[Outcome]:
    """Ask what has become of it, and hand over the next chunk where one is wanted.

    `begin` begins it anew, for the time it is told: asked only where nothing comes of what was begun before.

    Raises:
        Refused: it failed for good. OutcomeUnknown: TikTok does not tell any more what has become of it.
    """
    if "id" not in state:
        return (yield from _anew(state, begin))
    reply = yield request("POST", "post/publish/status/fetch/", channel, json={"publish_id": state["id"]})
    told = read(_Status, reply, channel)
    if told.status == "FAILED":
        return (yield from _failed(state, told.reason, channel, begin))
    if told.status == "SEND_TO_USER_INBOX":
        return Handoff(SITE, reference=state["id"])
    if told.status == "PUBLISH_COMPLETE":
        return _out(state, told.posts)
    taken = max(told.uploaded, number(state, "at"))
    if told.status == "PROCESSING_UPLOAD" and taken < number(state, "size"):
        return (yield from _handed(state, taken, media, channel, begin))
    if number(state, "looks") >= LOOKS:
        raise OutcomeUnknown("TikTok has worked on it for more than a day.")
    return _later(state, "looks")


def _handed(state: State, taken: int, media: Media, channel: Channel, begin: Begin) -> Conversation[Outcome]:
    left_s = number(state, "closes") - time.time()
    if left_s < -DEAD_S:
        return (yield from _anew(state, begin))
    if left_s < SPARE_S:
        return Pending(state, left_s + DEAD_S + 1)
    size_bytes = number(state, "size")
    length, count = chunks(size_bytes)
    place = min(taken // length, count - 1)
    start, end = place * length, (place + 1) * length if place + 1 < count else size_bytes
    reply = yield _chunk(state, media, start, end)
    if not publishes(reply) and reply.status_code == httpx.codes.PARTIAL_CONTENT:
        return Pending({**state, "at": str(end)}, 0.0)
    if publishes(reply) and reply.status_code == httpx.codes.CREATED:
        return Pending({**state, "at": str(end)}, FIRST_LOOK_S)
    raise _misfit(reply, channel)


def _chunk(state: State, media: Media, start: int, end: int) -> httpx.Request:
    size_bytes = number(state, "size")
    headers = {"content-type": state["type"], "content-range": f"bytes {start}-{end - 1}/{size_bytes}"}
    extensions = {**part(media, start, end - start), **(PUBLISHES if end == size_bytes else {})}
    # Without a token: the address itself says whose it is.
    return httpx.Request("PUT", state["address"], headers=headers, extensions=extensions)


def _misfit(reply: httpx.Response, channel: Channel) -> PublishingError:
    """What an answer to a chunk means that is not the expected one: whatever it is, the status tells more."""
    if reply.is_success and publishes(reply):
        return OutcomeUnknown("TikTok did not say that it has all of the video.", status=reply.status_code)
    if may_have_acted(reply):
        return error_for(reply)
    if reply.status_code in {httpx.codes.UNAUTHORIZED, httpx.codes.TOO_MANY_REQUESTS}:
        return objection(reply, channel)
    return Unavailable("TikTok did not take this part of the video.", status=reply.status_code)


def _anew(state: State, begin: Begin) -> Conversation[Outcome]:
    rounds = number(state, "round") + 1
    if rounds > ROUNDS:
        raise Refused(f"TikTok did not take the video, {ROUNDS} times.")
    return (yield from begin(rounds))


def _failed(state: State, reason: str, channel: Channel, begin: Begin) -> Conversation[Outcome]:
    """What failed is never to be seen: a video may be handed over again. To begin photos publishes them: no more."""
    if reason not in AGAIN or state["kind"] != "video":
        told = quoted(reason, channel)
        raise Refused(f"TikTok could not publish it: {told}.", code=told)
    if reason == "spam_risk_too_many_posts":
        return Pending({"round": state["round"]}, 86_400.0)
    return (yield from _anew(state, begin))


def _out(state: State, posts: tuple[int | str, ...]) -> Outcome:
    """It is out; which it is TikTok tells only of what everybody may see, once it is moderated."""
    profile = f"{SITE}@{state['user']}" if state.get("user") else ""
    if posts:
        return Receipt(str(posts[0]), f"{profile}/{state['kind']}/{posts[0]}" if profile else "")
    if state.get("public") and number(state, "seeks") < SEEKS:
        return _later(state, "seeks")
    return Receipt(state["id"], profile)


def _later(state: State, counted: str) -> Pending:
    """To come back less and less often; what is `counted` is one more."""
    times = number(state, counted)
    wait_s = min(LONGEST_LOOK_S, FIRST_LOOK_S * 2.0 ** min(times, 10))
    return Pending({**state, counted: str(times + 1)}, wait_s)


def number(state: State, name: str) -> int:
    """A count in what was written down."""
    return int(state.get(name, "0"))
