"""The stack of what there is once on a stage, whatever platforms there are; their lanes are in stacks beside it."""

from __future__ import annotations

from typing import TYPE_CHECKING

from aws_cdk import CfnOutput, Stack
from constructs import Construct

from infra import settings
from infra.api import Api
from infra.dashboard import Dashboard
from infra.flags import Flags
from infra.function import Function, runtime
from infra.lane import queue_names
from infra.mail import Mail
from infra.notices import Notices
from infra.overall import Overall
from infra.programs import DISPATCH_S, Programs
from infra.queues import Named, feed
from infra.store import Store
from infra.telling import NOTIFY_S, Telling
from infra.timetable import Timetable, every_minute
from infra.watch import Alerts, missing

if TYPE_CHECKING:
    from collections.abc import Sequence

    from infra.stage import Stage

DISPATCHES_AT_ONCE = 10


class PostroomStack(Stack):
    """The base: what is kept, the API, the timetable, and who sends to the lanes.

    It knows lanes by the names of their queues and alarms and refers to nothing of theirs: theirs refer to it.
    """

    def __init__(self, scope: Construct, construct_id: str, *, stage: Stage, platforms: Sequence[str]) -> None:
        super().__init__(
            scope,
            construct_id,
            description=f"Postroom, stage {stage.name}: one content published everywhere, each target exactly once.",
            synthesizer=stage.synthesizer(),
            termination_protection=stage.rolls_out,
        )
        self.stage = stage
        self.store = Store(self, "Store", stage=stage)
        self.mail = Mail(self, "Mail", stage=stage)
        self.timetable = Timetable(self, "Timetable", stage=stage, timeout_s=DISPATCH_S)
        self.notices = Notices(self, "Notices", stage=stage, timeout_s=NOTIFY_S)
        self.api = Api(self, "Api", stage=stage)
        self.alerts = Alerts(self, "Alerts", stage=stage)
        self.sending = settings.sending(stage, self.store, self.timetable)
        lanes = Construct(self, "Lanes")
        self._lanes = {name: Named(lanes, name, stage=stage, names=queue_names(name)) for name in platforms}
        self.api.watch(self.alerts)
        self.flags = Flags(self, "Flags", stage=stage, alarm=self.api.failing)
        self._make_functions()
        self.timetable.watch(self.alerts)
        Overall(self, "Overall", alerts=self.alerts)
        self._hand_over()

    def show(self) -> None:
        """Show it to operators; when all alarms are made, those in other stacks, too."""
        dashboard = Dashboard(
            self,
            "Dashboard",
            stage=self.stage,
            api=self.api.http,
            lanes=self._lanes,
            timetable=self.timetable,
            notices=self.notices,
            alerts=self.alerts,
        )
        self._tell(DashboardName=dashboard.page.dashboard_name)

    def _make_functions(self) -> None:
        lanes = [*self._lanes.values()]
        programs = Programs(
            self.stage, self.store, self.timetable, self.api, lanes, self.sending, self.flags, self.notices
        )
        shared = runtime(self, stage=self.stage, alerts=self.alerts)
        submit = Function(self, "Submit", programs.submit(), runtime=shared)
        rest = Function(self, "Rest", programs.rest(), runtime=shared)
        authorize = Function(self, "Authorize", programs.authorize(), runtime=shared)
        media = Function(self, "Media", programs.media(), runtime=shared)
        health = Function(self, "Health", programs.health(), runtime=shared)
        self.api.lead(
            submit=submit.target,
            rest=rest.target,
            media=media.target,
            health=health.target,
            authorize=authorize.target,
        )
        for function in (submit, rest, media, health, authorize):
            function.taken_back_by(self.api.failing)
        self.flags.follow(submit, rest, media, health, authorize)
        dispatch = Function(self, "Dispatch", programs.dispatch(), runtime=shared)
        feed(dispatch, "Due", queue=self.timetable.due, to=dispatch.target, at_once=DISPATCHES_AT_ONCE)
        self._repeat(Function(self, "Sweep", programs.sweep(), runtime=shared), of="the sweep")
        self._repeat(Function(self, "Plan", programs.plan(), runtime=shared), of="the planning of series")
        self._repeat(Function(self, "Renew", programs.renew(), runtime=shared), of="the renewing of credentials")
        Telling(self, runtime=shared, store=self.store, notices=self.notices)

    def _repeat(self, function: Function, *, of: str) -> None:
        every_minute(function, call=function.target)
        self.alerts.on(function, "Missing", missing(function.function, of=of))

    def _hand_over(self) -> None:
        """Export what lanes may import, whether or not one does now.

        All of it is made once and never replaced. An export that came and went with its readers could not go: this
        stack is deployed before theirs, and CloudFormation keeps what is still imported.
        """
        store, timetable = self.store, self.timetable
        for table in (store.publications, store.channels, store.operations):
            self.export_value(table.table_name)
            self.export_value(table.table_arn)
        for value in (
            store.feeds.bucket_name,
            store.feeds.bucket_arn,
            store.feeds.bucket_regional_domain_name,
            store.media.bucket_name,
            store.media.bucket_arn,
            store.media.bucket_regional_domain_name,
            store.keys[0],
            timetable.due.queue_url,
            timetable.due.queue_arn,
            timetable.dead.queue_arn,
            timetable.group.ref,
            timetable.role.role_arn,
            self.api.http.api_id,
            self.api.http.api_endpoint,
            self.mail.configuration_set.configuration_set_name,
            self.alerts.topic.topic_arn,
            *self.flags.named,
        ):
            self.export_value(value)

    def _tell(self, **more: str) -> None:
        told = {
            "ApiUrl": self.api.url,
            "FeedsUrl": self.api.feeds_url,
            "PublicationsTable": self.store.publications.table_name,
            "ChannelsTable": self.store.channels.table_name,
            "OperationsTable": self.store.operations.table_name,
            "NoticesTable": self.store.notices.table_name,
            "FeedBucket": self.store.feeds.bucket_name,
            "MediaBucket": self.store.media.bucket_name,
            "CredentialsKeyArn": self.store.key.key_arn,
            "DueQueueUrl": self.timetable.due.queue_url,
            "QueueUrlTemplate": self.sending["QUEUE_URL_TEMPLATE"],
            "AlertsTopicArn": self.alerts.topic.topic_arn,
        }
        if not self.stage.local:
            told |= {"FlagsProfile": self.flags.profile, "FlagsAtOnce": self.flags.at_once}
        for name, value in (told | more).items():
            CfnOutput(self, name, value=value)
