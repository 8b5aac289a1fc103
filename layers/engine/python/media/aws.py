"""The AWS client only uploads need, made when first asked for."""

from __future__ import annotations

from functools import cache
from typing import TYPE_CHECKING

import boto3
from botocore.config import Config

if TYPE_CHECKING:
    from mypy_boto3_s3 import S3Client

_CONFIG = Config(retries={"mode": "standard", "max_attempts": 3}, connect_timeout=2, read_timeout=20)


@cache
def s3() -> S3Client:
    """The S3 client of this process."""
    return boto3.client("s3", config=_CONFIG)
