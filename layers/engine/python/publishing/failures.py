"""What may be logged of an unexpected error: what it was and where. Its text may hold addresses, content or secrets."""

from __future__ import annotations

import traceback
from pathlib import PurePath
from typing import Any

from publishing import aws

MOST_FRAMES = 12


def told(error: Exception) -> dict[str, Any]:
    """The extra fields of a log line: AWS's own code or the error's name, and the way to it, innermost last."""
    return {"error": aws.name_of(error), "where": _where(error)}


def _where(error: Exception) -> list[str]:
    frames = traceback.walk_tb(error.__traceback__)
    return [f"{PurePath(frame.f_code.co_filename).name}:{line}" for frame, line in frames][-MOST_FRAMES:]
