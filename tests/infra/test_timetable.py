from __future__ import annotations

from typing import Any

import pytest

from tests.infra.synthesis import Found, Synthesised


def trust(stage: Synthesised, role: str) -> Any:
    (statement,) = stage.at(role, "Role").properties["AssumeRolePolicyDocument"]["Statement"]
    return statement


def test_a_schedule_may_send_to_the_due_queue_and_give_up_into_its_dead_letters(stage: Synthesised) -> None:
    assert stage.permissions("Timetable/Scheduler") == {
        ("sqs:SendMessage", "Timetable/Queues/due"),
        ("sqs:SendMessage", "Timetable/Queues/Dead"),
    }


def test_only_our_schedules_take_that_role(stage: Synthesised) -> None:
    statement = trust(stage, "Timetable/Scheduler")
    assert statement["Principal"] == {"Service": "scheduler.amazonaws.com"}
    conditions = statement["Condition"]["StringEquals"]
    assert stage.text(conditions["aws:SourceAccount"]) == "<AccountId>"
    assert stage.text(conditions["aws:SourceArn"]) == "Timetable/Group"


def test_the_role_is_handed_to_the_scheduler_and_nobody_else(stage: Synthesised) -> None:
    passing = [
        statement
        for role in stage.all("IAM::Role")
        for statement in stage.statements(role.path)
        if statement["Action"] == "iam:PassRole"
    ]
    assert {stage.text(statement["Resource"]) for statement in passing} == {"Timetable/Scheduler", "Notices/Scheduler"}
    assert [statement["Condition"] for statement in passing] == [
        {"StringEquals": {"iam:PassedToService": "scheduler.amazonaws.com"}}
    ] * len(passing)


EVERY_MINUTE = ["Sweep", "Plan", "Renew"]


def every_minute(stage: Synthesised, function: str) -> Found:
    return next(each for each in stage.all("Scheduler::Schedule") if each.path.startswith(f"{function}/"))


def test_these_run_every_minute_and_nothing_else_does(stage: Synthesised) -> None:
    called = [stage.function(each.properties["Target"]["Arn"]).path for each in stage.all("Scheduler::Schedule")]
    assert sorted(called) == sorted(f"{name}/Function" for name in EVERY_MINUTE)


@pytest.mark.parametrize("name", EVERY_MINUTE)
def test_it_runs_every_minute(stage: Synthesised, name: str) -> None:
    schedule = every_minute(stage, name)
    assert schedule.properties["ScheduleExpression"] == "rate(1 minute)"
    assert schedule.properties["FlexibleTimeWindow"] == {"Mode": "OFF"}


@pytest.mark.parametrize("name", EVERY_MINUTE)
def test_a_run_that_fails_is_not_repeated_for_the_next_one_is(stage: Synthesised, name: str) -> None:
    schedule = every_minute(stage, name)
    assert schedule.properties["Target"]["RetryPolicy"]["MaximumRetryAttempts"] == 0


@pytest.mark.parametrize("name", EVERY_MINUTE)
def test_who_may_schedule_publications_cannot_touch_it(stage: Synthesised, name: str) -> None:
    assert "GroupName" not in every_minute(stage, name).properties
    ours = trust(stage, f"{name}/Scheduler")["Condition"]["StringEquals"]["aws:SourceArn"]
    assert stage.text(ours).endswith("schedule-group/default")
