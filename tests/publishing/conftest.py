from __future__ import annotations

from collections.abc import Iterator

import pytest

from publishing import pace
from publishing.conversation import Conversations
from publishing.operations import EPOCH
from publishing.transport import GuardedTransport, plain_transport
from tests.cloud import Cloud
from tests.publishing.single import unsigned
from tests.publishing.workbench import Platform, Workbench


@pytest.fixture(autouse=True)
def _round_times(monkeypatch: pytest.MonkeyPatch) -> None:
    """Every channel's tokens fall due at round times."""
    monkeypatch.setattr(pace, "beginning", lambda _channel, _every_ms: EPOCH)


@pytest.fixture
def workbench(cloud_in_moto: Cloud) -> Workbench:
    """Everything that delivers, on moto, with a platform whose answers a test chooses."""
    return Workbench(cloud_in_moto, Platform())


@pytest.fixture
def guarded() -> Iterator[Conversations]:
    transport = GuardedTransport()
    yield Conversations(transport, transport, sign=unsigned)
    transport.close()


@pytest.fixture
def plain() -> Iterator[Conversations]:
    transport = plain_transport()
    yield Conversations(transport, transport, sign=unsigned, plain_http=True)
    transport.close()
