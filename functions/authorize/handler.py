"""Says who a caller is, and never turns anybody away: refusing is the router's, which can say why.

An HTTP API's authorizer cannot answer problem+json. So an unknown caller passes with the reason in place of a name,
and the functions behind refuse whoever has no name. A person whom the issuer knows, and who is no member, passes with
what stands for it: it may accept an invitation.
"""

from __future__ import annotations

from collections.abc import Mapping
from functools import cache
from typing import Any

from identity.gate import Gate
from identity.keys import Keys
from identity.members import Members
from identity.model import Denial, Denied
from identity.workspaces import Remembered, Workspaces
from publishing import aws, settings
from publishing.settings import Authorizing
from publishing.telemetry import about, logger
from web.correlation import correlation_id_of


def handle(event: Mapping[str, Any], _: Any) -> dict[str, Any]:
    """Answer API Gateway's question (payload 2.0, simple response)."""
    with about(correlation_id=correlation_id_of(event), request=event["requestContext"]["requestId"]):
        headers = event.get("headers") or {}
        named = headers.get("x-workspace", "").strip()
        return {"isAuthorized": True, "context": _context(headers.get("authorization", ""), named)}


def _context(authorization: str, named: str) -> dict[str, str]:
    try:
        return gate().principal(authorization, named).context()
    except Denied as refused:
        denied = refused
    except aws.FAILURES as error:
        logger.error("Callers cannot be told", extra={"error": aws.name_of(error)})
        denied = Denied(Denial.UNAVAILABLE)
    logger.info("Caller not known", extra={"problem": denied.denial.value})
    return denied.context()


@cache
def gate() -> Gate:
    """The gate as configured, put together on the first call."""
    config = settings.read(Authorizing)
    return Gate(
        Keys(config.channels_table),
        Members(config.channels_table),
        Remembered(Workspaces(config.channels_table)).standing,
        _issuer(config) if config.jwt_issuer else None,
    )


def _issuer(config: Authorizing) -> Any:
    # PyJWT and cryptography take longer to import than all the rest here; without an issuer nobody needs them.
    from identity.tokens import Issuer, PublishedKeys, published_at  # noqa: PLC0415

    fetch = published_at(config.jwt_jwks_url, plain_http=config.stage == "local")
    return Issuer(config.jwt_issuer, config.jwt_audience, PublishedKeys(fetch))
