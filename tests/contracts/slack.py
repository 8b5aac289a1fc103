"""Slack: the types of its own client's methods and of Block Kit (npm @slack/web-api, MIT)."""

from __future__ import annotations

from collections.abc import Sequence

from tests.contracts.asked import Asked
from tests.contracts.typescript import claim, refuted

IMPORTS = """
import type { WebClient } from "@slack/web-api";
type Given<F> = F extends (given: infer G) => unknown ? G : F extends (given?: infer G) => unknown ? G : never;
"""

KNOWN = {"'\"alt_txt\"' does not exist": "so it is spelt in the documentation and by slack_sdk 3.47.0 (Python)"}


def covers(asked: Asked) -> bool:
    return asked.host == "slack.com"


def violations(asked: Sequence[Asked]) -> list[str]:
    return refuted(IMPORTS, [(str(each), _claim(each)) for each in asked])


def _claim(asked: Asked) -> str:
    steps = "".join(f'["{step}"]' for step in asked.path.removeprefix("/api/").split("."))
    kind = f"NonNullable<Given<WebClient{steps}>>"
    return claim(kind, asked.body) if asked.body is not None else claim(f"InWords<{kind}>", asked.said)
