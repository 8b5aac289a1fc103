"""Status webhooks: who reads the tables' streams, who tells endpoints, and who calls them and may do nothing else."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Any

from aws_cdk import Duration
from aws_cdk import aws_lambda as lambda_
from aws_cdk.aws_lambda_event_sources import SqsDlq

from infra import settings
from infra.function import Function, Program
from infra.narrowing import WORKSPACES, keeps_endpoints
from infra.policy import Conditions, allow
from infra.queues import feed, sends_to, works_off
from infra.store import follows, items
from infra.watch import PERIOD, Alert, dead_letters, ours
from notifying.keyring import PURPOSE
from publishing.thresholds import UNTOLD_LATER_S, UNTOLD_S

if TYPE_CHECKING:
    from collections.abc import Mapping

    from aws_cdk import aws_dynamodb as dynamodb
    from aws_cdk import aws_sqs as sqs
    from constructs import Construct

    from infra.function import Runtime
    from infra.notices import Notices
    from infra.policy import Permission
    from infra.stage import Stage
    from infra.store import Store
    from infra.watch import Alerts

NOTICE_S, NOTIFY_S, CALL_S = 30, 60, 25  # a call lasts fifteen seconds, and one that starts cold some more
AT_ONCE = 10  # batches of ten: so many hundred calls at a time
RECORDS, WINDOW_S = 100, 1
LONGEST = Duration.hours(23)  # a stream forgets after 24, and what it forgot is no dead letter any more
LANES = 4  # of a shard, by the items' partitions: what belongs to one publication stays in order


class Telling:
    """The functions of status webhooks, what leads to them, and what is watched of them."""

    def __init__(self, scope: Construct, *, runtime: Runtime, store: Store, notices: Notices) -> None:
        self._stage, self._store, self._notices = runtime.stage, store, notices
        notice = Function(scope, "Notice", self._notice(), runtime=runtime)
        for name, table in {"Publications": store.publications, "Channels": store.channels}.items():
            self._follow(notice, name, table)
        call = Function(scope, "Call", _call(runtime.stage), runtime=runtime)
        notify = Function(scope, "Notify", self._notify(call), runtime=runtime)
        feed(notify, "Firsts", queue=notices.firsts, to=notify.target, at_once=AT_ONCE)
        feed(notify, "Laters", queue=notices.laters, to=notify.target, at_once=AT_ONCE)
        self._watch(notice, runtime.alerts)

    def _follow(self, notice: Function, name: str, table: dynamodb.Table) -> None:
        """A change that nobody can read is put aside by the function itself; what AWS refuses for hours, by Lambda."""
        lambda_.EventSourceMapping(
            notice,
            name,
            target=notice.target,
            event_source_arn=table.table_stream_arn,
            starting_position=lambda_.StartingPosition.TRIM_HORIZON,
            batch_size=RECORDS,
            max_batching_window=Duration.seconds(WINDOW_S),
            parallelization_factor=LANES,
            bisect_batch_on_error=True,
            max_record_age=LONGEST,
            on_failure=SqsDlq(self._notices.dead),
            filters=[_told_by(prefix) for prefix in _TELLING[name]],
        )

    def _notice(self) -> Program:
        store, notices = self._store, self._notices
        return Program(
            does="Notices what endpoints are to be told of.",
            name="notice",
            timeout_s=NOTICE_S,
            settings=settings.noticing(store, notices),
            may=[
                *follows(store.publications),
                *follows(store.channels),
                items(store.publications, "Query"),
                items(store.channels, "Query"),
                items(store.notices, "PutItem"),
                sends_to([notices.firsts, notices.dead], stage=self._stage),
            ],
        )

    def _notify(self, call: Function) -> Program:
        store, notices = self._store, self._notices
        return Program(
            does="Tells customers' endpoints what happened.",
            name="notify",
            timeout_s=NOTIFY_S,
            settings=settings.notifying(store, notices, call=call.target.function_arn),
            may=[
                items(store.channels, "GetItem", under=WORKSPACES),
                keeps_endpoints(store.channels),
                items(store.notices, "PutItem", "UpdateItem", "Query"),
                self._unseals(),
                allow("lambda:InvokeFunction", on=[call.target.function_arn]),
                sends_to([notices.laters], stage=self._stage),
                works_off([notices.firsts, notices.laters]),
                *notices.schedules("scheduler:CreateSchedule"),
            ],
            sends_to_itself=True,
        )

    def _unseals(self) -> Permission:
        # The emulator's IAM knows no encryption context: there the condition counts only if it did.
        operator = "StringEqualsIfExists" if self._stage.local else "StringEquals"
        own: Conditions = {operator: {"kms:EncryptionContext:purpose": PURPOSE}}
        return allow("kms:Decrypt", on=self._store.keys, when=own)

    def _watch(self, notice: Function, alerts: Alerts) -> None:
        notices = self._notices
        for name, queue in {"Firsts/Dead": notices.dead_firsts, "Laters/Dead": notices.dead}.items():
            letters = dead_letters(queue, of="what customers' endpoints are told")
            alerts.on(notices, name.replace("/", " "), replace(letters, name="Webhook dead letters"))
        unnoticed = Alert(
            notice.function.metric("IteratorAge", statistic="Maximum", period=PERIOD),
            name="Webhooks late",
            limit=UNTOLD_S * 1_000,
            means=f"What happened more than {UNTOLD_S} s ago has not been noticed for customers' endpoints.",
            do="look for errors and throttles of the notice function. No post waits for it.",
        )
        alerts.on(notices, "Unnoticed", unnoticed)
        alerts.on(notices, "Late", _late(notices.firsts, "First", UNTOLD_S))
        alerts.on(notices, "Later late", _late(notices.laters, "Later", UNTOLD_LATER_S))
        alerts.on(notices, "Failing", _failing())


def _call(stage: Stage) -> Program:
    return Program(
        does="Calls one address of a customer's, and may do nothing else.",
        name="call",
        timeout_s=CALL_S,
        settings={"OPEN_NETWORK": str(stage.local).lower()},
        may=[],
        sends_to_itself=True,  # it does not; but it is called once for each turn of the loop that retries are
    )


def _late(queue: sqs.IQueue, which: str, limit_s: int) -> Alert:
    return Alert(
        queue.metric_approximate_age_of_oldest_message(period=PERIOD),
        name="Webhooks late",
        limit=limit_s,
        means=f"{which} tidings have waited for more than {limit_s} s to be sent to customers' endpoints.",
        do="look for errors and throttles of the notify function. No post waits for it.",
    )


def _failing() -> Alert:
    return Alert(
        ours("WebhookFailing"),
        name="Webhooks failing",
        limit=0,
        means="A customer's endpoint was warned of failing for two days, or disabled after five.",
        do="find it in the log of the notify function, and tell its workspace.",
    )


# Which items of a table tell something; series, media, keys and members do not.
_TELLING = {"Publications": ("PUBLICATION", "DELIVERY#"), "Channels": ("CHANNEL#", "WEBHOOK#")}


def _told_by(prefix: str) -> Mapping[str, Any]:
    pattern = {"dynamodb": {"Keys": {"sk": {"S": lambda_.FilterRule.begins_with(prefix)}}}}
    return lambda_.FilterCriteria.filter(pattern)
