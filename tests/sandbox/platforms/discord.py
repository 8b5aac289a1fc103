"""Discord's webhook routes: description, execution, and reading back or deleting what a webhook sent.

Source: https://discord.com/developers/docs/resources/webhook and the OpenAPI description in
github.com/discord/discord-api-spec (read 2026-11-20)
"""

from __future__ import annotations

import json
import random
import secrets
import time
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from werkzeug.routing import Rule
from werkzeug.wrappers import Request, Response

from tests.sandbox.apps import Apps, Authorizing
from tests.sandbox.stand_in import Answer, Arguments, as_json, as_page, json_object
from tests.sandbox.wall import Wall

EMBED_CHARS = 6_000
FILE_BYTES = 10 * 2**20
BUCKET, BUCKET_S = 5, 2.0  # what a webhook may send in a while, by what people measured; Discord does not say
Complaints = Iterator[tuple[str, str, str]]  # where, code, message


class Discord(Authorizing):
    """Webhooks, each with a channel of its own in one server."""

    name = "discord"
    demonstrated = True
    rules: Sequence[Rule] = (
        Rule("/api/webhooks/<identifier>/<token>", methods=["GET"], endpoint="describe"),
        Rule("/api/webhooks/<identifier>/<token>", methods=["POST"], endpoint="execute"),
        Rule("/api/v10/webhooks/<identifier>/<token>", methods=["GET"], endpoint="describe"),
        Rule("/api/v10/webhooks/<identifier>/<token>", methods=["POST"], endpoint="execute"),
        Rule("/api/v10/webhooks/<identifier>/<token>/messages/<message>", methods=["GET"], endpoint="read"),
        Rule("/api/v10/webhooks/<identifier>/<token>/messages/<message>", methods=["DELETE"], endpoint="delete"),
        Rule("/oauth2/authorize", methods=["GET"], endpoint="authorize"),
        Rule("/api/oauth2/token", methods=["POST"], endpoint="exchange"),
        Rule("/channels/<guild>/<channel>/<message>", methods=["GET"], endpoint="page"),
    )
    publishing = frozenset({"execute"})
    public = frozenset({"page", "authorize", "exchange"})
    hosts: Sequence[str] = ("discord.com",)

    def __init__(self, wall: Wall) -> None:
        self._wall = wall
        self._guild = _snowflake()
        self._webhooks: dict[str, dict[str, Any]] = {}
        self._channels: dict[str, str] = {}
        self.consents = Apps(pkce=False)
        self._buckets: dict[str, tuple[float, int]] = {}

    def open_account(self, name: str, origin: str) -> Mapping[str, str]:
        """A webhook of that name, in the channel of that name."""
        identifier, token = _snowflake(), secrets.token_urlsafe(51)
        self._webhooks[identifier] = {
            "id": identifier,
            "type": 1,
            "guild_id": self._guild,
            "channel_id": self._channels.setdefault(name, _snowflake()),
            "application_id": None,
            "name": name,
            "avatar": None,
            "token": token,
        }
        return {"webhook_url": f"{origin}/api/webhooks/{identifier}/{token}"}

    def exchange(self, request: Request) -> Response:
        """A token for a code, and the webhook that was made."""
        code = self.consents.exchanged(request)
        opened = self.open_account(code.app.accounts[0], request.host_url.rstrip("/"))
        identifier = opened["webhook_url"].split("/")[-2]
        webhook = {**self._webhooks[identifier], "url": opened["webhook_url"]}
        told = {"token_type": "Bearer", "expires_in": 604_800, "scope": " ".join(code.scopes)}
        return as_json({"access_token": secrets.token_hex(15), **told, "webhook": webhook})

    def account_of(self, request: Request, arguments: Arguments) -> str:
        """The webhook's name, if it exists and the token is its own."""
        _ = request
        webhook = self._webhooks.get(arguments["identifier"])
        if webhook is None:
            raise Answer(_trouble(404, 10015, "Unknown Webhook"))
        if webhook["token"] != arguments["token"]:
            raise Answer(_trouble(401, 50027, "Invalid Webhook Token"))
        return str(webhook["name"])

    def describe(self, _request: Request, _account: str, identifier: str, token: str) -> Response:
        """The webhook itself."""
        _ = token
        return as_json(self._webhooks[identifier])

    def execute(self, request: Request, account: str, identifier: str, token: str) -> Response:
        """Send a message: 200 and the message with `wait=true`, else 204."""
        _ = token
        left, reset_s = self._drawn(identifier)
        answer = self.throttled(reset_s) if left < 0 else self._executed(request, account, identifier)
        told = {"Limit": BUCKET, "Remaining": max(0, left), "Reset-After": f"{reset_s:.3f}"}
        answer.headers.extend({f"X-RateLimit-{name}": str(value) for name, value in told.items()})
        return answer

    def _drawn(self, identifier: str) -> tuple[int, float]:
        """How many more the webhook may send after this one, and how soon its bucket is full again."""
        now_s = time.monotonic()
        full_s, used = self._buckets.get(identifier, (0.0, 0))
        if now_s >= full_s:
            full_s, used = now_s + BUCKET_S, 0
        self._buckets[identifier] = (full_s, used + 1)
        return BUCKET - used - 1, full_s - now_s

    def _executed(self, request: Request, account: str, identifier: str) -> Response:
        document, files = _asked(request)
        if document is None:
            return _trouble(400, 50109, "The request body contains invalid JSON.")
        if not (document.get("content") or document.get("embeds") or files):
            return _trouble(400, 50006, "Cannot send an empty message")
        if any(len(data) > FILE_BYTES for data in files.values()):
            return _trouble(413, 40005, "Request entity too large")
        if {f"files[{each.get('id')}]" for each in document.get("attachments", ())} - set(files):
            return _trouble(400, 50146, "We couldn't find that uploaded file.")
        complaints = list(_complaints(document))
        if complaints:
            return _trouble(400, 50035, "Invalid Form Body", _tree(complaints))
        message = self._message(document, identifier)
        notice = self._wall.hang(self.name, account, message["id"], message)
        waits = request.args.get("wait", "").lower() == "true"
        return as_json({**notice.document, "timestamp": notice.at}) if waits else Response(status=204)

    def read(self, _request: Request, account: str, identifier: str, token: str, message: str) -> Response:
        """A message this webhook sent."""
        _ = identifier, token
        for notice in self._wall.notices(self.name, account):
            if notice.id == message:
                return as_json({**notice.document, "timestamp": notice.at})
        return _trouble(404, 10008, "Unknown Message")

    def delete(self, _request: Request, account: str, identifier: str, token: str, message: str) -> Response:
        """Delete a message this webhook sent."""
        _ = identifier, token
        if self._wall.take_down(self.name, account, message):
            return Response(status=204)
        return _trouble(404, 10008, "Unknown Message")

    def page(self, _request: Request, guild: str, channel: str, message: str) -> Response:
        """A message as people see it."""
        _ = guild, channel
        for notice in self._wall.notices(self.name):
            if notice.id == message:
                return as_page(f"#{notice.account}", notice.document)
        return Response("Unknown Message", 404)

    def throttled(self, wait_s: float) -> Response:
        """429 with the wait in the body."""
        body = {"message": "You are being rate limited.", "retry_after": wait_s, "global": False}
        return as_json(body, 429, Retry_After=str(round(wait_s)), X_RateLimit_Scope="user")

    def refused(self) -> Response:
        """Refused by the server's automatic moderation."""
        return _trouble(400, 200000, "Message was blocked by automatic moderation")

    def expired(self) -> Response:
        """The webhook's token is no longer good."""
        return _trouble(401, 50027, "Invalid Webhook Token")

    def _message(self, document: Mapping[str, Any], identifier: str) -> dict[str, Any]:
        webhook = self._webhooks[identifier]
        return {
            "id": _snowflake(),
            "type": 0,
            "channel_id": webhook["channel_id"],
            "webhook_id": identifier,
            "content": document.get("content", ""),
            "embeds": [{"type": "rich", **embed} for embed in document.get("embeds", [])],
            "author": {"id": identifier, "username": document.get("username", webhook["name"]), "bot": True},
            "nonce": document.get("nonce"),
            "attachments": document.get("attachments", []),
        }


def _asked(request: Request) -> tuple[dict[str, Any] | None, dict[str, bytes]]:
    """The message, and the files that come with it in a form."""
    if request.mimetype != "multipart/form-data":
        return json_object(request), {}
    files = {name: file.read() for name, file in request.files.items()}
    told = json.loads(request.form.get("payload_json", "{}"))
    request.close()
    return told, files


def _complaints(document: Mapping[str, Any]) -> Complaints:
    yield from _long("content", document.get("content"), 2_000)
    yield from _long("username", document.get("username"), 80)
    for place, attachment in enumerate(document.get("attachments", ())):
        yield from _long(f"attachments.{place}.description", attachment.get("description"), 1_024)
    embeds = document.get("embeds") or []
    if len(embeds) > 10:
        yield "embeds", "BASE_TYPE_MAX_LENGTH", "Must be 10 or fewer in length."
    for place, embed in enumerate(embeds):
        yield from _embed_complaints(f"embeds.{place}", embed)
    if sum(len(text) for embed in embeds for text in _counted(embed)) > EMBED_CHARS:
        yield "embeds", "MAX_EMBED_SIZE_EXCEEDED", f"Embed size exceeds maximum size of {EMBED_CHARS}"


def _embed_complaints(where: str, embed: Mapping[str, Any]) -> Complaints:
    yield from _long(f"{where}.title", embed.get("title"), 256)
    yield from _long(f"{where}.description", embed.get("description"), 4_096)
    addresses = {"url": embed.get("url"), "image.url": (embed.get("image") or {}).get("url")}
    for name, url in addresses.items():
        if url is not None and not str(url).startswith(("http://", "https://")):
            yield f"{where}.{name}", "URL_TYPE_INVALID_URL", "Not a well formed URL."


def _counted(embed: Mapping[str, Any]) -> Iterator[str]:
    """The texts of an embed that count towards the sum over all embeds of a message."""
    yield from (str(embed[name]) for name in ("title", "description") if embed.get(name))


def _long(where: str, text: object, most: int) -> Complaints:
    if isinstance(text, str) and len(text) > most:
        yield where, "BASE_TYPE_MAX_LENGTH", f"Must be {most} or fewer in length."


def _tree(complaints: list[tuple[str, str, str]]) -> dict[str, Any]:
    """Complaints nested as Discord nests them: `embeds.0.title` becomes three levels, the last one `_errors`."""
    tree: dict[str, Any] = {}
    for where, code, message in complaints:
        below = tree
        for name in where.split("."):
            below = below.setdefault(name, {})
        below.setdefault("_errors", []).append({"code": code, "message": message})
    return tree


def _trouble(status: int, code: int, message: str, errors: Mapping[str, Any] | None = None) -> Response:
    body: dict[str, Any] = {"message": message, "code": code}
    return as_json({**body, "errors": errors} if errors else body, status)


def _snowflake() -> str:
    return str(random.randrange(10**17, 10**18))  # noqa: S311 - an identifier, no secret


STAND_IN = Discord
