"""The functions of the base: what each is told, and what it may do."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from infra import code, settings
from infra.function import Program
from infra.policy import allow
from infra.queues import sends_to, walks_through, works_off
from infra.store import BY_KEY_HASH, BY_WORKSPACE, DUE, items, listing

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from infra.api import Api
    from infra.notices import Notices
    from infra.policy import Permission
    from infra.queues import Named
    from infra.stage import Stage
    from infra.store import Store
    from infra.timetable import Timetable

ANSWER_S, AUTHORIZE_S, DISPATCH_S, SWEEP_S, PLAN_S = 20, 10, 30, 55, 55
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
    notices: Notices

    def submit(self) -> Program:
        """Takes publications in."""
        return Program(
            does="Accepts publications.",
            name="submit",
            platforms=code.ALL_PLATFORMS,
            timeout_s=ANSWER_S,
            settings={**self.sending, **settings.limiting(self.stage)},
            may=[
                items(self.store.publications, "PutItem", "Query", "BatchGetItem"),
                listing(self.store.publications, BY_WORKSPACE),
                items(self.store.channels, "GetItem", "BatchGetItem"),
                items(self.store.operations, "BatchGetItem", "UpdateItem"),
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
                "FEEDS_BUCKET": store.feeds.bucket_name,
                "FEEDS_PUBLIC_URL": self.api.feeds_url,
            },
            may=[
                items(store.publications, "GetItem", "BatchGetItem", "Query", "PutItem", "UpdateItem"),
                listing(store.publications, BY_WORKSPACE),
                items(store.channels, "GetItem", "BatchGetItem", "Query", "PutItem", "UpdateItem", "DeleteItem"),
                items(store.operations, "BatchGetItem", "UpdateItem"),
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
                "MEDIA_BUCKET": store.media.bucket_name,
                **settings.media(self.stage, store),
            },
            may=[
                items(store.publications, "GetItem", "BatchGetItem", "PutItem", "DeleteItem"),
                listing(store.publications, BY_WORKSPACE),
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
            may=[listing(self.store.channels, BY_KEY_HASH)],
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

    def _sends_work(self) -> list[Permission]:
        queues = [queue for lane in self.lanes for queue in lane.queues]
        return [sends_to(queues, stage=self.stage), *self.timetable.schedules("scheduler:CreateSchedule")]

    def _attends_the_dead(self) -> list[Permission]:
        dead = [*(lane.dead for lane in self.lanes), self.timetable.dead]
        return [walks_through(dead, stage=self.stage), sends_to([self.timetable.due], stage=self.stage)]
