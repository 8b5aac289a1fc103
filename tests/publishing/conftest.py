from __future__ import annotations

import pytest

from tests.cloud import Cloud
from tests.publishing.workbench import Platform, Workbench


@pytest.fixture
def workbench(cloud_in_moto: Cloud) -> Workbench:
    """Everything that delivers, on moto, with a platform whose answers a test chooses."""
    return Workbench(cloud_in_moto, Platform())
