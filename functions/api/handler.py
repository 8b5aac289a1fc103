"""Answers everything but submissions: puts together what each resource needs, and leads requests to it."""

from __future__ import annotations

from functools import cache
from typing import Any

from channels.admitting import Admission
from channels.grants import Grants
from channels.registry import Registry
from channels.vault import Vault
from functions import platforms
from functions.api import catalogue, documentation
from functions.api.audit import Archive
from functions.api.changes import Changing
from functions.api.channels import Channels
from functions.api.dead_letters import Office
from functions.api.decisions import Deciding
from functions.api.feeds import Feeds
from functions.api.grants import Consents
from functions.api.invitations import Inviting
from functions.api.keys import ApiKeys
from functions.api.members import Crew
from functions.api.publications import Publishing
from functions.api.samples import Samples
from functions.api.series import Repeating
from functions.api.slots import Calendar
from functions.api.webhooks import Webhooks
from functions.api.workspaces import Tenants
from identity.audit import Audit
from identity.invitations import Invitations
from identity.keys import Keys
from identity.members import Members
from identity.workspaces import Workspaces
from media.shelf import Shelf
from notifying.endpoints import Endpoints
from notifying.keyring import Keyring
from notifying.log import Log
from notifying.post import Laters
from publishing import settings
from publishing.acceptance import Acceptance
from publishing.clock import now
from publishing.dead_letters import DeadLetters
from publishing.decisions import Decisions
from publishing.editing import Editing
from publishing.ledger import Deliveries
from publishing.neighbours import Neighbourhood
from publishing.operations import Operations
from publishing.planned import Planned
from publishing.planning import Planning
from publishing.sending import Sender
from publishing.series_store import SeriesStore
from publishing.settings import Serving
from publishing.slots import Slots
from publishing.store import Publications
from publishing.telemetry import flush
from web import contract, health
from web.previewing import Previews
from web.request import Answer
from web.router import Router
from web.schemas.health import Health
from web.witness import Witness


def handle(event: dict[str, Any], context: Any) -> dict[str, Any]:
    """Answer one request of API Gateway."""
    try:
        return router().handle(event, context)
    finally:
        flush()


@cache
def router() -> Router:
    """Everything this function serves, put together on its first call."""
    config = settings.read(Serving)
    publications = Publications(config.publications_table, now)
    registry, sender = Registry(config.channels_table), Sender(config, now)
    operations = Operations(config.operations_table, now)
    slots = Slots(operations, publications, registry.week)
    acceptance = Acceptance(
        media=Shelf(config.publications_table).ready,
        publications=publications,
        sender=sender,
        destinations=registry.find_many,
        adapter=platforms.load,
        clock=now,
        slots=slots,
    )
    feeds = Feeds(config.feeds_bucket, config.feeds_public_url)
    witness = Witness(Audit(config.channels_table, now))
    made = Router(witness=witness)
    deliveries = Deliveries(config.publications_table, now)
    Publishing(publications, deliveries, now, slots).serve(made)
    previews = Previews(acceptance, registry.find_many, Neighbourhood(publications))
    Changing(acceptance, Editing(publications, sender, now), previews, slots).serve(made)
    Repeating(Planning(SeriesStore(config.publications_table, now), publications, sender, now), acceptance).serve(made)
    Deciding(publications, Decisions(publications, deliveries, sender, now), now, slots).serve(made)
    Channels(
        registry=registry,
        vault=Vault(config.credentials_key_arn),
        sender=sender,
        samples=Samples(acceptance),
        remove_feed=feeds.remove,
        clock=now,
        standing=Workspaces(config.channels_table).standing,
        planned=Planned(publications),
        loopback=config.open_network,
    ).serve(made)
    Consents(
        Grants(operations),
        Admission(registry, platforms.load),
        config.oauth_url,
        config.origins,
        loopback=config.open_network,
    ).serve(made)
    Office(DeadLetters(config.queue_url_template), publications).serve(made)
    _serve_people(made, config.channels_table, witness)
    _webhooks(config).serve(made)
    feeds.serve(made)
    catalogue.serve(made, operations)
    made.serve(contract.LIST_SLOTS, Calendar(slots).list)
    made.serve(health.READ_HEALTH, lambda _: Answer(Health()))
    documentation.serve(made)
    return made


def _serve_people(made: Router, table: str, witness: Witness) -> None:
    keys, members, invitations = Keys(table), Members(table), Invitations(table)
    ApiKeys(keys).serve(made)
    Tenants(Workspaces(table), members).serve(made)
    Crew(members, invitations, keys).serve(made)
    Inviting(invitations, witness).serve(made)
    Archive(witness.audit).serve(made)


def _webhooks(config: Serving) -> Webhooks:
    return Webhooks(
        endpoints=Endpoints(config.channels_table),
        keyring=Keyring(Vault(config.credentials_key_arn)),
        log=Log(config.notices_table, now),
        laters=Laters(config.notify_queue_url),
        clock=now,
        loopback=config.open_network,
    )
