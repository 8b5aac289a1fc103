"""Amazon SES: botocore's model of SES v2 (PyPI botocore, Apache-2.0), by botocore's own validator."""

from __future__ import annotations

from collections.abc import Sequence

from tests.contracts.asked import Asked
from tests.contracts.aws_models import violations_of


def covers(asked: Asked) -> bool:
    return asked.host.startswith("email.")


def violations(asked: Sequence[Asked]) -> list[str]:
    return [told for each in asked for told in violations_of("sesv2", each)]
