"""Discord: its API's types (npm discord-api-types, MIT), the shapes of its addresses among them."""

from __future__ import annotations

import json
from collections.abc import Iterator, Sequence

from tests.contracts.asked import Asked
from tests.contracts.typescript import claim, refuted

IMPORTS = """
import type { Routes, RESTGetAPIWebhookWithTokenResult, RESTPostAPIWebhookWithTokenJSONBody,
RESTPostAPIWebhookWithTokenQuery, RESTDeleteAPIWebhookWithTokenMessageQuery } from "discord-api-types/v10";
type To<R extends keyof typeof Routes> = ReturnType<(typeof Routes)[R]>;
"""

KNOWN = {
    "'\"nonce\"' does not exist": "a webhook's nonce is in no contract; Discord overlooks it (discord-api-docs#6647)"
}


def covers(asked: Asked) -> bool:
    return asked.host.endswith("discord.com")


def violations(asked: Sequence[Asked]) -> list[str]:
    return refuted(IMPORTS, [(str(each), line) for each in asked for line in _claims(each)])


def _claims(asked: Asked) -> Iterator[str]:
    message = "/messages/" in asked.path
    yield claim(f'To<"webhook{"Message" if message else ""}">', asked.path.removeprefix("/api/v10"))
    if asked.method == "POST":
        body = asked.body if asked.body is not None else json.loads(asked.form["payload_json"])
        yield claim("RESTPostAPIWebhookWithTokenJSONBody", body)
    if asked.query:
        verb = "Delete" if message else "Post"
        yield claim(
            f"InWords<RESTPostAPIWebhookWithToken{'Message' * message}Query>".replace("Post", verb), dict(asked.query)
        )
