"""Renews a channel's secrets under its lease: one at a time, and stored before anybody uses them.

A refresh token may be good for one time. So the old one is written over wherever it stands, sealed anew though it may
be meanwhile: by `make reencrypt FRESH=1`, or with a setting that a person changed.

Whoever dies, or whose answer is lost, between the platform's answer and the write takes the new one along: nobody can
get it back. The next who tries is refused, and the channel waits for a person (`Connection.RECONNECT`), as it does when
somebody revoked it; what is for it is held.
"""

from __future__ import annotations

import logging
import secrets
from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import timedelta

from channels.ahead import life_of, next_at
from channels.model import Sealed, StoredChannel
from channels.registry import Registry
from channels.standing import Standing
from channels.vault import Vault
from publishing import aws
from publishing.adapter import Adapter
from publishing.equipment import RENEWAL_S, Renew
from publishing.errors import AppRefused, PublishingError, Refused, Throttled, Unauthorized, Unavailable
from publishing.failures import told
from publishing.model import Channel, Fresh

LEASE_S = RENEWAL_S + 20.0  # who renews is waited for no longer; a worker that died with it has lost what it was given
AGAIN_S = 3.0
STORES = 3  # what was given is not to be had again, so that storing it is worth more than the SDK's own tries

logger = logging.getLogger(__name__)


class Busy(Throttled):
    """Somebody else is renewing the channel's credentials just now."""


@dataclass(frozen=True)
class Renewal:
    """Renews the secrets of one platform's channels in the registry."""

    registry: Registry
    vault: Vault
    addresses: Mapping[str, str]
    adapter: Adapter

    def of(self, channel: Channel, renew: Renew) -> Channel | None:
        """The channel with newer secrets than these; None where there is no such channel, or it has none.

        Raises:
            Busy: somebody else is renewing them just now.
            Unauthorized: the platform gives none.
            AppRefused: it does not take the operator's app, or there is none.
            PublishingError: the platform could not be asked.
        """
        stored = self.registry.find(channel.workspace, channel.id, consistent=True)
        if stored is None or stored.sealed is None:
            return None
        opened = self.vault.open(stored, self.addresses)
        if not self.vault.has_stored_secrets(channel, stored):  # somebody was faster, or a person supplied others
            return opened
        if stored.scopes is not None and not self.vault.app.is_whole:
            raise AppRefused("The operator has set no app for this platform, or not all of it.", code="no_app")
        until, mark = self.registry.clock() + timedelta(seconds=LEASE_S), secrets.token_hex(8)
        if not Standing(self.registry).lease(stored, until, mark):
            raise Busy(retry_after_s=AGAIN_S)
        return self._stored(stored, opened, self._asked(stored, opened, renew))

    def _asked(self, stored: StoredChannel, opened: Channel, renew: Renew) -> Fresh:
        """What the platform gives. Nothing is published by this, so that whatever fails is not in doubt."""
        try:
            return renew(opened)
        except AppRefused as error:
            if stored.scopes is None:  # the app came with the channel: who supplied it can mend it
                raise _lost(error) from error
            self.vault.app.forget()  # it may have been rotated since it was read
            raise
        except Refused as error:
            raise _lost(error) from error
        except PublishingError:
            raise
        except Exception as error:
            logger.error("An adapter failed", extra={"platform": self.adapter.name, **told(error)})
            why = f"Our own code failed ({type(error).__name__})."
            raise Unavailable(why, code="adapter_error") from error

    def _stored(self, stored: StoredChannel, opened: Channel, fresh: Fresh) -> Channel | None:
        given = {name: value for name, value in fresh.secrets.items() if value.strip()}
        if not given:
            raise Unavailable("The platform renewed the credentials with nothing.")
        self._store(stored, opened, replace(fresh, secrets={**opened.secrets, **given}))
        stands = self.registry.find(stored.workspace, stored.id, consistent=True)
        return self.vault.open(stands, self.addresses) if stands else None

    def _store(self, stored: StoredChannel, before: Channel, fresh: Fresh) -> None:
        now, standing = self.registry.clock(), Standing(self.registry)
        end_at = now + timedelta(seconds=fresh.lasts_s) if fresh.lasts_s else None
        until = now + timedelta(seconds=fresh.renewable_s) if fresh.renewable_s else stored.renewable_until
        renew_at = next_at(life_of(self.adapter, stored), end_at, now, until=until)
        for left in reversed(range(STORES)):
            try:
                sealed = self.vault.reseal(stored, fresh.secrets)
                if standing.renew(stored, sealed, end_at=end_at, until=until, renew_at=renew_at):
                    return
                stands = self._sealed_anew(before, sealed)
                if stands is None:
                    return
                stored = stands
            except aws.FAILURES as error:
                logger.error("Renewed credentials are not stored yet", extra={"left": left, **told(error)})
                if not left:
                    raise
        logger.error("Renewed credentials are lost", extra=_ids(stored))

    def _sealed_anew(self, before: Channel, ours: Sealed) -> StoredChannel | None:
        """The channel, if all that happened to the old secrets is that they were sealed once more."""
        stands = self.registry.find(before.workspace, before.id, consistent=True)
        if stands and self.vault.has_stored_secrets(before, stands):
            return stands
        if stands and stands.sealed != ours:  # else it is the answer to our own write that was lost
            logger.warning("Renewed credentials are not stored: there are others by now", extra=_ids(stands))
        return None


def _ids(stored: StoredChannel) -> dict[str, str]:
    return {"workspace": stored.workspace, "channel": stored.id}


def _lost(error: PublishingError) -> Unauthorized:
    return Unauthorized(str(error), code=error.code, status=error.status)
