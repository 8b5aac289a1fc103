from __future__ import annotations

import json
from pathlib import Path
from typing import Any

from infra.telling import LONGEST
from notifying.calling import WITHIN_S
from publishing.sending import LONGEST_DELAY_S
from publishing.thresholds import UNTOLD_LATER_S, UNTOLD_S
from tests.infra.synthesis import Found, Synthesised

RUNBOOK = (Path(__file__).parents[2] / "RUNBOOK.md").read_text()
STREAM_S = 24 * 3_600  # DynamoDB forgets then what a stream shows; what it forgot never becomes a dead letter


def runbook(section: str) -> str:
    """What the runbook says under a heading."""
    return RUNBOOK.partition(f"\n## {section}\n")[2].partition("\n## ")[0]


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
        assert each.properties["MaximumRecordAgeInSeconds"] == LONGEST.to_seconds() < STREAM_S
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
        "Notices/Unnoticed": UNTOLD_S * 1_000,
        "Notices/Late": UNTOLD_S,
        "Notices/Later late": UNTOLD_LATER_S,
        "Notices/Failing": 0,
    }


def test_what_is_put_off_is_not_late_for_that() -> None:
    assert UNTOLD_LATER_S == LONGEST_DELAY_S + UNTOLD_S


def test_the_runbook_tells_for_how_long_a_change_is_tried() -> None:
    hours = f"{LONGEST.to_hours():.0f} hours"
    assert hours in runbook("Webhooks late")
    assert hours in runbook("Webhook dead letters")


def test_the_runbook_sends_letters_back_that_were_put_there_directly(stage: Synthesised) -> None:
    """SQS knows no queue they come from, so it must be told; and from the queue in order it knows."""
    redriving = [line for line in runbook("Webhook dead letters").splitlines() if "start-message-move-task" in line]
    dead = [queue(stage, f"Notices/{path}/Dead")["QueueName"] for path in ("Laters", "Firsts")]
    to = queue(stage, "Notices/Laters/notify")["QueueName"]
    laters, firsts = (
        [name.replace(f"-{stage.stage}-", "-prod-") for name in each] for each in ((dead[0], to), dead[1:])
    )
    assert ["--destination-arn" in line for line in redriving] == [True, False]
    assert all(f":{name}" in redriving[0] for name in laters)
    assert all(f":{name}" in redriving[1] for name in firsts)
