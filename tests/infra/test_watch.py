from __future__ import annotations

import json
from typing import Any

from functions import platforms
from tests.infra.synthesis import Synthesised

EXPECTED_PLATFORMS, MOST_METRICS = 27, 500  # of one widget, says CloudWatch


def test_every_alarm_tells_of_its_rise_and_of_its_end_and_what_to_do(stage: Synthesised) -> None:
    for alarm in stage.all("CloudWatch::Alarm"):
        assert " First: " in alarm.properties["AlarmDescription"]
        assert list(map(stage.text, alarm.properties["AlarmActions"])) == ["Alerts/Topic"]
        assert list(map(stage.text, alarm.properties["OKActions"])) == ["Alerts/Topic"]


def test_every_function_has_an_alarm_for_its_errors(stage: Synthesised) -> None:
    watched = {alarm.path for alarm in stage.all("CloudWatch::Alarm") if alarm.path.endswith("/Errors")}
    assert watched == {f.path.replace("/Function", "/Errors") for f in stage.all("Lambda::Function")}


def test_every_dead_letter_queue_is_watched(stage: Synthesised) -> None:
    watched = {
        stage.text(dimension["Value"]).removesuffix(".QueueName")
        for alarm in stage.all("CloudWatch::Alarm")
        if alarm.properties.get("MetricName") == "ApproximateNumberOfMessagesVisible"
        for dimension in alarm.properties["Dimensions"]
    }
    assert watched == {queue.path for queue in stage.all("SQS::Queue") if queue.path.endswith("/Dead")}


def test_an_open_breaker_raises_an_alarm_where_the_platform_has_one(stage: Synthesised) -> None:
    alarms = [alarm.properties for alarm in stage.all("CloudWatch::Alarm") if alarm.path.endswith("/Breaker")]
    watched = {each["Value"] for alarm in alarms for each in alarm["Dimensions"]} - {"postroom"}
    assert watched == {name for name in platforms.names() if not platforms.load(name).limits.own_hosts}
    assert {(alarm["MetricName"], alarm["Threshold"]) for alarm in alarms} == {("BreakerOpen", 0)}


def test_nothing_measured_is_nothing_wrong_save_for_what_runs_every_minute(stage: Synthesised) -> None:
    alarming = {
        alarm.path for alarm in stage.all("CloudWatch::Alarm") if alarm.properties["TreatMissingData"] == "breaching"
    }
    assert alarming == {"Sweep/Missing", "Plan/Missing", "Renew/Missing"}


def test_a_reputation_of_which_nothing_new_is_known_is_no_better(stage: Synthesised) -> None:
    kept = {alarm.path for alarm in stage.all("CloudWatch::Alarm") if alarm.properties["TreatMissingData"] == "ignore"}
    assert kept == {"Overall/Bounces", "Overall/Complaints"}


def test_the_emulator_has_no_alarm_on_arithmetic(local: Synthesised) -> None:
    assert [alarm.path for alarm in local.all("CloudWatch::Alarm") if "Metrics" in alarm.properties] == []


def test_the_topic_is_spoken_to_over_tls_and_by_our_alarms_alone(stage: Synthesised) -> None:
    refused, taken = stage.at("Alerts/Topic/Policy").properties["PolicyDocument"]["Statement"]
    assert (refused["Effect"], refused["Condition"]) == ("Deny", {"Bool": {"aws:SecureTransport": "false"}})
    assert taken["Principal"] == {"Service": "cloudwatch.amazonaws.com"}
    assert stage.text(taken["Condition"]["StringEquals"]["aws:SourceAccount"]) == "<AccountId>"


def page(stage: Synthesised) -> dict[str, Any]:
    """The dashboard as CloudWatch gets it."""
    body: dict[str, Any] = json.loads(stage.text(stage.at("Dashboard/Page").properties["DashboardBody"]))
    return body


def test_the_dashboard_shows_every_platform(stage: Synthesised) -> None:
    body = json.dumps(page(stage), separators=(",", ":"))
    for platform in platforms.names():
        assert f'"DeliveryPublished","platform","{platform}","service","postroom"' in body
        for queue in ("", "-urgent", "-dead"):
            assert f'"QueueName","postroom-{stage.stage}-{platform}{queue}"' in body


def test_the_dashboard_shows_every_queue_of_webhooks(stage: Synthesised) -> None:
    body = json.dumps(page(stage), separators=(",", ":"))
    for queue in ("Firsts/notices", "Firsts/Dead", "Laters/notify", "Laters/Dead"):
        assert f'"QueueName","Notices/{queue}.QueueName"' in body


def test_the_dashboard_shows_every_alarm_of_every_stack(stage: Synthesised) -> None:
    alarms = [alarm for widget in page(stage)["widgets"] for alarm in widget["properties"].get("alarms", ())]
    made = [f"arn:<Partition>:cloudwatch:<Region>:<AccountId>:alarm:{name}" for name in alarm_names(stage)]
    assert sorted(alarms) == sorted(made)


def test_no_two_alarms_have_one_name(stage: Synthesised) -> None:
    assert len(set(alarm_names(stage))) == len(alarm_names(stage))


def test_an_alarms_name_tells_the_stage_and_of_what_it_is(stage: Synthesised) -> None:
    assert stage.at("Lanes/discord/Waiting").properties["AlarmName"] == f"postroom-{stage.stage}/discord/Waiting"
    assert stage.at("Overall/Uncertain").properties["AlarmName"] == f"postroom-{stage.stage}/Overall/Uncertain"


def alarm_names(stage: Synthesised) -> list[str]:
    return [alarm.properties["AlarmName"] for alarm in stage.all("CloudWatch::Alarm")]


def test_the_dashboard_has_room_for_all_platforms_there_will_be(stage: Synthesised) -> None:
    drawn = [len(widget["properties"].get("metrics", ())) for widget in page(stage)["widgets"]]
    assert max(drawn) * EXPECTED_PLATFORMS / len(platforms.names()) < MOST_METRICS


def test_one_platform_is_chosen_from_all(stage: Synthesised) -> None:
    (choice,) = page(stage)["variables"]
    assert (choice["type"], choice["pattern"]) == ("pattern", "CHOSEN-PLATFORM")
    assert [each["value"] for each in choice["values"]] == list(platforms.names())
    chosen = json.dumps(page(stage)["widgets"]).replace("CHOSEN-PLATFORM", "discord")
    assert f"postroom-{stage.stage}-discord-urgent" in chosen


def test_a_histogram_counts_every_post_once(stage: Synthesised) -> None:
    (widget,) = (each for each in page(stage)["widgets"] if "how many took" in each["properties"].get("title", ""))
    steps = [metric[-1]["stat"] for metric in widget["properties"]["metrics"]]
    assert steps == ["TC(0:1)", "TC(1:2)", "TC(2:5)", "TC(5:10)", "TC(10:30)", "TC(30:)"]
