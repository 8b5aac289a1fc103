"""What the functions log, caught."""

from __future__ import annotations

import io
import json
import logging
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any

from publishing.telemetry import logger


@dataclass
class Log:
    """Lines, as CloudWatch gets them."""

    stream: io.StringIO = field(default_factory=io.StringIO)

    @property
    def text(self) -> str:
        """Everything."""
        return self.stream.getvalue()

    @property
    def lines(self) -> list[dict[str, Any]]:
        """Each line, parsed."""
        return [json.loads(line) for line in self.text.splitlines()]

    def line(self, message: str) -> dict[str, Any]:
        """The one line that says this."""
        (found,) = (line for line in self.lines if line["message"] == message)
        return found


@contextmanager
def caught() -> Iterator[Log]:
    """Catch what is logged within."""
    log = Log()
    handlers = [handler for handler in logger.handlers if isinstance(handler, logging.StreamHandler)]
    before = [(handler, handler.setStream(log.stream)) for handler in handlers]
    yield log
    for handler, stream in before:
        if stream is not None:
            handler.setStream(stream)
