"""The board: every delivery with its state, attempts and link, until all have settled."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime

from rich.console import Console, Group
from rich.live import Live
from rich.table import Table
from rich.text import Text

from postroom_client.schemas import Delivery, PublicationSummary

POLL_S = 0.4
_SETTLED = {"published": "green", "failed": "red", "canceled": "yellow", "expired": "yellow"}
_WAITS = frozenset({"held", "handoff", "uncertain"})
_COLUMNS = ("platform", "channel", "state", "attempts", "seconds", "link")

Read = Callable[[], Sequence[PublicationSummary]]


@dataclass(frozen=True, slots=True)
class Row:
    """One delivery, as it is shown; `seconds` from its time until it settled."""

    publication: str
    platform: str
    channel: str
    state: str
    attempts: int
    seconds: str
    link: str

    @property
    def cells(self) -> list[Text]:
        """The row as text, without the publication it stands below."""
        state = Text(self.state, style=_SETTLED.get(self.state, "cyan"))
        plain = [Text(self.platform), Text(self.channel), state, Text(str(self.attempts)), Text(self.seconds)]
        style = f"link {self.link}" if self.link.startswith("http") else ""
        return [*plain, Text(self.link, style=style, no_wrap=True, overflow="ellipsis")]

    @property
    def line(self) -> str:
        """The row as a line, for logs."""
        tried = f"{self.attempts} attempt{'s' * (self.attempts != 1)}"
        told = [f"{self.platform}: {self.state}", tried, f"{self.seconds} s" if self.seconds else "", self.link]
        return f"  {self.publication} → " + ", ".join(filter(None, told))


@dataclass(frozen=True)
class Board:
    """Shows deliveries while they settle; `names` gives each channel's."""

    console: Console
    names: dict[str, str]

    def watch(self, read: Read, *, within_s: float) -> Sequence[PublicationSummary]:
        """Show what `read` tells, again and again, until all is settled, needs a person, or time is up."""
        return self._live(read, within_s) if self.console.is_terminal else self._plain(read, within_s)

    def _live(self, read: Read, within_s: float) -> Sequence[PublicationSummary]:
        with Live(console=self.console, auto_refresh=False) as live:
            for seen in _readings(read, within_s):
                live.update(self._tables(seen), refresh=True)
        return seen

    def links(self, publications: Sequence[PublicationSummary]) -> None:
        """Show every link whole, one a line, where a table may have cut it."""
        for row in self._rows(publications) if self.console.is_terminal else ():
            if row.link.startswith("http"):
                self.console.print(f"{row.platform:10}{row.link}", markup=False, highlight=False, soft_wrap=True)

    def _plain(self, read: Read, within_s: float) -> Sequence[PublicationSummary]:
        shown: set[str] = set()
        for seen in _readings(read, within_s):
            for line in (row.line for row in self._rows(seen)):
                if line not in shown:
                    self.console.print(line, markup=False, highlight=False, soft_wrap=True)
                shown.add(line)
        return seen

    def _tables(self, publications: Sequence[PublicationSummary]) -> Group:
        return Group(*(self._table(publication) for publication in publications))

    def _table(self, publication: PublicationSummary) -> Table:
        title = Text(publication["title"], style="bold")
        table = Table(*_COLUMNS, box=None, pad_edge=False, header_style="dim", title=title, title_justify="left")
        for column in table.columns[:-1]:
            column.no_wrap = True  # so that only links are cut where there is no room; `links` tells them whole
        for row in self._rows([publication]):
            table.add_row(*row.cells)
        table.add_row()
        return table

    def _rows(self, publications: Sequence[PublicationSummary]) -> list[Row]:
        return [
            row_of(publication, delivery, self.names.get(delivery["channel"], ""))
            for publication in publications
            for delivery in publication["deliveries"]
        ]


def row_of(publication: PublicationSummary, delivery: Delivery, channel: str) -> Row:
    """How a delivery is shown; where it is in trouble, why stands in the place of its link."""
    trouble = delivery["trouble"]["message"] if delivery["trouble"] and delivery["state"] != "published" else ""
    return Row(
        publication=publication["title"],
        platform=delivery["platform"],
        channel=channel,
        state=delivery["state"],
        attempts=delivery["attempts"],
        seconds=_seconds(publication, delivery),
        link=trouble or delivery["url"] or delivery["post_id"] or "",
    )


def unpublished(publications: Sequence[PublicationSummary]) -> list[str]:
    """A sentence for every delivery that is not published."""
    return [
        f"“{publication['title']}” to {delivery['platform']} is {delivery['state']}. "
        + (delivery["trouble"]["message"] if delivery["trouble"] else "")
        for publication in publications
        for delivery in publication["deliveries"]
        if delivery["state"] != "published"
    ]


def _seconds(publication: PublicationSummary, delivery: Delivery) -> str:
    if delivery["state"] not in _SETTLED or not delivery["updated_at"]:
        return ""
    took = datetime.fromisoformat(delivery["updated_at"]) - datetime.fromisoformat(publication["publish_at"])
    return f"{took.total_seconds():.1f}"


def _readings(read: Read, within_s: float) -> Iterator[Sequence[PublicationSummary]]:
    end_s = time.monotonic() + within_s
    while True:
        seen = read()
        yield seen
        if time.monotonic() > end_s or all(_rests(each) for publication in seen for each in publication["deliveries"]):
            return
        time.sleep(POLL_S)


def _rests(delivery: Delivery) -> bool:
    return delivery["state"] in _SETTLED or (delivery["state"] in _WAITS and delivery["next_at"] is None)
