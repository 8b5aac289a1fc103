"""`make scan`: every scan, two at a time, a line for each as it ends; by its status, whether anything was found.

With `--strict` it counts as found, too, what could not be known.
"""

from __future__ import annotations

import sys
import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor, as_completed

from tests.scans import advisories, code, licences, locks, secrets, templates
from tests.scans.found import Found

AT_ONCE = 2
SCANS: dict[str, Callable[[], Found]] = {
    "checkov": templates.scanned,
    "detect-secrets": secrets.scanned,
    "bandit": code.scanned,
    "pip-audit": advisories.of_python,
    "npm audit": advisories.of_npm,
    "licences": licences.of_python,
    "licences of npm": licences.of_npm,
    "lock files": locks.scanned,
}


def main(*, strict: bool) -> int:
    """Scan; answers 1 where anything was found, or a scan broke."""
    begun_s = time.monotonic()
    _say(f"… {len(SCANS)} scans: {', '.join(SCANS)}")
    fine = True
    with ThreadPoolExecutor(AT_ONCE) as threads:
        running = {threads.submit(scan): name for name, scan in SCANS.items()}
        for done in as_completed(running):
            found = done.exception() or done.result()
            fine &= _told(running[done], found, time.monotonic() - begun_s)
            fine &= not (strict and isinstance(found, Found) and found.blind)
    return 0 if fine else 1


def _told(name: str, found: Found | BaseException, after_s: float) -> bool:
    if isinstance(found, BaseException):
        _say(f"✗ {after_s:5.1f} s  {name} broke: {found}")
        return False
    sign = "✗" if not found.fine else "!" if found.blind else "✓"
    _say(f"{sign} {after_s:5.1f} s  {name}: {found.seen:,} {found.what}")
    for finding in found.findings:
        _say(f"             {finding}")
    if found.blind:
        _say(f"             NOT KNOWN of {found.blind} more: their registry tells no advisories. Scan where one does.")
    return found.fine


def _say(line: str) -> None:
    sys.stderr.write(f"{line}\n")
    sys.stderr.flush()


if __name__ == "__main__":
    sys.exit(main(strict="--strict" in sys.argv))
