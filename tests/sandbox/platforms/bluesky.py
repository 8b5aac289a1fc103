"""A personal data server (PDS) of the AT Protocol with Bluesky's posts, and the pages Bluesky shows of them.

Source: https://atproto.com/lexicons and github.com/bluesky-social/atproto@d6296a1: lexicons/app/bsky/,
lexicons/com/atproto/, packages/pds/src/api/com/atproto/ (read 2026-11-21)
"""

from __future__ import annotations

import base64
import hashlib
import json
import math
import re
import secrets
import threading
import time
import unicodedata
from collections.abc import Iterator, Mapping
from typing import Any

from werkzeug.routing import Rule
from werkzeug.wrappers import Request, Response

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


class Bluesky:
    """One PDS; an account's name is the first part of its handle."""

    name = "bluesky"
    rules = (
        Rule("/xrpc/com.atproto.server.createSession", methods=["POST"], endpoint="create_session"),
        Rule("/xrpc/com.atproto.repo.uploadBlob", methods=["POST"], endpoint="upload"),
        Rule("/xrpc/com.atproto.repo.putRecord", methods=["POST"], endpoint="put"),
        Rule("/xrpc/com.atproto.repo.getRecord", methods=["GET"], endpoint="record"),
        Rule("/profile/<actor>/post/<key>", methods=["GET"], endpoint="page"),
    )
    publishing = frozenset({"put"})
    public = frozenset({"record", "page"})
    hosts = ("bsky.social", "bsky.app")

    def __init__(self, wall: Wall) -> None:
        self._wall = wall
        self._passwords: dict[tuple[str, str], str] = {}
        self._sessions: dict[str, str] = {}
        self._blobs: dict[str, dict[str, Any]] = {}
        self._lock = threading.Lock()

    def open_account(self, name: str, origin: str) -> Mapping[str, str]:
        """An account of that name with a new app password."""
        password = "-".join(secrets.token_hex(2) for _ in range(4))
        self._passwords[_handle(name), password] = name
        return {"handle": _handle(name), "app_password": password, "service": origin}

    def account_of(self, request: Request, arguments: Arguments) -> str:
        """The account whose session's token the request carries; for a new session, whose password."""
        _ = arguments
        if request.path.endswith("createSession"):
            return self._logged_in(json_object(request) or {})
        scheme, _, token = request.headers.get("Authorization", "").partition(" ")
        if scheme != "Bearer":
            raise Answer(_trouble(401, "AuthMissing", "Authentication Required"))
        if token not in self._sessions:
            raise Answer(_trouble(400, "InvalidToken", "Token could not be verified"))
        return self._sessions[token]

    def _logged_in(self, login: Mapping[str, Any]) -> str:
        if not all(isinstance(login.get(name), str) for name in ("identifier", "password")):
            raise Answer(_trouble(400, "InvalidRequest", 'Input must have the property "identifier"'))
        account = self._passwords.get((login["identifier"].lower(), login["password"]))
        if account is None:
            raise Answer(self.expired())
        return account

    def create_session(self, _request: Request, account: str) -> Response:
        """A session with a token of its own."""
        token = f"{secrets.token_urlsafe(12)}.{secrets.token_urlsafe(24)}.{secrets.token_urlsafe(12)}"
        self._sessions[token] = account
        tokens = {"accessJwt": token, "refreshJwt": secrets.token_urlsafe(48)}
        return as_json({**tokens, "did": _did(account), "handle": _handle(account), "active": True})

    def upload(self, request: Request, account: str) -> Response:
        """Take a blob; it is nobody's until a record names it."""
        _ = account
        data, kind = request.get_data(), request.headers.get("Content-Type", "")
        if not kind or not data:
            return _trouble(400, "InvalidRequest", "Request encoding (Content-Type) required but not provided")
        blob = {"$type": "blob", "ref": {"$link": _cid(data)}, "mimeType": kind, "size": len(data)}
        self._blobs[_cid(data)] = blob
        return as_json({"blob": blob})

    def put(self, request: Request, account: str) -> Response:
        """Put a post's record under its key; the same once more is nothing new, another is not taken here."""
        body = json_object(request) or {}
        complaint = next(self._complaints(body, account), None)
        if complaint:
            return _trouble(400, "InvalidRequest", complaint)
        uri, cid = f"at://{_did(account)}/{POSTS}/{body['rkey']}", _cid(json.dumps(body["record"]).encode())
        with self._lock:
            there = self._found(body["rkey"], _did(account))
            if there is None:
                self._wall.hang(self.name, account, uri, body["record"])
            elif there.document == body["record"]:
                self._wall.again(self.name, account, uri)
            else:  # a PDS would update it: nobody here has reason to
                return _trouble(400, "InvalidSwap", "Record was there already")
        return as_json({"uri": uri, "cid": cid, "validationStatus": "valid"})

    def record(self, request: Request) -> Response:
        """A record anybody may read."""
        repo, key = request.args.get("repo", ""), request.args.get("rkey", "")
        found = self._found(key, repo) if request.args.get("collection") == POSTS else None
        if found is None:
            return _trouble(400, "RecordNotFound", f"Could not locate record: at://{repo}/{POSTS}/{key}")
        cid = _cid(json.dumps(found.document).encode())
        return as_json({"uri": found.id, "cid": cid, "value": found.document})

    def page(self, _request: Request, actor: str, key: str) -> Response:
        """A post as Bluesky shows it."""
        found = self._found(key, actor)
        return as_page(actor, found.document) if found else Response("Post not found", 404)

    def throttled(self, wait_s: float) -> Response:
        """429 with the second it ends."""
        answer = _trouble(429, "RateLimitExceeded", "Rate Limit Exceeded")
        answer.headers.extend({"RateLimit-Remaining": "0", "RateLimit-Reset": str(math.ceil(time.time() + wait_s))})
        answer.headers["Retry-After"] = str(math.ceil(wait_s))
        return answer

    def refused(self) -> Response:
        """400 with a sentence."""
        return _trouble(400, "InvalidRequest", "Unacceptable slur in record")

    def expired(self) -> Response:
        """The app password was revoked."""
        return _trouble(401, "AuthenticationRequired", "Invalid identifier or password")

    def _found(self, key: str, actor: str) -> Notice | None:
        found = (each for each in self._wall.notices(self.name) if each.id.endswith(f"/{key}"))
        return next((each for each in found if actor in {_did(each.account), _handle(each.account)}), None)

    def _complaints(self, body: Mapping[str, Any], account: str) -> Iterator[str]:
        record = body.get("record")
        if body.get("repo") not in {_did(account), _handle(account)} or body.get("collection") != POSTS:
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
        yield from (f"Invalid {POSTS} record: {found}" for found in self._embed_complaints(record.get("embed")))

    def _embed_complaints(self, embed: Any) -> Iterator[str]:
        if embed is None:
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


def _handle(name: str) -> str:
    return f"{re.sub('[^a-z0-9]+', '-', name.lower())}.test"


def _did(name: str) -> str:
    return f"did:plc:{base64.b32encode(hashlib.sha256(name.encode()).digest()).decode().lower()[:24]}"


def _cid(data: bytes) -> str:
    return f"bafkrei{base64.b32encode(hashlib.sha256(data).digest()).decode().lower().rstrip('=')}"


def _trouble(status: int, error: str, message: str) -> Response:
    return as_json({"error": error, "message": message}, status)


STAND_IN = Bluesky
