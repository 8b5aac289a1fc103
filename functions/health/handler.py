"""Tells how every part of the system stands: GET /v1/health/deep. It reads, and counts who asks."""

from __future__ import annotations

from functools import cache, partial
from typing import Any

from channels.registry import Registry
from flags.switches import switches
from functions import platforms
from functions.health import aws, metrics, own, parts
from functions.health.doctor import Doctor
from functions.health.metrics import Metrics
from functions.health.queues import Queues
from publishing import settings
from publishing.backlog import waiting_of
from publishing.clock import now
from publishing.operations import Operations
from publishing.settings import Examining
from publishing.store import Publications
from web import door, health
from web.router import Router

NOBODY = "nobody"  # whose things are asked for where only the answering matters


def handle(event: dict[str, Any], context: Any) -> dict[str, Any]:
    """Answer one request of API Gateway."""
    return router().handle(event, context)


@cache
def router() -> Router:
    """What this function works with, put together on its first call."""
    config = settings.read(Examining)
    made = Router(admit=door.limits(config, now).admit)
    made.serve(health.READ_DEEP_HEALTH, doctor(config).read)
    return made


def doctor(config: Examining) -> Doctor:
    """Who looks at everything."""
    publications, registry = Publications(config.publications_table, now), Registry(config.channels_table)
    operations, flags, names = Operations(config.operations_table, now), switches(config), platforms.names()
    return Doctor(
        lately={
            "queues": Queues(config.queue_url_template, names).signs,
            "publications": partial(parts.table, "publications", lambda: publications.publication(NOBODY, NOBODY)),
            "channels": partial(parts.table, "channels", lambda: registry.find(NOBODY, NOBODY)),
            "operations": partial(parts.table, "operations", lambda: operations.read(NOBODY)),
            "breakers": lambda: parts.breakers(operations, names),
            "schedule": lambda: parts.schedule(operations, publications, now),
            "mail": lambda: parts.mail(aws.sesv2),
        },
        counted={
            "waiting": Metrics(metrics.waiting(names, config.queue)).signs,
            "throttles": Metrics(metrics.throttles(config.tables)).signs,
            "reputation": Metrics(metrics.reputation()).signs,
        },
        owned={
            "your channels": lambda mine: own.channels(registry, mine, now()),
            "your backlog": lambda mine: own.backlog(lambda: waiting_of(operations, mine), config.backlog_limit),
            "your flags": lambda mine: own.flags(flags, mine, names),
        },
        operators=config.operating,
        clock=now,
    )
