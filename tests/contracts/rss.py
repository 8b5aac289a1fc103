"""Feeds in Amazon S3: botocore's model of S3 (PyPI botocore, Apache-2.0). The feeds are feedparser's to read."""

from __future__ import annotations

from collections.abc import Sequence

from tests.contracts.asked import Asked
from tests.contracts.aws_models import violations_of


def covers(asked: Asked) -> bool:
    return ".s3." in asked.host


def violations(asked: Sequence[Asked]) -> list[str]:
    return [told for each in asked for told in violations_of("s3", each)]
