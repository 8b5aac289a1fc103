"""The lock files: everything at one version and by its hash, from whichever registry whoever installs it uses."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

from tests.scans.found import ROOT, Found

PYTHON = (
    ROOT / "requirements.txt",
    ROOT / "requirements-peers.txt",
    ROOT / "requirements-scans.txt",
    ROOT / "layers" / "dependencies" / "requirements.txt",
    ROOT / "layers" / "media" / "requirements.txt",
    ROOT / "tests" / "contracts" / "requirements.txt",
)
NPM = (ROOT / "infra" / "package-lock.json", ROOT / "tests" / "contracts" / "package-lock.json")
_PINNED = re.compile(r"[A-Za-z0-9][\w.-]*(\[[\w,-]+\])?==\S+.*?(\s--hash=sha256:[0-9a-f]{64})+", re.DOTALL)


def scanned(python: Sequence[Path] = PYTHON, npm: Sequence[Path] = NPM) -> Found:
    """What is not pinned, has no hash, or names where it is to be had."""
    findings = [finding for lock in python for finding in _of_python(lock)]
    findings += [finding for lock in npm for finding in _of_npm(lock)]
    return Found(len(python) + len(npm), "lock files", findings)


def _of_python(lock: Path) -> Iterator[str]:
    lines = [line for line in lock.read_text().splitlines() if line.strip() and not line.lstrip().startswith("#")]
    entries = re.split(r"\n(?=\S)", "\n".join(lines))
    for entry in entries:
        if not _PINNED.fullmatch(entry.replace("\\\n", "")):
            yield f"{lock.name}: {entry.splitlines()[0]} is not pinned with its hashes"


def listed(lock: Path) -> dict[str, Any]:
    """The packages of one of npm's lock files."""
    packages: dict[str, Any] = json.loads(lock.read_text())["packages"]
    return {name: package for name, package in packages.items() if name}


def _of_npm(lock: Path) -> Iterator[str]:
    for name, package in listed(lock).items():
        if not str(package.get("integrity", "")).startswith("sha512-"):
            yield f"{lock.parent.name}: {name} has no hash"
        if "resolved" in package:
            yield f"{lock.parent.name}: {name} names a registry"
