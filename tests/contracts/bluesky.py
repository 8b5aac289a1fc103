"""Bluesky: its lexicons and its own validator of them (npm @atproto/api, MIT)."""

from __future__ import annotations

import json
import subprocess
from collections.abc import Sequence
from pathlib import Path

from tests.contracts import places
from tests.contracts.asked import Asked

JUDGE = Path(__file__).with_suffix(".mjs")

KNOWN = {
    "uploadVideo: no parameter did": "https://docs.bsky.app/docs/tutorials/video has it (read 2026-11-21)",
    "uploadVideo: no parameter name": "likewise",
}


def covers(asked: Asked) -> bool:
    return "/xrpc/" in asked.path


def violations(asked: Sequence[Asked]) -> list[str]:
    places.of_node("@atproto", "api")
    told = [{"method": each.method, "path": each.path, "query": each.query, "body": each.body} for each in asked]
    done = subprocess.run(  # noqa: S603 - our own program on our own text
        [places.node(), str(JUDGE)], input=json.dumps(told), capture_output=True, text=True, check=True, timeout=60
    )
    found: list[str] = json.loads(done.stdout)
    return found
