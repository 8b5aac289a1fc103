"""A video handed to YouTube in a session, which takes it piece by piece and tells at any time where it stands.

Source: https://developers.google.com/youtube/v3/guides/using_resumable_upload_protocol (read 2026-11-21, stored copy),
github.com/claudiob/yt issue 192 and github.com/floci-io/floci-gcp issue 34 and pull request 132.

Nothing is to be seen before the last piece was taken. What has become of it when its answer is lost, the session
itself tells: asked with an empty PUT it answers 308 and how much it has, or once more with the video it made. So it is
asked before every piece, and nothing but a session that is gone ever makes another one necessary: for that one may have
made its video nevertheless, the channel is looked through first. Unsure: that a session tells its video for as long as
it lives (a week); Google's storage, which has the same sessions, does.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass

import httpx
from pydantic import Field as Reads

from functions.platforms import _google
from functions.platforms._media import part
from publishing.adapter import PUBLISHES, Conversation
from publishing.errors import OutcomeUnknown, QuotaSpent, Refused, Unavailable
from publishing.model import Channel, Media, Pending, Receipt
from publishing.replies import Reply, parsed

State = Mapping[str, str]

PIECE_BYTES = 64 * 2**20  # one a step; a multiple of 256 KiB, as every piece but the last must be
RESUME = 308
GONE = frozenset({404, 410})
FIRST_LOOK_S, LONGEST_LOOK_S = 10.0, 900.0
TRIES = 6  # so often a session may stay where it is
MISSES = 3  # so often a video is looked for before a session that is gone counts as one that made none
LAG_S = 60.0  # how long a video may be missing in its channel's list
ROUNDS = 3  # so many sessions one post may take
STORED = re.compile(r"bytes=0-(\d{1,15})")


class Video(Reply):
    """A video, at least its id."""

    id: str = Reads(pattern=r"^[\w-]{1,32}$")


@dataclass(frozen=True, slots=True)
class Session:
    """The sessions of one post: `begin` asks for one, `find` looks for the video that one may have made."""

    channel: Channel
    media: Media
    begin: Callable[[Media], httpx.Request]
    find: Callable[[], Conversation[Receipt | None]]

    def begun(self, media: Media, number: int = 1) -> Conversation[Pending]:
        """Open a session for `media`, whose length is known; to be written down before anything is sent there."""
        reply = _google.taken((yield self.begin(media)), self.channel)
        address = _address(reply)
        held = {"session": address, "size": str(media.size_bytes), "type": media.type, "round": str(number)}
        return Pending(held, 0.0)

    def gone_on(self, state: State) -> Conversation[Pending | Receipt]:
        """Ask the session where it stands, and send it the next piece; once it has made the video, tell which."""
        if "session" not in state:  # it was refused for a day, and nothing was made
            return (yield from self._anew(state))
        reply = yield self._put(state, f"bytes */{state['size']}", {})
        if reply.is_success:
            return _made(reply)
        if reply.status_code in GONE:
            return (yield from self._looked_for(state))
        if reply.status_code != RESUME:
            raise _google.objection(reply, self.channel)
        start, size_bytes = _stored(reply), int(state["size"])
        state = _noted(state, start)
        if start >= size_bytes:  # the question should have made the video of it; it may well be out, and nobody says so
            return (yield from self.find()) or Pending(state, _wait_s(state, "tries"))
        return (yield from self._sent(state, start, min(PIECE_BYTES, size_bytes - start)))

    def _sent(self, state: State, start: int, length: int) -> Conversation[Pending]:
        end, size_bytes = start + length, int(state["size"])
        visible = PUBLISHES if end == size_bytes else {}
        extensions = {**part(self.media, start, length), **visible}
        reply = yield self._put(state, f"bytes {start}-{end - 1}/{size_bytes}", extensions)
        if reply.is_success:
            return _made(reply)
        if reply.status_code == RESUME:
            return Pending(state, 0.0 if end < size_bytes else _wait_s(state, "tries"))
        if reply.status_code in GONE:
            raise Unavailable("The session of this upload is gone.", status=reply.status_code)
        error = _google.objection(reply, self.channel)
        if isinstance(error, QuotaSpent):  # it said no to this very piece: no video will come of this session
            wait_s = _google.seconds_until(error.until)
            return Pending({name: state[name] for name in ("size", "type", "round")}, wait_s)
        raise error

    def _put(self, state: State, span: str, extensions: Mapping[str, object]) -> httpx.Request:
        headers = {"content-range": span} | ({"content-type": state["type"]} if extensions else {})
        return _google.request("PUT", state["session"], self.channel, headers=headers, extensions={**extensions})

    def _looked_for(self, state: State) -> Conversation[Pending | Receipt]:
        """The session is gone: either it ended, or it made its video long ago."""
        found = yield from self.find()
        if found:
            return found
        misses = number(state, "misses") + 1
        if misses < MISSES:
            return Pending({**state, "misses": str(misses)}, LAG_S * 4**misses)
        return (yield from self._anew(state))

    def _anew(self, state: State) -> Conversation[Pending]:
        rounds = number(state, "round") + 1
        if rounds > ROUNDS:
            raise Refused(f"YouTube did not take the video in {ROUNDS} uploads.")
        media = Media(self.media.url, type=state["type"], size_bytes=int(state["size"]))
        return (yield from self.begun(media, rounds))


def later(state: State, counted: str = "looks") -> Pending:
    """To come back less and less often; what is `counted` is one more."""
    wait_s = _wait_s(state, counted)
    return Pending({**state, counted: str(number(state, counted) + 1)}, wait_s)


def number(state: State, name: str) -> int:
    """A count in what was written down."""
    return int(state.get(name, "0"))


def _wait_s(state: State, counted: str) -> float:
    return min(LONGEST_LOOK_S, FIRST_LOOK_S * 2.0 ** min(number(state, counted), 10))


def _noted(state: State, start: int) -> State:
    """Where it stands, and how often it has been found there."""
    tries = number(state, "tries") + 1 if state.get("at") == str(start) else 0
    if tries > TRIES:
        raise OutcomeUnknown("YouTube takes no more of the video, and does not tell why.")
    return {**state, "at": str(start), "tries": str(tries), "misses": "0"}


def _stored(reply: httpx.Response) -> int:
    stored = STORED.fullmatch(reply.headers.get("range", "").replace(" ", ""))
    return int(stored[1]) + 1 if stored else 0


def _made(reply: httpx.Response) -> Pending:
    video = parsed(Video, reply)
    return Pending({"video": video.id}, FIRST_LOOK_S, video.id)


def _address(reply: httpx.Response) -> str:
    try:
        url = httpx.URL(reply.headers.get("location", ""))
    except httpx.InvalidURL as error:
        raise Unavailable("YouTube named no session.") from error
    if url.scheme != "https" or not url.host.endswith(".googleapis.com"):  # our token goes there
        raise Unavailable("YouTube named no session of its own.")
    return str(url)
