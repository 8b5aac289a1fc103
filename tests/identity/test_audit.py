from __future__ import annotations

from datetime import datetime, timedelta

import pytest

from identity.audit import KEPT, Audit, Entry
from tests.cloud import START, Cloud

WORKSPACE, OTHER = "ws_01kagwz8w7e0f4h5j6k7m8n9pq", "ws_01kagwz8w7e0f4h5j6k7m8n9pr"
SOON = START + timedelta(days=10)


@pytest.fixture
def audit(cloud_in_moto: Cloud) -> Audit:
    return Audit("channels", cloud_in_moto.watch)


def entered(audit: Audit, actor: str, hours: float, workspace: str = WORKSPACE) -> datetime:
    at = START + timedelta(hours=hours)
    audit.enter(Entry(workspace, actor, "connectChannel", 201, at, "order-4711", {"key": "k"}, "/v1/channels/c"))
    return at


def read(audit: Audit, limit: int = 10, **asked: object) -> list[tuple[str, datetime]]:
    """Who and when, of all pages."""
    found, after = [], ""
    while True:
        window: dict[str, object] = {"since": START - KEPT, "until": SOON, **asked}
        page, after = audit.page(WORKSPACE, limit=limit, after=after, **window)  # type: ignore[arg-type]
        found += [(entry.actor, entry.at) for entry in page]
        if not after:
            return found


def test_an_entry_is_read_as_it_was_entered(audit: Audit) -> None:
    entered(audit, "key_1", 0)
    ((entry,), _) = audit.page(WORKSPACE, since=START, until=SOON, limit=10)
    assert (entry.actor, entry.operation, entry.status, entry.at) == ("key_1", "connectChannel", 201, START)
    assert (entry.correlation_id, entry.ids, entry.made) == ("order-4711", {"key": "k"}, "/v1/channels/c")


@pytest.mark.parametrize("limit", [1, 2, 3, 10])
def test_what_everybody_did_is_told_newest_first_page_by_page(audit: Audit, limit: int) -> None:
    did = [("key_1", 0), ("mbr_1", 1), ("key_1", 2), ("mbr_2", 30), ("key_1", 31), ("operator", 80)]
    times = [(actor, entered(audit, actor, hours)) for actor, hours in did]
    entered(audit, "key_1", 3, OTHER)
    assert read(audit, limit) == times[::-1]


@pytest.mark.parametrize("limit", [1, 2, 10])
def test_what_one_did_is_told_alone(audit: Audit, limit: int) -> None:
    mine = [entered(audit, "key_1", hours) for hours in (0, 1, 50)]
    entered(audit, "key_11", 2)
    assert read(audit, limit, actor="key_1") == [("key_1", at) for at in mine[::-1]]


@pytest.mark.parametrize("actor", ["", "key_1"])
def test_a_range_of_time_begins_with_its_first_moment_and_ends_before_its_last(audit: Audit, actor: str) -> None:
    times = [entered(audit, "key_1", hours) for hours in (0, 1, 2, 26)]
    told = [at for _, at in read(audit, since=times[1], until=times[3], actor=actor)]
    assert told == [times[2], times[1]]
    assert read(audit, since=times[3], until=times[1], actor=actor) == []


def test_entries_of_one_moment_are_all_kept(audit: Audit) -> None:
    for _ in range(3):
        entered(audit, "key_1", 0)
    assert len(read(audit, 2)) == 3


def test_entries_are_removed_by_the_table_after_400_days(audit: Audit) -> None:
    entered(audit, "key_1", 0)
    items = audit.client().scan(TableName="channels")["Items"]
    ends = {int(item["gone_at"]["N"]) for item in items}
    assert ends == {int((START + timedelta(days=400)).timestamp())}


def test_an_entry_is_one_write_and_who_there_was_one_more_a_day(audit: Audit) -> None:
    names: list[str] = []
    audit.client().meta.events.register("before-call.dynamodb", lambda model, **_: names.append(model.name))
    for hours in (0, 1, 2):
        entered(audit, "key_1", hours)
    assert names == ["PutItem"] * 4


def test_what_is_entered_is_never_changed(audit: Audit) -> None:
    audit._append("log", "place", {"status": 1})
    audit._append("log", "place", {"status": 2})
    (item,) = audit.client().scan(TableName="channels")["Items"]
    assert item["status"] == {"N": "1"}
