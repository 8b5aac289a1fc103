"""What can be done at /v1/series. Generated: `make client`."""

from __future__ import annotations

from collections.abc import Iterator

from postroom_client.asking import Call
from postroom_client.calling import Caller, new_key, path
from postroom_client.schemas import NewSeries, Series, SeriesChanges, SeriesSummary


class SeriesOperations(Caller):
    """What can be done at /v1/series."""

    def create_series(self, body: NewSeries, *, idempotency_key: str | None = None) -> Series:
        """Publish content again and again, by a rule of the calendar; each occurrence is a publication of its own.
        Needs the role author.
        """
        answer: Series = self._document(
            Call("POST", "/v1/series", answers=(201,), body=body, idempotency_key=idempotency_key or new_key())
        )
        return answer

    def list_series(self, *, limit: int | None = None, cursor: str | None = None) -> Iterator[SeriesSummary]:
        """List series, newest first, ended ones too. Needs the role viewer."""
        return self._items(Call("GET", "/v1/series", answers=(200,), query={"limit": limit, "cursor": cursor}))

    def read_series(self, series: str) -> Series:
        """Read a series with its coming occurrences and what became of the last ones. Needs the role viewer."""
        answer: Series = self._document(Call("GET", path("/v1/series/{}", series), answers=(200,)))
        return answer

    def change_series(self, series: str, body: SeriesChanges | None = None, *, if_match: str | None = None) -> Series:
        """Change, pause or resume a series; publications already made of it stay. For who made it, or an admin. Needs
        the role author.
        """
        answer: Series = self._document(
            Call("PATCH", path("/v1/series/{}", series), answers=(200,), body=body or {}, if_match=if_match)
        )
        return answer

    def end_series(self, series: str, *, if_match: str | None = None) -> Series:
        """End a series, for good; publications already made of it stay. For who made it, or an admin. Needs the role
        author.
        """
        answer: Series = self._document(
            Call("DELETE", path("/v1/series/{}", series), answers=(200,), if_match=if_match)
        )
        return answer
