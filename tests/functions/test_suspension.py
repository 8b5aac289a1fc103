"""What becomes of a workspace's work while it is suspended: from being submitted to being out, with nothing lost."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import timedelta

import boto3
import pytest

from channels.connecting import Doors
from channels.hindering import Hindrance
from channels.model import StoredChannel
from channels.registry import Registry, Remembered
from channels.vault import Vault
from identity import workspaces
from identity.workspaces import REMEMBER_S, Workspaces
from publishing import message
from publishing.due import Dispatch
from publishing.late import is_shelved
from publishing.memory import Memory
from publishing.model import DeliveryState, IfLate, Late
from publishing.publication import Publication
from publishing.standing import Standing
from tests.cloud import REGION, START, Cloud
from tests.publishing.workbench import Alpha, Platform, Workbench

WORKSPACE, QUEUE = "ws_1", "alpha"
AWAY_S = 3_600.0
State = DeliveryState


@dataclass
class Tenant:
    """A workspace with one channel, and everything that publishes for it."""

    cloud: Cloud
    platform: Platform = field(default_factory=Platform)

    def __post_init__(self) -> None:
        vault = Vault(boto3.client("kms", region_name=REGION).create_key()["KeyMetadata"]["Arn"])
        sealed = vault.seal(workspace=WORKSPACE, channel="chn_1", platform="alpha", secret={"token": "s3cret"})
        registry = Registry(self.cloud.settings.channels_table, self.cloud.watch)
        registry.create(StoredChannel("chn_1", WORKSPACE, "alpha", "A", {}, ("token",), sealed, START, "tester", START))
        self.workspaces = Workspaces(self.cloud.settings.channels_table, self.cloud.watch)
        item = {"pk": {"S": WORKSPACE}, "sk": {"S": "WORKSPACE"}, "name": {"S": "Acme"}}
        item |= {"created_at": {"S": "2026-11-20T12:00:00.000Z"}}
        self.workspaces.client().put_item(TableName=self.cloud.settings.channels_table, Item=item)
        memory: Memory[str, Standing] = Memory(keep_s=REMEMBER_S, most=9, now_s=self._now_s)
        standing = workspaces.Remembered(self.workspaces, memory).standing
        doors = Doors(Remembered(registry), vault, Alpha(), hindrance=Hindrance(standing=standing))
        self.bench = Workbench(self.cloud, self.platform, door=doors)  # type: ignore[arg-type]  # the real ones

    def _now_s(self) -> float:
        return (self.cloud.watch() - START).total_seconds()

    def suspend(self) -> None:
        """Have it suspended, everywhere."""
        assert self.workspaces.suspend(WORKSPACE, "Bills are open.")
        self.cloud.watch.forward(REMEMBER_S)

    def resume(self) -> None:
        """Let it go on, everywhere."""
        assert self.workspaces.resume(WORKSPACE)
        self.cloud.watch.forward(REMEMBER_S)

    def worked(self) -> None:
        """Have everything worked that is on the platform's queue."""
        for body in self.cloud.received(QUEUE):
            work = message.work(body)
            assert isinstance(work, message.Deliver)
            self.bench.courier.deliver(work, self._stored(work.publication), within_s=60.0)

    def swept(self) -> None:
        """Have the sweep look, and what it sends again be worked."""
        self.bench.sweep()
        self.worked()

    def dispatched(self, publication: Publication) -> None:
        """Have its time come, as the scheduler tells."""
        due = message.Due(workspace=WORKSPACE, publication=publication.id, version=publication.version)
        Dispatch(self.bench.publications, self.bench.sender).dispatch(due)

    def state(self, publication: Publication) -> State:
        """Where its one delivery stands."""
        return self.bench.delivery(publication).state

    def states(self, publication: Publication) -> Sequence[str]:
        """Where it stood."""
        return [event.state for event in self.bench.delivery(publication).history]

    def _stored(self, publication: str) -> Publication:
        found = self.bench.publications.publication(WORKSPACE, publication)
        assert found is not None
        return found


@pytest.fixture
def tenant(cloud_in_moto: Cloud) -> Tenant:
    return Tenant(cloud_in_moto)


def test_what_was_submitted_is_held_and_once_resumed_is_published_once(tenant: Tenant) -> None:
    publication = tenant.bench.submit().publication
    tenant.suspend()
    tenant.worked()
    delivery = tenant.bench.delivery(publication)
    assert (delivery.state, delivery.attempt, tenant.platform.published) == (State.HELD, 0, 0)
    assert delivery.trouble is not None
    assert delivery.trouble.kind == "suspended"
    tenant.resume()
    tenant.cloud.watch.forward(900)
    tenant.swept()
    tenant.worked()
    assert tenant.states(publication) == ["held", "publishing", "published"]
    assert tenant.platform.published == 1


def test_nothing_goes_out_however_often_it_is_swept_while_it_lasts(tenant: Tenant) -> None:
    publication = tenant.bench.submit().publication
    tenant.suspend()
    for _ in range(5):
        tenant.worked()
        tenant.cloud.watch.forward(1_000)
        tenant.swept()
    assert (tenant.state(publication), tenant.platform.published) == (State.HELD, 0)
    assert tenant.states(publication) == ["held"]


@pytest.mark.parametrize(
    ("then", "state"),
    [(None, State.PUBLISHED), (IfLate.POST, State.PUBLISHED), (IfLate.HOLD, State.HELD), (IfLate.SKIP, State.EXPIRED)],
)
def test_what_comes_due_meanwhile_goes_out_as_its_late_policy_says(
    tenant: Tenant, then: IfLate | None, state: State
) -> None:
    late = Late(900, then) if then else None
    at = START + timedelta(minutes=20)
    publication = tenant.bench.submit(publish_at=at, late=late).publication
    tenant.suspend()
    tenant.cloud.watch.moment = at
    tenant.dispatched(publication)
    tenant.worked()
    assert tenant.state(publication) is State.HELD
    tenant.cloud.watch.forward(AWAY_S)
    tenant.resume()
    tenant.swept()
    delivery = tenant.bench.delivery(publication)
    assert (delivery.state, is_shelved(delivery)) == (state, then is IfLate.HOLD)


def test_what_expires_meanwhile_is_not_published(tenant: Tenant) -> None:
    publication = tenant.bench.submit(expires_at=START + timedelta(minutes=30)).publication
    tenant.suspend()
    tenant.worked()
    tenant.cloud.watch.forward(AWAY_S)
    tenant.resume()
    tenant.swept()
    assert (tenant.state(publication), tenant.platform.published) == (State.EXPIRED, 0)


def test_another_workspace_goes_on(tenant: Tenant) -> None:
    tenant.suspend()
    standing = tenant.bench.door.hindrance.standing  # type: ignore[attr-defined]  # the real one's
    assert standing(WORKSPACE).suspended
    assert not standing("ws_2").suspended
