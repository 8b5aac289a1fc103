from __future__ import annotations

import threading
from typing import Any

from publishing.batch import worked_in_turns


def record(identifier: str, group: str) -> dict[str, Any]:
    return {"messageId": identifier, "attributes": {"MessageGroupId": group}}


def test_a_groups_records_are_worked_one_after_the_other() -> None:
    seen: list[str] = []
    batch = [record(f"{group}{number}", group) for number in range(5) for group in "ab"]
    assert worked_in_turns(batch, lambda each: seen.append(each["messageId"])) == {"batchItemFailures": []}
    assert [each for each in seen if each[0] == "a"] == ["a0", "a1", "a2", "a3", "a4"]


def test_behind_one_that_fails_nothing_of_its_group_is_worked() -> None:
    seen: list[str] = []

    def work(each: Any) -> None:
        if each["messageId"] == "a1":
            raise ValueError
        seen.append(each["messageId"])

    batch = [record(name, name[0]) for name in ("a0", "a1", "a2", "b0")]
    left = worked_in_turns(batch, work)["batchItemFailures"]
    assert [each["itemIdentifier"] for each in left] == ["a1", "a2"]
    assert sorted(seen) == ["a0", "b0"]


def test_groups_are_worked_at_once() -> None:
    met = threading.Barrier(3, timeout=5)

    def work(_: Any) -> None:
        met.wait()

    assert worked_in_turns([record(group, group) for group in "abc"], work) == {"batchItemFailures": []}


def test_an_empty_batch_is_nothing() -> None:
    assert worked_in_turns([], lambda _: None) == {"batchItemFailures": []}
