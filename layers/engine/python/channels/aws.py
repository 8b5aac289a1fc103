"""The AWS clients only channels need, made when first asked for."""

from __future__ import annotations

from functools import cache
from typing import TYPE_CHECKING, Any

import boto3
from botocore.config import Config

if TYPE_CHECKING:
    from botocore.exceptions import ClientError
    from mypy_boto3_kms import KMSClient

_CONFIG = Config(retries={"mode": "standard", "max_attempts": 3}, connect_timeout=2, read_timeout=5)


@cache
def kms() -> KMSClient:
    """The KMS client of this process; asking twice for a data key merely makes one nobody uses."""
    return boto3.client("kms", config=_CONFIG)


@cache
def secrets() -> Any:
    """The Secrets Manager client of this process."""
    return boto3.client("secretsmanager", config=_CONFIG)


def code_of(error: ClientError) -> str:
    """AWS's own name for what went wrong."""
    return str(error.response.get("Error", {}).get("Code", ""))
