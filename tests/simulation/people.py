"""What people do with what they submitted: look, edit, put off, call off, try again, say what became of it."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any

from publishing import aws, ids, records
from publishing.model import utc_moment, utc_text
from publishing.publication import NEVER, Delivery
from tests.cloud import START
from tests.simulation.calls import Calls, Lie, Outcome
from tests.simulation.world import CANARY, World

TRIES = 8
NOT_FOUND = 404
LOOKED_S = 60.0  # whoever says what became of a post has looked at the platform, and not a moment after it was asked
ROUND_S = (120.0, 600.0)
CARING = 0.25  # of what is in a person's hands, so much is taken up on one round
EARLY = 0.2  # and of what would have found itself


@dataclass(frozen=True)
class Edit:
    """Somebody's change of a publication, and what they know of it."""

    publication: str
    text: str
    publish_at: datetime | None
    outcome: Outcome
    asked_s: float
    answered_s: float


@dataclass(frozen=True)
class Decision:
    """What somebody decided about one delivery (`why` as its history tells it), and what they know of it."""

    delivery: str
    why: str
    outcome: Outcome
    needed: bool = True  # nobody but a person could tell


@dataclass
class People:
    """Those who care for what was submitted."""

    world: World
    calls: Calls
    edits: list[Edit] = field(default_factory=list)
    decisions: list[Decision] = field(default_factory=list)
    canceled: list[tuple[str, Any]] = field(default_factory=list)  # each publication, as its cancellation was answered
    last_s: float = 0.0  # the latest time anything was put off to

    def care(self, workspace: str, shown: Any) -> None:
        """Do one thing or another with what was just accepted, about when it leaves."""
        name, left_s = shown["id"], (utc_moment(shown["publish_at"]) - START).total_seconds() - self.world.loop.now_s
        doings: dict[Callable[[str, str], None], float] = {
            self._cancel: 0.07,
            self._edit: 0.08,
            self._put_off: 0.05,
            self._edit_twice_at_once: 0.02,
            self._call_one_off: 0.06,
            self._look: 0.15,
            self._pry: 0.02,
        }
        draw = self.world.rng.random()
        for doing, share in doings.items():
            draw -= share
            if draw < 0:
                self.world.loop.pause(self._moment(left_s))
                doing(workspace, name)
                return

    def _moment(self, left_s: float) -> float:
        """Any time until it leaves, or just as it leaves."""
        rng = self.world.rng
        just_then_s = max(0.0, left_s + rng.uniform(-1.5, 1.5))
        return just_then_s if rng.random() < 0.5 else rng.uniform(0.0, max(2.0, left_s))

    # What is done to a publication

    def _look(self, workspace: str, name: str) -> None:
        path = f"/v1/publications/{name}" if self.world.rng.random() < 0.8 else "/v1/publications"
        self.calls.ask(workspace, "GET", path)

    def _pry(self, workspace: str, name: str) -> None:
        """Somebody of another workspace tries."""
        others = sorted(set(self.world.channels) - {workspace})
        method = self.world.rng.choice(("GET", "DELETE"))
        stranger = self.world.rng.choice(others)
        reply = self.calls.ask(stranger, method, f"/v1/publications/{name}")
        if reply is not None and reply.status != NOT_FOUND:
            self.calls.lies.append(Lie("I8", f"{stranger} could {method} {workspace}'s {name}: {reply.status}"))

    def _cancel(self, workspace: str, name: str) -> None:
        outcome, shown = self.calls.insist(workspace, "DELETE", f"/v1/publications/{name}", tries=TRIES)
        if outcome is Outcome.DONE:
            self.canceled.append((name, shown))

    def _call_one_off(self, workspace: str, name: str) -> None:
        delivery = self.world.rng.choice(list(self._deliveries(workspace, name)))
        self._decide(workspace, delivery, "cancel", "cancel")

    def _edit(self, workspace: str, name: str) -> None:
        text = f"{CANARY} edited {self.world.rng.getrandbits(32):x}"
        self._change(workspace, name, text, None)

    def _put_off(self, workspace: str, name: str) -> None:
        ahead = timedelta(seconds=round(self.world.rng.choice((0.0, self.world.rng.uniform(1, 2_000))), 3))
        self._change(workspace, name, "", self.world.loop() + ahead)

    def _edit_twice_at_once(self, workspace: str, name: str) -> None:
        self.world.loop.all([lambda: self._edit(workspace, name), lambda: self._edit(workspace, name)])

    def _change(self, workspace: str, name: str, text: str, publish_at: datetime | None) -> None:
        loop, body = self.world.loop, dict[str, Any]()
        if text:
            body["content"] = {"text": text}
        if publish_at:
            body["publish_at"] = utc_text(publish_at)
            self.last_s = max(self.last_s, (publish_at - START).total_seconds())
        asked_s = loop.now_s
        outcome, _ = self.calls.insist(workspace, "PATCH", f"/v1/publications/{name}", tries=TRIES, body=body)
        self.edits.append(Edit(name, text, publish_at, outcome, asked_s, loop.now_s))

    # What is decided about deliveries

    def rounds(self, until_s: float) -> None:
        """Take care, again and again, of what has failed and of what is in doubt."""
        while self.world.loop.now_s < until_s:
            self.world.loop.pause(self.world.rng.uniform(*ROUND_S))
            for workspace, publication, delivery, written_s in list(self._in_question()):
                if self.world.rng.random() < (CARING if delivery.next_at == NEVER else EARLY):
                    self._take_up(workspace, publication, delivery, written_s)

    def _in_question(self) -> Iterator[tuple[str, str, Delivery, float]]:
        """What has failed, and what is uncertain, with the time it was last written."""
        table = self.world.dynamodb.tables["publications"]
        for key, items in table.items.items():
            workspace, _, publication = key.partition("#")
            for sort, item in items.items():
                if sort != "PUBLICATION" and item["state"]["S"] in {"failed", "uncertain"}:
                    yield workspace, publication, records.delivery_of(aws.unmarshal(item)), table.before[key, sort][1]

    def _take_up(self, workspace: str, publication: str, delivery: Delivery, written_s: float) -> None:
        name = ids.delivery(publication, delivery.channel)
        seen = self.calls.ask(workspace, "GET", f"/v1/deliveries/{name}")
        if seen is None:
            return
        given: dict[str, Any] = {"headers": {"if-match": seen.headers["ETag"]}}
        if seen.json["state"] == "failed":
            self._decide(workspace, name, "retry", "retry", **given)
        elif seen.json["state"] == "uncertain" and self.world.loop.now_s - written_s > LOOKED_S:
            there = self.world.platforms[delivery.platform].effects.get(name, [])
            self.world.loop.pause(self.world.rng.uniform(1.0, 20.0))
            said = {"outcome": "published", "post_id": there[0].receipt} if there else {"outcome": "not_published"}
            needed = seen.json["next_at"] is None
            self._decide(workspace, name, "resolve", said["outcome"], needed=needed, body=said, **given)

    def _decide(self, workspace: str, delivery: str, verb: str, why: str, *, needed: bool = True, **given: Any) -> None:
        path, asked = f"/v1/deliveries/{delivery}/{verb}", {"body": dict[str, str](), **given}
        outcome, _ = self.calls.insist(workspace, "POST", path, tries=3, **asked)
        self.decisions.append(Decision(delivery, why, outcome, needed))

    def _deliveries(self, workspace: str, name: str) -> Iterator[str]:
        stored: Any = self.world.dynamodb.tables["publications"].items[records.key(workspace, name)]["PUBLICATION"]
        for target in stored["targets"]["L"]:
            yield ids.delivery(name, target["M"]["channel"]["S"])
