"""What people were answered is what was done: of old, new and canceled one wins; what was refused changed nothing."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence

from publishing import ids
from publishing.change import PERSON
from publishing.model import DeliveryState, utc_text
from publishing.publication import Delivery, Whole
from tests.simulation.calls import Outcome
from tests.simulation.people import Decision, Edit
from tests.simulation.violation import Violation
from tests.simulation.workload import Workload
from tests.simulation.world import World


def broken(world: World, workload: Workload, stored: Mapping[str, Whole]) -> Iterator[Violation]:
    """I10 and I15."""
    edits: dict[str, list[Edit]] = {}
    for edit in workload.people.edits:
        edits.setdefault(edit.publication, []).append(edit)
    for whole in stored.values():
        yield from _version(world, whole, workload.texts.get(whole.publication.id, ""), edits)
    yield from _cancellations(workload, stored)
    yield from _decisions(world, workload.people.decisions, stored)


def _version(world: World, whole: Whole, submitted: str, edits: Mapping[str, Sequence[Edit]]) -> Iterator[Violation]:
    """What is stored is what was submitted last with success, and nothing else is out."""
    name, text, mine = whole.publication.id, whole.publication.content.text, edits.get(whole.publication.id, ())
    texts, times = [edit for edit in mine if edit.text], [edit for edit in mine if edit.publish_at]
    possible = {edit.text for edit in texts if edit.outcome is Outcome.UNKNOWN or edit in _standing(texts)}
    if not any(edit.outcome is Outcome.DONE for edit in texts):
        possible.add(submitted)
    if submitted and text not in possible:
        yield Violation("I15", f"{name} says {text!r} after {mine}")
    at = utc_text(whole.publication.publish_at)
    if any(edit.outcome is Outcome.REFUSED and edit.publish_at and utc_text(edit.publish_at) == at for edit in times):
        yield Violation("I15", f"{name} has the time of a change that was refused: {times}")
    for delivery in whole.deliveries:
        post = ids.delivery(name, delivery.channel)
        for effect in world.platforms[delivery.platform].effects.get(post, ()):
            if effect.text != text:
                yield Violation("I15", f"{post} is out as {effect.text!r}, and {text!r} is stored")


def _standing(edits: Sequence[Edit]) -> list[Edit]:
    """Of the changes that were made, those after which surely none was."""
    done = [edit for edit in edits if edit.outcome is Outcome.DONE]
    return [edit for edit in done if not any(other.asked_s > edit.answered_s for other in done)]


def _cancellations(workload: Workload, stored: Mapping[str, Whole]) -> Iterator[Violation]:
    """What a cancellation's answer called canceled never left."""
    for name, shown in workload.people.canceled:
        states = {delivery.channel: delivery.state for delivery in stored[name].deliveries}
        for delivery in shown["deliveries"]:
            if delivery["state"] == "canceled" and states[delivery["channel"]] is not DeliveryState.CANCELED:
                yield Violation("I10", f"{delivery['id']} was canceled, and is {states[delivery['channel']]}")


def _decisions(world: World, decisions: Sequence[Decision], stored: Mapping[str, Whole]) -> Iterator[Violation]:
    """Each was written once where it was answered as done, and not at all where it was refused."""
    known = {
        ids.delivery(whole.publication.id, delivery.channel): delivery
        for whole in stored.values()
        for delivery in whole.deliveries
    }
    for (name, why), outcomes in _by_delivery(decisions).items():
        written = _written(known[name], why)
        most = outcomes[Outcome.DONE] + outcomes[Outcome.UNKNOWN]
        if written > most or (outcomes[Outcome.DONE] and not written and not _moot(known[name], why)):
            yield Violation("I15", f"{name}: {why} was answered {dict(outcomes)}, and happened {written} times")
        if why == "cancel" and outcomes[Outcome.DONE]:
            yield from _never_left(world, name, known[name])


def _by_delivery(decisions: Sequence[Decision]) -> dict[tuple[str, str], Counter[Outcome]]:
    found: dict[tuple[str, str], Counter[Outcome]] = {}
    for each in decisions:
        found.setdefault((each.delivery, each.why), Counter())[each.outcome] += 1
    return found


def _written(delivery: Delivery, why: str) -> int:
    return sum(event.by == PERSON and event.why == why for event in delivery.history)


def _moot(delivery: Delivery, why: str) -> bool:
    """What was canceled with its publication is called off already."""
    return why == "cancel" and delivery.state is DeliveryState.CANCELED


def _never_left(world: World, name: str, delivery: Delivery) -> Iterator[Violation]:
    out = world.platforms[delivery.platform].effects.get(name)
    if out or delivery.state is not DeliveryState.CANCELED:
        yield Violation("I10", f"{name} was called off, and is {delivery.state} and out as {out}")
