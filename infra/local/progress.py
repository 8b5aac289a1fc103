"""Stages on the console: what is being done, how it goes, and how long it took."""

from __future__ import annotations

import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from rich.console import Console
from rich.text import Text

LOG_CHARS = 70


@dataclass(frozen=True)
class Stages:
    """Shows stages one after the other; where nobody looks at a terminal, as plain lines."""

    console: Console

    @contextmanager
    def stage(self, title: str, log: Path | None = None) -> Iterator[None]:
        """One stage; while it lasts, the newest line of `log` is shown."""
        begun_s = time.monotonic()
        if self.console.is_terminal:
            with self.console.status(_Going(title, begun_s, log)):
                yield
        else:
            self.console.print(f"… {title}", highlight=False)
            yield
        took = f"{time.monotonic() - begun_s:5.1f} s"
        self.console.print(Text.assemble(("✓", "green"), f" {took}  {title}"), highlight=False)


@dataclass(frozen=True, slots=True)
class _Going:
    title: str
    begun_s: float
    log: Path | None

    def __rich__(self) -> Text:
        elapsed = f" {time.monotonic() - self.begun_s:4.0f} s"
        return Text.assemble(self.title, (elapsed, "cyan"), ("  " + _newest(self.log), "dim"))


def _newest(log: Path | None) -> str:
    if log is None or not log.exists():
        return ""
    lines = [line.strip() for line in log.read_text(errors="replace").splitlines()[-5:] if line.strip()]
    return lines[-1][:LOG_CHARS] if lines else ""
