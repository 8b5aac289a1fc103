"""X's posts, media and tokens, as its API v2 answers them.

Source: https://docs.x.com/x-api/posts/manage-tweets/introduction, …/media/quickstart/media-upload-chunked,
…/fundamentals/response-codes-and-errors and github.com/xdevplatform/docs: openapi.json (read 2026-11-21)
"""

from __future__ import annotations

import base64
import html
import re
import secrets
import time
import unicodedata
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from werkzeug.routing import Rule
from werkzeug.wrappers import Request, Response

from tests.sandbox.apps import Apps, NewApp
from tests.sandbox.stand_in import Answer, Arguments, as_json, as_page, json_object
from tests.sandbox.wall import Notice, Wall
from tests.sandbox.x_media import FIRST, Uploads, missing, problem

MOST, MOST_MEDIA = 280, 4
KNOWN = {"text", "reply", "media", "reply_settings", "quote_tweet_id", "poll", "made_with_ai", "paid_partnership"}
URL = re.compile(r"https?://[^\s()<>]*[^\s()<>.,;:!?]")


class X(Uploads):
    """All accounts on X; videos and GIFs are ready when they were asked about once."""

    name = "x"
    rules: Sequence[Rule] = (
        Rule("/2/tweets", methods=["POST"], endpoint="create"),
        Rule("/2/tweets", methods=["GET"], endpoint="lookup"),
        Rule("/2/tweets/<post>", methods=["DELETE"], endpoint="delete"),
        Rule("/2/users/me", methods=["GET"], endpoint="me"),
        Rule("/2/users/<user>/tweets", methods=["GET"], endpoint="timeline"),
        Rule("/2/media/upload", methods=["POST"], endpoint="upload"),
        Rule("/2/media/upload", methods=["GET"], endpoint="status"),
        Rule("/2/media/upload/initialize", methods=["POST"], endpoint="initialize"),
        Rule("/2/media/upload/<medium>/append", methods=["POST"], endpoint="append"),
        Rule("/2/media/upload/<medium>/finalize", methods=["POST"], endpoint="finalize"),
        Rule("/2/media/metadata", methods=["POST"], endpoint="describe"),
        Rule("/2/oauth2/token", methods=["POST"], endpoint="token"),
        Rule("/i/oauth2/authorize", methods=["GET"], endpoint="authorize"),
        Rule("/i/web/status/<post>", methods=["GET"], endpoint="page"),
    )
    publishing = frozenset({"create"})
    public = frozenset({"authorize", "token", "page"})
    hosts: Sequence[str] = ("api.x.com", "x.com")

    def __init__(self, wall: Wall) -> None:
        super().__init__()
        self._wall = wall
        self._apps = Apps()
        self._access: dict[str, str] = {}
        self._refresh: dict[str, str] = {}
        self._posts = 0

    def open_account(self, name: str, origin: str) -> Mapping[str, str]:
        """A user of that name, who has allowed a new app."""
        return {**self.open_app(NewApp(accounts=(name,)), origin), **self._granted(name)}

    def open_app(self, asked: NewApp, origin: str) -> Mapping[str, str]:
        """An app of the kind that keeps a secret."""
        _ = origin
        app = self._apps.open(asked)
        return {"client_id": app.id, "client_secret": app.secret}

    def authorize(self, request: Request) -> Response:
        """The consent page."""
        return self._apps.authorize(request)

    def account_of(self, request: Request, arguments: Arguments) -> str:
        """The user whose token the request carries."""
        _ = arguments
        user = self._access.get(request.headers.get("Authorization", "").removeprefix("Bearer "))
        if user is None:
            raise Answer(self.expired())
        return user

    def token(self, request: Request) -> Response:
        """Tokens for a code; or others for a refresh token, which is good for this once."""
        if request.form.get("grant_type") == "authorization_code":
            code = self._apps.exchanged(request)
            lasts = {"token_type": "bearer", "expires_in": 7200, "scope": " ".join(code.scopes)}
            return as_json({**lasts, **self._granted(code.app.accounts[0])})
        client, _, secret = _basic(request).partition(":")
        if client not in self._apps.known or self._apps.known[client].secret != secret:
            return as_json({"error": "unauthorized_client", "error_description": "Missing valid authorization"}, 401)
        with self._lock:
            user = self._refresh.pop(request.form.get("refresh_token", ""), None)
        if user is None or request.form.get("grant_type") != "refresh_token":
            said = "Value passed for the token was invalid."
            return as_json({"error": "invalid_request", "error_description": said}, 400)
        return as_json({"token_type": "bearer", "expires_in": 7200, **self._granted(user), "scope": "tweet.write"})

    def create(self, request: Request, account: str) -> Response:
        """Post something, unless it breaks a rule of X's."""
        body = json_object(request) or {}
        with self._lock:
            for complaint in self._complaints(body, account):
                return complaint
            self._posts += 1
            identifier = str(FIRST + self._posts)
            media = [self._shown_medium(each) for each in _media_ids(body)]
            document = {"text": body.get("text", ""), "media": media, "in_reply_to": _answered(body)}
            self._wall.hang(self.name, account, identifier, document)
        return as_json({"data": {"id": identifier, "text": body.get("text", "")}}, 201)

    def lookup(self, request: Request, _account: str) -> Response:
        """Posts by their ids; what is not there is told beside them."""
        wanted = request.args.get("ids", "").split(",")
        found = [self._shown(each, request) for each in self._wall.notices(self.name) if each.id in wanted]
        gone = [missing(each) for each in wanted if each not in {post["id"] for post in found}]
        return as_json({**({"data": found} if found else {}), **({"errors": gone} if gone else {})})

    def delete(self, _request: Request, account: str, post: str) -> Response:
        """Delete one of the user's posts."""
        if self._wall.take_down(self.name, account, post):
            return as_json({"data": {"deleted": True}})
        return as_json(missing(post), 404)

    def me(self, _request: Request, account: str) -> Response:
        """The user."""
        return as_json({"data": {"id": _number(account), "name": account.title(), "username": account}})

    def timeline(self, request: Request, account: str, user: str) -> Response:
        """The user's own posts, newest first, in pages."""
        asked, size = request.args, request.args.get("max_results", 10, int)
        since = asked.get("start_time", "")
        if user != _number(account) or not 5 <= size <= 100 or (since and not re.fullmatch(r"[\d-]+T[\d:]+Z", since)):
            return problem(400, "One or more parameters to your request was invalid.", "invalid-request")
        posts = [
            self._shown(each, request)
            for each in self._wall.notices(self.name, account)[::-1]
            if each.at >= since and int(each.id) > asked.get("since_id", 0, int)
        ]
        start = asked.get("pagination_token", 0, int)
        more = {"next_token": str(start + size)} if start + size < len(posts) else {}
        page = posts[start : start + size]
        meta: dict[str, object] = {"result_count": len(page), **more}
        return as_json({"data": page, "meta": meta} if page else {"meta": meta})

    def page(self, _request: Request, post: str) -> Response:
        """A post as people see it."""
        for notice in self._wall.notices(self.name):
            if notice.id == post:
                return as_page(f"@{notice.account}", notice.document)
        return Response("Not found", 404)

    def throttled(self, wait_s: float) -> Response:
        """429 with the moment it ends."""
        answer = problem(429, "Too Many Requests", "rate-limit-exceeded")
        answer.headers["x-rate-limit-remaining"] = "0"
        answer.headers["x-rate-limit-reset"] = str(int(time.time() + wait_s + 0.999))
        return answer

    def refused(self) -> Response:
        """403 with a sentence."""
        return problem(403, "You are not permitted to perform this action.")

    def expired(self) -> Response:
        """401."""
        return problem(401, "Unauthorized")

    def _granted(self, user: str) -> dict[str, str]:
        access, refresh = secrets.token_urlsafe(48), secrets.token_urlsafe(48)
        self._access[access], self._refresh[refresh] = user, user
        return {"access_token": access, "refresh_token": refresh}

    def _complaints(self, body: Mapping[str, Any], account: str) -> Iterator[Response]:
        text, media = body.get("text", ""), [self._owned(each, account) for each in _media_ids(body)]
        mine = self._wall.notices(self.name, account)
        if set(body) - KNOWN or (not text and not media):
            yield problem(400, "One or more parameters to your request was invalid.", "invalid-request")
        if not all(each and each["ready"] for each in media):
            yield problem(400, "Your media IDs are invalid.", "invalid-request")
        alone = any(each and each["kind"] != "tweet_image" for each in media)
        if _length(text) > MOST or len(media) > (1 if alone else MOST_MEDIA):
            yield self.refused()
        if _answered(body) and _answered(body) not in {each.id for each in self._wall.notices(self.name)}:
            yield problem(403, "You attempted to reply to a Tweet that is deleted or not visible to you.")
        if any(each.document["text"] == text and not media for each in mine):
            yield problem(403, "You are not allowed to create a Tweet with duplicate content.")

    def _shown(self, notice: Notice, request: Request) -> dict[str, Any]:
        """A post as far as it is asked for: its addresses shortened, its media as an address more."""
        text, urls = html.escape(notice.document["text"], quote=False), []
        for place, url in enumerate(dict.fromkeys(URL.findall(notice.document["text"]))):
            urls.append({"url": f"https://t.co/{notice.id}x{place}", "expanded_url": url})
            text = text.replace(html.escape(url, quote=False), urls[-1]["url"])
        media = notice.document["media"]
        urls += [{"url": f"https://t.co/{each['id']}", "media_key": f"3_{each['id']}"} for each in media]
        if media:
            text = f"{text} {urls[-1]['url']}".strip()
        counts = dict.fromkeys(("retweet_count", "reply_count", "like_count", "quote_count", "bookmark_count"), 0)
        told = {
            "conversation_id": self._root(notice),
            "entities": {"urls": urls},
            "public_metrics": {**counts, "impression_count": 1},
        }
        wanted = request.args.get("tweet.fields", "").split(",")
        return {"id": notice.id, "text": text, **{name: told[name] for name in wanted if name in told}}

    def _root(self, notice: Notice) -> str:
        above = notice.document["in_reply_to"]
        found = next((each for each in self._wall.notices(self.name) if each.id == above), None)
        return self._root(found) if found else notice.id


def _basic(request: Request) -> str:
    given = request.headers.get("Authorization", "").removeprefix("Basic ")
    return base64.b64decode(given).decode()


def _media_ids(body: Mapping[str, Any]) -> list[str]:
    return list(body.get("media", {}).get("media_ids", ()))


def _answered(body: Mapping[str, Any]) -> str:
    return str(body.get("reply", {}).get("in_reply_to_tweet_id", ""))


def _length(text: str) -> int:
    """An address 23, East Asian letters 2, everything else 1: never more than X counts."""
    seen = unicodedata.normalize("NFC", URL.sub("x" * 23, text))
    return sum(2 if unicodedata.east_asian_width(each) in "WF" and ord(each) < 0x1F000 else 1 for each in seen)


def _number(name: str) -> str:
    return str(int.from_bytes(name.encode()) % 10**12)


STAND_IN = X
