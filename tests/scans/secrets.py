"""detect-secrets over every file that could be committed: keys and tokens known by their form."""

from __future__ import annotations

import os
from collections.abc import Iterable, Iterator
from pathlib import Path

from tests.scans.found import OWN_VENV, ROOT, Found, told

# These guess by how random a word is or what it is called: in tests full of made-up keys and hashes they cry wolf.
GUESSING = ("KeywordDetector", "Base64HighEntropyString", "HexHighEntropyString")
MADE = {"node_modules", "__pycache__", "cdk.out"}
ACCEPTED = {
    "tests/functions/platforms/test_slack.py": "A token made up in the form of Slack's.",
}


def scanned(root: Path = ROOT, accepted: Iterable[str] = ACCEPTED) -> Found:
    """What looks like a secret and is not known to be made up."""
    disabled = [option for plugin in GUESSING for option in ("--disable-plugin", plugin)]
    files = sorted(_files(root))
    found = told([str(OWN_VENV / "detect-secrets"), "scan", *disabled, *files], within=root)["results"]
    findings = [
        f"{path}:{each['line_number']} {each['type']}" for path in found if path not in accepted for each in found[path]
    ]
    idle = [f"{path} is accepted, and nothing found in it" for path in accepted if path not in found]
    return Found(len(files), "files", findings + idle)


def _files(root: Path) -> Iterator[str]:
    for folder, folders, names in os.walk(root):
        folders[:] = [name for name in folders if name not in MADE and not name.startswith((".", "cdk.out"))]
        yield from (str((Path(folder) / name).relative_to(root)) for name in names if not name.startswith("."))
