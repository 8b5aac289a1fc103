"""Drains one platform's queues; PLATFORM in its environment says which."""

from __future__ import annotations

from collections.abc import Mapping
from functools import cache, partial
from typing import Any

from channels.connecting import Doors
from channels.registry import Registry, Remembered
from channels.vault import Vault
from functions import platforms
from publishing import aws, settings
from publishing.clock import now
from publishing.conversation import Conversations
from publishing.delivery import Courier
from publishing.desk import Desk
from publishing.gate import gate_of
from publishing.ledger import Deliveries
from publishing.operations import Operations
from publishing.sending import Sender
from publishing.settings import Publishing
from publishing.store import Publications
from publishing.telemetry import Observed, flush
from publishing.transport import Detoured, GuardedTransport, plain_transport


def handle(event: Mapping[str, Any], context: Any) -> dict[str, list[dict[str, str]]]:
    """Work a batch of messages; those that must come again are named in the answer."""
    try:
        return desk().work(event["Records"], lambda: context.get_remaining_time_in_millis() / 1000)
    finally:
        flush()


@cache
def desk() -> Desk:
    """What this function works with, put together on its first call."""
    config = settings.read(Publishing)
    adapter = platforms.load(config.platform)
    publications = Publications(config.publications_table, now)
    conversations = Conversations(
        outside=Detoured(plain_transport(), config.detours) if config.open_network else GuardedTransport(),
        inside=plain_transport(),
        sign=aws.sign,
        plain_http=config.open_network,
    )
    doors = Doors(Remembered(Registry(config.channels_table)), Vault(config.credentials_key_arn), config.aws)
    observed = Observed(config.platform)
    courier = Courier(
        adapter=adapter,
        deliveries=Deliveries(config.publications_table, now),
        sender=Sender(config, now),
        connections=doors,
        conversations=conversations,
        clock=now,
        observe=observed,
        gate=gate_of(adapter, Operations(config.operations_table, now), opened=observed.breaker_opened),
        watch=observed,
    )
    verify = partial(doors.verify, adapter=adapter, conversations=conversations)
    return Desk(publications=publications, courier=courier, verify=verify)
