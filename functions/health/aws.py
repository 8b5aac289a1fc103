"""The AWS clients of deep health: many questions at once, none of them for long."""

from __future__ import annotations

from functools import cache
from typing import TYPE_CHECKING, Any

import boto3
from botocore.config import Config

if TYPE_CHECKING:
    from mypy_boto3_sesv2 import SESV2Client
    from mypy_boto3_sqs import SQSClient

AT_ONCE = 16
_CONFIG = Config(
    retries={"mode": "standard", "max_attempts": 2}, connect_timeout=1, read_timeout=2, max_pool_connections=AT_ONCE
)


@cache
def sqs() -> SQSClient:
    """The SQS client of this process."""
    return boto3.client("sqs", config=_CONFIG)


@cache
def cloudwatch() -> Any:  # its types are not installed
    """The CloudWatch client of this process."""
    client: Any = boto3.client
    return client("cloudwatch", config=_CONFIG)


@cache
def sesv2() -> SESV2Client:
    """The SES client of this process."""
    return boto3.client("sesv2", config=_CONFIG)
