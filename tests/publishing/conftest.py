from __future__ import annotations

import pytest

from publishing import pace
from publishing.operations import EPOCH
from tests.cloud import Cloud
from tests.publishing.workbench import Platform, Workbench


@pytest.fixture(autouse=True)
def _round_times(monkeypatch: pytest.MonkeyPatch) -> None:
    """Every channel's tokens fall due at round times."""
    monkeypatch.setattr(pace, "beginning", lambda _channel, _every_ms: EPOCH)


@pytest.fixture
def workbench(cloud_in_moto: Cloud) -> Workbench:
    """Everything that delivers, on moto, with a platform whose answers a test chooses."""
    return Workbench(cloud_in_moto, Platform())
