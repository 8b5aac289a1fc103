"""The AWS clients only the web needs, made when first asked for."""

from __future__ import annotations

from functools import cache
from typing import TYPE_CHECKING

import boto3
from botocore.config import Config

if TYPE_CHECKING:
    from mypy_boto3_dynamodb import DynamoDBClient
    from mypy_boto3_s3 import S3Client

_CONFIG = Config(retries={"mode": "standard", "max_attempts": 3}, connect_timeout=2, read_timeout=5)
_IMPATIENT = Config(retries={"mode": "standard", "max_attempts": 1}, connect_timeout=0.5, read_timeout=0.5)


@cache
def s3() -> S3Client:
    """The S3 client of this process; it only reads."""
    return boto3.client("s3", config=_CONFIG)


@cache
def impatient_dynamodb() -> DynamoDBClient:
    """A DynamoDB client for what a request can do without: it waits half a second, once."""
    return boto3.client("dynamodb", config=_IMPATIENT)
