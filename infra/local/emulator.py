"""The AWS emulator (MiniStack) on a free port of loopback, with IAM enforced."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from shutil import rmtree
from typing import TYPE_CHECKING, Any, Literal, overload

import boto3
import httpx

from infra.local.ports import HOST
from infra.local.programs import Program, bare_environment

if TYPE_CHECKING:
    from mypy_boto3_cloudformation import CloudFormationClient
    from mypy_boto3_dynamodb import DynamoDBClient
    from mypy_boto3_lambda import LambdaClient
    from mypy_boto3_sesv2 import SESV2Client
    from mypy_boto3_sqs import SQSClient

ACCOUNT, REGION = "000000000000", "us-east-1"
START_S = 60.0
KEY_ID, SECRET_KEY = "test", "test"  # what it takes for the account's root


@dataclass(frozen=True, slots=True)
class Emulator:
    """A running emulator."""

    endpoint: str
    log: Path

    @property
    def environment(self) -> dict[str, str]:
        """What AWS's own commands must be told to find it."""
        return {
            "AWS_ACCESS_KEY_ID": KEY_ID,
            "AWS_SECRET_ACCESS_KEY": SECRET_KEY,
            "AWS_REGION": REGION,
            "AWS_DEFAULT_REGION": REGION,
            "AWS_ENDPOINT_URL": self.endpoint,
        }

    @overload
    def client(self, service: Literal["cloudformation"]) -> CloudFormationClient: ...
    @overload
    def client(self, service: Literal["dynamodb"]) -> DynamoDBClient: ...
    @overload
    def client(self, service: Literal["lambda"]) -> LambdaClient: ...
    @overload
    def client(self, service: Literal["sesv2"]) -> SESV2Client: ...
    @overload
    def client(self, service: Literal["sqs"]) -> SQSClient: ...
    def client(self, service: Any) -> Any:
        """A client of one of its services, as the account's root."""
        return boto3.client(
            service,
            endpoint_url=self.endpoint,
            region_name=REGION,
            aws_access_key_id=KEY_ID,
            aws_secret_access_key=SECRET_KEY,
        )


def url(port: int) -> str:
    """The address of an emulator that listens, or will listen, on that port."""
    return f"http://{HOST}:{port}"


@contextmanager
def running(port: int, directory: Path) -> Iterator[Emulator]:
    """An emulator that runs while the context lasts; its log goes to `directory`.

    Raises:
        infra.local.programs.Failed: it did not start.
    """
    log, endpoint, scratch = directory / "emulator.log", url(port), directory / "emulator"
    rmtree(scratch, ignore_errors=True)  # what one that was killed has left
    scratch.mkdir()
    env = bare_environment(
        BIND_HOST=HOST, GATEWAY_PORT=str(port), AUTH="true", IOT_MTLS_ENABLED="0", TMPDIR=str(scratch)
    )
    try:
        with Program("The AWS emulator", [sys.executable, "-m", "ministack"], log=log, env=env) as program:
            program.until(lambda: _answers(f"{endpoint}/_ministack/health"), START_S)
            yield Emulator(endpoint, log)
    finally:
        rmtree(scratch, ignore_errors=True)


def _answers(url: str) -> bool:
    try:
        return httpx.get(url, trust_env=False, timeout=2).is_success
    except httpx.TransportError:
        return False
