"""Known vulnerabilities of what is pinned, by pip-audit and `npm audit`: as far as their databases can be reached.

Both answer «nothing known» of what they could not look up, so what was looked up is counted.
"""

from __future__ import annotations

import sys
from pathlib import Path
from typing import Any

from tests.scans.found import Found, together, told
from tests.scans.locks import NPM, PYTHON, listed

GRAVE = ("high", "critical")


def of_python() -> Found:
    """What PyPI's advisories say of every requirement that is pinned, whatever for."""
    return together(judged(_audited(lock)) for lock in PYTHON)


def _audited(lock: Path) -> Any:
    pip_audit = [sys.executable, "-m", "pip_audit", "--disable-pip", "--require-hashes", "--requirement", str(lock)]
    return told([*pip_audit, "--progress-spinner", "off", "--format", "json"])


def judged(document: Any) -> Found:
    """What pip-audit's document says; a package it skipped was not looked up."""
    packages = document["dependencies"]
    known = [each for each in packages if "skip_reason" not in each]
    findings = [
        f"{each['name']} {each['version']}: {flaw['id']}, mended in {', '.join(flaw['fix_versions']) or 'nothing yet'}"
        for each in known
        for flaw in each["vulns"]
    ]
    return Found(len(known), "pinned Python packages", findings, len(packages) - len(known))


def of_npm() -> Found:
    """What npm's advisories say of the packages that deploy and test."""
    return together(judged_npm(_audited_npm(lock), len(listed(lock))) for lock in NPM)


def _audited_npm(lock: Path) -> Any:
    return told(["npm", "audit", "--package-lock-only", "--json"], within=lock.parent)


def judged_npm(document: Any, packages: int) -> Found:
    """What npm's document says of so many packages."""
    if "vulnerabilities" not in document:
        return Found(0, "npm packages", blind=packages)
    grave = [each for each in document["vulnerabilities"].values() if each["severity"] in GRAVE]
    return Found(packages, "npm packages", [f"{each['name']}: {each['severity']}" for each in grave])
