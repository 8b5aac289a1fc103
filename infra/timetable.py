"""What happens later: the schedules of timed publications, the queue they fire into, and what repeats each minute."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from aws_cdk import Stack
from aws_cdk import aws_iam as iam
from aws_cdk import aws_scheduler as scheduler
from constructs import Construct

from infra.policy import Permission, allow, role
from infra.queues import Queues
from infra.watch import PERIOD, Alert, dead_letters
from publishing.thresholds import LATE_S

if TYPE_CHECKING:
    from aws_cdk import aws_lambda as lambda_

    from infra.stage import Stage
    from infra.watch import Alerts

_SERVICE = "scheduler.amazonaws.com"


class Timetable(Construct):
    """The due queue, the group of schedules that fire into it, and the role that lets them do this alone."""

    def __init__(self, scope: Construct, construct_id: str, *, stage: Stage, timeout_s: int) -> None:
        """`timeout_s` is that of the function that works the due queue off."""
        super().__init__(scope, construct_id)
        self._stage = stage
        queues = Queues(self, "Queues", stage=stage, names=["due"], timeout_s=timeout_s)
        self.due, self.dead = queues.queues[0], queues.dead
        self.group = scheduler.CfnScheduleGroup(self, "Group")
        self.role = scheduler_role(
            self,
            group_arn=self.group.attr_arn,
            may=allow("sqs:SendMessage", on=[self.due.queue_arn, self.dead.queue_arn]),
        )

    def schedules(self, *actions: str) -> list[Permission]:
        """Leave for `actions` on the schedules of this group, and to hand them the role."""
        return schedules_in(self.group, *actions, role=self.role, stage=self._stage)

    def watch(self, alerts: Alerts) -> None:
        """Raise an alarm when what came due waits, or was given up."""
        late = Alert(
            self.due.metric_approximate_age_of_oldest_message(period=PERIOD),
            name="Late",
            limit=LATE_S,
            means=f"What came due has waited for more than {LATE_S} s to be sent out.",
            do="look for throttling and errors of the dispatch function.",
        )
        alerts.on(self, "Late", late)
        given_up = replace(
            dead_letters(self.dead, of="what came due"),
            name="Given up",
            do="find its publication in the dispatch function's log, or the schedule that could not send; the sweep "
            "sends what is due in any case, so that the message can be deleted once the cause is mended.",
        )
        alerts.on(self, "Given up", given_up)


def schedules_in(group: scheduler.CfnScheduleGroup, *actions: str, role: iam.IRole, stage: Stage) -> list[Permission]:
    """Leave for `actions` on the schedules of a group, and to hand them that role."""
    # The emulator's IAM takes every schedule to be in the default group.
    name = "default" if stage.local else group.ref
    every = Stack.of(group).format_arn(service="scheduler", resource="schedule", resource_name=f"{name}/*")
    return [
        allow(*actions, on=[every], wildcard="Schedules are named after what they send; the group is ours alone."),
        allow("iam:PassRole", on=[role.role_arn], when={"StringEquals": {"iam:PassedToService": _SERVICE}}),
    ]


def every_minute(scope: Construct, *, call: lambda_.IFunction) -> None:
    """Call a function every minute; a call that fails is not repeated, the next minute is.

    This schedule is in the default group, beyond the reach of those who may delete from ours.
    """
    default = Stack.of(scope).format_arn(service="scheduler", resource="schedule-group", resource_name="default")
    taken = scheduler_role(scope, group_arn=default, may=allow("lambda:InvokeFunction", on=[call.function_arn]))
    once = scheduler.CfnSchedule.RetryPolicyProperty(maximum_event_age_in_seconds=60, maximum_retry_attempts=0)
    scheduler.CfnSchedule(
        scope,
        "Every minute",
        schedule_expression="rate(1 minute)",
        flexible_time_window=scheduler.CfnSchedule.FlexibleTimeWindowProperty(mode="OFF"),
        target=scheduler.CfnSchedule.TargetProperty(arn=call.function_arn, role_arn=taken.role_arn, retry_policy=once),
    )


def scheduler_role(scope: Construct, *, group_arn: str, may: Permission) -> iam.Role:
    """A role for the schedules of one group of this account."""
    ours = {"StringEquals": {"aws:SourceAccount": Stack.of(scope).account, "aws:SourceArn": group_arn}}
    return role(scope, "Scheduler", taken_by=iam.ServicePrincipal(_SERVICE, conditions=ours), may=[may])
