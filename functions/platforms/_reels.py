"""Reels on a Facebook Page: begun, fetched by Facebook from their address, then published and processed.

Source: https://developers.facebook.com/documentation/video-api/guides/reels-publishing (read 2026-11-21)

Nobody sees a video before it is finished, which is the request that publishes. It is written down before that; what
became of an answer that was lost is told by the video's status, so that it is never finished twice.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import httpx
from pydantic import Field as Reads

from functions.platforms._meta import NODE, Graph, token_of, version_of
from publishing.adapter import Conversation
from publishing.errors import OutcomeUnknown, Refused, Unavailable
from publishing.model import Media, Outcome, Pending, Receipt
from publishing.replies import Reply, parsed, quoted, read_if_readable

State = Mapping[str, str]

UPLOADS = "https://rupload.facebook.com/video-upload"  # a token is not sent to whatever address an answer names
FIRST_LOOK_S, LONGEST_LOOK_S = 5.0, 900.0
DOUBTS = 6  # so often, in five minutes, a video that seems untouched is looked at after an answer was lost
LOOKS = 100  # about a day
COMPLETE = frozenset({"complete", "completed"})  # its pages write both
STARTED = COMPLETE | {"in_progress"}


class _Started(Reply):
    video_id: str = Reads(pattern=NODE)


class _Done(Reply):
    success: bool


class _Debugged(Reply):
    retriable: bool = False
    message: str = ""


class _Upload(Reply):
    debug_info: _Debugged | None = None


class _Error(Reply):
    message: str = ""


class _Phase(Reply):
    status: str = ""
    error: _Error | None = None
    errors: tuple[_Error, ...] = ()


class _Status(Reply):
    video_status: str = ""
    uploading_phase: _Phase = _Phase()
    processing_phase: _Phase = _Phase()
    publishing_phase: _Phase = _Phase()

    @property
    def failed(self) -> bool:
        """Whether it will never be published."""
        phases = (self.uploading_phase, self.processing_phase, self.publishing_phase)
        return self.video_status in {"error", "upload_failed", "expired"} or any(p.status == "error" for p in phases)

    @property
    def reason(self) -> str:
        """Why, where that is told."""
        phases = (self.uploading_phase, self.processing_phase, self.publishing_phase)
        told = [error.message for phase in phases for error in (phase.error, *phase.errors) if error]
        return next(filter(None, told), self.video_status)


class _Video(Reply):
    status: _Status
    permalink_url: str = Reads("", pattern=r"^(?:(?:https?:/)?/\S+)?$")


@dataclass(frozen=True, slots=True)
class Reels:
    """The reels of one Page."""

    graph: Graph
    page: str

    @property
    def edge(self) -> str:
        """Where they are made and listed."""
        return f"{self.page}/video_reels"

    def begin(self, media: Media) -> Conversation[Pending]:
        """Make a video that nobody sees, and have Facebook fetch it."""
        reply = yield self.graph.post(self.edge, {"upload_phase": "start"})
        video = parsed(_Started, self.graph.taken(reply)).video_id
        channel = self.graph.channel
        headers = {"authorization": f"OAuth {token_of(channel)}", "file_url": str(httpx.URL(media.url))}
        reply = yield httpx.Request("POST", f"{UPLOADS}/{version_of(channel)}/{video}", headers=headers)
        self._insist_on_upload(reply)
        return Pending({"video": video}, FIRST_LOOK_S, reference=video)

    def _insist_on_upload(self, reply: httpx.Response) -> None:
        told = read_if_readable(_Upload, reply).debug_info
        if told and not reply.is_success:
            kind = Unavailable if told.retriable else Refused
            raise kind(f"Facebook answered: {quoted(told.message, self.graph.channel)}", status=reply.status_code)
        if not parsed(_Done, self.graph.taken(reply)).success:
            raise Unavailable("Facebook could not fetch the video.")

    def resume(self, state: State, words: str) -> Conversation[Outcome]:
        """Publish it once it is uploaded; then wait until it is processed."""
        if "video" not in state:
            raise OutcomeUnknown("What was written down of its video is lost.")
        seen = yield from self._seen(state["video"])
        if seen is None:
            return _later(state)
        if seen.status.failed:
            raise Refused(f"Facebook answered: {quoted(seen.status.reason, self.graph.channel)}")
        if seen.status.publishing_phase.status in COMPLETE:
            return Receipt(state["video"], _link(seen.permalink_url, state["video"]))
        if "finished" in state or seen.status.publishing_phase.status in STARTED:
            return _waiting(state, seen.status)
        if seen.status.uploading_phase.status in COMPLETE:
            return (yield from self._finished(state, words))
        return _later(state)

    def _seen(self, video: str) -> Conversation[_Video | None]:
        reply = yield self.graph.get(video, fields="status,permalink_url")
        if reply.is_success:
            return parsed(_Video, reply)
        error = self.graph.objection(reply)
        if isinstance(error, Unavailable):
            raise error
        return None

    def _finished(self, state: State, words: str) -> Conversation[Pending]:
        body = {"upload_phase": "finish", "video_id": state["video"], "video_state": "PUBLISHED", "description": words}
        done = Pending({"video": state["video"], "finished": "yes"}, FIRST_LOOK_S, reference=state["video"])
        try:
            reply = yield self.graph.post(self.edge, body, visible=True)
            if parsed(_Done, self.graph.taken(reply)).success:
                return done
        except OutcomeUnknown:
            return Pending({**done.state, "finished": "perhaps"}, FIRST_LOOK_S, reference=state["video"])
        except Refused:
            seen = yield from self._seen(state["video"])
            if seen and seen.status.publishing_phase.status in STARTED:  # so that was a repetition
                return done
            raise
        raise Refused("Facebook did not take the video.")


def _waiting(state: State, status: _Status) -> Pending:
    untouched = status.publishing_phase.status not in STARTED and status.processing_phase.status not in STARTED
    if untouched and state.get("finished") == "perhaps" and int(state.get("looks", "0")) >= DOUBTS:
        raise OutcomeUnknown("Facebook shows no sign that it was told to publish the video.")
    return _later({**state, "finished": state.get("finished", "yes")})


def _later(state: State) -> Pending:
    """To come back less and less often."""
    looks = int(state.get("looks", "0"))
    if looks >= LOOKS:
        raise OutcomeUnknown("Facebook did not say in a day what became of the video.")
    wait_s = min(LONGEST_LOOK_S, FIRST_LOOK_S * 2 ** min(looks, 10))
    return Pending({**state, "looks": str(looks + 1)}, wait_s, reference=state["video"])


def _link(path: str, video: str) -> str:
    return str(httpx.URL(f"https://www.facebook.com/reel/{video}/").join(path))
