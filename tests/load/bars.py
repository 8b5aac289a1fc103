"""The bars that are shown while a load is on: what was accepted, and what is out."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass

from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TaskID, TextColumn, TimeElapsedColumn


@dataclass(frozen=True, slots=True)
class Bars:
    """The two of them."""

    progress: Progress
    accepted: TaskID
    out: TaskID

    def tell(self, accepted: int, out: int) -> None:
        """So many publications are accepted, and so many posts out."""
        self.progress.update(self.accepted, completed=accepted)
        self.progress.update(self.out, completed=out)


@contextmanager
def bars(console: Console, publications: int, platforms: int) -> Iterator[Bars]:
    """Bars as long as it takes."""
    columns = (TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn(), TimeElapsedColumn())
    with Progress(*columns, console=console) as progress:
        accepted = progress.add_task("publications accepted", total=publications)
        yield Bars(
            progress, accepted, progress.add_task("posts out, as the platforms know", total=publications * platforms)
        )
