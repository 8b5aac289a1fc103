"""A receiver of webhooks that keeps to Standard Webhooks: it checks signatures, and takes each message once.

Source: https://github.com/standard-webhooks/standard-webhooks/blob/main/spec/standard-webhooks.md (read 2026-11-20)
"""

from __future__ import annotations

import base64
import secrets
from collections.abc import Mapping

from standardwebhooks.webhooks import Webhook, WebhookVerificationError
from werkzeug.routing import Rule
from werkzeug.wrappers import Request, Response

from tests.sandbox.stand_in import Answer, Arguments, as_json, json_object
from tests.sandbox.wall import Wall


class Receiver:
    """Receives at `/hooks/<account>`; a `…ping` is answered and not hung on the wall."""

    name = "webhook"
    demonstrated = True
    rules = (Rule("/hooks/<hook>", methods=["POST"], endpoint="receive"),)
    publishing = frozenset({"receive"})
    public: frozenset[str] = frozenset()
    hosts = ()

    def __init__(self, wall: Wall) -> None:
        self._wall = wall
        self._secrets: dict[str, str] = {}

    def open_account(self, name: str, origin: str) -> Mapping[str, str]:
        """A hook of that name with a new secret."""
        self._secrets[name] = "whsec_" + base64.b64encode(secrets.token_bytes(32)).decode()
        return {"url": f"{origin}/hooks/{name}", "signing_secret": self._secrets[name]}

    def account_of(self, request: Request, arguments: Arguments) -> str:
        """The hook, if the signature is its secret's and fresh."""
        hook = str(arguments["hook"])
        if hook not in self._secrets:
            raise Answer(as_json({"error": "no such hook"}, 404))
        try:
            Webhook(self._secrets[hook]).verify(request.get_data(), dict(request.headers), json_parse=False)
        except (WebhookVerificationError, ValueError) as error:
            raise Answer(as_json({"error": str(error)}, 401)) from error
        return hook

    def receive(self, request: Request, account: str, hook: str) -> Response:
        """Take a message; one that was taken before is answered alike."""
        _ = hook
        document = json_object(request)
        if document is None:
            return as_json({"error": "not a JSON object"}, 400)
        identifier = request.headers["webhook-id"]
        pings = str(document.get("type", "")).endswith("ping")
        if not pings and not self._wall.again(self.name, account, identifier):
            self._wall.hang(self.name, account, identifier, document)
        return Response(status=204)

    def throttled(self, wait_s: float) -> Response:
        """429 and Retry-After."""
        return as_json({"error": "slow down"}, 429, Retry_After=str(round(wait_s)))

    def refused(self) -> Response:
        """422."""
        return as_json({"error": "this document is not for us"}, 422)

    def expired(self) -> Response:
        """410: the endpoint asks to be disabled."""
        return as_json({"error": "gone"}, 410)


STAND_IN = Receiver
