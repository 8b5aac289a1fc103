"""Bluesky's service for videos, and the words every service of the AT Protocol has.

Source: https://docs.bsky.app/docs/tutorials/video, github.com/bluesky-social/atproto@d6296a1: lexicons/app/bsky/video,
and issue 3097 there (read 2026-11-21)
"""

from __future__ import annotations

import base64
import hashlib
import re
import secrets
import time
from typing import Any

from werkzeug.wrappers import Request, Response

from tests.sandbox.stand_in import Answer, as_json

PDS = "pds.test"  # the host of every account's own PDS, whatever host it is asked at


class VideoService:
    """Bluesky's service for videos: ready when they were asked about once. The same bytes again are the same job."""

    def __init__(self, blobs: dict[str, dict[str, Any]]) -> None:
        self._blobs = blobs
        self._tokens: dict[str, tuple[str, str, str]] = {}
        self._jobs: dict[str, dict[str, Any]] = {}

    def token_for(self, request: Request, account: str) -> Response:
        """A token of the account's, for an audience and a method."""
        asked, now_s = request.args, time.time()
        if (
            not asked.get("aud", "").startswith("did:")
            or not now_s < asked.get("exp", now_s + 60, float) < now_s + 3_600
        ):
            return trouble(400, "InvalidRequest", "aud must be a DID, exp within an hour")
        token = secrets.token_urlsafe(24)
        self._tokens[token] = account, asked["aud"], asked.get("lxm", "")
        return as_json({"token": token})

    def account_of(self, request: Request) -> str:
        """Whose token it is, if it is one for this."""
        good = {
            "getUploadLimits": ("did:web:video.bsky.app", "app.bsky.video.getUploadLimits"),
            "uploadVideo": (f"did:web:{PDS}", "com.atproto.repo.uploadBlob"),
        }[request.path.rpartition(".")[2]]
        account, *given = self._tokens.get(
            request.headers.get("Authorization", "").removeprefix("Bearer "), ("", "", "")
        )
        if tuple(given) != good:
            raise Answer(trouble(401, "InvalidToken", "invalid token"))
        return account

    def upload(self, request: Request, account: str) -> Response:
        """Take a video; as the service does, without its name around the job."""
        data, kind = request.get_data(), request.headers.get("Content-Type")
        if kind != "video/mp4" or data[4:8] != b"ftyp":
            return as_json({"did": did(account), "error": "validation", "jobId": "", "message": "Not a video"}, 400)
        name = cid(data)
        if name in self._jobs:
            told = {"error": "already_exists", "message": "Video already processed", "state": "JOB_STATE_COMPLETED"}
            return as_json({"did": did(account), "jobId": name, **told}, 409)
        self._jobs[name] = {"jobId": name, "did": did(account), "state": "JOB_STATE_CREATED", "size": len(data)}
        return as_json({"jobId": name, "did": did(account), "state": "JOB_STATE_CREATED"})

    def job(self, request: Request) -> Response:
        """How far it is."""
        job = self._jobs.get(request.args.get("jobId", ""))
        if job is None:
            return trouble(400, "InvalidRequest", "Job not found")
        name, told = job["jobId"], {**job}
        size = told.pop("size")
        if told["state"] == "JOB_STATE_COMPLETED":
            self._blobs[name] = {"$type": "blob", "ref": {"$link": name}, "mimeType": "video/mp4", "size": size}
            told["blob"] = self._blobs[name]
        job["state"] = "JOB_STATE_COMPLETED"
        return as_json({"jobStatus": told})


def handle(name: str) -> str:
    """An account's handle."""
    return f"{re.sub('[^a-z0-9]+', '-', name.lower())}.test"


def did(name: str) -> str:
    """An account's DID."""
    return f"did:plc:{base64.b32encode(hashlib.sha256(name.encode()).digest()).decode().lower()[:24]}"


def cid(data: bytes) -> str:
    """What is named after its bytes."""
    return f"bafkrei{base64.b32encode(hashlib.sha256(data).digest()).decode().lower().rstrip('=')}"


def trouble(status: int, error: str, message: str) -> Response:
    """An error as every XRPC service tells it."""
    return as_json({"error": error, "message": message}, status)
