"""What people do: submit, now or for later, urgent or not; ask again when an answer is lost; think better of it."""

from __future__ import annotations

from contextlib import suppress
from dataclasses import dataclass, field
from datetime import timedelta

from publishing import ids
from publishing.acceptance import NotAccepted, Submission
from publishing.cancellation import cancel
from publishing.model import Content, Priority
from publishing.records import Whole
from tests.cloud import START
from tests.simulation.loop import Invocation, Killed
from tests.simulation.world import Connected, World

WORKSPACES = 2
CHANNELS = 2  # of each platform, in each workspace
ARRIVING_S = 1_200.0
API_S = 20.0
TRIES = 8
CANARY = "CONTENT-CANARY"
POISON = ('{"kind":', '{"v":1,"kind":"deliver","workspace":"ws_1","publication":"pub_0","channel":"c","version":1}')


@dataclass
class Workload:
    """The clients of one run, and what they were answered."""

    world: World
    publications: int
    accepted: dict[str, set[str]] = field(default_factory=dict)  # by client's key: the ids answered with 202
    canceled: list[Whole] = field(default_factory=list)  # as cancellations were answered
    poison: int = 0
    clients: int = 0
    last_s: float = 0.0  # the latest time anything was to be published

    def begin(self) -> None:
        """Connect the channels and let the clients loose."""
        for number in range(WORKSPACES):
            workspace = f"ws_{number}"
            self.world.channels[workspace] = {
                ids.derived("chn", workspace, platform, str(each)): Connected(platform)
                for platform in self.world.adapters
                for each in range(CHANNELS)
            }
        for number in range(self.publications):
            self._come(self._submission(number), self.world.rng.uniform(0.0, ARRIVING_S))

    def _come(self, submission: Submission, at_s: float) -> None:
        twice = submission.key and self.world.faults.pick("client") == "submitted_twice"
        for _ in range(2 if twice else 1):
            self.clients += 1
            self.world.loop.after(at_s, lambda: self.world.loop.start(lambda: self._client(submission), None))
        if self.world.faults.pick("poison"):
            self.poison += 1
            queue = self.world.rng.choice(list(self.world.queues.values()))
            queue.send(self.world.rng.choice(POISON), self.world.rng.uniform(0, ARRIVING_S))

    def _submission(self, number: int) -> Submission:
        rng = self.world.rng
        workspace = f"ws_{rng.randrange(WORKSPACES)}"
        known = sorted(self.world.channels[workspace])
        channels = rng.sample(known, min(len(known), rng.choice((1, 2, 3, 3, 4, 4))))
        ahead_s = rng.choice((0, 0, 0, rng.randrange(3, 130), rng.randrange(120, 1_000), rng.randrange(1_000, 9_000)))
        publish_at = START + timedelta(seconds=int(ARRIVING_S) + ahead_s) if ahead_s else None
        expires_s = rng.uniform(30, 900) if rng.random() < 0.1 else None
        base = publish_at or START + timedelta(seconds=ARRIVING_S)
        self.last_s = max(self.last_s, (base - START).total_seconds())
        return Submission(
            workspace=workspace,
            subject="client",
            content=Content(text=f"{CANARY} {number}"),
            overrides={channel: {} for channel in channels},
            key=f"key-{number}" if rng.random() < 0.8 else "",
            publish_at=publish_at,
            priority=rng.choice((Priority.NORMAL, Priority.NORMAL, Priority.URGENT)),
            expires_at=base + timedelta(seconds=expires_s) if expires_s else None,
        )

    # What a client does

    def _client(self, submission: Submission) -> None:
        whole = self._submitted(submission)
        if whole and self.world.rng.random() < 0.1:
            left_s = (whole.publication.publish_at - self.world.loop()).total_seconds()
            self.world.loop.pause(self.world.rng.uniform(0.0, max(5.0, left_s * 1.02)))
            self._cancel(whole)
        self.clients -= 1

    def _submitted(self, submission: Submission) -> Whole | None:
        """Submit until there is an answer; without a key a client doesn't dare ask twice."""
        whole: Whole | None = None
        for _ in range(TRIES if submission.key else 1):
            whole = self._ask(submission)
            if whole:
                self.accepted.setdefault(submission.key or whole.publication.id, set()).add(whole.publication.id)
            if whole and self.world.faults.pick("client", (whole.publication.id,)) != "answer_lost":
                return whole
            self.world.loop.pause(self.world.rng.uniform(1.0, 8.0))
        return whole

    def _ask(self, submission: Submission) -> Whole | None:
        loop = self.world.loop
        with loop.within(Invocation("submit", loop.now_s + API_S)), suppress(Killed, Exception):
            try:
                return self.world.acceptance.accept(submission).whole
            except NotAccepted:
                return None  # its time has passed while answers were lost
        return None

    def _cancel(self, whole: Whole) -> None:
        loop, key = self.world.loop, (whole.publication.workspace, whole.publication.id)
        for _ in range(TRIES):
            with loop.within(Invocation("api", loop.now_s + API_S)), suppress(Killed, Exception):
                seen = self.world.publications.whole(*key)
                assert seen is not None, "what was answered 202 is stored"
                self.canceled.append(cancel(self.world.publications, self.world.deliveries, seen))
                return
            loop.pause(self.world.rng.uniform(1.0, 8.0))
