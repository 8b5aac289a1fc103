"""The router as every function behind API Gateway has it: it counts requests, and keeps what keys promise."""

from __future__ import annotations

from typing import TYPE_CHECKING

from publishing.operations import Operations
from web import aws
from web.idempotency import Once
from web.limiting import Limits
from web.router import Router

if TYPE_CHECKING:
    from publishing.clock import Clock
    from publishing.settings import Answering


def router(config: Answering, clock: Clock) -> Router:
    """A router that serves nothing yet."""
    hasty = Operations(config.operations_table, clock, aws.impatient_dynamodb)
    limits = Limits(hasty, caller=config.caller_limit, workspace=config.workspace_limit)
    return Router([Once(Operations(config.operations_table, clock))], admit=limits.admit)
