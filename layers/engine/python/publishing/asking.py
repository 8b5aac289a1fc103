"""Asks a platform something for one channel, within the time of one conversation; its credentials are renewed once.

Where they are refused nevertheless, the channel is told to be lost: with just those that were refused.
"""

from __future__ import annotations

import logging
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import TypeVar

from publishing import retry
from publishing.abilities import Refreshes
from publishing.adapter import Conversation
from publishing.conversation import See, unseen
from publishing.equipment import RENEWAL_S, Equipment
from publishing.errors import OutcomeUnknown, PublishingError, Unauthorized
from publishing.failures import told
from publishing.model import Channel, Fresh

T = TypeVar("T")
With = Callable[[Channel], Conversation[T]]

logger = logging.getLogger(__name__)


@dataclass
class Asking:
    """The time begins when it is made; all that is asked shares it."""

    courier: Equipment
    see: See = unseen
    heard: Callable[[PublishingError | None], None] = lambda _: None
    end_s: float = field(init=False)

    def __post_init__(self) -> None:
        self.end_s = self.courier.conversations.now_s() + self.courier.adapter.limits.timeout_s

    def of(self, conversation: With[T], channel: Channel) -> T:
        """What came of the conversation; where the channel's credentials are refused, of one more with renewed ones.

        Raises:
            PublishingError: as the adapter says, or as a lost answer means.
        """
        try:
            return self._hold(conversation(channel))
        except Unauthorized as error:
            renewed = self._renewed(channel)
            if renewed is None:
                self._lost(channel, error)
                raise
        try:
            return self._hold(conversation(renewed))
        except Unauthorized as error:
            self._lost(renewed, error)
            raise

    def _renewed(self, channel: Channel) -> Channel | None:
        adapter = self.courier.adapter
        if not isinstance(adapter, Refreshes):
            return None
        return self.courier.connections.renewed(channel, lambda known: self._fresh(adapter, known))

    def _fresh(self, adapter: Refreshes, channel: Channel) -> Fresh:
        return self.courier.conversations.hold(adapter.refresh(channel), within_s=min(self._left_s, RENEWAL_S))

    def _lost(self, refused: Channel, error: Unauthorized) -> None:
        self.courier.connections.lost(refused, retry.trouble_of(error, "unauthorized"))

    @property
    def _left_s(self) -> float:
        return self.end_s - self.courier.conversations.now_s()

    def _hold(self, conversation: Conversation[T]) -> T:
        left_s = self._left_s
        try:
            result = self.courier.conversations.hold(conversation, within_s=left_s, see=self.see)
        except PublishingError as error:
            self.heard(error)
            raise
        except Exception as error:  # an adapter's mistake: wherever it happened, the post may be out by now
            logger.error("An adapter failed", extra={"platform": self.courier.adapter.name, **told(error)})
            raise OutcomeUnknown(f"Our own code failed ({type(error).__name__}).", code="adapter_error") from error
        finally:
            self.courier.watch.asked(left_s - self._left_s)
        self.heard(None)
        return result
