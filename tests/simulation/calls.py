"""Asks the API as callers do, through its functions, and looks at every answer: whose it is, and whether it is true."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from contextlib import suppress
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Any

from identity.model import Principal, Role
from publishing import records
from publishing.model import TERMINAL, DeliveryState
from tests.simulation.loop import Invocation, Killed
from tests.simulation.world import World
from tests.web import gateway
from tests.web.gateway import Reply

API_S = 20.0
AGAIN_S = (1.0, 8.0)
OK, NO, BROKEN = 200, 400, 500  # from here on answers mean: done, refused, ask again
LAG_S = 2.0  # a list shows a little of the past
IDENTIFIER = re.compile(r"(?:pub|chn)_[0-9a-z]{26}")
Item = Mapping[str, Any]


class Outcome(StrEnum):
    """What a caller knows of what it asked for."""

    DONE = "done"
    REFUSED = "refused"
    UNKNOWN = "unknown"  # an answer was lost on the way, so it may have been done


@dataclass(frozen=True)
class Lie:
    """An answer that was not so."""

    invariant: str
    what: str


@dataclass
class Calls:
    """The callers' side of the API."""

    world: World
    answers: int = 0
    lies: list[Lie] = field(default_factory=list)

    def ask(self, workspace: str, method: str, path: str, **request: Any) -> Reply | None:
        """The answer; None where there was none, or one that says to ask again."""
        loop = self.world.loop
        event = gateway.event(method, path, context=Principal(workspace, "client", Role.ADMIN).context(), **request)
        asked_s, before = loop.now_s, self._standing(workspace, path) if method == "GET" else None
        reply: Reply | None = None
        with loop.within(Invocation("api", loop.now_s + API_S)), suppress(Killed):
            reply = gateway.reply(self.world.functions.ask(event))
        if reply is None or reply.status >= BROKEN:
            return None
        self.answers += 1
        self._is_ours(workspace, reply, path)
        if reply.status < NO:
            for publication in reply.json.get("items", [reply.json]):
                self._is_true(workspace, publication, asked_s, before)
        return reply

    def insist(
        self,
        workspace: str,
        method: str,
        path: str,
        *,
        tries: int,
        left: Callable[[Reply], object] = lambda _: None,
        **request: Any,
    ) -> tuple[Outcome, Any]:
        """Ask until there is an answer; what is refused after an answer was lost may have been done before.

        `left` is shown every answer that left us, whether it arrives or not.
        """
        unsure = False
        for _ in range(tries):
            reply = self.ask(workspace, method, path, **request)
            if reply is not None:
                left(reply)
            if reply is not None and self.world.faults.pick("client") != "answer_lost":
                refused = Outcome.UNKNOWN if unsure else Outcome.REFUSED
                return (Outcome.DONE if reply.status < NO else refused), reply.json
            unsure = True
            self.world.loop.pause(self.world.rng.uniform(*AGAIN_S))
        return Outcome.UNKNOWN, None

    def _items(self, workspace: str, publication: str) -> Mapping[str, Item]:
        return self.world.dynamodb.tables["publications"].items.get(records.key(workspace, publication), {})

    def _standing(self, workspace: str, path: str) -> Mapping[str, int]:
        """How far each delivery of the publication asked for had come, as the number of its transitions."""
        named = IDENTIFIER.search(path)
        items = self._items(workspace, named[0]) if named else {}
        return {sort: len(_history(item)) for sort, item in items.items()}

    def _is_ours(self, workspace: str, reply: Reply, path: str) -> None:
        for name in set(IDENTIFIER.findall(reply.text)) - set(IDENTIFIER.findall(path)):
            known = self._items(workspace, name) if name.startswith("pub") else self.world.channels[workspace].get(name)
            if not known:
                self.lies.append(Lie("I8", f"{workspace} was answered with {name}: {reply.text[:500]}"))

    def _is_true(self, workspace: str, publication: Any, asked_s: float, before: Mapping[str, int] | None) -> None:
        """What is out, and what is not, is a fact; and what is shown was so at some time since it was asked for."""
        for shown in publication.get("deliveries", ()):
            effects = self.world.platforms[shown["platform"]].effects.get(shown["id"], [])
            state, name = DeliveryState(shown["state"]), f"{shown['id']} was shown as {shown['state']}"
            if state is DeliveryState.PUBLISHED and shown["post_id"] not in {each.receipt for each in effects}:
                self.lies.append(Lie("I3", f"{name}, and is not"))
            if state in TERMINAL - {DeliveryState.PUBLISHED} and any(e.at_s < asked_s - LAG_S for e in effects):
                self.lies.append(Lie("I4", f"{name}, and is out"))
            if before is not None and state not in self._since(workspace, publication["id"], shown["channel"], before):
                self.lies.append(Lie("I14", f"{name}, and was not"))

    def _since(self, workspace: str, publication: str, channel: str, before: Mapping[str, int]) -> set[str]:
        """The states a delivery has been in since then; what is not stored yet waits, or is canceled."""
        items, sort = self._items(workspace, publication), f"DELIVERY#{channel}"
        seen = before.get(sort, 0)
        states = {event["M"]["state"]["S"] for event in _history(items.get(sort, {}))[max(0, seen - 1) :]}
        unclaimed = {"queued"} | ({"canceled"} if "canceled_at" in items.get("PUBLICATION", {}) else set())
        return states if seen else states | unclaimed


def _history(item: Item) -> list[Any]:
    history: list[Any] = item.get("history", {"L": []})["L"]
    return history
