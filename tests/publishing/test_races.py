"""Edit, claim, cancel and an old firing, in every order of their calls: exactly one of old, new and canceled wins."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace

import httpx
import pytest

from publishing import message
from publishing.adapter import PUBLISHES, Conversation
from publishing.cancellation import cancel
from publishing.decisions import NotNow
from publishing.due import Dispatch
from publishing.editing import Editing, Overtaken
from publishing.ledger import Deliveries
from publishing.model import Channel, Content, DeliveryState, Outcome, Post, Receipt
from publishing.publication import Publication
from publishing.replies import accepted
from publishing.store import Publications
from tests.publishing import tables
from tests.publishing.turns import Actor, orders
from tests.publishing.workbench import Alpha, Workbench

WINS = {
    (True, DeliveryState.PUBLISHED): ["New"],
    (False, DeliveryState.PUBLISHED): ["Old"],
    (True, DeliveryState.CANCELED): [],
    (False, DeliveryState.CANCELED): [],
}


class TellingAlpha(Alpha):
    """A platform that is told the text."""

    def publish(self, post: Post, _channel: Channel) -> Conversation[Outcome]:
        """One request."""
        body = {"text": post.content.text}
        request = httpx.Request("POST", "https://alpha.test/posts", json=body, extensions=PUBLISHES)
        return Receipt(accepted((yield request)).json()["id"])


@pytest.fixture
def bench(workbench: Workbench, monkeypatch: pytest.MonkeyPatch) -> Workbench:
    tables.in_memory(monkeypatch)
    workbench.adapter = TellingAlpha()
    return workbench


@dataclass
class Race:
    """One publication, and those who want something of it at the same time."""

    bench: Workbench
    edits: list[bool] = field(default_factory=list)  # for each edit, whether it was acknowledged
    canceled: list[DeliveryState] = field(default_factory=list)  # what each cancellation was answered with
    texts: list[str] = field(default_factory=list)  # what the platform published
    publication: Publication = field(init=False)

    def __post_init__(self) -> None:
        self.bench.platform.asked.clear()
        self.publication = self.bench.submit(content=Content(text="Old")).publication

    def publications(self, actor: Actor) -> Publications:
        """The store, as that actor uses it."""
        return replace(self.bench.publications, client=actor.client)

    def deliveries(self, actor: Actor) -> Deliveries:
        """The ledger, as that actor uses it."""
        return replace(self.bench.deliveries, client=actor.client)

    def edit(self, actor: Actor) -> None:
        """Somebody edits."""
        publications = self.publications(actor)
        seen = publications.whole("ws_1", self.publication.id)
        assert seen is not None
        editing = Editing(publications, self.bench.sender, self.bench.cloud.watch, client=actor.client)
        try:
            editing.edit(seen, replace(seen.publication, content=Content(text="New")))
        except (NotNow, Overtaken):
            self.edits.append(False)
        else:
            self.edits.append(True)

    def work(self, actor: Actor, version: int = 1) -> None:
        """A worker has a message of that version."""
        publication = self.publications(actor).publication("ws_1", self.publication.id)
        assert publication is not None
        courier = replace(self.bench.courier, deliveries=self.deliveries(actor))
        courier.deliver(self._message(version), publication, within_s=60)

    def cancel(self, actor: Actor) -> None:
        """Somebody cancels."""
        publications = self.publications(actor)
        seen = publications.whole("ws_1", self.publication.id)
        assert seen is not None
        self.canceled.append(cancel(publications, self.deliveries(actor), seen).deliveries[0].state)

    def fire(self, actor: Actor) -> None:
        """A schedule of the first version fires."""
        due = message.Due(workspace="ws_1", publication=self.publication.id, version=1)
        Dispatch(self.publications(actor), self.bench.sender).dispatch(due)

    def run(self, order: Sequence[str], gates: Mapping[str, Sequence[str]]) -> Race:
        """Let the actors take their steps in that order, then all there still is to do."""
        does: dict[str, Callable[[Actor], None]] = {
            "edit": self.edit,
            "second edit": self.edit,
            "work": self.work,
            "late work": lambda actor: self.work(actor, version=2),
            "cancel": self.cancel,
            "fire": self.fire,
        }
        actors = {name: Actor(does[name], calls=gates[name]) for name in gates}
        for name in order:
            actors[name].step()
        for actor in actors.values():
            actor.finish()
        self._deliver_what_is_queued()
        self.texts = [json.loads(request.read())["text"] for request in self.bench.platform.asked]
        return self

    @property
    def honest(self) -> bool:
        """Whether exactly what was acknowledged came true."""
        state = self.bench.delivery(self.publication).state
        told = all(answer in {state, DeliveryState.PUBLISHING} for answer in self.canceled)
        return told and self.texts == WINS[any(self.edits), state]

    @property
    def winner(self) -> str:
        """Old, New or canceled."""
        return "".join(self.texts) or "canceled"

    def _deliver_what_is_queued(self) -> None:
        now = self.bench.stored(self.publication).publication
        bodies = [*self.bench.cloud.received("alpha"), message.body(self._message(now.version))]
        for work in map(message.work, bodies):
            assert isinstance(work, message.Deliver)
            self.bench.courier.deliver(work, now, within_s=60)

    def _message(self, version: int) -> message.Deliver:
        return message.Deliver(workspace="ws_1", publication=self.publication.id, channel="chn_1", version=version)


WRITES = ("update_item", "transact_write_items")
ALL = ("query", "get_item", *WRITES)
STALE = {"edit": WRITES, "work": WRITES, "cancel": WRITES}  # all have read before anybody writes


def raced(
    bench: Workbench, steps: Mapping[str, int], gates: Mapping[str, Sequence[str]]
) -> dict[tuple[str, ...], Race]:
    """The race in every order of so many steps each."""
    return {order: Race(bench).run(order, gates) for order in orders(dict(steps))}


def dishonest(ran: Mapping[tuple[str, ...], Race]) -> list[tuple[str, ...]]:
    """The orders in which what was acknowledged did not come true."""
    return [order for order, race in ran.items() if not race.honest]


def winners(ran: Mapping[tuple[str, ...], Race]) -> set[str]:
    """Who ever won."""
    return {race.winner for race in ran.values()}


def test_edit_claim_and_cancellation_in_every_order_of_their_writes(bench: Workbench) -> None:
    ran = raced(bench, {"edit": 1, "work": 2, "cancel": 2}, STALE)
    assert (len(ran), dishonest(ran), winners(ran)) == (30, [], {"Old", "canceled"})


def test_edit_cancellation_and_a_claim_after_reading_anew_in_every_order(bench: Workbench) -> None:
    gates = {"edit": WRITES, "cancel": WRITES, "late work": ALL}
    ran = raced(bench, {"edit": 1, "cancel": 2, "late work": 2}, gates)
    assert (len(ran), dishonest(ran), winners(ran)) == (30, [], {"New", "canceled"})


def test_edit_and_claim_in_every_order_of_their_reads_and_writes(bench: Workbench) -> None:
    ran = raced(bench, {"edit": 2, "work": 3}, {"edit": ALL, "work": ALL})
    assert (len(ran), dishonest(ran), winners(ran)) == (10, [], {"Old", "New"})


def test_edit_and_cancellation_in_every_order_of_their_reads_and_writes(bench: Workbench) -> None:
    ran = raced(bench, {"edit": 2, "cancel": 4}, {"edit": ALL, "cancel": ALL})
    assert (len(ran), dishonest(ran), winners(ran)) == (15, [], {"canceled"})


def test_two_edits_in_every_order_of_their_reads_and_writes(bench: Workbench) -> None:
    ran = raced(bench, {"edit": 2, "second edit": 2}, {"edit": ALL, "second edit": ALL})
    assert (len(ran), dishonest(ran), winners(ran)) == (6, [], {"New"})


def test_edit_claim_and_an_old_firing_in_every_order_of_their_writes(bench: Workbench) -> None:
    ran = raced(bench, {"edit": 1, "work": 2, "fire": 1}, {"edit": WRITES, "work": WRITES, "fire": ALL})
    assert (len(ran), dishonest(ran), winners(ran)) == (12, [], {"Old", "New"})
