from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest

from publishing.cancellation import cancel
from publishing.change import Change
from publishing.decisions import Decisions, NotNow
from publishing.model import DeliveryState, Receipt
from publishing.publication import Delivery, Publication, Trouble, Whole
from publishing.sending import Sender
from publishing.store import GRACE_S
from tests.cloud import BASE, START
from tests.publishing.workbench import Workbench

State = DeliveryState
OUT = Receipt("42", "https://alpha.test/42")
FAILED = Change(State.FAILED, trouble=Trouble("refused", "No."))
UNSURE = Change(State.UNCERTAIN, trouble=Trouble("outcome_unknown", "Lost."), looks=3)


@pytest.fixture
def decisions(workbench: Workbench) -> Decisions:
    return Decisions(workbench.publications, workbench.deliveries, workbench.sender, workbench.cloud.watch)


def attempted(workbench: Workbench, publication: Publication, change: Change, *, target: int = 0) -> Delivery:
    taken, mine = workbench.deliveries.claim(publication, publication.targets[target], lease_s=35)
    assert mine
    written = workbench.deliveries.settle(publication, publication.targets[target], taken, change)
    assert written is not None
    return written


def in_state(workbench: Workbench, change: Change, **options: Any) -> Publication:
    """A publication whose only delivery one attempt has left like that, its first message taken away."""
    publication = workbench.submit(**options).publication
    attempted(workbench, publication, change)
    workbench.cloud.received("alpha")
    return publication


def retried(workbench: Workbench, decisions: Decisions, publication: Publication) -> Whole:
    return decisions.retry(workbench.stored(publication), publication.targets)


@pytest.mark.parametrize("state", [State.UNCERTAIN, State.HANDOFF])
def test_what_a_person_found_published_is_published_with_its_link(
    workbench: Workbench, decisions: Decisions, state: State
) -> None:
    publication = in_state(workbench, Change(state))
    decided = decisions.published(publication, publication.targets[0], OUT)
    assert (decided.state, decided.receipt, decided.attempt) == (State.PUBLISHED, OUT, 1)
    assert workbench.cloud.received("alpha") == []


def test_the_history_says_that_a_person_decided_and_what(workbench: Workbench, decisions: Decisions) -> None:
    publication = in_state(workbench, UNSURE)
    decided = decisions.published(publication, publication.targets[0], OUT)
    assert (decided.history[-1].state, decided.history[-1].why, decided.history[-1].by) == (
        "published",
        "published",
        "person",
    )


@pytest.mark.parametrize("state", [State.UNCERTAIN, State.HANDOFF])
def test_what_a_person_found_not_published_is_published_once_more(
    workbench: Workbench, decisions: Decisions, state: State
) -> None:
    publication = in_state(workbench, Change(state, looks=3))
    decided = decisions.not_published(publication, publication.targets[0])
    assert (decided.state, decided.attempt, decided.looks) == (State.QUEUED, 0, 0)
    assert len(workbench.cloud.received("alpha")) == 1
    assert workbench.deliver(publication).state is State.PUBLISHED


@pytest.mark.parametrize(
    "state", [State.QUEUED, State.PROCESSING, State.HELD, State.PUBLISHED, State.FAILED, State.CANCELED, State.EXPIRED]
)
def test_what_is_not_in_doubt_cannot_be_resolved(workbench: Workbench, decisions: Decisions, state: State) -> None:
    publication = in_state(workbench, Change(state))
    with pytest.raises(NotNow):
        decisions.published(publication, publication.targets[0], OUT)
    with pytest.raises(NotNow):
        decisions.not_published(publication, publication.targets[0])
    assert workbench.delivery(publication).state is state


def test_what_is_being_looked_for_is_not_sent_again(workbench: Workbench, decisions: Decisions) -> None:
    publication = in_state(workbench, Change(State.UNCERTAIN, next_at=START))
    seen = workbench.delivery(publication)
    taken = workbench.deliveries.take(publication, publication.targets[0], seen, lease_s=35)
    with pytest.raises(NotNow, match="looking"):
        decisions.not_published(publication, publication.targets[0])
    assert taken is not None
    assert workbench.delivery(publication) == taken


def test_a_look_that_comes_back_after_the_decision_changes_nothing(workbench: Workbench, decisions: Decisions) -> None:
    publication = in_state(workbench, Change(State.UNCERTAIN, next_at=START))
    target, seen = publication.targets[0], workbench.delivery(publication)
    taken = workbench.deliveries.take(publication, target, seen, lease_s=35)
    assert taken is not None
    decisions.published(publication, target, OUT)
    assert workbench.deliveries.settle(publication, target, taken, Change(State.QUEUED, next_at=START)) is None
    assert workbench.delivery(publication).state is State.PUBLISHED


def test_what_is_said_of_one_doubt_is_not_believed_of_the_next(workbench: Workbench, decisions: Decisions) -> None:
    publication = in_state(workbench, UNSURE)
    seen = workbench.stored(publication).known[publication.targets[0].channel]
    decisions.not_published(publication, publication.targets[0], seen)
    attempted(workbench, publication, UNSURE)
    with pytest.raises(NotNow):
        decisions.not_published(publication, publication.targets[0], seen)
    assert workbench.stored(publication).deliveries[0].state is State.UNCERTAIN


def test_what_was_canceled_meanwhile_is_not_sent_again(workbench: Workbench, decisions: Decisions) -> None:
    publication = in_state(workbench, UNSURE)
    cancel(workbench.publications, workbench.deliveries, workbench.stored(publication))
    canceled = workbench.stored(publication).publication
    decisions.not_published(canceled, canceled.targets[0])
    assert workbench.deliver(canceled).state is State.CANCELED
    assert workbench.platform.asked == []


def test_a_failed_delivery_is_tried_again_from_the_beginning(workbench: Workbench, decisions: Decisions) -> None:
    publication = in_state(workbench, replace(FAILED, waits=7))
    again = retried(workbench, decisions, publication).deliveries[0]
    assert (again.state, again.attempt, again.waits) == (State.QUEUED, 0, 0)
    assert (again.history[-1].why, again.history[-1].by) == ("retry", "person")
    assert workbench.deliver(publication).state is State.PUBLISHED


def test_only_what_failed_is_tried_again(workbench: Workbench, decisions: Decisions) -> None:
    publication = workbench.submit("chn_1", "chn_2", "chn_b").publication
    attempted(workbench, publication, Change(State.PUBLISHED, receipt=OUT), target=0)
    attempted(workbench, publication, FAILED, target=1)
    attempted(workbench, publication, UNSURE, target=2)
    before = workbench.stored(publication)
    after = retried(workbench, decisions, publication)
    assert [each.state for each in after.deliveries] == [State.PUBLISHED, State.QUEUED, State.UNCERTAIN]
    assert after.deliveries[::2] == before.deliveries[::2]
    assert workbench.stored(publication).deliveries == after.deliveries


def test_trying_again_twice_is_trying_once(workbench: Workbench, decisions: Decisions) -> None:
    publication = in_state(workbench, FAILED)
    first = retried(workbench, decisions, publication)
    second = retried(workbench, decisions, publication)
    assert second.deliveries == first.deliveries
    workbench.deliver(publication)
    workbench.deliver(publication)
    assert workbench.platform.published == 1


def test_two_who_try_again_at_once_have_it_published_once(workbench: Workbench, decisions: Decisions) -> None:
    publication = in_state(workbench, FAILED)
    seen = workbench.stored(publication)
    decisions.retry(seen, publication.targets)
    workbench.deliver(publication)
    assert decisions.retry(seen, publication.targets).deliveries[0].state is State.PUBLISHED
    workbench.deliver(publication)
    assert workbench.platform.published == 1


@pytest.mark.parametrize("state", [State.QUEUED, State.UNCERTAIN, State.PUBLISHED, State.CANCELED, State.EXPIRED])
def test_where_nothing_failed_nothing_is_tried_again(workbench: Workbench, decisions: Decisions, state: State) -> None:
    publication = in_state(workbench, Change(state))
    with pytest.raises(NotNow, match="Nothing failed"):
        retried(workbench, decisions, publication)
    assert workbench.delivery(publication).state is state


def test_what_has_not_begun_is_not_tried_again(workbench: Workbench, decisions: Decisions) -> None:
    with pytest.raises(NotNow, match="Nothing failed"):
        retried(workbench, decisions, workbench.submit().publication)


def test_nothing_of_a_canceled_publication_is_tried_again(workbench: Workbench, decisions: Decisions) -> None:
    publication = in_state(workbench, FAILED)
    cancel(workbench.publications, workbench.deliveries, workbench.stored(publication))
    with pytest.raises(NotNow, match="canceled"):
        retried(workbench, decisions, publication)


def test_what_is_past_its_time_is_not_tried_again(workbench: Workbench, decisions: Decisions) -> None:
    publication = in_state(workbench, FAILED, expires_at=START + timedelta(hours=1))
    workbench.cloud.watch.forward(3_601)
    with pytest.raises(NotNow, match="time has passed"):
        retried(workbench, decisions, publication)


def test_a_retry_whose_message_is_lost_is_found_by_the_sweep(workbench: Workbench, decisions: Decisions) -> None:
    publication = in_state(workbench, FAILED)
    workbench.cloud.watch.forward(GRACE_S + 1)
    assert workbench.sweep().settled == 1
    retried(workbench, decisions, publication)
    workbench.cloud.received("alpha")
    workbench.cloud.watch.forward(GRACE_S + 1)
    assert workbench.sweep().sent == 1


def test_what_is_tried_again_is_swept_by_who_remembers_it_settled(workbench: Workbench, decisions: Decisions) -> None:
    publication = in_state(workbench, FAILED)
    workbench.cloud.watch.forward(GRACE_S + 1)
    sweeper = workbench.sweeper
    assert sweeper.run(until=lambda: False).settled == 1
    retried(workbench, decisions, publication)
    workbench.cloud.received("alpha")
    workbench.cloud.watch.forward(GRACE_S + 1)
    assert sweeper.run(until=lambda: False).sent == 1


def test_one_target_is_called_off_and_the_other_is_published(workbench: Workbench, decisions: Decisions) -> None:
    publication = workbench.submit("chn_1", "chn_2", publish_at=START + timedelta(seconds=60)).publication
    off = decisions.cancel(publication, publication.targets[0])
    assert (off.state, off.history[-1].by, off.history[-1].why) == (State.CANCELED, "person", "cancel")
    workbench.cloud.watch.forward(61)
    assert workbench.deliver(publication, "chn_1").state is State.CANCELED
    assert workbench.deliver(publication, "chn_2").state is State.PUBLISHED


def test_calling_off_twice_is_calling_off_once(workbench: Workbench, decisions: Decisions) -> None:
    publication = workbench.submit().publication
    first = decisions.cancel(publication, publication.targets[0])
    assert decisions.cancel(publication, publication.targets[0]) == first


@pytest.mark.parametrize("state", [State.PROCESSING, State.UNCERTAIN, State.HANDOFF, State.PUBLISHED, State.FAILED])
def test_what_has_left_cannot_be_called_off(workbench: Workbench, decisions: Decisions, state: State) -> None:
    publication = in_state(workbench, Change(state))
    with pytest.raises(NotNow):
        decisions.cancel(publication, publication.targets[0])
    assert workbench.delivery(publication).state is state


def test_the_decision_stands_even_if_the_queue_does_not_take_the_message(
    workbench: Workbench, decisions: Decisions
) -> None:
    publication = in_state(workbench, UNSURE)
    nowhere = workbench.cloud.settings.model_copy(update={"queue_url_template": f"{BASE}gone-{{queue}}"})
    cut_off = replace(decisions, sender=Sender(nowhere, workbench.cloud.watch))
    assert cut_off.not_published(publication, publication.targets[0]).state is State.QUEUED
    workbench.cloud.watch.forward(GRACE_S + 1)
    assert workbench.sweep().sent == 1
