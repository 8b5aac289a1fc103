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
    hasty = Operations(config.operations_table, clock, aws.impatient_dynamodb)
    limits = Limits(hasty, caller=config.caller_limit, workspace=config.workspace_limit)
    witness = Witness(Audit(config.channels_table, clock))
    return Router([Once(Operations(config.operations_table, clock))], admit=limits.admit, witness=witness)
