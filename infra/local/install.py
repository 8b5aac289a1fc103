"""Makes the virtual environment from the pinned, hash-checked requirements, and shows how far it is.

Run by `make` with any Python of 3.11 or later; it needs nothing but the standard library.
"""

from __future__ import annotations

import re
import subprocess
import sys
import time
import venv
from collections.abc import Iterable
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent.parent
VENV = ROOT / ".venv"
OLDEST = (3, 11)
_PINNED = re.compile(r"^[A-Za-z0-9][\w.-]*==", re.MULTILINE)
_PIP = ("-m", "pip", "--disable-pip-version-check", "--no-input", "install")
_FOUND = ("Collecting ", "Processing ", "Requirement already satisfied")


def main() -> int:
    """Install; answers pip's status."""
    if sys.version_info < OLDEST:
        sys.stderr.write(f"Postroom needs Python 3.11 or later; this is {sys.version.split()[0]}. Set PYTHON=…\n")
        return 1
    begun_s = time.monotonic()
    python = VENV / "bin" / "python"
    if not python.with_name("pip").exists():
        _say("… The virtual environment is made in .venv")
        venv.create(VENV, with_pip=True, symlinks=True)
    wanted = ROOT / "requirements.txt"
    count = len(_PINNED.findall(wanted.read_text(encoding="utf-8")))
    _say(f"… {count} pinned packages are installed")
    status = _pip([str(python), *_PIP, "--require-hashes", "--requirement", str(wanted)], count)
    if not status:
        status = _pip([str(python), *_PIP, "--no-deps", "--no-build-isolation", "--editable", str(ROOT)], 1)
    if not status:
        _say(f"✓ {time.monotonic() - begun_s:5.1f} s  .venv is ready")
    return status


def _pip(command: list[str], count: int) -> int:
    with subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True) as pip:  # noqa: S603
        lines = _followed(pip.stdout or (), count)
    if pip.returncode:
        _say("".join(lines[-20:]))
    return pip.returncode


def _followed(lines: Iterable[str], count: int) -> list[str]:
    """Show how many packages were found, a fifth of them at a time; answers what pip said."""
    said, found, step = [], 0, max(count // 5, 1)
    for line in lines:
        said.append(line)
        if line.startswith(_FOUND):
            found += 1
            if found % step == 0 and count > 1:
                _say(f"  {min(found, count)} of {count} fetched")
        elif line.startswith("Installing collected packages") and count > 1:
            _say("  all are fetched and written to disk")
    return said


def _say(text: str) -> None:
    sys.stdout.write(f"{text}\n")
    sys.stdout.flush()


if __name__ == "__main__":
    sys.exit(main())
