"""What endpoints are told, on its way: two queues with their dead letters, and the schedules of what comes later."""

from __future__ import annotations

from typing import TYPE_CHECKING

from aws_cdk import aws_scheduler as scheduler
from constructs import Construct

from infra.policy import allow
from infra.queues import Queues
from infra.timetable import scheduler_role, schedules_in

if TYPE_CHECKING:
    from infra.policy import Permission
    from infra.stage import Stage


class Notices(Construct):
    """First tidings go in order, by `firsts`; whatever comes later goes by `laters`, and stands in nobody's way."""

    def __init__(self, scope: Construct, construct_id: str, *, stage: Stage, timeout_s: int) -> None:
        """`timeout_s` is that of the function that works the queues off."""
        super().__init__(scope, construct_id)
        self._stage = stage
        in_order = Queues(self, "Firsts", stage=stage, names=["notices"], timeout_s=timeout_s, in_order=True)
        others = Queues(self, "Laters", stage=stage, names=["notify"], timeout_s=timeout_s)
        self.firsts, self.laters = in_order.queues[0], others.queues[0]
        self.dead_firsts, self.dead = in_order.dead, others.dead
        self.group = scheduler.CfnScheduleGroup(self, "Group")
        may = allow("sqs:SendMessage", on=[self.laters.queue_arn, self.dead.queue_arn])
        self.role = scheduler_role(self, group_arn=self.group.attr_arn, may=may)

    def schedules(self, *actions: str) -> list[Permission]:
        """Leave for `actions` on the schedules of this group, and to hand them the role."""
        return schedules_in(self.group, *actions, role=self.role, stage=self._stage)
