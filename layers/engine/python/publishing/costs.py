"""What a publication is expected to cost on AWS: what is used of its services, counted, at the prices of `prices`.

The counts are those of a publication that goes out at the first attempt and in full batches, to channels that were not
used in the last minutes: as `make bench` meters them (B03). Assumed are the functions' seconds, with a platform that
answers within 100 ms, and how many invocations are traced. What is paid by the month, whatever is published, is not in
it: alarms, metrics, keys, the polling of queues, the sweep's own round each minute.
"""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Iterable, Mapping
from datetime import datetime
from typing import Any

from publishing import records
from publishing.adapter import Resource
from publishing.prices import Charge, Use, times, together, usd
from publishing.publication import Publication
from publishing.sending import BATCH, SOON_S

MEMORY_GB = 0.5
AUTHORIZING_S, ACCEPTING_S, DISPATCHING_S = 0.005, 0.03, 0.03
# A batch: the platform's answer, and as long again for DynamoDB and our own work. That is ten times less than 2 ms of a
# core (B08, through boto3), of which 512 MB have 0.29.
PUBLISHING_S = 0.1 + 0.1
SAMPLED = 0.05  # X-Ray's default, beyond the first trace of a second
WRITE_BYTES, READ_BYTES = 1_024, 4_096  # of one unit
DELIVERY_BYTES, MARK_BYTES = 490, 42  # of a delivery's item, and of the mark that storing adds to a publication's
ACCEPTED_LOG_BYTES, PUBLISHED_LOG_BYTES = 610, 503
COUNTED = 10  # a busy caller's requests are counted by so many at once
AROUND_BYTES, ACCESS_BYTES = 508, 231  # what Lambda logs around an invocation, and API Gateway of a request

DIGITS = 9


def running(calls: float, seconds: float, logged_bytes: float = 0) -> Use:
    """So many calls of a function that takes so long, and logs so much at each."""
    return {
        Charge.INVOCATIONS: calls,
        Charge.GB_SECONDS: calls * seconds * MEMORY_GB,
        Charge.LOGGED_BYTES: calls * (AROUND_BYTES + logged_bytes),
        Charge.TRACES: calls * SAMPLED,
    }


def queued(requests: float) -> Use:
    """So many requests to platforms' queues."""
    return {Charge.QUEUE_REQUESTS: requests, Charge.FAIR_QUEUE_REQUESTS: requests}


ASKED = together(
    {Charge.API_REQUESTS: 1, Charge.LOGGED_BYTES: ACCESS_BYTES},
    {Charge.WRITE_UNITS: 1 + 1 / COUNTED},  # its entry in the audit log, and its part of counting requests
    running(1, AUTHORIZING_S),
    running(1, ACCEPTING_S, ACCEPTED_LOG_BYTES),
)
TIMED = together(  # the scheduler's own sending is a request, too
    {Charge.SCHEDULES: 1, Charge.QUEUE_REQUESTS: 3},
    running(1, DISPATCHING_S),
)
DELIVERED = together(
    {Charge.WRITE_UNITS: 2, Charge.LOGGED_BYTES: PUBLISHED_LOG_BYTES},
    queued(2 / BATCH),  # received and deleted
    times(running(1, PUBLISHING_S), 1 / BATCH),
)
# Functions remember a channel half a minute and its key for five: else it is read on accepting, and on delivering with
# its key and its workspace. KMS is the dearest of all then.
RESTED: Use = {Charge.KEY_REQUESTS: 1, Charge.READ_UNITS: 3 * 0.5}
# A channel's recipients are secret: a mail counts as if it had one.
USED: Mapping[Resource, Use] = {
    Resource.MAIL: {Charge.MAILS: 1},
    Resource.FEEDS: {Charge.STORE_READS: 1, Charge.STORE_WRITES: 1},
}


def shared(publication: Publication, now: datetime) -> Use:
    """What a publication uses however many targets it has: accepted, listed, dispatched at its time, and closed."""
    item = records.publication_item(publication, shards=1)
    whole, content = size_bytes(item) + MARK_BYTES, size_bytes({"content": item["content"]})
    listed = _units(whole - content, WRITE_BYTES)
    written = _units(whole, WRITE_BYTES) + listed + 1  # in two of its indexes, too, and where it is planned in three
    swept = _units(whole + len(publication.targets) * DELIVERY_BYTES, READ_BYTES)
    used = together(ASKED, queued(_sends(publication)), {Charge.WRITE_UNITS: written, Charge.READ_UNITS: swept})
    if (publication.publish_at - now).total_seconds() <= SOON_S:
        return used
    return together(used, TIMED, {Charge.READ_UNITS: _units(whole, READ_BYTES), Charge.WRITE_UNITS: listed})


def _sends(publication: Publication) -> int:
    """So many requests put its messages on the queues."""
    messages = Counter(target.platform for target in publication.targets)
    return sum(math.ceil(count / BATCH) for count in messages.values())


def delivered(publication: Publication) -> Use:
    """What each target of it uses, on a channel in use."""
    item_bytes = size_bytes(records.publication_item(publication, shards=1)) + MARK_BYTES
    return together(DELIVERED, {Charge.READ_UNITS: 0.5 * _units(item_bytes, READ_BYTES)})


def in_usd(publication: Publication, uses: Iterable[Iterable[Resource]], now: datetime) -> list[float]:
    """What each target costs with its part of what they share, on a channel that rested.

    `uses` are the resources of AWS that the targets' adapters use, in the order of the targets.
    """
    part = usd(shared(publication, now)) / len(publication.targets)
    each = part + usd(delivered(publication)) + usd(RESTED)
    return [round(each + sum(usd(USED[resource]) for resource in resources), DIGITS) for resources in uses]


def text(amount_usd: float) -> str:
    """An amount as a decimal number."""
    return f"{amount_usd:.{DIGITS}f}"


def size_bytes(item: Mapping[str, Any]) -> int:
    """An item's size as DynamoDB counts it: names and values, with 3 bytes and 1 an element for lists and maps."""
    return sum(len(name.encode()) + _value_bytes(value) for name, value in item.items())


def _value_bytes(value: object) -> int:
    match value:
        case str():
            return len(value.encode())
        case bool() | None:
            return 1
        case int() | float():
            return len(str(value)) // 2 + 2
        case Mapping():
            return 3 + len(value) + size_bytes(value)
        case list() | tuple():
            return 3 + sum(1 + _value_bytes(each) for each in value)
    return 1


def _units(item_bytes: int, unit_bytes: int) -> int:
    return math.ceil(item_bytes / unit_bytes)
