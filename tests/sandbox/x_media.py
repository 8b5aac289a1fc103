"""X's media, and the words X has for trouble.

Source: https://docs.x.com/x-api/media/quickstart/media-upload-chunked, …/fundamentals/response-codes-and-errors and
github.com/xdevplatform/docs: openapi.json (read 2026-11-21)
"""

from __future__ import annotations

import threading
import time
from typing import Any

from werkzeug.wrappers import Request, Response

from tests.sandbox.stand_in import as_json, json_object

FIRST = 1_990_000_000_000_000_000
PIECE_BYTES, PICTURE_BYTES = 1_048_576, 5 * 2**20
PICTURES = (b"\x89PNG\r\n\x1a\n", b"\xff\xd8\xff", b"RIFF")
KINDS = {"tweet_video": ("video/mp4", "video/quicktime"), "tweet_gif": ("image/gif",)}


class Uploads:
    """Media of all accounts; videos and GIFs are ready when they were asked about once."""

    def __init__(self) -> None:
        self._media: dict[str, dict[str, Any]] = {}
        self._lock = threading.Lock()

    def upload(self, request: Request, account: str) -> Response:
        """Take a picture at once."""
        picture = {name: file.stream.read() for name, file in request.files.items()}.get("media", b"")
        kind = request.form.get("media_category")
        request.close()
        if kind != "tweet_image" or not picture.startswith(PICTURES) or len(picture) > PICTURE_BYTES:
            return problem(400, "media type unrecognized.", "invalid-request")
        return as_json({"data": {"id": self._medium(account, kind="tweet_image", ready=True), "size": len(picture)}})

    def initialize(self, request: Request, account: str) -> Response:
        """Begin with a video or GIF."""
        body = json_object(request) or {}
        if body.get("media_type") not in KINDS.get(body.get("media_category", ""), ()):
            return problem(400, "media_type does not fit media_category", "invalid-request")
        medium = self._medium(account, kind=body["media_category"], size=body.get("total_bytes"), pieces={})
        return as_json({"data": {"id": medium, "expires_after_secs": 86_400}})

    def append(self, request: Request, account: str, medium: str) -> Response:
        """Take a piece."""
        data = {name: file.stream.read() for name, file in request.files.items()}.get("media", b"")
        index = request.form.get("segment_index", -1, int)
        request.close()
        if len(data) > PIECE_BYTES:
            return Response(status=413)
        if not 0 <= index <= 999 or not data or not self._owned(medium, account):
            return problem(400, "One or more parameters to your request was invalid.", "invalid-request")
        self._media[medium]["pieces"][index] = data
        return as_json({"data": {"expires_at": int(time.time()) + 86_400}})

    def finalize(self, _request: Request, account: str, medium: str) -> Response:
        """Put the pieces together."""
        found = self._owned(medium, account)
        if not found or found["ready"] is not None:
            return problem(400, "Media upload is not in a state that can be finalized", "invalid-request")
        if sum(map(len, found["pieces"].values())) != found["size"]:
            return problem(400, "Segments do not add up to provided total file size.", "invalid-request")
        found["ready"] = False
        return as_json({"data": {"id": medium, "processing_info": {"state": "pending", "check_after_secs": 1}}})

    def status(self, request: Request, account: str) -> Response:
        """How far a video or GIF is."""
        medium = request.args.get("media_id", "")
        found = self._owned(medium, account)
        if not found or found["ready"] is None:
            return as_json(missing(medium), 404)
        was_ready, found["ready"] = found["ready"], True
        info = {"state": "succeeded", "progress_percent": 100} if was_ready else {"state": "in_progress"}
        return as_json({"data": {"id": medium, "processing_info": {**info, "check_after_secs": 1}}})

    def describe(self, request: Request, account: str) -> Response:
        """Take the text that describes a picture."""
        body = json_object(request) or {}
        found = self._owned(str(body.get("id")), account)
        text = body.get("metadata", {}).get("alt_text", {}).get("text")
        if not found or not isinstance(text, str) or len(text) > 1_000:
            return problem(400, "One or more parameters to your request was invalid.", "invalid-request")
        found["alt"] = text
        return as_json({"data": {"id": body["id"]}})

    def _medium(self, account: str, *, ready: bool | None = None, **facts: object) -> str:
        with self._lock:
            identifier = str(FIRST + len(self._media))
            self._media[identifier] = {"owner": account, "ready": ready, "alt": "", **facts}
        return identifier

    def _owned(self, medium: str, account: str) -> dict[str, Any] | None:
        found = self._media.get(medium)
        return found if found and found["owner"] == account else None

    def _shown_medium(self, medium: str) -> dict[str, str]:
        return {"id": medium, "kind": self._media[medium]["kind"], "alt": self._media[medium]["alt"]}


def missing(identifier: str) -> dict[str, Any]:
    """What X says of something that is not there."""
    kind = "https://api.x.com/2/problems/resource-not-found"
    return {"title": "Not Found Error", "detail": f"Could not find [{identifier}].", "type": kind, "status": 404}


def problem(status: int, detail: str, kind: str = "") -> Response:
    """X's words for trouble."""
    name = f"https://api.x.com/2/problems/{kind}" if kind else "about:blank"
    return as_json({"title": detail.partition(".")[0], "detail": detail, "type": name, "status": status}, status)
