"""Videos on Bluesky: handed to its video service, which brings them to the account's PDS and names the blob.

Source: https://docs.bsky.app/docs/tutorials/video, github.com/bluesky-social/atproto@d6296a1: lexicons/app/bsky/video,
and issue 3097 there for answers that are not as the lexicon says (read 2026-11-21). The service knows what it has seen
before: handing the same bytes over again comes to the same job. Asking for a job takes no token.
"""

from __future__ import annotations

import time
from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from typing import Any

import httpx
from pydantic import Field as Reads
from pydantic import JsonValue

from functions.platforms._atproto import Session, error_of, taken
from functions.platforms._atproto import asked as sent
from functions.platforms._media import part
from publishing.adapter import Conversation
from publishing.errors import QuotaSpent, Refused, Unavailable
from publishing.model import Channel, Media, Pending
from publishing.replies import Reply, parsed, quoted, read_if_readable

SERVICE, AUDIENCE = "https://video.bsky.app", "did:web:video.bsky.app"
TOKEN_S = 1_800  # as the tutorial advises: the service uses it once the video is worked on
QUOTA_WAIT = timedelta(hours=6)  # what is left is counted by the day; when that begins, nobody says
FIRST_LOOK_S, LONGEST_LOOK_S, LOOKS = 4.0, 60.0, 60


class _Token(Reply):
    token: str = Reads(pattern=r"^[!-~]+$")


class _Leave(Reply):
    can: bool = Reads(alias="canUpload")
    videos: int = Reads(1, alias="remainingDailyVideos")
    size_bytes: int | None = Reads(None, alias="remainingDailyBytes")
    message: str = ""
    error: str = ""

    def is_spent_for(self, media: Media) -> bool:
        """Whether time brings what lacks; an address that was never confirmed is not a matter of time."""
        lacks = self.videos <= 0 or (self.size_bytes is not None and self.size_bytes < media.size_bytes)
        return lacks and "email" not in f"{self.error} {self.message}".lower()


class _Job(Reply):
    id: str = Reads("", alias="jobId", pattern=r"^[!-~]{0,200}$")
    state: str = ""
    blob: dict[str, JsonValue] | None = None
    error: str = ""
    message: str = ""


class _Told(_Job):
    """A job, which the service tells with its name around it or without."""

    job: _Job | None = Reads(None, alias="jobStatus")


def handed_over(media: Media, name: str, channel: Channel, session: Session) -> Conversation[Pending]:
    """Hand the video over; what to come back for.

    Raises:
        QuotaSpent: the account may upload no more today. Refused: no video at all, or not this one.
    """
    yield from _insist_on_leave(media, channel, session)
    token = yield from _token(f"did:web:{session.pds(channel)}", "com.atproto.repo.uploadBlob", channel, session)
    asked = {"did": session.did, "name": f"{name}.mp4"}
    kind = {"content-type": "video/mp4"}
    reply = yield _request("POST", "uploadVideo", token, params=asked, headers=kind, extensions=part(media))
    job = _job(reply)
    if job.id:  # with a 409 it was here before
        return Pending({"job": job.id}, FIRST_LOOK_S)
    if reply.is_success:
        raise _failed(job, channel)
    raise error_of(reply, channel)


def blob_of(state: Mapping[str, str], channel: Channel) -> Conversation[dict[str, JsonValue] | Pending]:
    """The blob once it is ready, else when to look again.

    Raises:
        Refused: the service could make nothing of the video, or not in an hour.
    """
    reply = yield _request("GET", "getJobStatus", params={"jobId": state["job"]})
    job = _job(taken(reply, channel))
    if job.blob:
        return job.blob
    if job.state == "JOB_STATE_FAILED":
        raise _failed(job, channel)
    looks = int(state.get("looks", "0"))
    if looks >= LOOKS:
        raise Refused("Bluesky did not get the video ready in an hour.")
    return Pending({**state, "looks": str(looks + 1)}, min(LONGEST_LOOK_S, FIRST_LOOK_S * 1.5 ** min(looks, 10)))


def _insist_on_leave(media: Media, channel: Channel, session: Session) -> Conversation[None]:
    token = yield from _token(AUDIENCE, "app.bsky.video.getUploadLimits", channel, session)
    reply = yield _request("GET", "getUploadLimits", token)
    leave = parsed(_Leave, taken(reply, channel))
    told = quoted(leave.message or leave.error, channel)
    if leave.is_spent_for(media):
        until = datetime.now(UTC) + QUOTA_WAIT
        raise QuotaSpent(f"Bluesky takes no more videos of this account today. {told}".rstrip(), until=until)
    if not leave.can:
        raise Refused(f"Bluesky takes no videos of this account: {told}", code=quoted(leave.error, channel))


def _token(audience: str, method: str, channel: Channel, session: Session) -> Conversation[str]:
    """A token of the account's for another service, for one method."""
    asked = {"aud": audience, "lxm": method, "exp": str(int(time.time()) + TOKEN_S)}
    reply = yield from sent("GET", "server.getServiceAuth", channel, session, params=asked)
    return parsed(_Token, taken(reply, channel)).token


def _request(method: str, name: str, token: str = "", **content: Any) -> httpx.Request:
    asked = httpx.Request(method, f"{SERVICE}/xrpc/app.bsky.video.{name}", **content)
    if token:
        asked.headers["authorization"] = f"Bearer {token}"
    return asked


def _job(reply: httpx.Response) -> _Job:
    told = read_if_readable(_Told, reply)
    return told.job or told


def _failed(job: _Job, channel: Channel) -> Refused | Unavailable:
    told = quoted(job.message or job.error, channel)
    if not told:
        return Unavailable("Bluesky's video service gave an answer that could not be read.")
    return Refused(f"Bluesky's video service answered: {told}", code=quoted(job.error, channel))
