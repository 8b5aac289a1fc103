from __future__ import annotations

import json

from functions import platforms
from tests.infra.synthesis import Synthesised


def test_every_alarm_tells_of_its_rise_and_of_its_end_and_what_to_do(stage: Synthesised) -> None:
    for alarm in stage.all("CloudWatch::Alarm"):
        assert "Runbook: " in alarm.properties["AlarmDescription"]
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


def test_our_metrics_are_found_by_the_dimensions_they_are_written_with(stage: Synthesised) -> None:
    alarm = stage.at("Lanes/discord/Uncertain").properties
    assert (alarm["Namespace"], alarm["MetricName"]) == ("Postroom", "DeliveryUncertain")
    assert {each["Name"]: each["Value"] for each in alarm["Dimensions"]} == {
        "service": "postroom",
        "platform": "discord",
    }


def test_an_open_breaker_raises_an_alarm_where_the_platform_has_one(stage: Synthesised) -> None:
    alarms = [alarm.properties for alarm in stage.all("CloudWatch::Alarm") if alarm.path.endswith("/Breaker")]
    watched = {each["Value"] for alarm in alarms for each in alarm["Dimensions"]} - {"postroom"}
    assert watched == {name for name in platforms.names() if not platforms.load(name).limits.own_hosts}
    assert {(alarm["MetricName"], alarm["Threshold"]) for alarm in alarms} == {("BreakerOpen", 0)}


def test_a_platform_that_fails_one_in_twenty_raises_an_alarm(aws: Synthesised) -> None:
    alarm = aws.at("Lanes/discord/Failing").properties
    (percent,) = [metric for metric in alarm["Metrics"] if "Expression" in metric]
    assert percent["Expression"] == "100 - 100 * SUM([failed_discord]) / SUM([failed_discord, published_discord])"
    assert (alarm["ComparisonOperator"], alarm["Threshold"]) == ("LessThanThreshold", 95)


def test_nothing_measured_is_nothing_wrong_save_for_the_sweep(stage: Synthesised) -> None:
    alarming = {
        alarm.path for alarm in stage.all("CloudWatch::Alarm") if alarm.properties["TreatMissingData"] == "breaching"
    }
    assert alarming == {"Sweep/Missing"}


def test_the_emulator_has_no_alarm_on_arithmetic(local: Synthesised) -> None:
    assert [alarm.path for alarm in local.all("CloudWatch::Alarm") if "Metrics" in alarm.properties] == []


def test_the_topic_is_spoken_to_over_tls_and_by_our_alarms_alone(stage: Synthesised) -> None:
    refused, taken = stage.at("Alerts/Topic/Policy").properties["PolicyDocument"]["Statement"]
    assert (refused["Effect"], refused["Condition"]) == ("Deny", {"Bool": {"aws:SecureTransport": "false"}})
    assert taken["Principal"] == {"Service": "cloudwatch.amazonaws.com"}
    assert stage.text(taken["Condition"]["StringEquals"]["aws:SourceAccount"]) == "<AccountId>"


def test_the_dashboard_shows_every_platform(stage: Synthesised) -> None:
    body = stage.text(stage.at("Dashboard/Page").properties["DashboardBody"])
    drawn = json.loads(body)["widgets"]
    assert len(drawn) == 8
    for platform in platforms.names():
        for metric in ("DeliveryPublished", "DeliveryFailed", "DeliverySeconds", "BreakerOpen"):
            assert f'"{metric}","platform","{platform}","service","postroom"' in body
        for queue in (f"{platform}", f"{platform}-urgent", "Dead"):
            assert f"Lanes/{platform}/Queues/{queue}.QueueName" in body
