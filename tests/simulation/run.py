"""One run from a seed: the workload, the drain once the faults have stopped, the audit."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping

from publishing.model import TERMINAL, DeliveryState
from publishing.publication import NEVER
from tests.simulation.adapters import ADAPTERS
from tests.simulation.auditor import Auditor
from tests.simulation.expressions import Item
from tests.simulation.workload import ROUGH_S, Workload
from tests.simulation.world import World

PUBLICATIONS = 50
# How likely faults are, from seed to seed: where there are none, everything must be out, and on time.
SCALES = (0.0, 1.0, 1.0, 1.0, 1.0, 0.5, 1.0, 1.0, 1.0, 3.0)
LONGEST_S = 48 * 3_600.0


def simulated(seed: int, *, publications: int = PUBLICATIONS, platforms: Iterable[str] = tuple(ADAPTERS)) -> Auditor:
    """Run this seed, and audit it."""
    adapters = {name: ADAPTERS[name] for name in platforms}
    world = World(seed, SCALES[seed % len(SCALES)], adapters)
    workload = Workload(world, publications)
    run(world, workload, world.dynamodb.tables["publications"].items.values)
    auditor = Auditor(world, workload)
    auditor.audit()
    return auditor


def run(
    world: World,
    workload: Workload,
    in_question: Callable[[], Iterable[Mapping[str, Item]]],
    over: Callable[[], bool] = lambda: True,
) -> None:
    """Put the workload on, and wait until it is over; `in_question` are all publications that may not be settled."""
    with world.open():
        workload.begin()
        world.trouble_ahead(workload.last_s)
        world.every_minute()
        while world.loop.now_s < workload.last_s + ROUGH_S:
            world.loop.pause(ROUGH_S / 10)
        world.faults.scale = 0.0
        while not (over() and _at_rest(world, workload, in_question())) and world.loop.now_s < LONGEST_S:
            world.loop.pause(120.0)


def _at_rest(world: World, workload: Workload, in_question: Iterable[Mapping[str, Item]]) -> bool:
    if workload.clients or any(queue.messages for queue in world.queues.values()) or world.scheduler.pending:
        return False
    return all(settled(items) for items in in_question)


def settled(items: Mapping[str, Item]) -> bool:
    """Whether one publication's deliveries are, read as they are stored: this is asked often."""
    publication = items["PUBLICATION"]
    deliveries = [item for item in items.values() if item is not publication]
    begun = "canceled_at" in publication or len(deliveries) == len(publication["targets"]["L"])
    return begun and all(
        item["state"]["S"] in TERMINAL
        or (item["state"]["S"] == DeliveryState.UNCERTAIN and item["next_at"]["S"] == NEVER)
        for item in deliveries
    )
