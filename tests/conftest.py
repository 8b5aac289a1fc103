from __future__ import annotations

import os
import socket
from collections.abc import Iterator, Sequence
from typing import Any

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


@pytest.fixture
def dialled(monkeypatch: pytest.MonkeyPatch) -> list[tuple[str, int]]:
    """The addresses connections were begun to; none of them is ever reached."""
    begun: list[tuple[str, int]] = []

    def create_connection(address: tuple[str, int], *_: Any, **__: Any) -> socket.socket:
        begun.append(address)
        raise ConnectionRefusedError

    monkeypatch.setattr(socket, "create_connection", create_connection)
    return begun


@pytest.fixture
def dialled_too(monkeypatch: pytest.MonkeyPatch) -> list[tuple[str, int]]:
    """The addresses connections were begun to, and were let be."""
    begun: list[tuple[str, int]] = []
    connect = socket.create_connection

    def create_connection(address: tuple[str, int], *rest: Any, **more: Any) -> socket.socket:
        begun.append(address)
        return connect(address, *rest, **more)

    monkeypatch.setattr(socket, "create_connection", create_connection)
    return begun


@pytest.fixture
def names(monkeypatch: pytest.MonkeyPatch) -> dict[str, list[list[str]]]:
    """What a name leads to, look-up by look-up; a name whose answers are used up does not resolve."""
    answers: dict[str, list[list[str]]] = {}
    resolve = socket.getaddrinfo

    def getaddrinfo(host: str, port: int, *rest: Any, **options: Any) -> Sequence[Any]:
        if host not in answers:
            return resolve(host, port, *rest, **options)
        if not answers[host]:
            raise socket.gaierror(socket.EAI_AGAIN, "Temporary failure in name resolution")
        found = answers[host].pop(0)
        return [entry for address in found for entry in resolve(address, port, *rest, **options)]

    monkeypatch.setattr(socket, "getaddrinfo", getaddrinfo)
    return answers
