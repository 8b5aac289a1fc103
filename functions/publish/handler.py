"""Drains one platform's queues, hears its callbacks, takes people to its consent page and back; PLATFORM says which."""

from __future__ import annotations

from collections.abc import Mapping
from functools import cache, partial
from typing import TYPE_CHECKING, Any

from channels.apps import NO_APP, App
from channels.attending import Attending
from channels.connecting import Doors
from channels.hindering import Hindrance
from channels.registry import Registry, Remembered
from channels.vault import Vault
from flags.declared import DELIVERING
from flags.switches import switches
from functions import platforms
from identity import workspaces
from identity.workspaces import Workspaces
from media.addresses import Addresses
from publishing import aws, settings
from publishing.abilities import Authorizes
from publishing.clock import now
from publishing.conversation import Conversations
from publishing.delivery import Courier
from publishing.desk import Desk
from publishing.expected import Expected
from publishing.gate import gate_of
from publishing.ledger import Deliveries
from publishing.operations import Operations
from publishing.planned import Planned
from publishing.sending import Sender
from publishing.settings import Publishing
from publishing.store import Publications
from publishing.telemetry import Observed, flush
from publishing.transport import Detoured, GuardedTransport, plain_transport

if TYPE_CHECKING:
    from functions.publish.consenting import Porch
    from functions.publish.hearing import Ear
    from publishing.adapter import Adapter

OAUTH = "/v1/oauth/"


def handle(event: Mapping[str, Any], context: Any) -> dict[str, Any]:
    """Work a batch of messages, those that must come again named in the answer; or answer a callback, or a browser."""
    try:
        if "Records" not in event:
            return porch().answer(event) if OAUTH in event.get("routeKey", "") else ear().answer(event)
        return desk().work(event["Records"], lambda: context.get_remaining_time_in_millis() / 1000)
    finally:
        flush()


@cache
def ear() -> Ear:
    """What callbacks are answered with, put together when the first comes."""
    from functions.publish.hearing import Ear  # noqa: PLC0415 - most of these functions never hear anything
    from publishing.hearing import Hearing  # noqa: PLC0415

    at_work, config = desk(), settings.read(Publishing)
    courier, expected = at_work.courier, Expected(Operations(config.operations_table, now), config.platform)
    hearing = Hearing(at_work.publications, courier.deliveries, expected, courier.sender, courier.observe, now)
    return Ear(courier.adapter, courier.connections, hearing, courier.conversations, now)


@cache
def porch() -> Porch:
    """What people consent through, put together when the first comes."""
    from channels.admitting import Admission  # noqa: PLC0415 - as above
    from channels.granting import Granting  # noqa: PLC0415
    from channels.grants import Grants  # noqa: PLC0415
    from channels.offering import Offering  # noqa: PLC0415
    from functions.publish.consenting import Porch  # noqa: PLC0415
    from identity.audit import Audit  # noqa: PLC0415
    from identity.consents import Beginnings  # noqa: PLC0415
    from web.consented import Consented  # noqa: PLC0415
    from web.witness import Witness  # noqa: PLC0415

    courier, config = desk().courier, settings.read(Publishing)
    grants, registry = Grants(Operations(config.operations_table, now)), Registry(config.channels_table)
    offering = Offering(courier.adapter, _vault(config, courier.adapter), registry)
    place = f"{config.oauth_url}/{config.platform}"
    admission, beginnings = Admission(registry, lambda _: courier.adapter), Beginnings(config.channels_table, now)
    granting = Granting(
        courier.adapter, grants, offering, admission, courier.conversations, place, beginnings.hindrance
    )
    return Porch(granting, beginnings.name, Consented(Witness(Audit(config.channels_table, now))))


def _vault(config: Publishing, adapter: Adapter) -> Vault:
    """What opens the platform's channels; those connected by consent with the operator's app."""
    app = App(config.app_secret, adapter.consent.app) if isinstance(adapter, Authorizes) else NO_APP
    return Vault(config.credentials_key_arn, app=app)


@cache
def desk() -> Desk:
    """What this function works with, put together on its first call."""
    config = settings.read(Publishing)
    adapter = platforms.load(config.platform)
    publications, operations = Publications(config.publications_table, now), Operations(config.operations_table, now)
    conversations = Conversations(
        outside=Detoured(plain_transport(), config.detours) if config.open_network else GuardedTransport(),
        inside=plain_transport(),
        sign=aws.sign,
        plain_http=config.open_network,
    )
    observed = Observed(config.platform)
    doors = Doors(
        channels=Remembered(Registry(config.channels_table, now)),
        vault=_vault(config, adapter),
        adapter=adapter,
        addresses=config.aws,
        hindrance=Hindrance(
            adapter.credentials.fields,
            workspaces.Remembered(Workspaces(config.channels_table)).standing,
            partial(switches(config).on, DELIVERING, platform=config.platform),
        ),
        at_risk=Planned(publications).for_channel,
        noted=observed.noted,
    )
    courier = Courier(
        adapter=adapter,
        deliveries=Deliveries(config.publications_table, now),
        sender=Sender(config, now),
        connections=doors,
        conversations=conversations,
        clock=now,
        observe=observed,
        gate=gate_of(adapter, operations, opened=observed.breaker_opened),
        watch=observed,
        library=Addresses(config.media_url, config.files_url),
        expected=Expected(operations, config.platform),
    )
    verify, attending = partial(doors.verify, conversations=conversations), Attending(doors, conversations)
    return Desk(publications=publications, courier=courier, verify=verify, renew=attending.attend)
