"""Answers everything but submissions: puts together what each resource needs, and leads requests to it."""

from __future__ import annotations

from functools import cache
from typing import Any

from channels.registry import Registry
from channels.vault import Vault
from functions import platforms
from functions.api import catalogue, documentation
from functions.api.changes import Changing
from functions.api.channels import Channels
from functions.api.dead_letters import Office
from functions.api.decisions import Deciding
from functions.api.feeds import Feeds
from functions.api.health import Doctor
from functions.api.keys import ApiKeys
from functions.api.publications import Publishing
from functions.api.samples import Samples
from functions.api.series import Repeating
from functions.api.slots import Calendar
from functions.api.webhooks import Webhooks
from identity.keys import Keys
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
from publishing.planning import Planning
from publishing.sending import Sender
from publishing.series_store import SeriesStore
from publishing.settings import Serving
from publishing.slots import Slots
from publishing.store import Publications
from web import contract
from web.previewing import Previews
from web.router import Router

NOBODY = "nobody"  # whose things are asked for where only the answering matters


def handle(event: dict[str, Any], context: Any) -> dict[str, Any]:
    """Answer one request of API Gateway."""
    return router().handle(event, context)


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
    made = Router()
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
        loopback=config.open_network,
    ).serve(made)
    Office(DeadLetters(config.queue_url_template), publications).serve(made)
    ApiKeys(Keys(config.channels_table)).serve(made)
    _webhooks(config).serve(made)
    feeds.serve(made)
    catalogue.serve(made, operations)
    made.serve(contract.LIST_SLOTS, Calendar(slots).list)
    _doctor(publications, registry, feeds).serve(made)
    documentation.serve(made)
    return made


def _webhooks(config: Serving) -> Webhooks:
    return Webhooks(
        endpoints=Endpoints(config.channels_table),
        keyring=Keyring(Vault(config.credentials_key_arn)),
        log=Log(config.notices_table, now),
        laters=Laters(config.notify_queue_url),
        clock=now,
        loopback=config.open_network,
    )


def _doctor(publications: Publications, registry: Registry, feeds: Feeds) -> Doctor:
    return Doctor(
        {
            "publications": lambda: publications.publication(NOBODY, NOBODY),
            "channels": lambda: registry.find(NOBODY, NOBODY),
            "feeds": lambda: feeds.stored(NOBODY),
        }
    )
