"""What a scan comes back with."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

ROOT = Path(__file__).parents[2]
OWN_VENV = ROOT / ".venv-scans" / "bin"  # of the scanners that ours cannot live with
GIVEN_UP_S = 600


@dataclass(frozen=True, slots=True)
class Found:
    """How many of what were looked at, and what is wrong with them; `blind`: of how many nothing could be known."""

    seen: int
    what: str
    findings: Sequence[str] = ()
    blind: int = 0

    @property
    def fine(self) -> bool:
        """Whether nothing was found by looking at something; or nothing could be known, which is not for us to mend."""
        return not self.findings and bool(self.seen or self.blind)


def together(found: Iterable[Found]) -> Found:
    """Several as one; there is at least one, and they are about the same things."""
    each = tuple(found)
    findings = [finding for one in each for finding in one.findings]
    return Found(sum(one.seen for one in each), each[0].what, findings, sum(one.blind for one in each))


def told(command: Sequence[str], *, within: Path = ROOT) -> Any:
    """The JSON document a scanner prints; it says by its status only what stands in there, too.

    Raises:
        RuntimeError: it printed none; with the end of what it said instead.
    """
    path = os.pathsep.join([str(Path(sys.executable).parent), os.environ.get("PATH", "")])  # the pinned node is there
    environment = {**os.environ, "NO_COLOR": "1", "PATH": path}
    run = subprocess.run(  # noqa: S603 - the scanners we have pinned
        command, cwd=within, env=environment, capture_output=True, text=True, check=False, timeout=GIVEN_UP_S
    )
    try:
        return json.loads(run.stdout)
    except ValueError as error:
        raise RuntimeError(f"{Path(command[0]).name} ended with {run.returncode}: {run.stderr[-500:]}") from error
