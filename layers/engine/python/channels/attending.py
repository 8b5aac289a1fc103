"""Attends to a channel's credentials ahead of their end: renews them, or tells who alone can."""

from __future__ import annotations

import logging
from dataclasses import dataclass
from datetime import datetime, timedelta

from channels.ahead import is_to_be_told, life_of, told_again_at
from channels.connecting import Doors
from channels.model import StoredChannel
from channels.renewing import Busy
from channels.standing import Standing
from publishing.abilities import Refreshes
from publishing.conversation import Conversations
from publishing.equipment import RENEWAL_S
from publishing.errors import AppRefused, PublishingError, Unauthorized
from publishing.failures import told
from publishing.model import utc_text

LONG_ENDED = timedelta(days=1)  # what a platform that is down for hours is no reason to tell of

logger = logging.getLogger(__name__)


@dataclass(frozen=True)
class Attending:
    """Attends to the channels of one platform."""

    doors: Doors
    conversations: Conversations

    def attend(self, workspace: str, channel: str, as_of: str) -> None:
        """Renew the channel's credentials, or tell of their end, if nothing was done since it was asked for `as_of`.

        What fails for now is asked for again: who asked has put down when.
        """
        stored = self.doors.channels.registry.find(workspace, channel, consistent=True)
        if stored is None or stored.renew_at is None or utc_text(stored.renew_at) != as_of:
            return
        if life_of(self.doors.adapter, stored):
            self._warn(stored, stored.renew_at)
            self._renew(stored)
        elif stored.secrets_end_at:
            self._ends(stored, stored.secrets_end_at)

    def _warn(self, stored: StoredChannel, renew_at: datetime) -> None:
        """Tell of what no renewal puts off: the end of that by which they are renewed."""
        until = stored.renewable_until
        if until and is_to_be_told(until, stored.ending_told_at, self._now()):
            self._tell(stored, until, following=renew_at)

    def _renew(self, stored: StoredChannel) -> None:
        try:
            self._renewed(stored)
        except Unauthorized as error:
            self.doors.shut(stored, str(error))
        except (Busy, AppRefused):  # of the latter the operator has been told
            return
        except PublishingError as error:
            self._failed(stored, error)

    def _renewed(self, stored: StoredChannel) -> None:
        adapter, vault = self.doors.adapter, self.doors.vault
        if not isinstance(adapter, Refreshes):
            return
        within_s = min(adapter.limits.timeout_s, RENEWAL_S)
        self.doors.renew(
            vault.open(stored, self.doors.addresses),
            lambda known: self.conversations.hold(adapter.refresh(known), within_s=within_s),
        )

    def _failed(self, stored: StoredChannel, error: PublishingError) -> None:
        """It is tried again until the end, and then still, where the platform renews what has ended."""
        ids = {"workspace": stored.workspace, "channel": stored.id}
        logger.warning("Credentials could not be renewed", extra={**ids, **told(error)})
        self.doors.noted("RenewalFailed")
        life, end_at, now = life_of(self.doors.adapter, stored), stored.secrets_end_at, self._now()
        if end_at is None or stored.renew_at is None or end_at > now:
            return
        if not (life and life.after_end):
            self.doors.shut(stored, "The credentials ended before they could be renewed: connect the channel again.")
        elif end_at + LONG_ENDED <= now and (stored.ending_told_at or end_at) <= end_at:
            self._tell(stored, end_at, following=stored.renew_at)

    def _ends(self, stored: StoredChannel, end_at: datetime) -> None:
        now = self._now()
        if end_at <= now:
            self.doors.shut(stored, "The credentials have ended: connect the channel again.")
        else:
            self._tell(stored, end_at, following=told_again_at(end_at, now))

    def _tell(self, stored: StoredChannel, end_at: datetime, *, following: datetime) -> None:
        standing = Standing(self.doors.channels.registry)
        if standing.tell(stored, self.doors.planned(stored, end_at), end_at=end_at, following=following):
            ids = {"workspace": stored.workspace, "channel": stored.id}
            logger.warning("A channel's credentials end soon", extra={**ids, "ends_at": utc_text(end_at)})
        self.doors.channels.forget(stored)

    def _now(self) -> datetime:
        return self.doors.channels.registry.clock()
