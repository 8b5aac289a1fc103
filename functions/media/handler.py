"""Answers what is about uploads: /v1/media and all below it."""

from __future__ import annotations

from functools import cache
from typing import Any

from functions.media.uploads import Uploads
from media.addresses import Addresses
from media.depot import Depot
from media.shelf import Shelf
from publishing import settings
from publishing.clock import now
from publishing.settings import Storing
from publishing.telemetry import flush
from web import door
from web.router import Router


def handle(event: dict[str, Any], context: Any) -> dict[str, Any]:
    """Answer one request of API Gateway."""
    try:
        return router().handle(event, context)
    finally:
        flush()


@cache
def router() -> Router:
    """What this function works with, put together on its first call."""
    config = settings.read(Storing)
    made = door.router(config, now)
    Uploads(Shelf(config.publications_table), Depot(config.media_bucket), Addresses(config.media_url), now).serve(made)
    return made
