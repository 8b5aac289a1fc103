"""The stack of Postroom: what there is, who may do what, and what operators are told of it."""

from __future__ import annotations

from typing import TYPE_CHECKING

from aws_cdk import CfnOutput, Stack
from aws_cdk import aws_lambda as lambda_
from constructs import Construct

from functions import platforms
from infra import code, settings
from infra.api import Api
from infra.dashboard import Dashboard
from infra.function import Function, Program, Rollout, Runtime
from infra.lane import Lane
from infra.mail import Mail
from infra.overall import Overall
from infra.policy import Permission, allow
from infra.queues import feed, sends_to, walks_through, works_off
from infra.store import BY_KEY_HASH, BY_WORKSPACE, DUE, Store, items, listing
from infra.timetable import Timetable, every_minute
from infra.watch import Alerts, missing
from publishing.adapter import Resource

if TYPE_CHECKING:
    from infra.stage import Stage

ANSWER_S, AUTHORIZE_S, DISPATCH_S, SWEEP_S, PLAN_S = 20, 10, 30, 55, 55
DISPATCHES_AT_ONCE = 10


class PostroomStack(Stack):
    """Everything of one stage."""

    def __init__(self, scope: Construct, construct_id: str, *, stage: Stage) -> None:
        super().__init__(
            scope,
            construct_id,
            description=f"Postroom, stage {stage.name}: one content published everywhere, each target exactly once.",
            synthesizer=stage.synthesizer(),
            termination_protection=stage.rolls_out,
        )
        self._stage = stage
        self._store = Store(self, "Store", stage=stage)
        self._mail = Mail(self, "Mail", stage=stage)
        self._timetable = Timetable(self, "Timetable", stage=stage, timeout_s=DISPATCH_S)
        self._api = Api(self, "Api", stage=stage)
        lanes = Construct(self, "Lanes")
        self._lanes = [Lane(lanes, name, adapter=platforms.load(name), stage=stage) for name in platforms.names()]
        self._alerts = Alerts(self, "Alerts", stage=stage)
        self._runtime = self._shared()
        self._sending = settings.sending(stage, self._store, self._timetable)
        self._api.watch(self._alerts)
        self._make_functions()
        self._timetable.watch(self._alerts)
        Overall(self, "Overall", alerts=self._alerts)
        self._dashboard = Dashboard(
            self,
            "Dashboard",
            stage=stage,
            api=self._api.http,
            lanes=self._lanes,
            timetable=self._timetable,
            alerts=self._alerts,
        )
        self._tell()

    def _shared(self) -> Runtime:
        machine = code.machine(self._stage)
        layers = {"Engine": code.engine(), "Dependencies": code.dependencies(machine)}
        return Runtime(
            stage=self._stage,
            architecture=machine.architecture,
            layers=[lambda_.LayerVersion(self, name, code=content) for name, content in layers.items()],
            alerts=self._alerts,
            rollout=Rollout(self, "Rollout") if self._stage.rolls_out else None,
        )

    def _make_functions(self) -> None:
        submit, rest, authorize = self._submit(), self._rest(), self._authorize()
        self._api.lead(submit=submit.target, rest=rest.target, authorize=authorize.target)
        for function in (submit, rest, authorize):
            function.taken_back_by(self._api.failing)
        dispatch = self._dispatch()
        feed(dispatch, "Due", queue=self._timetable.due, to=dispatch.target, at_once=DISPATCHES_AT_ONCE)
        sweep = self._sweep()
        every_minute(sweep, call=sweep.target)
        self._alerts.on(sweep, "Missing", missing(sweep.function, of="the sweep"))
        plan = self._plan()
        every_minute(plan, call=plan.target)
        self._alerts.on(plan, "Missing", missing(plan.function, of="the planning of series"))
        for lane in self._lanes:
            self._open(lane)

    def _submit(self) -> Function:
        program = Program(
            does="Accepts publications.",
            name="submit",
            platforms=code.ALL_PLATFORMS,
            timeout_s=ANSWER_S,
            settings={**self._sending, **settings.limiting(self._stage)},
            may=[
                items(self._store.publications, "PutItem", "Query", "BatchGetItem"),
                listing(self._store.publications, BY_WORKSPACE),
                items(self._store.channels, "GetItem", "BatchGetItem"),
                items(self._store.operations, "BatchGetItem", "UpdateItem"),
                *self._sends_work(),
            ],
        )
        return Function(self, "Submit", program, runtime=self._runtime)

    def _rest(self) -> Function:
        store = self._store
        program = Program(
            does="Answers everything but submissions.",
            name="api",
            platforms=code.ALL_PLATFORMS,
            timeout_s=ANSWER_S,
            settings={
                **self._sending,
                **settings.credentials(self._stage, store),
                "FEEDS_BUCKET": store.feeds.bucket_name,
                "FEEDS_PUBLIC_URL": self._api.feeds_url,
            },
            may=[
                items(store.publications, "GetItem", "BatchGetItem", "Query", "PutItem", "UpdateItem"),
                listing(store.publications, BY_WORKSPACE),
                items(store.channels, "GetItem", "BatchGetItem", "Query", "PutItem", "UpdateItem", "DeleteItem"),
                items(store.operations, "BatchGetItem", "UpdateItem"),
                allow("kms:GenerateDataKey", on=[store.key.key_arn]),  # never Decrypt: it cannot read what it sealed
                *store.feeds_may("s3:GetObject", "s3:DeleteObject"),
                *self._sends_work(),
                *self._attends_the_dead(),
            ],
        )
        return Function(self, "Rest", program, runtime=self._runtime)

    def _authorize(self) -> Function:
        program = Program(
            does="Says who a caller is.",
            name="authorize",
            timeout_s=AUTHORIZE_S,
            settings=settings.authorizing(self._store, self._stage.issuer),
            may=[listing(self._store.channels, BY_KEY_HASH)],
        )
        return Function(self, "Authorize", program, runtime=self._runtime)

    def _dispatch(self) -> Function:
        program = Program(
            does="Sends out what has come due.",
            name="dispatch",
            timeout_s=DISPATCH_S,
            settings=self._sending,
            may=[
                items(self._store.publications, "Query"),
                works_off([self._timetable.due]),
                *self._sends_work(),
            ],
            sends_to_itself=True,
        )
        return Function(self, "Dispatch", program, runtime=self._runtime)

    def _sweep(self) -> Function:
        store = self._store
        program = Program(
            does="Finds what was lost and sends it again.",
            name="sweep",
            timeout_s=SWEEP_S,
            settings={**self._sending, **settings.limiting(self._stage)},
            may=[
                listing(store.publications, DUE),
                items(store.publications, "Query", "UpdateItem"),
                items(store.operations, "GetItem", "UpdateItem"),
                *self._sends_work(),
            ],
        )
        return Function(self, "Sweep", program, runtime=self._runtime)

    def _plan(self) -> Function:
        store = self._store
        program = Program(
            does="Makes publications of the occurrences of series.",
            name="plan",
            timeout_s=PLAN_S,
            settings=self._sending,
            may=[
                listing(store.publications, DUE),
                items(store.publications, "GetItem", "PutItem"),
                *self._sends_work(),
            ],
        )
        return Function(self, "Plan", program, runtime=self._runtime)

    def _open(self, lane: Lane) -> None:
        store = self._store
        told = {**self._sending, **settings.credentials(self._stage, store)}
        may = [
            items(store.publications, "GetItem", "BatchGetItem", "UpdateItem"),
            items(store.channels, "GetItem", "UpdateItem"),
            items(store.operations, "GetItem", "UpdateItem"),
            self._unseals(lane.adapter.name),
            sends_to(lane.queues, stage=self._stage),
            *self._timetable.schedules("scheduler:CreateSchedule"),
        ]
        for used in sorted(lane.adapter.uses):
            told |= settings.resource(used, stage=self._stage, store=store, api=self._api, mail=self._mail)
            may += store.feeds_may("s3:GetObject", "s3:PutObject") if used is Resource.FEEDS else self._mail.may_send()
        lane.open(runtime=self._runtime, settings=told, may=may)

    def _unseals(self, platform: str) -> Permission:
        # The emulator's IAM knows no encryption context: there the condition counts only if it did.
        operator = "StringEqualsIfExists" if self._stage.local else "StringEquals"
        own = {operator: {"kms:EncryptionContext:platform": platform}}
        return allow("kms:Decrypt", on=[self._store.key.key_arn], when=own)

    def _sends_work(self) -> list[Permission]:
        queues = [queue for lane in self._lanes for queue in lane.queues]
        return [sends_to(queues, stage=self._stage), *self._timetable.schedules("scheduler:CreateSchedule")]

    def _attends_the_dead(self) -> list[Permission]:
        dead = [*(lane.dead for lane in self._lanes), self._timetable.dead]
        return [walks_through(dead, stage=self._stage), sends_to([self._timetable.due], stage=self._stage)]

    def _tell(self) -> None:
        told = {
            "ApiUrl": self._api.url,
            "FeedsUrl": self._api.feeds_url,
            "PublicationsTable": self._store.publications.table_name,
            "ChannelsTable": self._store.channels.table_name,
            "OperationsTable": self._store.operations.table_name,
            "FeedBucket": self._store.feeds.bucket_name,
            "CredentialsKeyArn": self._store.key.key_arn,
            "DueQueueUrl": self._timetable.due.queue_url,
            "QueueUrlTemplate": self._sending["QUEUE_URL_TEMPLATE"],
            "AlertsTopicArn": self._alerts.topic.topic_arn,
            "DashboardName": self._dashboard.page.dashboard_name,
        }
        for name, value in told.items():
            CfnOutput(self, name, value=value)
