"""What functions write to their logs: lines and metrics as they reach CloudWatch, which is paid by the byte."""

from __future__ import annotations

import io
import logging
import os
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager, redirect_stdout
from dataclasses import dataclass, field
from typing import Any
from unittest.mock import patch

from publishing import telemetry

# What CloudWatch adds to each event: docs.aws.amazon.com, PutLogEvents (read 2026-11-21).
EVENT_BYTES = 26
# Lambda's own three lines around an invocation, START, END and REPORT with its trace, in AWS's sample of them.
INVOCATION_LINES, INVOCATION_BYTES = 3, 430
TRACE = "Root=1-69200000-0123456789abcdef01234567;Parent=0123456789abcdef;Sampled=0"
LOGGERS = ("postroom", "publishing", "channels", "identity", "web")


@dataclass
class Written:
    """What was written."""

    lines: list[str] = field(default_factory=list)

    @property
    def ingested_bytes(self) -> int:
        """What CloudWatch charges for."""
        return sum(len(line.encode()) + EVENT_BYTES for line in self.lines)


@contextmanager
def written() -> Iterator[Written]:
    """Log as functions do on AWS, and keep the lines."""
    found, stream = Written(), io.StringIO()
    disabled = logging.root.manager.disable
    with ExitStack() as stack:
        stack.enter_context(redirect_stdout(stream))
        stack.enter_context(patch.dict(os.environ, {"_X_AMZN_TRACE_ID": TRACE}))
        for handler in telemetry.logger.handlers:
            stack.enter_context(_into(stream, handler))
        for name in LOGGERS:
            stack.enter_context(_at_info(logging.getLogger(name)))
        logging.disable(logging.NOTSET)
        stack.callback(logging.disable, disabled)
        yield found
    found.lines = [line for line in stream.getvalue().splitlines() if line]


@contextmanager
def _into(stream: io.StringIO, handler: Any) -> Iterator[None]:
    before = handler.setStream(stream)
    try:
        yield
    finally:
        handler.setStream(before)


@contextmanager
def _at_info(log: logging.Logger) -> Iterator[None]:
    before = log.level
    log.setLevel(logging.INFO)
    try:
        yield
    finally:
        log.setLevel(before)


def around(invocations: float) -> float:
    """The bytes Lambda itself writes around so many invocations."""
    return invocations * (INVOCATION_BYTES + INVOCATION_LINES * EVENT_BYTES)
