"""The AWS client only channels need, made when first asked for."""

from __future__ import annotations

from functools import cache
from typing import TYPE_CHECKING

import boto3
from botocore.config import Config

if TYPE_CHECKING:
    from mypy_boto3_kms import KMSClient

_CONFIG = Config(retries={"mode": "standard", "max_attempts": 3}, connect_timeout=2, read_timeout=5)


@cache
def kms() -> KMSClient:
    """The KMS client of this process; asking twice for a data key merely makes one nobody uses."""
    return boto3.client("kms", config=_CONFIG)
