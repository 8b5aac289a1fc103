"""The sandbox of third-party platforms, started beside the emulator."""

from __future__ import annotations

import json
import sys
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import httpx

from infra.local.programs import Program, bare_environment

START_S = 30.0


@dataclass(frozen=True, slots=True)
class StandIns:
    """Where each platform's stand-in listens: by platform, and by each host it stands in for.

    `demonstrated` names the platforms to begin with.
    """

    addresses: Mapping[str, str]
    hosts: Mapping[str, str]
    demonstrated: Sequence[str] = ()

    def account(self, platform: str, name: str) -> dict[str, str]:
        """Open an account of that name; answers the fields that connect a channel to it."""
        url = f"{self.addresses[platform]}/_sandbox/accounts"
        answer = httpx.post(url, json={"name": name}, trust_env=False)
        fields: dict[str, str] = answer.raise_for_status().json()
        return fields


@contextmanager
def running(directory: Path) -> Iterator[StandIns]:
    """The stand-ins of all platforms that have one, while the context lasts; their log goes to `directory`.

    Raises:
        infra.local.programs.Failed: they did not start.
    """
    out, log = directory / "sandbox.json", directory / "sandbox.log"
    out.unlink(missing_ok=True)
    command = [sys.executable, "-m", "tests.sandbox"]
    with Program("The sandbox", command, log=log, env=bare_environment(), out=out) as program:
        program.until(lambda: out.read_text().endswith("\n"), START_S)
        yield StandIns(**json.loads(out.read_text()))
