"""The router as functions behind API Gateway have it: it counts requests, keeps promises, and notes who did what."""

from __future__ import annotations

from typing import TYPE_CHECKING

from identity.audit import Audit
from publishing.operations import Operations
from web import aws
from web.idempotency import Once
from web.limiting import Limits
from web.router import Router
from web.witness import Witness

if TYPE_CHECKING:
    from publishing.clock import Clock
    from publishing.settings import Answering


def router(config: Answering, clock: Clock) -> Router:
    """A router that serves nothing yet."""
    once, witness = Once(Operations(config.operations_table, clock)), Witness(Audit(config.channels_table, clock))
    return Router([once], admit=limits(config, clock).admit, witness=witness)


def limits(config: Answering, clock: Clock) -> Limits:
    """What counts requests; all that a function needs that only reads."""
    hasty = Operations(config.operations_table, clock, aws.impatient_dynamodb)
    return Limits(hasty, caller=config.caller_limit, workspace=config.workspace_limit)
