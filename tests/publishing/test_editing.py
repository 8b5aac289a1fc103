from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest

from publishing import aws, message
from publishing.cancellation import cancel
from publishing.change import Change
from publishing.decisions import Decisions, NotNow
from publishing.due import Dispatch
from publishing.editing import Editing, Overtaken
from publishing.model import Content, DeliveryState, Priority, PublicationStatus, Receipt, Target, utc_text
from publishing.publication import Publication, Trouble, Whole
from publishing.store import GRACE_S
from tests.cloud import START
from tests.publishing.workbench import Workbench

State = DeliveryState
LATER = START + timedelta(hours=1)
NEW = Content(text="New")


@pytest.fixture
def editing(workbench: Workbench) -> Editing:
    return Editing(workbench.publications, workbench.sender, workbench.cloud.watch)


def edited(workbench: Workbench, editing: Editing, publication: Publication, **changes: Any) -> Publication:
    """The publication with these changes, as it then stands."""
    seen = workbench.stored(publication)
    return editing.edit(seen, replace(seen.publication, **(changes or {"content": NEW}))).publication


def left(workbench: Workbench, publication: Publication, change: Change) -> None:
    taken, _ = workbench.deliveries.claim(publication, publication.targets[0], lease_s=35)
    workbench.deliveries.settle(publication, publication.targets[0], taken, change)


def test_all_that_can_be_edited_is_stored_anew(workbench: Workbench, editing: Editing) -> None:
    publication = workbench.submit("chn_1", "chn_2", publish_at=LATER, zone="Europe/Zurich").publication
    changes: dict[str, Any] = {
        "content": Content(title="Title", text="New", tags=("a",)),
        "targets": (Target("chn_1", "alpha", {"text": "Own"}), publication.targets[1]),
        "publish_at": LATER + timedelta(hours=1),
        "zone": "",
        "priority": Priority.URGENT,
        "expires_at": LATER + timedelta(hours=2),
    }
    edited(workbench, editing, publication, **changes)
    stored = workbench.stored(publication).publication
    assert {name: getattr(stored, name) for name in changes} == changes
    assert (stored.version, stored.fingerprint, stored.created_at) == (2, publication.fingerprint, START)
    assert stored.due_at == utc_text(LATER + timedelta(hours=1, seconds=GRACE_S))


def test_what_is_taken_away_is_gone(workbench: Workbench, editing: Editing) -> None:
    publication = workbench.submit(publish_at=LATER, expires_at=LATER + timedelta(hours=1), zone="UTC").publication
    stored = edited(workbench, editing, publication, expires_at=None, zone="")
    assert (stored.expires_at, stored.zone) == (None, "")


def test_an_edited_publication_is_published_as_it_then_is(workbench: Workbench, editing: Editing) -> None:
    publication = workbench.submit().publication
    now = edited(workbench, editing, publication, publish_at=START + timedelta(seconds=60))
    workbench.cloud.watch.forward(61)
    assert workbench.deliver(now).state is State.PUBLISHED
    assert workbench.stored(now).status(workbench.cloud.watch()) is PublicationStatus.PUBLISHED


def test_a_list_of_publications_tells_the_new_title(workbench: Workbench, editing: Editing) -> None:
    edited(workbench, editing, workbench.submit(publish_at=LATER).publication)
    (listed,) = workbench.publications.page("ws_1", limit=10).found
    assert (listed.publication.content.title, listed.publication.version) == ("New", 2)


def test_the_history_says_that_a_person_edited(workbench: Workbench, editing: Editing) -> None:
    now = edited(workbench, editing, workbench.submit(publish_at=LATER).publication)
    (event,) = workbench.delivery(now).history
    assert (event.state, event.why, event.by) == ("queued", "edit", "person")
    assert workbench.delivery(now).next_at == utc_text(LATER)


def test_a_schedule_from_before_the_edit_does_nothing(workbench: Workbench, editing: Editing) -> None:
    publication = workbench.submit(publish_at=LATER).publication
    edited(workbench, editing, publication, publish_at=LATER + timedelta(hours=1))
    due = message.Due(workspace="ws_1", publication=publication.id, version=1)
    Dispatch(workbench.publications, workbench.sender).dispatch(due)
    assert workbench.cloud.received("alpha") == []


def test_the_new_time_has_a_schedule_of_its_own(workbench: Workbench, editing: Editing) -> None:
    publication = workbench.submit(publish_at=LATER).publication
    edited(workbench, editing, publication, publish_at=LATER + timedelta(hours=1))
    fires = {each["Name"].rpartition("-")[2]: each["ScheduleExpression"] for each in workbench.cloud.schedules()}
    assert fires == {"v1": "at(2026-11-20T12:59:00)", "v2": "at(2026-11-20T13:59:00)"}


def test_a_message_from_before_the_edit_does_nothing(workbench: Workbench, editing: Editing) -> None:
    publication = workbench.submit().publication
    edited(workbench, editing, publication)
    old = message.Deliver(workspace="ws_1", publication=publication.id, channel="chn_1", version=1)
    workbench.courier.deliver(old, workbench.stored(publication).publication, within_s=60)
    assert workbench.platform.asked == []


def test_a_worker_who_read_the_publication_before_the_edit_comes_too_late(
    workbench: Workbench, editing: Editing
) -> None:
    before = workbench.submit().publication
    edited(workbench, editing, before)
    assert workbench.deliveries.claim(before, before.targets[0], lease_s=35)[1] is False
    assert workbench.deliveries.close(before, before.targets[0], Change(State.EXPIRED))[1] is False
    assert workbench.delivery(before).state is State.QUEUED


def test_an_edited_publication_can_be_edited_again(workbench: Workbench, editing: Editing) -> None:
    publication = workbench.submit(publish_at=LATER).publication
    edited(workbench, editing, publication)
    assert edited(workbench, editing, publication, publish_at=START).version == 3
    assert workbench.deliver(workbench.stored(publication).publication).state is State.PUBLISHED


def test_of_two_edits_of_one_version_the_second_is_refused(workbench: Workbench, editing: Editing) -> None:
    seen = workbench.stored(workbench.submit(publish_at=LATER).publication)
    editing.edit(seen, replace(seen.publication, content=NEW))
    with pytest.raises(Overtaken):
        editing.edit(seen, replace(seen.publication, content=Content(text="Other")))
    assert workbench.stored(seen.publication).publication.content == NEW


@pytest.mark.parametrize(
    "state",
    [State.PUBLISHING, State.PROCESSING, State.UNCERTAIN, State.HANDOFF, State.PUBLISHED, State.FAILED],
)
def test_once_something_has_left_there_is_no_edit(workbench: Workbench, editing: Editing, state: State) -> None:
    publication = workbench.submit("chn_1", "chn_2").publication
    left(workbench, publication, Change(state))
    with pytest.raises(NotNow, match="has left"):
        edited(workbench, editing, publication)
    assert workbench.stored(publication).publication == publication


def test_what_left_after_it_was_seen_is_told(workbench: Workbench, editing: Editing) -> None:
    publication = workbench.submit().publication
    seen = workbench.stored(publication)
    left(workbench, publication, Change(State.PUBLISHED, receipt=Receipt("1")))
    with pytest.raises(NotNow, match="has left: It is published"):
        editing.edit(seen, replace(publication, content=NEW))


def test_a_canceled_publication_is_not_edited(workbench: Workbench, editing: Editing) -> None:
    whole = workbench.submit(publish_at=LATER)
    cancel(workbench.publications, workbench.deliveries, whole)
    with pytest.raises(NotNow, match="canceled"):
        editing.edit(whole, replace(whole.publication, content=NEW))


def test_a_target_that_was_called_off_stays_so(workbench: Workbench, editing: Editing) -> None:
    publication = workbench.submit("chn_1", "chn_2", publish_at=LATER).publication
    decisions = Decisions(workbench.publications, workbench.deliveries, workbench.sender, workbench.cloud.watch)
    decisions.cancel(publication, publication.targets[0])
    now = edited(workbench, editing, publication, publish_at=START)
    assert [each.state for each in workbench.stored(now).deliveries] == [State.CANCELED, State.QUEUED]
    assert workbench.deliver(now, "chn_2").state is State.PUBLISHED


def test_where_nothing_waits_there_is_no_edit(workbench: Workbench, editing: Editing) -> None:
    publication = workbench.submit(publish_at=LATER).publication
    workbench.deliveries.close(publication, publication.targets[0], Change(State.CANCELED))
    with pytest.raises(NotNow, match="Nothing"):
        edited(workbench, editing, publication)


def test_what_the_platform_put_off_stays_put_off(workbench: Workbench, editing: Editing) -> None:
    publication = workbench.submit().publication
    busy = Change(State.QUEUED, next_at=START + timedelta(minutes=5), attempts=-1, waits=1)
    left(workbench, publication, busy)
    workbench.cloud.received("alpha")
    now = edited(workbench, editing, publication)
    assert workbench.delivery(now).next_at == utc_text(START + timedelta(minutes=5))
    assert workbench.cloud.waiting("alpha") == 1


def test_what_is_held_stays_held(workbench: Workbench, editing: Editing) -> None:
    publication = workbench.submit(publish_at=LATER).publication
    held = Change(State.HELD, next_at=START, trouble=Trouble("paused", "Paused."), wakes=False)
    workbench.deliveries.close(publication, publication.targets[0], held)
    assert workbench.delivery(edited(workbench, editing, publication)).state is State.HELD


def test_a_hundred_targets_are_more_than_are_changed_at_once(workbench: Workbench, editing: Editing) -> None:
    whole = workbench.submit(publish_at=LATER)
    many = replace(whole.publication, targets=tuple(Target(f"chn_{n}", "alpha") for n in range(100)))
    with pytest.raises(NotNow, match="More than 99"):
        editing.edit(Whole(many, {}), many)


def test_ninety_nine_targets_are_changed_at_once(workbench: Workbench, editing: Editing) -> None:
    publication = workbench.submit(publish_at=LATER).publication
    targets = tuple(Target(f"chn_{number}", "alpha") for number in range(99))
    workbench.publications.accept(replace(publication, id="pub_many", targets=targets))
    many = workbench.stored(replace(publication, id="pub_many")).publication
    assert edited(workbench, editing, many).version == 2


def test_an_edit_whose_answer_was_lost_is_known_as_ours(workbench: Workbench, editing: Editing) -> None:
    seen = workbench.stored(workbench.submit(publish_at=LATER).publication)
    unsure = replace(editing, client=_Twice)  # type: ignore[arg-type]
    assert unsure.edit(seen, replace(seen.publication, content=NEW)).publication.version == 2


class _Twice:
    """A client whose transaction goes through but whose answer is lost, so that the SDK writes again."""

    exceptions = property(lambda _: aws.dynamodb().exceptions)

    def transact_write_items(self, **request: Any) -> Any:
        """Twice the same."""
        aws.dynamodb().transact_write_items(**request)
        return aws.dynamodb().transact_write_items(**request)
