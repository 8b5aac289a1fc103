"""A personal data server (PDS) of the AT Protocol with Bluesky's posts, the pages and counts Bluesky has of them.

Source: https://atproto.com/lexicons and github.com/bluesky-social/atproto@d6296a1: lexicons/app/bsky/,
lexicons/com/atproto/, packages/pds/src/api/com/atproto/ (read 2026-11-21)
"""

from __future__ import annotations

import json
import math
import re
import secrets
import threading
import time
import unicodedata
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from werkzeug.routing import Rule
from werkzeug.wrappers import Request, Response

from tests.sandbox.bluesky_consent import AuthorizationServer, LettingIn
from tests.sandbox.bluesky_video import PDS, VideoService, cid, did, handle, trouble
from tests.sandbox.stand_in import Answer, Arguments, as_json, as_page, json_object
from tests.sandbox.wall import Notice, Wall

POSTS = "app.bsky.feed.post"
TID = re.compile("[234567abcdefghij][234567abcdefghijklmnopqrstuvwxyz]{12}")
MOMENT = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d+)?(Z|[+-]\d\d:\d\d)")
URI = re.compile(r"\w+:(//)?[^\s/]\S*")
NEEDED = {"app.bsky.embed.images": "images", "app.bsky.embed.external": "external"}
FEATURES = {"app.bsky.richtext.facet#link": "uri", "app.bsky.richtext.facet#tag": "tag"}
INVISIBLE = "\u200c\u200d"
PICTURE_BYTES = 2_000_000


class Bluesky(LettingIn):
    """One PDS; an account's name is the first part of its handle."""

    name = "bluesky"
    rules: Sequence[Rule] = (
        Rule("/xrpc/com.atproto.server.createSession", methods=["POST"], endpoint="create_session"),
        Rule("/xrpc/com.atproto.repo.uploadBlob", methods=["POST"], endpoint="upload"),
        Rule("/xrpc/com.atproto.repo.putRecord", methods=["POST"], endpoint="put"),
        Rule("/xrpc/com.atproto.repo.getRecord", methods=["GET"], endpoint="record"),
        Rule("/xrpc/com.atproto.repo.deleteRecord", methods=["POST"], endpoint="delete"),
        Rule("/xrpc/com.atproto.server.getServiceAuth", methods=["GET"], endpoint="service_token"),
        Rule("/xrpc/app.bsky.video.getUploadLimits", methods=["GET"], endpoint="video_limits"),
        Rule("/xrpc/app.bsky.video.uploadVideo", methods=["POST"], endpoint="upload_video"),
        Rule("/xrpc/app.bsky.video.getJobStatus", methods=["GET"], endpoint="job"),
        Rule("/xrpc/app.bsky.feed.getPosts", methods=["GET"], endpoint="posts"),
        Rule("/xrpc/com.atproto.server.getSession", methods=["GET"], endpoint="session"),
        Rule("/.well-known/oauth-protected-resource", methods=["GET"], endpoint="resource"),
        Rule("/.well-known/oauth-authorization-server", methods=["GET"], endpoint="metadata"),
        Rule("/oauth/par", methods=["POST"], endpoint="push"),
        Rule("/oauth/authorize", methods=["GET"], endpoint="authorize"),
        Rule("/oauth/token", methods=["POST"], endpoint="exchange"),
        Rule("/did:plc:<key>", methods=["GET"], endpoint="document"),
        Rule("/profile/<actor>/post/<key>", methods=["GET"], endpoint="page"),
    )
    publishing = frozenset({"put"})
    public = frozenset(
        {"record", "page", "job", "posts", "resource", "metadata", "push", "authorize", "exchange", "document"}
    )
    hosts: Sequence[str] = ("bsky.social", "bsky.app", "video.bsky.app", "public.api.bsky.app", "plc.directory")

    def __init__(self, wall: Wall) -> None:
        self._wall = wall
        self._passwords: dict[tuple[str, str], str] = {}
        self._sessions: dict[str, str] = {}
        self._blobs: dict[str, dict[str, Any]] = {}
        self._videos = VideoService(self._blobs)
        self.door = AuthorizationServer()
        self.names = {}
        self._lock = threading.Lock()

    def open_account(self, name: str, origin: str) -> Mapping[str, str]:
        """An account of that name with a new app password."""
        password = "-".join(secrets.token_hex(2) for _ in range(4))
        self._passwords[handle(name), password] = self.names[did(name)] = name
        return {"handle": handle(name), "app_password": password, "service": origin}

    def session(self, _request: Request, account: str) -> Response:
        """Whose token it is."""
        answer = as_json({"did": did(account), "handle": handle(account), "active": True})
        answer.headers["DPoP-Nonce"] = self.door.nonce
        return answer

    def account_of(self, request: Request, arguments: Arguments) -> str:
        """The account whose session's token the request carries; for a new session, whose password."""
        _ = arguments
        if request.path.endswith("createSession"):
            return self._logged_in(json_object(request) or {})
        if "/app.bsky.video." in request.path:
            return self._videos.account_of(request)
        scheme, _, token = request.headers.get("Authorization", "").partition(" ")
        if scheme == "DPoP":
            return self.door.account_of(request)
        if scheme != "Bearer":
            raise Answer(trouble(401, "AuthMissing", "Authentication Required"))
        if token not in self._sessions:
            raise Answer(trouble(400, "InvalidToken", "Token could not be verified"))
        return self._sessions[token]

    def _logged_in(self, login: Mapping[str, Any]) -> str:
        if not all(isinstance(login.get(name), str) for name in ("identifier", "password")):
            raise Answer(trouble(400, "InvalidRequest", 'Input must have the property "identifier"'))
        account = self._passwords.get((login["identifier"].lower(), login["password"]))
        if account is None:
            raise Answer(self.expired())
        return account

    def create_session(self, _request: Request, account: str) -> Response:
        """A session with a token of its own."""
        token = f"{secrets.token_urlsafe(12)}.{secrets.token_urlsafe(24)}.{secrets.token_urlsafe(12)}"
        self._sessions[token] = account
        home = {"id": "#atproto_pds", "type": "AtprotoPersonalDataServer", "serviceEndpoint": f"https://{PDS}"}
        document = {"id": did(account), "service": [home]}
        tokens = {"accessJwt": token, "refreshJwt": secrets.token_urlsafe(48)}
        return as_json({**tokens, "did": did(account), "handle": handle(account), "didDoc": document, "active": True})

    def service_token(self, request: Request, account: str) -> Response:
        """A token for another service."""
        return self._videos.token_for(request, account)

    def video_limits(self, request: Request, account: str) -> Response:
        """What the account may still upload today."""
        _ = request, account
        return as_json({"canUpload": True, "remainingDailyVideos": 25, "remainingDailyBytes": 10_000_000_000})

    def upload_video(self, request: Request, account: str) -> Response:
        """Take a video."""
        if request.args.get("did") != did(account):
            return trouble(401, "Unauthorized", "did is not the token's")
        return self._videos.upload(request, account)

    def job(self, request: Request) -> Response:
        """How far a video is."""
        return self._videos.job(request)

    def posts(self, request: Request) -> Response:
        """Posts as anybody sees them, with their counts."""
        uris = request.args.getlist("uris")
        found = [each for each in self._wall.notices(self.name) if each.id in uris]
        counts = {"likeCount": 3, "repostCount": 2, "quoteCount": 1, "replyCount": 4, "bookmarkCount": 5}
        return as_json({"posts": [{"uri": each.id, "record": each.document, **counts} for each in found]})

    def delete(self, request: Request, account: str) -> Response:
        """Delete a record, whether it is there or not."""
        body = json_object(request) or {}
        if body.get("repo") not in {did(account), handle(account)} or body.get("collection") != POSTS:
            return trouble(400, "InvalidRequest", "Could not find repo or collection")
        self._wall.take_down(self.name, account, f"at://{did(account)}/{POSTS}/{body.get('rkey')}")
        return as_json({})

    def upload(self, request: Request, account: str) -> Response:
        """Take a blob; it is nobody's until a record names it."""
        _ = account
        data, kind = request.get_data(), request.headers.get("Content-Type", "")
        if not kind or not data:
            return trouble(400, "InvalidRequest", "Request encoding (Content-Type) required but not provided")
        blob = {"$type": "blob", "ref": {"$link": cid(data)}, "mimeType": kind, "size": len(data)}
        self._blobs[cid(data)] = blob
        return as_json({"blob": blob})

    def put(self, request: Request, account: str) -> Response:
        """Put a post's record under its key; the same once more is nothing new, another is not taken here."""
        body = json_object(request) or {}
        complaint = next(self._complaints(body, account), None)
        if complaint:
            return trouble(400, "InvalidRequest", complaint)
        uri, written = f"at://{did(account)}/{POSTS}/{body['rkey']}", cid(json.dumps(body["record"]).encode())
        with self._lock:
            there = self._found(body["rkey"], did(account))
            if there is None:
                self._wall.hang(self.name, account, uri, body["record"])
            elif there.document == body["record"]:
                self._wall.again(self.name, account, uri)
            else:  # a PDS would update it: nobody here has reason to
                return trouble(400, "InvalidSwap", "Record was there already")
        return as_json({"uri": uri, "cid": written, "validationStatus": "valid"})

    def record(self, request: Request) -> Response:
        """A record anybody may read."""
        repo, key = request.args.get("repo", ""), request.args.get("rkey", "")
        found = self._found(key, repo) if request.args.get("collection") == POSTS else None
        if found is None:
            return trouble(400, "RecordNotFound", f"Could not locate record: at://{repo}/{POSTS}/{key}")
        written = cid(json.dumps(found.document).encode())
        return as_json({"uri": found.id, "cid": written, "value": found.document})

    def page(self, _request: Request, actor: str, key: str) -> Response:
        """A post as Bluesky shows it."""
        found = self._found(key, actor)
        return as_page(actor, found.document) if found else Response("Post not found", 404)

    def throttled(self, wait_s: float) -> Response:
        """429 with the second it ends."""
        answer = trouble(429, "RateLimitExceeded", "Rate Limit Exceeded")
        answer.headers.extend({"RateLimit-Remaining": "0", "RateLimit-Reset": str(math.ceil(time.time() + wait_s))})
        answer.headers["Retry-After"] = str(math.ceil(wait_s))
        return answer

    def refused(self) -> Response:
        """400 with a sentence."""
        return trouble(400, "InvalidRequest", "Unacceptable slur in record")

    def expired(self) -> Response:
        """The app password was revoked."""
        return trouble(401, "AuthenticationRequired", "Invalid identifier or password")

    def _found(self, key: str, actor: str) -> Notice | None:
        found = (each for each in self._wall.notices(self.name) if each.id.endswith(f"/{key}"))
        return next((each for each in found if actor in {did(each.account), handle(each.account)}), None)

    def _complaints(self, body: Mapping[str, Any], account: str) -> Iterator[str]:
        record = body.get("record")
        if body.get("repo") not in {did(account), handle(account)} or body.get("collection") != POSTS:
            yield "Could not find repo or collection"
        if not TID.fullmatch(str(body.get("rkey"))):
            yield f"Invalid record key for {POSTS}"
        if not isinstance(record, dict) or record.get("$type") != POSTS:
            yield f"Invalid $type: expected {POSTS}"
            return
        text = record.get("text")
        if not isinstance(text, str) or not MOMENT.fullmatch(str(record.get("createdAt"))):
            yield f"Invalid {POSTS} record: Missing required key text or createdAt"
            return
        yield from (f"Invalid {POSTS} record: {found}" for found in _text_complaints(text, record))
        yield from (f"Invalid {POSTS} record: {found}" for found in self._reply_complaints(record.get("reply")))
        yield from (f"Invalid {POSTS} record: {found}" for found in self._embed_complaints(record.get("embed")))

    def _reply_complaints(self, reply: Any) -> Iterator[str]:
        for end in ("root", "parent") if reply is not None else ():
            named = reply.get(end) or {}
            found = next((each for each in self._wall.notices(self.name) if each.id == named.get("uri")), None)
            if found is None or named.get("cid") != cid(json.dumps(found.document).encode()):
                yield f"reply/{end} is none of the posts there are"  # which a PDS takes, and nobody wants

    def _embed_complaints(self, embed: Any) -> Iterator[str]:
        if embed is None:
            return
        if embed.get("$type") == "app.bsky.embed.video":
            yield from self._video_complaints(embed)
            return
        shown = embed.get(NEEDED.get(embed.get("$type"), ""))
        if isinstance(shown, list) and len(shown) <= 4:
            yield from (found for image in shown for found in self._image_complaints(image))
        elif not isinstance(shown, dict) or not all(
            isinstance(shown.get(name), str) for name in ("title", "description")
        ):
            yield "embed is none of the known ones"
        elif not URI.fullmatch(str(shown.get("uri"))):
            yield "embed/external/uri must be a uri"

    def _image_complaints(self, image: Mapping[str, Any]) -> Iterator[str]:
        blob = image.get("image")
        if not isinstance(image.get("alt"), str):
            yield "Missing required key alt"
        if not isinstance(blob, dict) or self._blobs.get(blob.get("ref", {}).get("$link")) != blob:
            yield "Could not find blob"
        elif blob["size"] > PICTURE_BYTES or not blob["mimeType"].startswith("image/"):
            yield f"blob too big (maximum {PICTURE_BYTES}) or no image"

    def _video_complaints(self, embed: Mapping[str, Any]) -> Iterator[str]:
        blob = embed.get("video")
        if not isinstance(blob, dict) or self._blobs.get(blob.get("ref", {}).get("$link")) != blob:
            yield "Could not find blob"
        elif blob["mimeType"] != "video/mp4":
            yield "blob is no video"


def _text_complaints(text: str, record: Mapping[str, Any]) -> Iterator[str]:
    said = text.encode()
    if len(said) > 3_000 or _length(text) > 300:
        yield "text too big (maximum 300 graphemes)"
    if not text and not record.get("embed"):
        yield "text is empty"  # which a PDS takes, and nobody wants
    for facet in record.get("facets", []):
        start, end = facet["index"]["byteStart"], facet["index"]["byteEnd"]
        if not 0 <= start < end <= len(said):
            yield "facet out of the text"
        for feature in facet["features"]:
            if not feature.get(FEATURES.get(feature.get("$type"), "")):
                yield "facet leads nowhere"


def _length(text: str) -> int:
    """Code points but for marks, modifiers and joiners: never more than Bluesky counts."""
    seen = unicodedata.normalize("NFC", text)
    return sum(unicodedata.category(each)[0] not in "MS" and each not in INVISIBLE for each in seen)


STAND_IN = Bluesky
