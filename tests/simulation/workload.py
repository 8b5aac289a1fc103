"""What comes in: publications for now or for later, urgent or not, some twice; and messages nobody can read."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import timedelta
from functools import partial
from typing import Any

from publishing import ids
from publishing.model import Priority, utc_text
from tests.cloud import START
from tests.simulation.calls import Calls, Outcome
from tests.simulation.people import TRIES, People
from tests.simulation.world import CANARY, World
from tests.web.gateway import Reply

WORKSPACES = 2
CHANNELS = 2  # of each platform, in each workspace
ARRIVING_S = 1_200.0
ACCEPTED = 202
ROUGH_S = 900.0  # faults go on for so long after the last thing was due
POPULAR_S = (1_500, 3_600)  # times at which much is to be published at once
POISON = ('{"kind":', '{"v":1,"kind":"deliver","workspace":"ws_1","publication":"pub_0","channel":"c","version":1}')


@dataclass(frozen=True)
class Request:
    """A publication as it is asked for."""

    workspace: str
    key: str
    body: dict[str, Any]


@dataclass
class Workload:
    """The clients of one run, and what they were answered."""

    world: World
    publications: int
    accepted: dict[str, set[str]] = field(default_factory=dict)  # by client's key: the ids answered with 202
    texts: dict[str, str] = field(default_factory=dict)  # of each publication, as it was submitted
    poison: int = 0
    clients: int = 0
    due_s: float = ARRIVING_S  # the latest time anything was submitted for

    def __post_init__(self) -> None:
        self.calls = Calls(self.world)
        self.people = People(self.world, self.calls)

    @property
    def last_s(self) -> float:
        """The latest time anything is to be published."""
        return max(self.due_s, self.people.last_s)

    def begin(self) -> None:
        """Connect the channels and let the clients loose."""
        workspaces = [ids.derived("ws", str(number)) for number in range(WORKSPACES)]
        for workspace in workspaces:
            for platform in self.world.adapters:
                for each in range(CHANNELS):
                    self.world.connect(workspace, platform, each)
        for number in range(self.publications):
            self._come(self._request(number, workspaces), self.world.rng.uniform(0.0, ARRIVING_S))
        self._start(lambda: self.people.rounds(self.last_s + ROUGH_S), 0.0)

    def _start(self, client: Any, at_s: float) -> None:
        def lives() -> None:
            client()
            self.clients -= 1

        self.clients += 1
        self.world.loop.after(at_s, lambda: self.world.loop.start(lives, None))

    def _come(self, request: Request, at_s: float) -> None:
        twice = request.key and self.world.faults.pick("client") == "submitted_twice"
        for _ in range(2 if twice else 1):
            self._start(lambda: self._client(request), at_s)
        if self.world.faults.pick("poison"):
            self.poison += 1
            queue = self.world.rng.choice(list(self.world.queues.values()))
            queue.send(self.world.rng.choice(POISON), self.world.rng.uniform(0, ARRIVING_S))

    def _request(self, number: int, workspaces: list[str]) -> Request:
        rng, workspace = self.world.rng, self.world.rng.choice(workspaces)
        known = sorted(self.world.channels[workspace])
        channels = rng.sample(known, min(len(known), rng.choice((1, 2, 3, 4, 4, 4))))
        body: dict[str, Any] = {
            "content": {"text": f"{CANARY} {number}"},
            "targets": [{"channel": channel} for channel in channels],
            "priority": rng.choice((Priority.NORMAL, Priority.NORMAL, Priority.URGENT)),
        }
        due_s = self._due_s()
        if due_s:
            body["publish_at"] = utc_text(START + timedelta(seconds=due_s))
        self.due_s = max(self.due_s, due_s)
        if rng.random() < 0.1:
            ends_s = max(due_s, ARRIVING_S) + rng.uniform(30, 900)
            body["expires_at"] = utc_text(START + timedelta(seconds=ends_s))
        return Request(workspace, f"key-{number:06}" if rng.random() < 0.8 else "", body)

    def _due_s(self) -> float:
        """When it is to be published; 0: at once."""
        rng = self.world.rng
        ahead_s = rng.choice((0, 0, 0, rng.randrange(3, 130), rng.randrange(120, 1_000), rng.randrange(1_000, 2_700)))
        if not ahead_s:
            return 0.0
        return float(rng.choice(POPULAR_S)) if rng.random() < 0.25 else ARRIVING_S + ahead_s

    # What a client does

    def _client(self, request: Request) -> None:
        """Submit until there is an answer, and care for it; without a key a client doesn't dare ask twice."""
        given = {"body": request.body, "headers": {"idempotency-key": request.key} if request.key else {}}

        def left(reply: Reply) -> None:
            if reply.status == ACCEPTED:
                self.accepted.setdefault(request.key or reply.json["id"], set()).add(reply.json["id"])
                self.texts[reply.json["id"]] = request.body["content"]["text"]

        tries = TRIES if request.key else 1
        ask: Any = partial(self.calls.insist, request.workspace, "POST", "/v1/publications", tries=tries, left=left)
        outcome, shown = ask(**given)
        if outcome is Outcome.DONE:
            self.people.care(request.workspace, shown)
