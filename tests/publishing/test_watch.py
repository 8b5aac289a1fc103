from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field, replace

import httpx
import pytest

from publishing.adapter import Limits, Rate
from publishing.breaker import IN_A_ROW
from publishing.message import Deliver
from publishing.publication import Delivery, Publication
from tests.publishing.test_delivery import losing
from tests.publishing.workbench import Alpha, Platform, Workbench, fine


class PacedAlpha(Alpha):
    limits = Limits(text_chars=100, attempts=3, lag_s=30.0, rate=Rate(requests=1, per_s=10.0))


@dataclass
class Onlooker:
    """Keeps what it is told."""

    told: list[str] = field(default_factory=list)
    waits_s: list[float] = field(default_factory=list)

    def begun(self, _publication: Publication, claimed: Delivery) -> None:
        self.told.append(f"begun {claimed.attempt}")

    def asked(self, seconds: float) -> None:
        self.told.append(f"asked {seconds >= 0}")

    def paced(self, seconds: float) -> None:
        self.waits_s.append(seconds)

    def shut_out(self) -> None:
        self.told.append("shut out")

    def nears_an_end(self) -> None:
        self.told.append("nears an end")

    def probes(self) -> None:
        self.told.append("probes")


Deliveries = Callable[[Publication], None]


@pytest.fixture
def onlooker() -> Onlooker:
    return Onlooker()


@pytest.fixture
def deliver(workbench: Workbench, onlooker: Onlooker) -> Deliveries:
    """Work the one message of a publication, looked on."""

    def once(publication: Publication) -> None:
        work = Deliver(
            workspace=publication.workspace,
            publication=publication.id,
            channel=publication.targets[0].channel,
            version=publication.version,
        )
        replace(workbench.courier, watch=onlooker).deliver(work, publication, within_s=60.0)

    return once


def test_who_looks_on_is_told_that_it_begins_and_how_long_the_platform_took(
    workbench: Workbench, deliver: Deliveries, onlooker: Onlooker
) -> None:
    deliver(workbench.submit().publication)
    assert onlooker.told == ["begun 1", "asked True"]


def test_a_platform_that_does_not_answer_was_asked_as_well(
    workbench: Workbench, deliver: Deliveries, onlooker: Onlooker
) -> None:
    workbench.platform = Platform([losing(httpx.ReadTimeout)])
    deliver(workbench.submit().publication)
    assert onlooker.told == ["begun 1", "asked True"]


def test_an_open_breaker_shuts_out_and_half_a_minute_later_one_message_probes(
    workbench: Workbench, deliver: Deliveries, onlooker: Onlooker
) -> None:
    workbench.platform = Platform([losing(httpx.ConnectError)] * IN_A_ROW + [fine])
    for _ in range(IN_A_ROW):
        deliver(workbench.submit().publication)
    onlooker.told.clear()
    deliver(workbench.submit().publication)
    workbench.cloud.watch.forward(60)
    deliver(workbench.submit().publication)
    assert onlooker.told == ["shut out", "probes", "begun 1", "asked True"]


def test_what_is_put_off_is_marked_and_its_wait_for_the_pace_is_told(
    workbench: Workbench, deliver: Deliveries, onlooker: Onlooker
) -> None:
    workbench.adapter = PacedAlpha()
    first, second = workbench.submit().publication, workbench.submit().publication
    deliver(first)
    onlooker.waits_s.clear()
    deliver(second)
    (wait_s,) = onlooker.waits_s
    assert 2.0 < wait_s <= 20.0
    assert workbench.delivery(second).delayed
    assert not workbench.delivery(first).delayed
