"""Who looks on while targets are delivered: what they are told, and that nobody need be there."""

from __future__ import annotations

from typing import Protocol

from publishing.publication import Delivery, Publication


class Watch(Protocol):
    """Is told how delivering goes, by many threads: metrics."""

    def begun(self, publication: Publication, claimed: Delivery) -> None:
        """An attempt begins: `claimed` has just been written as it is."""

    def asked(self, seconds: float) -> None:
        """The platform was asked, whatever came of it; so long it took."""

    def paced(self, seconds: float) -> None:
        """A message waits so long for its channel's pace, here or in its queue."""

    def shut_out(self) -> None:
        """A message was turned away: the breaker is open."""

    def probes(self) -> None:
        """A message goes to see whether the platform is back."""

    def nears_an_end(self) -> None:
        """An attempt begins on a version of the platform's API that ends within thirty days, or has ended."""


class Unwatched:
    """Nobody looks on."""

    def begun(self, publication: Publication, claimed: Delivery) -> None:
        """See `Watch`."""

    def asked(self, seconds: float) -> None:
        """See `Watch`."""

    def paced(self, seconds: float) -> None:
        """See `Watch`."""

    def shut_out(self) -> None:
        """See `Watch`."""

    def probes(self) -> None:
        """See `Watch`."""

    def nears_an_end(self) -> None:
        """See `Watch`."""


UNWATCHED = Unwatched()
