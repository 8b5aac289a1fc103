from __future__ import annotations

import os
from collections.abc import Iterator

import pytest
from hypothesis import settings

from channels import aws as channels_aws
from publishing import aws, telemetry
from tests import cloud

settings.register_profile(
    "shared_machine",
    deadline=None,  # two noisy cores: nothing is told by how long it took
    derandomize=bool(os.environ.get("CI")),  # there a failure is the change's doing; elsewhere new examples are tried
)
settings.load_profile("shared_machine")


@pytest.fixture(autouse=True)
def _no_aws_but_made_up(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """No test reaches a real account, and none inherits another's clients."""
    made_up = {
        "AWS_ACCESS_KEY_ID": "testing",
        "AWS_SECRET_ACCESS_KEY": "testing",
        "AWS_DEFAULT_REGION": cloud.REGION,
        "AWS_CONFIG_FILE": "/dev/null",
        "AWS_SHARED_CREDENTIALS_FILE": "/dev/null",
    }
    for name, value in made_up.items():
        monkeypatch.setenv(name, value)
    _forget_clients()
    telemetry.forget()
    yield
    _forget_clients()
    telemetry.forget()


def _forget_clients() -> None:
    for client in (aws.dynamodb, aws.sqs, aws.scheduler, aws._session, channels_aws.kms):
        client.cache_clear()


@pytest.fixture
def cloud_in_moto() -> Iterator[cloud.Cloud]:
    """The stack's tables, queues and schedule group, with queues for two platforms, `alpha` and `beta`."""
    with cloud.moto():
        yield cloud.make(("alpha", "beta"))
