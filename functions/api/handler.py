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
from functions.api.estate import Estate
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
from web import contract, door, health
from web.consented import Consented
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
    made, stores = door.router(config, now), _Stores(config)
    _serve_publications(made, stores)
    _serve_channels(made, stores, config)
    Office(DeadLetters(config.queue_url_template), stores.publications).serve(made)
    _serve_people(made, stores.witness, config.channels_table)
    _webhooks(config).serve(made)
    stores.feeds.serve(made)
    catalogue.serve(made, stores.operations)
    made.serve(health.READ_HEALTH, lambda _: Answer(Health()))
    documentation.serve(made)
    return made


class _Stores:
    """What several resources need."""

    def __init__(self, config: Serving) -> None:
        self.publications = Publications(config.publications_table, now)
        self.deliveries = Deliveries(config.publications_table, now)
        self.series = SeriesStore(config.publications_table, now)
        self.registry, self.sender = Registry(config.channels_table), Sender(config, now)
        self.operations = Operations(config.operations_table, now)
        self.slots = Slots(self.operations, self.publications, self.registry.week)
        self.witness = Witness(Audit(config.channels_table, now))
        self.feeds = Feeds(config.feeds_bucket, config.feeds_public_url)
        self.acceptance = Acceptance(
            media=Shelf(config.publications_table).ready,
            publications=self.publications,
            sender=self.sender,
            destinations=self.registry.find_many,
            adapter=platforms.load,
            clock=now,
            slots=self.slots,
        )


def _serve_publications(made: Router, stores: _Stores) -> None:
    publications, sender, slots = stores.publications, stores.sender, stores.slots
    Publishing(publications, stores.deliveries, now, slots).serve(made)
    previews = Previews(stores.acceptance, stores.registry.find_many, Neighbourhood(publications))
    Changing(stores.acceptance, Editing(publications, sender, now), previews, slots).serve(made)
    Repeating(Planning(stores.series, publications, sender, now), stores.acceptance).serve(made)
    Deciding(publications, Decisions(publications, stores.deliveries, sender, now), now, slots).serve(made)


def _serve_channels(made: Router, stores: _Stores, config: Serving) -> None:
    Channels(
        registry=stores.registry,
        vault=Vault(config.credentials_key_arn),
        sender=stores.sender,
        samples=Samples(stores.acceptance),
        remove_feed=stores.feeds.remove,
        clock=now,
        standing=Workspaces(config.channels_table).standing,
        planned=Planned(stores.publications),
        loopback=config.open_network,
    ).serve(made)
    Consents(
        Grants(stores.operations),
        Admission(stores.registry, platforms.load),
        config.oauth_url,
        config.origins,
        Consented(stores.witness),
        loopback=config.open_network,
    ).serve(made)
    made.serve(contract.LIST_SLOTS, Calendar(stores.slots).list)


def _serve_people(made: Router, witness: Witness, table: str) -> None:
    keys, members, invitations = Keys(table), Members(table), Invitations(table)
    ApiKeys(keys).serve(made)
    Tenants(Workspaces(table), members).serve(made)
    Crew(members, Estate(keys, invitations, witness)).serve(made)
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
