"""The operations on health: a shallow one for load balancers, and a deep one for people."""

from __future__ import annotations

from identity.model import Role
from web.operation import Operation
from web.schemas import health
from web.schemas.base import Nothing, Whatever

READ_HEALTH = Operation(
    "readHealth", "GET", "/v1/health", None, "Tell that the API answers; nothing else is asked", Whatever, health.Health
)
READ_DEEP_HEALTH = Operation(
    "readDeepHealth",
    "GET",
    "/v1/health/deep",
    Role.ADMIN,
    "Tell how every part stands; figures are the workspace's own, those of the whole are for operators' workspaces",
    Nothing,
    health.DeepHealth,
)
