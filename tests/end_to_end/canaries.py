"""Canaries in a running cloud: planted wherever a caller can put something, looked for wherever they may not be."""

from __future__ import annotations

import json
import secrets
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

import httpx

from functions import platforms
from infra.local.channels import sample
from infra.local.cloud import SENDERS
from postroom_client.schemas import Content, Media
from publishing.adapter import Adapter, Kind
from tests.end_to_end.world import World
from tests.sandbox.server import MEDIA

TELLING_CHARS = 10  # what is shorter could stand anywhere
ACCOUNT = "canaries"


@dataclass
class Canaries:
    """The words that were planted: `secrets` may be nowhere, `words` of what is published in no log and no message."""

    mark: str = field(default_factory=lambda: f"canary{secrets.token_hex(4)}")
    secrets: set[str] = field(default_factory=set)
    words: set[str] = field(default_factory=set)

    def word(self, name: str) -> str:
        """A word of content, or of a person, planted under a name."""
        planted = f"{self.mark}{name}"
        self.words.add(planted)
        return planted

    def content(self) -> Content:
        """Content with a canary in each of its fields."""
        return {
            "title": self.word("title"),
            "text": f"All *rivers* carry {self.word('text')}.",
            "summary": self.word("summary"),
            "link": f"https://example.com/{self.word('link')}",
            "tags": [self.word("tag")],
            "media": [{"url": f"https://{MEDIA}/{self.word('picture')}.jpg", "alt": self.word("alt")}],
        }

    def film(self) -> Media:
        """A film in place of the picture."""
        return {"url": f"https://{MEDIA}/{self.word('film')}.mp4", "alt": self.word("filmalt")}

    def genuine(self, world: World, adapter: Adapter) -> dict[str, str]:
        """Credentials that the platform takes: what is secret in them are canaries as they are."""
        stand_ins = world.cloud.stand_ins
        if adapter.name in stand_ins.addresses:
            given = stand_ins.account(adapter.name, ACCOUNT)
        else:
            given = sample(adapter.credentials.fields) | self._people(adapter)
        return self._watched(adapter, given)

    def forged(self, world: World, adapter: Adapter) -> dict[str, str]:
        """The same with a canary in every secret field: the platform refuses them."""
        forged = self.genuine(world, adapter) | self._people(adapter)
        for each in adapter.credentials.fields:
            if each.secret and each.kind is Kind.TEXT:
                forged[each.name] = f"{self.mark}-{adapter.name}-{each.name}"
            elif each.secret and each.kind is Kind.JSON:
                forged[each.name] = json.dumps({"X-Key": f"{self.mark}-{adapter.name}-{each.name}"})
            elif each.secret and each.kind is Kind.URL:
                forged[each.name] = f"{forged[each.name]}/{self.mark}-{adapter.name}-{each.name}"
        return self._watched(adapter, forged)

    def _people(self, adapter: Adapter) -> dict[str, str]:
        lists = [each.name for each in adapter.credentials.fields if each.kind is Kind.EMAILS]
        return {name: f"{self.word('ada')}@{SENDERS}, {self.word('grace')}@{SENDERS}" for name in lists}

    def _watched(self, adapter: Adapter, given: Mapping[str, str]) -> dict[str, str]:
        held = {each.name for each in adapter.credentials.fields if each.secret}
        for name in held & set(given):
            parts = given[name].replace('"', " ").replace("/", " ").replace(",", " ").split()
            self.secrets |= {part for part in parts if len(part) >= TELLING_CHARS and not _is_known(part)}
        return dict(given)


def _is_known(part: str) -> bool:
    """Whether it is a host or another word that everybody knows; or a number, the id in an address of Discord's."""
    return part.isdigit() or part.endswith((".com", ".test", ".org")) or part.startswith(("127.0.0.1:", "http"))


@dataclass(frozen=True)
class Traces:
    """All that a cloud keeps, by where it is kept, as text."""

    world: World

    def logs(self) -> Iterator[tuple[str, str]]:
        """Every line of every log group, metrics among them; and what the emulator itself wrote."""
        client = self._client("logs")
        for group in client.get_paginator("describe_log_groups").paginate().search("logGroups[].logGroupName"):
            pages = client.get_paginator("filter_log_events").paginate(logGroupName=group)
            for event in pages.search("events[]"):
                yield group, str(event["message"])
        yield "emulator.log", self.world.cloud.emulator.log.read_text(errors="replace")

    def messages(self) -> Iterator[tuple[str, str]]:
        """Every message in every queue: waiting, delayed, being worked on and dead."""
        url = f"{self.world.cloud.emulator.endpoint}/_ministack/sqs/messages"
        answer = httpx.get(url, trust_env=False).raise_for_status().json()["messages"]
        for regions in answer.values():
            for queues in regions.values():
                for queue, found in queues.items():
                    yield from ((queue, json.dumps(message, ensure_ascii=False)) for message in found)

    def queues(self) -> Sequence[str]:
        """The addresses of all queues."""
        return list(self._client("sqs").get_paginator("list_queues").paginate().search("QueueUrls[]"))

    def items(self) -> Iterator[tuple[str, str]]:
        """Every item of every table."""
        client = self._client("dynamodb")
        for table in client.get_paginator("list_tables").paginate().search("TableNames[]"):
            for item in client.get_paginator("scan").paginate(TableName=table).search("Items[]"):
                yield table, repr(item)

    def schedules(self) -> Iterator[tuple[str, str]]:
        """What every schedule will send."""
        client = self._client("scheduler")
        for each in client.get_paginator("list_schedules").paginate().search("Schedules[]"):
            found = client.get_schedule(Name=each["Name"], GroupName=each["GroupName"])
            yield each["Name"], repr(found["Target"])

    def environments(self) -> Iterator[tuple[str, str]]:
        """What every function is told."""
        for each in self._client("lambda").get_paginator("list_functions").paginate().search("Functions[]"):
            yield each["FunctionName"], repr(each)

    def _client(self, service: Any) -> Any:
        client: Any = self.world.cloud.emulator.client
        return client(service)


def seen(canaries: set[str], places: Iterator[tuple[str, str]]) -> set[tuple[str, str]]:
    """Where which canaries are."""
    return {(place, canary) for place, text in places for canary in canaries if canary in text}


def every() -> list[Adapter]:
    """All adapters."""
    return [platforms.load(name) for name in platforms.names()]
