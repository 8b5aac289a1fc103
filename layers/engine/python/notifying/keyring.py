"""The secrets endpoints verify our signatures with: made here, sealed for that endpoint alone, two while they change.

The context they are sealed in has a purpose of its own, so that who opens channels' credentials opens none of these,
and who opens these no channel's.
"""

from __future__ import annotations

import base64
import secrets
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from channels.model import Sealed
from channels.vault import Vault
from notifying.model import Endpoint

SECRET_BYTES = 32
PURPOSE = "webhook"
BOTH_LAST = timedelta(hours=24)


def made() -> str:
    """A new secret, as Standard Webhooks writes them."""
    return f"whsec_{base64.b64encode(secrets.token_bytes(SECRET_BYTES)).decode()}"


@dataclass(frozen=True)
class Keyring:
    """Seals endpoints' secrets and opens them."""

    vault: Vault

    def seal(self, workspace: str, endpoint: str, secret: str) -> Sealed:
        """The secret as it is stored."""
        return self.vault.lock(context(workspace, endpoint), {"secret": secret})

    def secrets(self, endpoint: Endpoint, now: datetime) -> Sequence[str]:
        """What signs now: its secret, and the one before for as long as that counts."""
        bound = context(endpoint.workspace, endpoint.id)
        both = endpoint.previous_until is not None and now < endpoint.previous_until
        kept = [endpoint.sealed, *([endpoint.previous] if endpoint.previous and both else [])]
        return [self.vault.unlock(bound, sealed)["secret"] for sealed in kept]


def context(workspace: str, endpoint: str) -> dict[str, str]:
    """What an endpoint's secrets are bound to."""
    return {"workspace": workspace, "webhook": endpoint, "purpose": PURPOSE}
