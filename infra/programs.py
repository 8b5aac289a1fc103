"""The functions of the base: what each is told, and what it may do."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from infra import code, settings
from infra.function import Program
from infra.narrowing import WORKSPACES, asks_for_renewals, notes_use
from infra.policy import allow
from infra.queues import looks_at, sends_to, walks_through, works_off
from infra.store import BY_KEY_HASH, BY_WORKSPACE, DUE, PLANNED, RENEWALS, audits, items, listing

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

    from aws_cdk import aws_sqs as sqs

    from infra.api import Api
    from infra.flags import Flags
    from infra.notices import Notices
    from infra.policy import Permission
    from infra.queues import Named
    from infra.stage import Stage
    from infra.store import Store
    from infra.timetable import Timetable

ANSWER_S, AUTHORIZE_S, DISPATCH_S, SWEEP_S, PLAN_S, RENEW_S, HEALTH_S = 20, 10, 30, 55, 55, 55, 15
MEDIA_S, MEDIA_MB = 29, 1_769  # API Gateway waits no longer; so much memory comes with a whole processor


@dataclass(frozen=True, slots=True)
class Programs:
    """All of them; `lanes` are the queues of each platform, and `sending` is `infra.settings.sending`."""

    stage: Stage
    store: Store
    timetable: Timetable
    api: Api
    lanes: Sequence[Named]
    sending: Mapping[str, str]
    flags: Flags
    notices: Notices

    def submit(self) -> Program:
        """Takes publications in."""
        return Program(
            does="Accepts publications.",
            name="submit",
            platforms=code.ALL_PLATFORMS,
            timeout_s=ANSWER_S,
            settings={
                **self.sending,
                **settings.limiting(self.stage),
                **settings.answering(self.stage, self.store),
                **self.flags.told,
            },
            may=[
                items(self.store.publications, "PutItem", "Query", "BatchGetItem"),
                listing(self.store.publications, BY_WORKSPACE),
                items(self.store.channels, "GetItem", "BatchGetItem"),
                audits(self.store.channels),
                items(self.store.operations, "BatchGetItem", "UpdateItem"),
                *self.flags.may_read(),
                *self._sends_work(),
            ],
        )

    def rest(self) -> Program:
        """Does all else the API offers."""
        store = self.store
        return Program(
            does="Answers everything but submissions.",
            name="api",
            platforms=code.ALL_PLATFORMS,
            timeout_s=ANSWER_S,
            settings={
                **self.sending,
                **settings.credentials(self.stage, store),
                **settings.replaying(store, self.notices),
                **settings.answering(self.stage, store),
                "FEEDS_BUCKET": store.feeds.bucket_name,
                "FEEDS_PUBLIC_URL": self.api.feeds_url,
                **settings.returning(self.stage, self.api),
            },
            may=[
                items(store.publications, "GetItem", "BatchGetItem", "Query", "PutItem", "UpdateItem"),
                listing(store.publications, BY_WORKSPACE, PLANNED),
                items(store.channels, "GetItem", "BatchGetItem", "Query", "PutItem", "UpdateItem", "DeleteItem"),
                items(store.channels, "ConditionCheckItem"),  # who writes what lets others in still may
                items(store.operations, "GetItem", "BatchGetItem", "UpdateItem"),
                allow("kms:GenerateDataKey", on=[store.key.key_arn]),  # never Decrypt: it cannot read what it sealed
                *store.feeds_may("s3:GetObject", "s3:DeleteObject"),
                items(store.notices, "Query"),
                sends_to([self.notices.laters], stage=self.stage),
                *self._sends_work(),
                *self._attends_the_dead(),
            ],
        )

    def media(self) -> Program:
        """Takes images and videos in."""
        store = self.store
        return Program(
            does="Takes uploads, looks at them, and makes fitting copies.",
            name="media",
            platforms=code.ALL_PLATFORMS,
            timeout_s=MEDIA_S,
            memory_mb=MEDIA_MB,
            layer="media",
            settings={
                "PUBLICATIONS_TABLE": store.publications.table_name,
                "CHANNELS_TABLE": store.channels.table_name,
                "MEDIA_BUCKET": store.media.bucket_name,
                **settings.media(self.stage, store),
                **settings.answering(self.stage, store),
            },
            may=[
                items(store.operations, "UpdateItem"),
                items(store.publications, "GetItem", "BatchGetItem", "PutItem", "DeleteItem"),
                listing(store.publications, BY_WORKSPACE),
                audits(store.channels),
                *store.media_may("s3:GetObject", "s3:PutObject", "s3:DeleteObject"),
                allow("s3:ListBucket", on=[store.media.bucket_arn]),  # to be told of one that is missing that it is
            ],
        )

    def authorize(self) -> Program:
        """Knows callers by their keys or tokens."""
        return Program(
            does="Says who a caller is.",
            name="authorize",
            timeout_s=AUTHORIZE_S,
            settings=settings.authorizing(self.store, self.stage.issuer),
            may=[
                listing(self.store.channels, BY_KEY_HASH),
                items(self.store.channels, "GetItem", under=WORKSPACES),
                items(self.store.channels, "Query", under="SUBJECT#*"),
                notes_use(self.store.channels),
            ],
        )

    def health(self) -> Program:
        """Looks at everything, and writes nothing but how many asked."""
        store = self.store
        return Program(
            does="Tells how all of it stands.",
            name="health",
            platforms=code.ALL_PLATFORMS,
            timeout_s=HEALTH_S,
            settings={
                **settings.examining(self.stage, store, self.sending["QUEUE_URL_TEMPLATE"]),
                **settings.limiting(self.stage),
                **settings.answering(self.stage, store),
                **self.flags.told,
            },
            may=[
                items(store.publications, "GetItem"),
                listing(store.publications, DUE),
                items(store.channels, "GetItem", "Query"),
                items(store.operations, "GetItem", "BatchGetItem", "UpdateItem"),
                looks_at([*self._all_queues()]),
                allow("cloudwatch:GetMetricData", on=["*"], wildcard="CloudWatch limits nobody to some metrics."),
                allow("ses:GetAccount", on=["*"], wildcard="It is the account that is asked about."),
                *self.flags.may_read(),
            ],
        )

    def dispatch(self) -> Program:
        """Works the due queue off."""
        return Program(
            does="Sends out what has come due.",
            name="dispatch",
            timeout_s=DISPATCH_S,
            settings=self.sending,
            may=[
                items(self.store.publications, "Query"),
                works_off([self.timetable.due]),
                *self._sends_work(),
            ],
            sends_to_itself=True,
        )

    def sweep(self) -> Program:
        """Looks after what is overdue."""
        store = self.store
        return Program(
            does="Finds what was lost and sends it again.",
            name="sweep",
            timeout_s=SWEEP_S,
            settings={**self.sending, **settings.limiting(self.stage)},
            may=[
                listing(store.publications, DUE),
                items(store.publications, "Query", "UpdateItem"),
                items(store.operations, "GetItem", "UpdateItem"),
                *self._sends_work(),
            ],
        )

    def plan(self) -> Program:
        """Looks ahead for series."""
        store = self.store
        return Program(
            does="Makes publications of the occurrences of series.",
            name="plan",
            timeout_s=PLAN_S,
            settings=self.sending,
            may=[
                listing(store.publications, DUE),
                items(store.publications, "GetItem", "PutItem"),
                *self._sends_work(),
            ],
        )

    def renew(self) -> Program:
        """Looks after credentials that near their end; it opens none."""
        return Program(
            does="Has channels' credentials attended to before they end.",
            name="renew",
            timeout_s=RENEW_S,
            settings=self.sending,
            may=[
                listing(self.store.channels, RENEWALS),
                asks_for_renewals(self.store.channels),
                sends_to([lane.queues[0] for lane in self.lanes], stage=self.stage),
            ],
        )

    def _sends_work(self) -> list[Permission]:
        queues = [queue for lane in self.lanes for queue in lane.queues]
        return [sends_to(queues, stage=self.stage), *self.timetable.schedules("scheduler:CreateSchedule")]

    def _all_queues(self) -> Iterator[sqs.IQueue]:
        for lane in self.lanes:
            yield from (*lane.queues, lane.dead)
        yield from (self.timetable.due, self.timetable.dead)
        yield from (self.notices.firsts, self.notices.dead_firsts, self.notices.laters, self.notices.dead)

    def _attends_the_dead(self) -> list[Permission]:
        dead = [*(lane.dead for lane in self.lanes), self.timetable.dead]
        return [walks_through(dead, stage=self.stage), sends_to([self.timetable.due], stage=self.stage)]
