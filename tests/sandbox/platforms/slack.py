"""Slack's Web API as far as an app posts messages and files, looks for them and deletes them: errors come in a 200.

Source: https://docs.slack.dev/reference/methods/chat.postMessage, …/conversations.history, …/auth.test, …/chat.delete,
…/files.getUploadURLExternal, …/files.completeUploadExternal and https://docs.slack.dev/reference/block-kit/blocks
(read 2026-11-21)
"""

from __future__ import annotations

import itertools
import secrets
import time
from collections.abc import Mapping, Sequence
from typing import Any

from werkzeug.routing import Rule
from werkzeug.wrappers import Request, Response

from tests.sandbox.apps import Apps, Authorizing
from tests.sandbox.slack_blocks import complaints, invalid, trouble
from tests.sandbox.stand_in import Answer, Arguments, as_json, as_page, json_object
from tests.sandbox.wall import Notice, Wall

PAGE = 15


class Slack(Authorizing):
    """One workspace; an account is an app with a channel of its own, which it may read."""

    name = "slack"
    demonstrated = True
    rules: Sequence[Rule] = (
        Rule("/api/auth.test", methods=["GET", "POST"], endpoint="who"),
        Rule("/api/chat.postMessage", methods=["POST"], endpoint="post"),
        Rule("/api/conversations.history", methods=["GET", "POST"], endpoint="history"),
        Rule("/api/chat.delete", methods=["POST"], endpoint="delete"),
        Rule("/api/files.delete", methods=["POST"], endpoint="delete_file"),
        Rule("/api/files.getUploadURLExternal", methods=["GET", "POST"], endpoint="place"),
        Rule("/api/files.completeUploadExternal", methods=["POST"], endpoint="share"),
        Rule("/upload/v1/<file>", methods=["POST"], endpoint="upload"),
        Rule("/oauth/v2/authorize", methods=["GET"], endpoint="authorize"),
        Rule("/api/oauth.v2.access", methods=["POST"], endpoint="exchange"),
        Rule("/archives/<channel>/<message>", methods=["GET"], endpoint="page"),
    )
    publishing = frozenset({"post", "share"})
    public = frozenset({"page", "upload", "authorize", "exchange"})
    hosts: Sequence[str] = ("slack.com", "files.slack.com")

    def __init__(self, wall: Wall) -> None:
        self._wall = wall
        self._apps: dict[str, str] = {}
        self.consents = Apps(pkce=False)
        self._channels: dict[str, str] = {}
        self._counts = itertools.count(1)
        self._files = Files()
        self._late: dict[str, dict[str, Any]] = {}

    def open_account(self, name: str, origin: str) -> Mapping[str, str]:
        """An app and its channel, with a new token."""
        _ = origin
        token = f"xoxb-{secrets.randbelow(10**12)}-{secrets.token_hex(12)}"
        self._apps[token] = name
        self._channels.setdefault(name, f"C{secrets.token_hex(5).upper()}")
        return {"bot_token": token, "channel": self._channels[name]}

    def exchange(self, request: Request) -> Response:
        """A bot's token for a code; what is wrong is told with status 200."""
        try:
            code = self.consents.exchanged(request)
        except Answer:
            return trouble("invalid_code")
        name = code.app.accounts[0]
        opened = self.open_account(name, "")
        told = {"token_type": "bot", "scope": ",".join(code.scopes), "bot_user_id": f"U{name}"}
        return as_json({"ok": True, "access_token": opened["bot_token"], **told, "team": {"name": "Sandbox"}})

    def account_of(self, request: Request, arguments: Arguments) -> str:
        """The app whose token the request carries in its header."""
        _ = arguments
        kind, _, token = request.headers.get("Authorization", "").partition(" ")
        if kind != "Bearer" or not token:
            raise Answer(trouble("not_authed"))
        if token not in self._apps:
            raise Answer(trouble("invalid_auth"))
        return self._apps[token]

    def who(self, request: Request, account: str) -> Response:
        """Whose token it is, and where its workspace is."""
        who = {
            "team": "Sandbox",
            "team_id": "T0SANDBOX",
            "user": account,
            "user_id": f"U{account}",
            "bot_id": f"B{account}",
        }
        return as_json({"ok": True, "url": request.host_url, **who})

    def post(self, request: Request, account: str) -> Response:
        """Post a message."""
        asked = json_object(request)
        if asked is None:
            return trouble("invalid_json")
        if asked.get("channel") != self._channels[account]:
            return trouble("channel_not_found")
        complaint = next(complaints(asked), None)
        if complaint:
            return complaint
        message = self._posted(account, asked)
        return as_json({"ok": True, "channel": asked["channel"], "ts": message["ts"], "message": message})

    def _posted(self, account: str, told: Mapping[str, Any]) -> dict[str, Any]:
        ts = f"{int(time.time())}.{next(self._counts):06}"
        message = {"type": "message", "user": f"U{account}", "bot_id": f"B{account}", "ts": ts, **told}
        self._wall.hang(self.name, account, f"{self._channels[account]}:{ts}", message)
        return message

    def delete(self, request: Request, account: str) -> Response:
        """Delete a message of the app's."""
        asked = json_object(request) or request.form
        gone = self._wall.take_down(self.name, account, f"{asked.get('channel')}:{asked.get('ts')}")
        return as_json({"ok": True, "ts": asked.get("ts")}) if gone else trouble("message_not_found")

    def delete_file(self, request: Request, account: str) -> Response:
        """Delete a file, with the message it was shared with."""
        file = str((json_object(request) or request.form).get("file"))
        if not self._files.forget(file):
            return trouble("file_not_found")
        for notice in self._wall.notices(self.name, account):
            if any(each["id"] == file for each in notice.document.get("files", ())):
                self._wall.take_down(self.name, account, notice.id)
        return as_json({"ok": True})

    def place(self, request: Request, _account: str) -> Response:
        """Where a file is to be uploaded to."""
        return self._files.place(request)

    def upload(self, request: Request, file: str) -> Response:
        """Take a file's bytes; whoever knows the address may bring them."""
        return self._files.take(request, file)

    def share(self, request: Request, account: str) -> Response:
        """Share uploaded files in the channel. The message is there when it was looked for once."""
        asked = json_object(request) or {}
        shown = [each for each in asked.get("files", ()) if self._files.is_whole(each.get("id"))]
        if not shown or len(shown) < len(asked["files"]):
            return trouble("file_not_found")
        if asked.get("channel_id") != self._channels[account]:
            return trouble("channel_not_found")
        complaint = next(complaints({"text": "x", "blocks": asked.get("blocks")}), None)
        if complaint:
            return complaint
        files = [{**each, "name": self._files.name(each["id"])} for each in shown]
        self._late[account] = {"text": "", "blocks": asked.get("blocks") or [], "files": files}
        return as_json({"ok": True, "files": shown})

    def history(self, request: Request, account: str) -> Response:
        """The channel's messages, newest first; their metadata only where it is asked for."""
        asked = request.args
        if asked.get("channel") != self._channels[account]:
            return trouble("channel_not_found")
        since, start = asked.get("oldest", "0"), int(asked.get("cursor", "0"))
        size = min(asked.get("limit", PAGE, int), PAGE)
        notices = [notice for notice in self._wall.notices(self.name, account) if _ts(notice) > float(since)][::-1]
        whole = asked.get("include_all_metadata") == "true"
        messages = [_seen(notice, whole=whole) for notice in notices[start : start + size]]
        if account in self._late:
            self._posted(account, self._late.pop(account))
        more = len(notices) > start + size
        cursor = {"next_cursor": str(start + size)} if more else {"next_cursor": ""}
        return as_json({"ok": True, "messages": messages, "has_more": more, "response_metadata": cursor})

    def page(self, _request: Request, channel: str, message: str) -> Response:
        """A message as people see it."""
        for notice in self._wall.notices(self.name):
            if f"{channel}/{message}" == notice.id.replace(":", "/p").replace(".", ""):
                return as_page(f"#{notice.account}", notice.document)
        return Response("Not found", 404)

    def throttled(self, wait_s: float) -> Response:
        """429 with Retry-After."""
        return as_json({"ok": False, "error": "ratelimited"}, 429, Retry_After=str(round(wait_s)))

    def refused(self) -> Response:
        """A block that Slack does not take, an image that it cannot reach, say."""
        return invalid("downloading image failed [json-pointer:/blocks/0/image_url]")

    def expired(self) -> Response:
        """The token was revoked."""
        return trouble("token_revoked")


class Files:
    """What was uploaded."""

    def __init__(self) -> None:
        self._expected: dict[str, tuple[str, int]] = {}
        self._taken: set[str] = set()

    def place(self, request: Request) -> Response:
        """An address to upload to. JSON is not read here, as it is not by Slack."""
        name, length = request.values.get("filename", ""), request.values.get("length", 0, int)
        if not name or length <= 0:
            return trouble("invalid_arguments")
        if len(request.values.get("alt_txt", "")) > 1_000:
            return trouble("alt_txt_too_large")
        file = f"F{secrets.token_hex(5).upper()}"
        self._expected[file] = name, length
        return as_json({"ok": True, "file_id": file, "upload_url": f"https://files.slack.com/upload/v1/{file}"})

    def take(self, request: Request, file: str) -> Response:
        """Its bytes."""
        data = request.get_data()
        if file not in self._expected or len(data) != self._expected[file][1]:
            return Response("Length mismatch", 400)
        self._taken.add(file)
        return Response(f"OK - {len(data)}")

    def is_whole(self, file: Any) -> bool:
        """Whether it was uploaded."""
        return file in self._taken

    def name(self, file: str) -> str:
        """What it is called."""
        return self._expected[file][0]

    def forget(self, file: str) -> bool:
        """Delete it; False where it is not there."""
        known = file in self._taken
        self._taken.discard(file)
        return known


def _ts(notice: Notice) -> float:
    return float(notice.id.rpartition(":")[2])


def _seen(notice: Notice, *, whole: bool) -> dict[str, Any]:
    left_out = () if whole else ("metadata",)
    return {name: value for name, value in notice.document.items() if name not in left_out}


STAND_IN = Slack
