from __future__ import annotations

import json
from typing import Any

from infra.telling import LATE_S
from notifying.calling import WITHIN_S
from tests.infra.synthesis import Found, Synthesised


def streams(stage: Synthesised) -> list[Found]:
    """What leads streams to functions."""
    return [each for each in stage.all("Lambda::EventSourceMapping") if "StartingPosition" in each.properties]


def test_both_streams_lead_to_who_notices_from_their_beginning(stage: Synthesised) -> None:
    sources = {stage.text(each.properties["EventSourceArn"]) for each in streams(stage)}
    assert sources == {"Store/Publications.StreamArn", "Store/Channels.StreamArn"}
    assert {stage.function(each.properties["FunctionName"]).path for each in streams(stage)} == {"Notice/Function"}
    assert {each.properties["StartingPosition"] for each in streams(stage)} == {"TRIM_HORIZON"}


def test_a_batch_that_fails_is_split_and_in_the_end_put_aside_so_that_the_stream_goes_on(stage: Synthesised) -> None:
    for each in streams(stage):
        assert each.properties["BisectBatchOnFunctionError"] is True
        assert each.properties["MaximumRecordAgeInSeconds"] == 43_200
        assert stage.text(each.properties["DestinationConfig"]["OnFailure"]["Destination"]) == "Notices/Laters/Dead"


def test_only_items_that_tell_something_wake_anybody(stage: Synthesised) -> None:
    patterns = [
        json.loads(each["Pattern"])
        for found in streams(stage)
        for each in found.properties["FilterCriteria"]["Filters"]
    ]
    prefixes = sorted(each["dynamodb"]["Keys"]["sk"]["S"][0]["prefix"] for each in patterns)
    assert prefixes == ["CHANNEL#", "DELIVERY#", "PUBLICATION", "WEBHOOK#"]


def queue(stage: Synthesised, path: str) -> Any:
    return stage.at(path, "Queue").properties


def test_first_tidings_keep_the_order_of_each_group(stage: Synthesised) -> None:
    firsts = queue(stage, "Notices/Firsts/notices")
    assert (firsts["FifoQueue"], firsts["DeduplicationScope"]) == (True, "messageGroup")
    assert firsts["FifoThroughputLimit"] == "perMessageGroupId"
    assert queue(stage, "Notices/Firsts/Dead")["FifoQueue"] is True
    assert "FifoQueue" not in queue(stage, "Notices/Laters/notify")


def test_who_calls_is_given_time_to_begin_a_call_and_to_end_it(stage: Synthesised) -> None:
    timeouts = {name: stage.at(f"{name}/Function", "Function").properties["Timeout"] for name in ("Call", "Notify")}
    assert WITHIN_S < timeouts["Call"] < timeouts["Notify"]


def test_who_works_the_delivery_path_may_do_nothing_for_webhooks(stage: Synthesised) -> None:
    lanes = [role.path for role in stage.all("IAM::Role") if role.path.endswith("/Publish/Role")]
    reached = {resource for path in [*lanes, "Submit/Role", "Dispatch/Role"] for _, resource in stage.permissions(path)}
    assert {
        each for each in reached if each.startswith(("Notices", "Store/Notices", "Notice", "Notify", "Call/"))
    } == set()


def test_what_is_late_or_given_up_or_failing_wakes_somebody(stage: Synthesised) -> None:
    limits = {
        alarm.path: alarm.properties["Threshold"]
        for alarm in stage.all("CloudWatch::Alarm")
        if alarm.path.startswith("Notices/")
    }
    assert limits == {
        "Notices/Firsts Dead": 0,
        "Notices/Laters Dead": 0,
        "Notices/Unnoticed": LATE_S * 1_000,
        "Notices/Late": LATE_S,
        "Notices/Failing": 0,
    }
