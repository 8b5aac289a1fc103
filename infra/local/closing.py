"""What the user is told at the end: where the API is, the key, and commands that work as they stand."""

from __future__ import annotations

import json
import shlex
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass

from postroom_client.schemas import Channel

WEBHOOK, FEED = "webhook", "rss"  # the platforms the examples are about
EXAMPLE_SECRET = "whsec_" + "cG9zdHJvb20gZXhhbXBsZSBzZWNyZXQgb2YgMzIgYnl0ZXM="


@dataclass(frozen=True, slots=True)
class Closing:
    """The words, for one workspace's API and key; `places` to look at beside, by what is there."""

    url: str
    key: str
    channels: tuple[Channel, ...]
    places: Mapping[str, str]

    def lines(self) -> Iterator[str]:
        """Line by line; a command is one line, to be copied."""
        yield f"API   {self.url}"
        yield f"Key   {self.key}"
        yield from (f"{what}  {url}" for what, url in self.places.items())
        yield from self._examples()
        yield from self._own_webhook()
        yield from ("", "List the channels, one of each platform:", self._curl("GET", "/v1/channels?limit=100"))

    def _examples(self) -> Iterator[str]:
        yield from ("", "List what was published:", self._curl("GET", "/v1/publications"))
        for channel in self._of(WEBHOOK):
            yield from ("", "Publish to the webhook channel:", self._publishing(channel["id"]))
        for channel in self._of(FEED):
            yield from ("", "Read the feed:", f"curl -s {self.url}/v1/feeds/{channel['id']}/rss.xml")

    def _own_webhook(self) -> Iterator[str]:
        body = {
            "platform": WEBHOOK,
            "name": "My own",
            "credentials": {"url": "http://127.0.0.1:9000/", "signing_secret": EXAMPLE_SECRET},
        }
        yield from ("", "Connect a webhook of your own; put its address into this:")
        yield self._curl("POST", "/v1/channels", body)
        yield "Then publish to it as above, with the id that was answered."

    def _publishing(self, channel: str) -> str:
        content = {"title": "Hello", "text": "Sent with **curl**."}
        return self._curl("POST", "/v1/publications", {"content": content, "targets": [{"channel": channel}]})

    def _of(self, platform: str) -> Iterable[Channel]:
        return [channel for channel in self.channels if channel["platform"] == platform]

    def _curl(self, method: str, path: str, body: object = None) -> str:
        parts = ["curl", "-s", f"{self.url}{path}", "-H", f"Authorization: Bearer {self.key}"]
        if method != "GET":
            parts += ["-H", "Content-Type: application/json", "-d", json.dumps(body)]
        return shlex.join(parts)
