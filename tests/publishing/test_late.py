from __future__ import annotations

from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any

import pytest

from publishing import message
from publishing.change import Change
from publishing.decisions import Decisions, NotNow
from publishing.due import Dispatch
from publishing.editing import Editing
from publishing.late import is_shelved, too_late
from publishing.model import Content, DeliveryState, IfLate, Late, PublicationStatus
from publishing.publication import NEVER, Publication, Trouble
from tests.cloud import START
from tests.publishing.workbench import Workbench

State = DeliveryState
HOLD, SKIP, POST = (Late(900, then) for then in (IfLate.HOLD, IfLate.SKIP, IfLate.POST))
LATE_S = 3_700.0


def late(workbench: Workbench, policy: Late | None, *channels: str, **options: Any) -> Publication:
    """A publication whose time was an hour ago, and nothing of it has begun."""
    publication = workbench.submit(*channels, late=policy, **options).publication
    workbench.cloud.received("alpha")
    workbench.cloud.watch.forward(LATE_S)
    return publication


def held(workbench: Workbench) -> Publication:
    publication = late(workbench, HOLD)
    workbench.deliver(publication)
    workbench.cloud.received("alpha")
    return publication


def decisions(workbench: Workbench) -> Decisions:
    return Decisions(workbench.publications, workbench.deliveries, workbench.sender, workbench.cloud.watch)


def edit(workbench: Workbench, publication: Publication, **changes: Any) -> Publication:
    seen = workbench.stored(publication)
    editing = Editing(workbench.publications, workbench.sender, workbench.cloud.watch)
    return editing.edit(seen, replace(seen.publication, **changes)).publication


@pytest.mark.parametrize("policy", [None, POST])
def test_without_another_policy_it_is_published_however_late(workbench: Workbench, policy: Late | None) -> None:
    assert workbench.deliver(late(workbench, policy)).state is State.PUBLISHED


def test_what_is_to_be_skipped_expires_and_says_how_late_it_was(workbench: Workbench) -> None:
    publication = late(workbench, SKIP)
    delivery = workbench.deliver(publication)
    assert (delivery.state, workbench.platform.asked) == (State.EXPIRED, [])
    assert delivery.trouble == Trouble(
        "late", "It could not begin until 1 h 1 min after its time. Later than 15 min, it was to be skipped."
    )
    assert workbench.stored(publication).status(START) is PublicationStatus.FAILED


def test_what_is_to_be_held_waits_for_a_person(workbench: Workbench) -> None:
    publication = late(workbench, HOLD)
    delivery = workbench.deliver(publication)
    assert (delivery.state, delivery.next_at, is_shelved(delivery)) == (State.HELD, NEVER, True)
    assert [each.state for each in workbench.seen] == [State.HELD]
    assert workbench.stored(publication).status(workbench.cloud.watch()) is PublicationStatus.HELD


@pytest.mark.parametrize(("after_s", "state"), [(900.0, State.PUBLISHED), (900.001, State.HELD)])
def test_late_is_later_than_the_policy_says(workbench: Workbench, after_s: float, state: State) -> None:
    publication = workbench.submit(late=HOLD).publication
    workbench.cloud.watch.forward(after_s)
    assert workbench.deliver(publication).state is state


def test_what_is_held_for_being_late_does_not_go_out_by_any_message(workbench: Workbench) -> None:
    publication = held(workbench)
    before = workbench.delivery(publication)
    for _ in range(2):  # a duplicate, a redrive
        workbench.deliver(publication)
        workbench.cloud.watch.forward(86_400)
    Dispatch(workbench.publications, workbench.sender).dispatch(
        message.Due(workspace="ws_1", publication=publication.id, version=1)
    )
    workbench.deliver(publication)
    assert workbench.deliveries.claim(publication, publication.targets[0], lease_s=35)[1] is False
    assert workbench.delivery(publication) == before
    assert workbench.platform.asked == []


def test_who_claimed_first_goes_on(workbench: Workbench) -> None:
    publication = late(workbench, HOLD)
    workbench.deliveries.claim(publication, publication.targets[0], lease_s=35)
    assert workbench.deliver(publication).state is State.PUBLISHING


def test_what_has_begun_is_seen_to_its_end(workbench: Workbench) -> None:
    publication = workbench.submit(late=SKIP).publication
    taken, _ = workbench.deliveries.claim(publication, publication.targets[0], lease_s=35)
    again = Change(State.QUEUED, next_at=START + timedelta(hours=1), attempts=-1)
    workbench.deliveries.settle(publication, publication.targets[0], taken, again)
    workbench.cloud.watch.forward(LATE_S)
    assert workbench.deliver(publication).state is State.PUBLISHED


def test_what_a_paused_channel_held_is_judged_when_it_may_go_on(workbench: Workbench) -> None:
    publication = workbench.submit(late=HOLD).publication
    workbench.door.shut = Trouble("paused", "Paused.")
    assert is_shelved(workbench.deliver(publication)) is False
    workbench.door.shut = None
    workbench.cloud.watch.forward(LATE_S)
    assert is_shelved(workbench.deliver(publication))


def test_a_person_sends_it_out_now_however_late(workbench: Workbench) -> None:
    publication = held(workbench)
    retried = decisions(workbench).retry(workbench.stored(publication), publication.targets)
    assert (retried.deliveries[0].state, len(workbench.cloud.received("alpha"))) == (State.QUEUED, 1)
    assert workbench.deliver(publication).state is State.PUBLISHED


def test_a_person_calls_it_off(workbench: Workbench) -> None:
    publication = held(workbench)
    assert decisions(workbench).cancel(publication, publication.targets[0]).state is State.CANCELED


def test_what_a_paused_channel_holds_is_not_tried_again(workbench: Workbench) -> None:
    publication = workbench.submit(late=HOLD).publication
    workbench.door.shut = Trouble("paused", "Paused.")
    workbench.deliver(publication)
    with pytest.raises(NotNow):
        decisions(workbench).retry(workbench.stored(publication), publication.targets)


def test_a_person_who_saw_it_before_it_was_rescheduled_does_not_send_it_out(workbench: Workbench) -> None:
    publication = held(workbench)
    seen = workbench.stored(publication)
    edit(workbench, publication, publish_at=workbench.cloud.watch() + timedelta(hours=1))
    decisions(workbench).retry(seen, publication.targets)
    assert workbench.delivery(publication).next_at > "2026-11-20T14:00"


def test_another_time_is_another_chance(workbench: Workbench) -> None:
    now = edit(workbench, held(workbench), publish_at=START + timedelta(seconds=LATE_S + 60))
    stands = workbench.delivery(now)
    assert (stands.state, stands.trouble) == (State.QUEUED, None)
    workbench.cloud.watch.forward(61)
    assert workbench.deliver(now).state is State.PUBLISHED


def test_another_time_is_missed_as_the_first_was(workbench: Workbench) -> None:
    now = edit(workbench, held(workbench), publish_at=START + timedelta(seconds=LATE_S + 60))
    workbench.cloud.watch.forward(LATE_S)
    assert is_shelved(workbench.deliver(now))


@pytest.mark.parametrize("changes", [{"content": Content(text="New")}, {"late": None}])
def test_any_other_edit_leaves_it_to_a_person(workbench: Workbench, changes: dict[str, Any]) -> None:
    now = edit(workbench, held(workbench), **changes)
    assert is_shelved(workbench.deliver(now))
    assert workbench.platform.asked == []


def test_a_worker_who_read_the_publication_before_it_was_rescheduled_does_not_judge_it(workbench: Workbench) -> None:
    before = late(workbench, SKIP)
    edit(workbench, before, publish_at=workbench.cloud.watch() + timedelta(hours=1))
    change = too_late(before, workbench.cloud.watch())
    assert change is not None
    assert workbench.deliveries.close(before, before.targets[0], change, unbegun=True)[1] is False


def test_what_has_expired_is_expired_and_not_late(workbench: Workbench) -> None:
    publication = late(workbench, SKIP, expires_at=START + timedelta(hours=1))
    delivery = workbench.deliver(publication)
    assert (delivery.state, delivery.trouble and delivery.trouble.kind) == (State.EXPIRED, "expired")


def test_what_is_held_for_being_late_expires_when_its_publication_does(workbench: Workbench) -> None:
    publication = late(workbench, HOLD, expires_at=START + timedelta(hours=2))
    assert is_shelved(workbench.deliver(publication))
    workbench.cloud.watch.forward(LATE_S)
    assert workbench.deliver(publication).state is State.EXPIRED


def test_the_sweep_sends_for_it_when_its_publication_expires_and_not_before(workbench: Workbench) -> None:
    publication = late(workbench, HOLD, expires_at=START + timedelta(hours=2))
    workbench.deliver(publication)
    first = workbench.sweep()
    workbench.cloud.watch.forward(LATE_S)
    assert (first.looked, first.sent, workbench.sweep().sent) == (1, 0, 1)


def test_what_is_held_for_being_late_asks_nothing_of_its_channel(workbench: Workbench) -> None:
    publication = held(workbench)
    workbench.door.shut = Trouble("channel_deleted", "Deleted.")
    assert is_shelved(workbench.deliver(publication))


def test_each_target_is_judged_by_itself(workbench: Workbench) -> None:
    publication = workbench.submit("chn_1", "chn_2", late=HOLD).publication
    workbench.deliver(publication, "chn_1")
    workbench.cloud.watch.forward(LATE_S)
    workbench.deliver(publication, "chn_2")
    whole = workbench.stored(publication)
    assert [each.state for each in whole.deliveries] == [State.PUBLISHED, State.HELD]
    assert whole.status(workbench.cloud.watch()) is PublicationStatus.HELD


def test_the_policy_is_kept_and_edited(workbench: Workbench) -> None:
    publication = workbench.submit(publish_at=START + timedelta(hours=1), late=HOLD).publication
    assert workbench.stored(publication).publication.late == HOLD
    edit(workbench, publication, late=None)
    assert workbench.stored(publication).publication.late is None


@pytest.mark.parametrize(
    ("seconds", "told"),
    [(61, "61 s"), (120, "2 min"), (3_600, "1 h"), (7_505, "2 h 5 min"), (90_061, "1 d 1 h"), (604_801, "7 d")],
)
def test_how_late_it_was_is_told_for_people(seconds: int, told: str) -> None:
    change = too_late(_at(START), START + timedelta(seconds=seconds))
    assert change is not None
    assert change.trouble is not None
    assert f"until {told} after" in change.trouble.message


def _at(moment: datetime) -> Publication:
    policy = Late(60, IfLate.SKIP)
    return Publication("pub_1", "ws_1", Content(), (), moment, "tester", moment, "", late=policy)
