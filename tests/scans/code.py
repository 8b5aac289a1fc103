"""Bandit over all that is deployed or deploys; what it finds of little weight, ruff's same rules judge line by line."""

from __future__ import annotations

import sys
from collections.abc import Sequence
from pathlib import Path

from tests.scans.found import ROOT, Found, told

SOURCES = (ROOT / "functions", ROOT / "layers", ROOT / "infra", ROOT / "app.py")
GRAVE = ("MEDIUM", "HIGH")


def scanned(sources: Sequence[Path] = SOURCES) -> Found:
    """What bandit finds of medium or high severity."""
    bandit = [sys.executable, "-m", "bandit", "--quiet", "--format", "json", "--exclude", "*/node_modules/*"]
    document = told([*bandit, "--recursive", *map(str, sources)])
    lines = document["metrics"]["_totals"]["loc"]
    grave = [each for each in document["results"] if each["issue_severity"] in GRAVE]
    findings = [f"{each['filename']}:{each['line_number']} {each['test_id']} {each['issue_text']}" for each in grave]
    unread = [f"{each['filename']}: {each['reason']}" for each in document["errors"]]
    return Found(lines, "lines of code", [*findings, *unread])
