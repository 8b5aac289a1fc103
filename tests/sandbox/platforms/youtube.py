"""YouTube's videos, channels and resumable uploads, and Google's tokens, as their documentation has them.

Source: https://developers.google.com/youtube/v3/guides/using_resumable_upload_protocol, …/docs/videos, …/docs/errors
and https://developers.google.com/identity/protocols/oauth2/web-server#offline (read 2026-11-21, stored copies)
"""

from __future__ import annotations

import re
import secrets
from collections.abc import Mapping, Sequence
from typing import Any

from werkzeug.routing import Rule
from werkzeug.wrappers import Request, Response

from tests.sandbox.apps import Apps, NewApp
from tests.sandbox.stand_in import Answer, Arguments, as_json, as_page, json_object
from tests.sandbox.wall import Notice, Wall
from tests.sandbox.youtube_rules import complaints

PIECE, PER_PAGE = 256 * 2**10, 5
SPAN = re.compile(r"bytes (?:(\d+)-(\d+)|\*)/(\d+)")
LASTS_S = 3_599


class YouTube:
    """Channels, whose names are their owners'; a video is processed when it was asked about once.

    An owner whose name begins with `busy` may upload nothing more today, at the end of an upload. Access tokens are
    as good as their owners' last ones, and end when `expired` has been answered with.
    """

    name = "youtube"
    rules: Sequence[Rule] = (
        Rule("/token", methods=["POST"], endpoint="token"),
        Rule("/upload/youtube/v3/videos", methods=["POST"], endpoint="begin"),
        Rule("/upload/youtube/v3/videos", methods=["PUT"], endpoint="upload"),
        Rule("/youtube/v3/videos", methods=["GET"], endpoint="videos"),
        Rule("/youtube/v3/videos", methods=["DELETE"], endpoint="delete"),
        Rule("/youtube/v3/channels", methods=["GET"], endpoint="channels"),
        Rule("/youtube/v3/playlistItems", methods=["GET"], endpoint="playlist"),
        Rule("/o/oauth2/v2/auth", methods=["GET"], endpoint="authorize"),
        Rule("/watch", methods=["GET"], endpoint="page"),
    )
    publishing = frozenset({"upload"})
    public = frozenset({"token", "page", "authorize"})
    hosts: Sequence[str] = ("www.googleapis.com", "oauth2.googleapis.com", "www.youtube.com", "accounts.google.com")

    def __init__(self, wall: Wall) -> None:
        self._wall = wall
        self._owners: dict[str, str] = {}  # by access token
        self._grants: dict[tuple[str, str, str], str] = {}  # by client and refresh token
        self._apps = Apps(proof="form")
        self._uploads: dict[str, dict[str, Any]] = {}
        self._asked: dict[str, int] = {}
        self._deleted: set[str] = set()

    def open_account(self, name: str, origin: str) -> Mapping[str, str]:
        """A channel of that name, with the tokens of an app that may do everything there."""
        _ = origin
        client = f"{secrets.randbelow(10**12)}.apps.googleusercontent.com", f"GOCSPX-{secrets.token_urlsafe(21)}"
        grant = f"1//{secrets.token_urlsafe(48)}"
        self._grants[(*client, grant)] = name
        tokens = {"access_token": self._token(name), "refresh_token": grant}
        return {"client_id": client[0], "client_secret": client[1], **tokens}

    def open_app(self, asked: NewApp, origin: str) -> Mapping[str, str]:
        """An app for the web."""
        _ = origin
        app = self._apps.open(asked)
        return {"client_id": app.id, "client_secret": app.secret}

    def authorize(self, request: Request) -> Response:
        """The consent page; what is asked for offline brings a refresh token."""
        if request.args.get("access_type") != "offline":
            return Response("This stand-in knows programs alone that go on while nobody is there.", 400)
        return self._apps.authorize(request)

    def account_of(self, request: Request, arguments: Arguments) -> str:
        """The owner whose token the request carries."""
        _ = arguments
        scheme, _, token = request.headers.get("Authorization", "").partition(" ")
        if scheme != "Bearer" or token not in self._owners:
            raise Answer(self.expired())
        return self._owners[token]

    def token(self, request: Request) -> Response:
        """Tokens for a code; or another access token for a refresh token."""
        form = request.form
        if form.get("grant_type") == "authorization_code":
            code = self._apps.exchanged(request)
            consenting, grant = code.app.accounts[0], f"1//{secrets.token_urlsafe(48)}"
            self._grants[(code.app.id, code.app.secret, grant)] = consenting
            told = {"expires_in": LASTS_S, "scope": " ".join(code.scopes), "token_type": "Bearer"}
            return as_json({"access_token": self._token(consenting), "refresh_token": grant, **told})
        if form.get("grant_type") != "refresh_token":
            return as_json({"error": "unsupported_grant_type"}, 400)
        owner = self._grants.get((form.get("client_id", ""), form.get("client_secret", ""), form["refresh_token"]))
        if owner is None:
            told = {"error": "invalid_grant", "error_description": "Token has been expired or revoked."}
            return as_json(told, 400)
        scope = "https://www.googleapis.com/auth/youtube"
        token = {"access_token": self._token(owner), "expires_in": LASTS_S, "scope": scope, "token_type": "Bearer"}
        return as_json(token)

    def begin(self, request: Request, account: str) -> Response:
        """Open a session for a video, unless what is said of it breaks a rule."""
        video, size = json_object(request), request.headers.get("X-Upload-Content-Length", "", str)
        if request.args.get("uploadType") != "resumable" or not size.isdecimal():
            return _trouble(400, "badRequest", "Only resumable uploads of a known length.")
        if request.args.get("part") != "snippet,status" or video is None:
            return _trouble(400, "invalidVideoMetadata", "The request metadata is invalid.")
        kind = request.headers.get("X-Upload-Content-Type", "")
        if not kind.startswith("video/") and kind != "application/octet-stream":
            return _trouble(400, "badContent", f"Media type '{kind}' is not supported.")
        reason = next(complaints(video, int(size)), "")
        if reason:
            return _trouble(400, reason, "The request metadata specifies something invalid.")
        upload = secrets.token_urlsafe(24)
        self._uploads[upload] = {"video": video, "size": int(size), "stored": 0, "owner": account, "made": None}
        address = f"https://www.googleapis.com/upload/youtube/v3/videos?uploadType=resumable&upload_id={upload}"
        return Response(status=200, headers={"Location": address})

    def upload(self, request: Request, account: str) -> Response:
        """Take a piece, or say how much was taken; of all of it a video is made."""
        upload = self._uploads.get(request.args.get("upload_id", ""))
        span = SPAN.fullmatch(request.headers.get("Content-Range", ""))
        if upload is None or upload["owner"] != account:
            return Response("Not Found", 404)
        if span is None or int(span[3]) != upload["size"]:
            return Response("Failed to parse Content-Range header.", 400)
        if upload["made"] is None and span[1]:
            refusal = _piece_taken(upload, int(span[1]), int(span[2]), request.get_data())
            if refusal:
                return refusal
        if upload["stored"] < upload["size"]:
            return _resume(upload["stored"])
        return self._made(upload)

    def videos(self, request: Request, account: str) -> Response:
        """One of the channel's videos."""
        parts, wanted = request.args.get("part", "").split(","), request.args.get("id", "")
        found = [notice for notice in self._standing(account) if notice.id == wanted]
        shown = []
        for notice in found:
            self._asked[notice.id] = self._asked.get(notice.id, 0) + ("status" in parts)
            shown.append(_shown(notice, parts, processed=self._asked[notice.id] > 1))
        return as_json({"kind": "youtube#videoListResponse", "items": shown})

    def delete(self, request: Request, account: str) -> Response:
        """Delete a video."""
        wanted = request.args.get("id", "")
        if wanted not in {notice.id for notice in self._standing(account)}:
            return _trouble(404, "videoNotFound", "The video that you are trying to delete cannot be found.")
        self._deleted.add(wanted)
        return Response(status=204)

    def channels(self, request: Request, account: str) -> Response:
        """The owner's channel."""
        if request.args.get("mine") != "true" or not request.args.get("part"):
            return _trouble(400, "missingRequiredParameter", "No filter selected.")
        own = {
            "id": f"UC{account}",
            "snippet": {"title": account},
            "contentDetails": {"relatedPlaylists": {"uploads": f"UU{account}"}},
        }
        return as_json({"items": [{name: own[name] for name in ("id", *request.args["part"].split(","))}]})

    def playlist(self, request: Request, account: str) -> Response:
        """The channel's uploads, the last one first."""
        newest = self._standing(account)[::-1]
        if request.args.get("playlistId") != f"UU{account}" or not newest:
            return _trouble(
                404, "playlistNotFound", "The playlist identified with the request's playlistId was not found."
            )
        size, start = request.args.get("maxResults", PER_PAGE, int), request.args.get("pageToken", 0, int)
        items = [{"snippet": _item(notice)} for notice in newest[start : start + size]]
        more = {"nextPageToken": str(start + size)} if start + size < len(newest) else {}
        return as_json({"items": items, **more})

    def page(self, request: Request) -> Response:
        """A video as people see it."""
        for notice in self._wall.notices(self.name):
            if notice.id == request.args.get("v") and notice.id not in self._deleted:
                return as_page(notice.document["snippet"]["title"], notice.document)
        return Response("This video isn't available any more", 404)

    def throttled(self, wait_s: float) -> Response:
        """403, without a hint when."""
        _ = wait_s
        return _trouble(403, "rateLimitExceeded", "The request was throttled.")

    def refused(self) -> Response:
        """A tag YouTube does not take."""
        return _trouble(400, "invalidTags", "The request metadata specifies invalid video keywords.")

    def expired(self) -> Response:
        """401."""
        return _trouble(401, "authError", "Invalid Credentials")

    def _token(self, owner: str) -> str:
        token = f"ya29.{secrets.token_urlsafe(48)}"
        self._owners = {each: name for each, name in self._owners.items() if name != owner} | {token: owner}
        return token

    def _standing(self, account: str) -> list[Notice]:
        return [each for each in self._wall.notices(self.name, account) if each.id not in self._deleted]

    def _made(self, upload: dict[str, Any]) -> Response:
        if upload["owner"].startswith("busy"):
            return _trouble(400, "uploadLimitExceeded", "The user has exceeded the number of videos they may upload.")
        if upload["made"] is None:
            document = {**upload["video"], "bytes": upload["size"]}
            identifier = secrets.token_urlsafe(8)
            upload["made"] = self._wall.hang(self.name, upload["owner"], identifier, document)
        return as_json(_shown(upload["made"], ["snippet", "status"], processed=False))


def _piece_taken(upload: dict[str, Any], first: int, last: int, data: bytes) -> Response | None:
    """Take what is new of a piece; the answer where it is none that YouTube takes."""
    if last - first + 1 != len(data) or last >= upload["size"]:
        return Response("Invalid request. The number of bytes uploaded does not match.", 400)
    if first > upload["stored"]:
        return Response("Service Unavailable", 503)
    if last + 1 < upload["size"] and len(data) % PIECE:
        return Response("Invalid request. A piece must be a multiple of 262144 bytes.", 400)
    upload["stored"] = max(upload["stored"], last + 1)
    return None


def _resume(stored: int) -> Response:
    answer = Response(status="308 Resume Incomplete")
    if stored:
        answer.headers["Range"] = f"bytes=0-{stored - 1}"
    return answer


def _shown(notice: Notice, parts: list[str], *, processed: bool) -> dict[str, Any]:
    status = {**notice.document.get("status", {}), "uploadStatus": "processed" if processed else "uploaded"}
    known: dict[str, Any] = {
        "snippet": {**notice.document["snippet"], "publishedAt": notice.at},
        "status": status,
        "statistics": {"viewCount": "47", "likeCount": "11", "favoriteCount": "0", "commentCount": "3"},
    }
    return {"kind": "youtube#video", "id": notice.id, **{part: known[part] for part in parts if part in known}}


def _item(notice: Notice) -> dict[str, Any]:
    said = {name: notice.document["snippet"].get(name, "") for name in ("title", "description")}
    return {**said, "publishedAt": notice.at, "resourceId": {"kind": "youtube#video", "videoId": notice.id}}


def _trouble(status: int, reason: str, message: str) -> Response:
    errors = [{"domain": "youtube", "reason": reason, "message": message}]
    return as_json({"error": {"code": status, "message": message, "errors": errors}}, status)


STAND_IN = YouTube
