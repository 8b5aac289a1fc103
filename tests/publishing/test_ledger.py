from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest

from publishing import aws
from publishing.change import Change
from publishing.ledger import Deliveries
from publishing.model import DeliveryState, Receipt
from publishing.publication import Publication
from publishing.store import Publications
from tests.publishing.workbench import Workbench

State = DeliveryState
PUBLISHED = Change(State.PUBLISHED, receipt=Receipt("p1"))


class Echo:
    """A client whose first write goes through but whose answer is lost, so that the SDK writes again."""

    def __init__(self, lost: str) -> None:
        self._lost = lost

    def __getattr__(self, name: str) -> Any:
        real = getattr(aws.dynamodb(), name)
        if name != self._lost:
            return real

        def twice(**request: Any) -> Any:
            real(**request)
            return real(**request)

        return twice


def echoing(workbench: Workbench, lost: str) -> Deliveries:
    return Deliveries(workbench.cloud.settings.publications_table, workbench.cloud.watch, lambda: Echo(lost))  # type: ignore[arg-type,return-value]


@pytest.fixture
def publication(workbench: Workbench) -> Publication:
    return workbench.submit().publication


def test_a_claim_counts_the_attempt_and_the_fence(workbench: Workbench, publication: Publication) -> None:
    claimed, mine = workbench.deliveries.claim(publication, publication.targets[0], lease_s=35)
    assert (mine, claimed.state, claimed.attempt, claimed.fence) == (True, State.PUBLISHING, 1, 1)


def test_only_the_first_of_two_claims_is_taken(workbench: Workbench, publication: Publication) -> None:
    workbench.deliveries.claim(publication, publication.targets[0], lease_s=35)
    seen, mine = workbench.deliveries.claim(publication, publication.targets[0], lease_s=35)
    assert (mine, seen.fence) == (False, 1)


def test_a_claim_whose_answer_was_lost_is_known_as_ours(workbench: Workbench, publication: Publication) -> None:
    claimed, mine = echoing(workbench, "update_item").claim(publication, publication.targets[0], lease_s=35)
    assert (mine, claimed.attempt) == (True, 1)


def test_an_outcome_whose_answer_was_lost_is_known_as_written(workbench: Workbench, publication: Publication) -> None:
    claimed, _ = workbench.deliveries.claim(publication, publication.targets[0], lease_s=35)
    written = echoing(workbench, "update_item").settle(publication, publication.targets[0], claimed, PUBLISHED)
    assert written is not None
    assert [event.state for event in written.history] == ["publishing", "published"]


def test_a_state_that_follows_itself_is_told_once_though_it_is_written_twice(
    workbench: Workbench, publication: Publication
) -> None:
    target = publication.targets[0]
    claimed, _ = workbench.deliveries.claim(publication, target, lease_s=35)
    going_on = Change(State.PROCESSING, next_at=workbench.cloud.watch())
    workbench.deliveries.settle(publication, target, claimed, going_on)
    seen = workbench.deliveries.take(publication, target, replace(claimed, state=State.PROCESSING), lease_s=35)
    assert seen is not None
    written = echoing(workbench, "update_item").settle(publication, target, seen, going_on)
    assert written is not None
    assert [event.state for event in written.history] == ["publishing", "processing", "processing"]


def test_an_acceptance_whose_answer_was_lost_is_known_as_ours(workbench: Workbench, publication: Publication) -> None:
    store = Publications(workbench.cloud.settings.publications_table, workbench.cloud.watch, lambda: Echo("put_item"))  # type: ignore[arg-type,return-value]
    assert store.accept(replace(publication, id="pub_other"))[1] is True


def test_an_old_claim_cannot_write_an_outcome(workbench: Workbench, publication: Publication) -> None:
    target = publication.targets[0]
    old, _ = workbench.deliveries.claim(publication, target, lease_s=35)
    workbench.deliveries.settle(publication, target, old, Change(State.QUEUED, next_at=workbench.cloud.watch()))
    workbench.deliveries.claim(publication, target, lease_s=35)
    assert workbench.deliveries.settle(publication, target, old, PUBLISHED) is None
    assert workbench.delivery(publication).state is State.PUBLISHING


@pytest.mark.parametrize("state", [State.PUBLISHED, State.FAILED])
def test_a_terminal_state_never_changes(workbench: Workbench, publication: Publication, state: DeliveryState) -> None:
    target = publication.targets[0]
    claimed, _ = workbench.deliveries.claim(publication, target, lease_s=35)
    settled = workbench.deliveries.settle(publication, target, claimed, Change(state))
    assert settled is not None
    workbench.cloud.watch.forward(3_600)
    assert workbench.deliveries.claim(publication, target, lease_s=35)[1] is False
    assert workbench.deliveries.close(publication, target, Change(State.CANCELED))[1] is False
    assert workbench.deliveries.take(publication, target, settled, lease_s=35) is None
    assert workbench.deliveries.doubt(publication, target, claimed, Change(State.UNCERTAIN)) is None
    assert workbench.delivery(publication).state is state


def test_two_looks_at_once_are_one(workbench: Workbench, publication: Publication) -> None:
    target = publication.targets[0]
    claimed, _ = workbench.deliveries.claim(publication, target, lease_s=35)
    unsure = Change(State.UNCERTAIN, next_at=workbench.cloud.watch())
    seen = workbench.deliveries.settle(publication, target, claimed, unsure)
    assert seen is not None
    assert workbench.deliveries.take(publication, target, seen, lease_s=35) is not None
    assert workbench.deliveries.take(publication, target, seen, lease_s=35) is None


def test_a_live_lease_is_not_doubted(workbench: Workbench, publication: Publication) -> None:
    target = publication.targets[0]
    claimed, _ = workbench.deliveries.claim(publication, target, lease_s=35)
    workbench.cloud.watch.forward(34)
    assert workbench.deliveries.doubt(publication, target, claimed, Change(State.UNCERTAIN)) is None


def test_a_happy_delivery_takes_two_writes_and_stays_below_one_kilobyte(
    workbench: Workbench, publication: Publication
) -> None:
    workbench.deliver(publication)
    delivery = next(item for item in workbench.cloud.items() if item["sk"]["S"].startswith("DELIVERY#"))
    assert len(str(aws.unmarshal(delivery))) < 1_024
