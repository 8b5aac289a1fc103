from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

from publishing.change import Change
from publishing.editing import Editing
from publishing.model import Content, DeliveryState, Target, utc_text
from publishing.planned import MOST_TOLD, NOTHING, AtRisk, Planned
from publishing.publication import Publication
from tests.cloud import START
from tests.publishing.workbench import Workbench

DAY = timedelta(days=1)


def planned(workbench: Workbench, number: int, *, days: float = 1, channel: str = "chn_1") -> Publication:
    at = START + days * DAY
    publication = Publication(
        id=f"pub_{number:03}",
        workspace="ws_1",
        content=Content(text="Hello"),
        targets=(Target("chn_0", "alpha"), Target(channel, "alpha")),
        created_at=min(START, at) - DAY,
        created_by="tester",
        publish_at=at,
        fingerprint="f",
        due_at=utc_text(at + timedelta(seconds=45)),
    )
    stored, _ = workbench.publications.accept(publication)
    return stored


def found(workbench: Workbench, channel: str = "chn_1", **since: float) -> AtRisk:
    moment = START + timedelta(**since) if since else None
    return Planned(workbench.publications).for_channel("ws_1", channel, moment)


def close(workbench: Workbench, publication: Publication, state: DeliveryState) -> None:
    workbench.courier.deliveries.close(publication, publication.targets[1], Change(state, next_at=START))


def test_what_is_planned_for_the_channel_is_told_soonest_first(workbench: Workbench) -> None:
    planned(workbench, 1, days=3)
    planned(workbench, 2, days=2)
    planned(workbench, 3, channel="chn_2")
    first = (("pub_002", utc_text(START + 2 * DAY)), ("pub_001", utc_text(START + 3 * DAY)))
    assert found(workbench) == AtRisk(2, first)


def test_another_workspaces_is_not(workbench: Workbench) -> None:
    planned(workbench, 1)
    assert Planned(workbench.publications).for_channel("ws_2", "chn_1") == NOTHING


def test_what_goes_out_before_the_end_is_not_at_risk(workbench: Workbench) -> None:
    planned(workbench, 1, days=1)
    planned(workbench, 2, days=3)
    assert [name for name, _ in found(workbench, days=2).first] == ["pub_002"]


def test_what_was_called_off_is_not(workbench: Workbench) -> None:
    workbench.publications.cancel(planned(workbench, 1))
    close(workbench, planned(workbench, 2), DeliveryState.CANCELED)
    assert found(workbench) == NOTHING


def test_what_is_held_for_the_channel_is_and_what_is_out_is_not(workbench: Workbench) -> None:
    held, out = planned(workbench, 1, days=0), planned(workbench, 2, days=0)
    close(workbench, held, DeliveryState.HELD)
    close(workbench, out, DeliveryState.PUBLISHED)
    assert [name for name, _ in found(workbench).first] == ["pub_001"]


def test_what_was_held_long_ago_stands_where_the_sweep_looks_next(workbench: Workbench) -> None:
    held = planned(workbench, 1, days=-30)
    close(workbench, held, DeliveryState.HELD)
    assert found(workbench) == NOTHING  # nobody has swept for a month
    workbench.publications.look_again(held, START + timedelta(minutes=10))
    assert found(workbench).count == 1


def test_what_goes_out_at_once_is_in_no_plan(workbench: Workbench) -> None:
    workbench.submit("chn_1")
    assert found(workbench) == NOTHING
    assert all("planned_in" not in item for item in workbench.cloud.items())


def test_what_is_put_off_is_planned_from_then_on(workbench: Workbench) -> None:
    whole = workbench.submit("chn_1")
    editing = Editing(workbench.publications, workbench.courier.sender, workbench.cloud.watch)
    editing.edit(whole, replace(whole.publication, publish_at=START + DAY))
    assert found(workbench).count == 1


def test_twenty_are_named_and_all_are_counted(workbench: Workbench) -> None:
    for number in range(MOST_TOLD + 5):
        planned(workbench, number)
    told = found(workbench)
    assert (told.count, len(told.first), told.more) == (MOST_TOLD + 5, MOST_TOLD, False)


def test_of_very_many_not_all_are_looked_at(workbench: Workbench) -> None:
    for number in range(5):
        planned(workbench, number)
    told = Planned(workbench.publications, page=2, most=3).for_channel("ws_1", "chn_1")
    assert (told.count, told.more) == (4, True)
