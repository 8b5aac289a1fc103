from __future__ import annotations

from infra.queues import DEAD_LETTER_DAYS, QUEUE_DAYS
from tests.infra.synthesis import Found, Synthesised

DAY_S = 86_400


def dead(stage: Synthesised) -> list[Found]:
    return [queue for queue in stage.all("SQS::Queue") if queue.path.endswith("/Dead")]


def living(stage: Synthesised) -> list[Found]:
    return [queue for queue in stage.all("SQS::Queue") if not queue.path.endswith("/Dead")]


def of_queues(stage: Synthesised) -> list[Found]:
    """What leads queues to functions; streams lead there, too."""
    return [each for each in stage.all("Lambda::EventSourceMapping") if "StartingPosition" not in each.properties]


def test_a_message_stays_invisible_for_six_times_its_functions_timeout(stage: Synthesised) -> None:
    timeouts = {
        stage.text(mapping.properties["EventSourceArn"]): stage.function(mapping.properties["FunctionName"]).properties[
            "Timeout"
        ]
        for mapping in of_queues(stage)
    }
    visible = {queue.path: queue.properties["VisibilityTimeout"] for queue in living(stage)}
    assert visible == {queue: 6 * timeout for queue, timeout in timeouts.items()}


def test_what_was_received_eight_times_in_vain_goes_to_the_dead_letter_queue_beside_it(stage: Synthesised) -> None:
    redrives = {queue.path: queue.properties["RedrivePolicy"] for queue in living(stage)}
    goes_to = {path: stage.text(policy["deadLetterTargetArn"]) for path, policy in redrives.items()}
    assert goes_to == {path: f"{path.rpartition('/')[0]}/Dead" for path in redrives}
    assert {policy["maxReceiveCount"] for policy in redrives.values()} == {8}


def test_a_dead_letter_queue_takes_from_the_queues_beside_it_alone(stage: Synthesised) -> None:
    takes = {
        queue.path: sorted(map(stage.text, queue.properties["RedriveAllowPolicy"]["sourceQueueArns"]))
        for queue in dead(stage)
    }
    beside = {
        queue.path: sorted(
            each.path for each in living(stage) if each.path.rpartition("/")[0] == queue.path.rpartition("/")[0]
        )
        for queue in dead(stage)
    }
    assert takes == beside


def test_what_was_given_up_outlives_what_waits(stage: Synthesised) -> None:
    assert {queue.properties["MessageRetentionPeriod"] for queue in dead(stage)} == {DEAD_LETTER_DAYS * DAY_S}
    assert {queue.properties["MessageRetentionPeriod"] for queue in living(stage)} == {QUEUE_DAYS * DAY_S}
    assert QUEUE_DAYS < DEAD_LETTER_DAYS


def test_queues_are_encrypted(stage: Synthesised) -> None:
    assert {queue.properties["SqsManagedSseEnabled"] for queue in stage.all("SQS::Queue")} == {True}


def test_no_queue_is_spoken_to_without_tls(aws: Synthesised) -> None:
    denied = {aws.text(policy.properties["Queues"][0]): policy.properties for policy in aws.all("SQS::QueuePolicy")}
    assert set(denied) == {queue.path for queue in aws.all("SQS::Queue")}
    for path, policy in denied.items():
        (statement,) = policy["PolicyDocument"]["Statement"]
        assert aws.text(statement["Resource"]) == path
        assert {key: statement[key] for key in ("Effect", "Principal", "Action", "Condition")} == {
            "Effect": "Deny",
            "Principal": {"AWS": "*"},
            "Action": "sqs:*",
            "Condition": {"Bool": {"aws:SecureTransport": "false"}},
        }


def test_only_loopback_may_go_without_tls_on_the_emulator(local: Synthesised) -> None:
    conditions = [
        policy.properties["PolicyDocument"]["Statement"][0]["Condition"] for policy in local.all("SQS::QueuePolicy")
    ]
    expected = {"Bool": {"aws:SecureTransport": "false"}, "NotIpAddress": {"aws:SourceIp": "127.0.0.0/8"}}
    assert all(condition == expected for condition in conditions)


def test_nothing_is_waited_for_to_fill_a_batch_and_of_queues_in_order_sqs_takes_no_word_of_it(
    stage: Synthesised,
) -> None:
    windows = {
        stage.text(mapping.properties["EventSourceArn"]): mapping.properties.get("MaximumBatchingWindowInSeconds")
        for mapping in of_queues(stage)
    }
    assert windows.pop("Notices/Firsts/notices") is None
    assert set(windows.values()) == {0}


def test_each_message_of_a_batch_is_acknowledged_for_itself(stage: Synthesised) -> None:
    for mapping in of_queues(stage):
        assert mapping.properties["FunctionResponseTypes"] == ["ReportBatchItemFailures"]
        assert mapping.properties["BatchSize"] == 10
        assert mapping.properties["ScalingConfig"]["MaximumConcurrency"] >= 2
