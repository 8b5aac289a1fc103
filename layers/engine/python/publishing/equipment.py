"""What delivering to one platform takes: its adapter, what is written to, and the doors to everything else."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Protocol

from publishing import retry
from publishing.adapter import Adapter
from publishing.clock import Clock
from publishing.conversation import Conversations
from publishing.expected import Expected
from publishing.gate import OPEN, Gate
from publishing.ledger import Deliveries
from publishing.model import Channel, Content, Fresh
from publishing.publication import Delivery, Publication, Trouble
from publishing.sending import Sender
from publishing.watch import UNWATCHED, Watch

GRACE_S = 15.0  # a lease outlives its conversation by this: the outcome must still be written under it
RENEWAL_S = 40.0  # the longest one platform is waited for that renews credentials: it is less than the lease for it
Renew = Callable[[Channel], Fresh]


class Connections(Protocol):
    """What delivering needs of the channels."""

    def open(self, workspace: str, channel: str) -> Channel | Trouble:
        """The channel with its secrets, or why it cannot be used; a kind of `publishing.errand.HOLDING` only holds."""

    def opened(self, workspace: str, channel: str) -> Channel | None:
        """The channel with its secrets, whether or not it may be published to; None where there is no such channel."""

    def lost(self, refused: Channel, why: Trouble) -> None:
        """The platform refused the channel with these credentials: unless it has others by now, it needs a person."""

    def renewed(self, channel: Channel, renew: Renew) -> Channel | None:
        """The channel with newer secrets than it was opened with, renewed if need be; None: there are none.

        Raises:
            AppRefused: nobody can renew them until the operator has mended the app they were granted to.
            PublishingError: they could not be renewed for now.
        """


class Library(Protocol):
    """What delivering needs of the media that were uploaded."""

    def addressed(self, workspace: str, content: Content, *, lasting: bool) -> Content:
        """The content with an address for each of its media that was uploaded: for now, or one that lasts."""


class NoLibrary:
    """Where nothing is uploaded."""

    @staticmethod
    def addressed(workspace: str, content: Content, *, lasting: bool) -> Content:
        """As it is."""
        _ = workspace, lasting
        return content


class Observe(Protocol):
    """Is told of every delivery's new state: metrics."""

    def __call__(self, publication: Publication, delivery: Delivery) -> None:
        """`delivery` has just been written as it is."""


@dataclass(frozen=True)
class Equipment:
    """What delivering to one platform takes."""

    adapter: Adapter
    deliveries: Deliveries
    sender: Sender
    connections: Connections
    conversations: Conversations
    clock: Clock
    observe: Observe
    gate: Gate = OPEN
    watch: Watch = UNWATCHED
    library: Library = NoLibrary()  # noqa: RUF009 - it holds nothing
    expected: Expected | None = None

    def decision(self) -> retry.Decision:
        """Decides by this platform's facts, now."""
        return retry.Decision(retry.facts_of(self.adapter), self.clock())

    @property
    def lease_s(self) -> float:
        """How long a claim is ours."""
        return self.adapter.limits.timeout_s + GRACE_S
