"""What AWS charges: on-demand prices of one region, as read on one day, without free tiers and discounts of scale.

`page` is where AWS states a price, and alone can confirm it; `seen` is the copy that was read, and its date. Only where
`seen` is AWS's own the price is `confirmed`. All others were read in at least one third party's copy of that page.
"""

from __future__ import annotations

from collections.abc import Mapping
from enum import StrEnum
from typing import NamedTuple

REGION = "us-east-1"
READ_ON = "2026-11-21"
MILLION = 1_000_000


class Charge(StrEnum):
    """What is counted on a bill."""

    WRITE_UNITS = "write_units"
    READ_UNITS = "read_units"
    QUEUE_REQUESTS = "queue_requests"
    FAIR_QUEUE_REQUESTS = "fair_queue_requests"  # beside the request itself: its queue keeps workspaces apart
    SCHEDULES = "schedules"
    KEY_REQUESTS = "key_requests"
    API_REQUESTS = "api_requests"
    INVOCATIONS = "invocations"
    GB_SECONDS = "gb_seconds"
    LOGGED_BYTES = "logged_bytes"
    TRACES = "traces"
    MAILS = "mails"
    STORE_READS = "store_reads"
    STORE_WRITES = "store_writes"


class Price(NamedTuple):
    """`usd` for `per` of what is charged."""

    service: str
    usd: float
    per: int
    page: str
    seen: str
    confirmed: bool = False


PRICES = {
    Charge.WRITE_UNITS: Price(
        "dynamodb", 0.625, MILLION, "https://aws.amazon.com/dynamodb/pricing/on-demand/", "airbyte.com, 2025-07-21"
    ),
    Charge.READ_UNITS: Price(
        "dynamodb", 0.125, MILLION, "https://aws.amazon.com/dynamodb/pricing/on-demand/", "airbyte.com, 2025-07-21"
    ),
    Charge.QUEUE_REQUESTS: Price(
        "sqs", 0.40, MILLION, "https://aws.amazon.com/sqs/pricing/", "cloudburn.io, 2026-03-14"
    ),
    # Which requests it is charged for is not said there: all that go to such a queue are counted.
    Charge.FAIR_QUEUE_REQUESTS: Price(
        "sqs", 0.10, MILLION, "https://aws.amazon.com/sqs/pricing/", "cloudburn.io, 2026-03-14"
    ),
    Charge.SCHEDULES: Price(
        "scheduler", 1.00, MILLION, "https://aws.amazon.com/eventbridge/pricing/", "cloudburn.io, 2026-03-13"
    ),
    Charge.KEY_REQUESTS: Price("kms", 0.03, 10_000, "https://aws.amazon.com/kms/pricing/", "wring.co, 2026-03-15"),
    Charge.API_REQUESTS: Price(
        "api_gateway",
        1.00,
        MILLION,
        "https://aws.amazon.com/api-gateway/pricing/",
        "docs.aws.amazon.com, whitepaper best-practices-api-gateway-private-apis-integration, 2026-11-21",
        confirmed=True,
    ),
    Charge.INVOCATIONS: Price(
        "lambda", 0.20, MILLION, "https://aws.amazon.com/lambda/pricing/", "cloudchipr.com, 2024"
    ),
    Charge.GB_SECONDS: Price(  # arm64
        "lambda", 0.0000133334, 1, "https://aws.amazon.com/lambda/pricing/", "cloudchipr.com, 2024"
    ),
    Charge.LOGGED_BYTES: Price(
        "logs", 0.50, 1_000_000_000, "https://aws.amazon.com/cloudwatch/pricing/", "factualminds.com, 2026-06-13"
    ),
    Charge.TRACES: Price(
        "x_ray",
        5.00,
        MILLION,
        "https://aws.amazon.com/xray/pricing/",
        "aws.amazon.com/de/xray/pricing, 2026-11-21",
        confirmed=True,
    ),
    Charge.MAILS: Price(  # each recipient; the plan that new accounts begin with, 0.10 without a plan
        "ses",
        0.16,
        1_000,
        "https://aws.amazon.com/ses/pricing/",
        "github.com/api-evangelist/amazon-ses, AWS's price list of 2026-07-22",
    ),
    Charge.STORE_READS: Price("s3", 0.0004, 1_000, "https://aws.amazon.com/s3/pricing/", "c3x.dev, undated"),
    Charge.STORE_WRITES: Price("s3", 0.005, 1_000, "https://aws.amazon.com/s3/pricing/", "c3x.dev, undated"),
}
Use = Mapping[Charge, float]


def usd(use: Use) -> float:
    """What so much of each costs."""
    return sum(count * PRICES[charge].usd / PRICES[charge].per for charge, count in use.items())


def together(*uses: Use) -> Use:
    """The sum of what was used."""
    charges = dict.fromkeys(charge for use in uses for charge in use)
    return {charge: sum(use.get(charge, 0) for use in uses) for charge in charges}


def times(use: Use, factor: float) -> Use:
    """So many times what was used."""
    return {charge: count * factor for charge, count in use.items()}
