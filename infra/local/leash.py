"""Runs a program on a leash: it ends, with all it started, as soon as our standard input closes.

The system closes that pipe however the one who holds it ends, even killed: nothing is ever left behind. Run as a
script, with the program's command as arguments.
"""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import threading
from contextlib import suppress

POLITE_S = 5.0  # how long a program may take to end by itself


def main(command: list[str]) -> int:
    """Run `command` to its end, by itself or by ours; answers its status."""
    program = subprocess.Popen(command, stdin=subprocess.DEVNULL, start_new_session=True)  # noqa: S603
    signal.signal(signal.SIGTERM, lambda *_: _signal(program, signal.SIGTERM))
    threading.Thread(target=_watch, args=(program,), daemon=True).start()
    status = program.wait()
    _signal(program, signal.SIGKILL)  # what it started and left
    return status if status >= 0 else 128 - status


def _watch(program: subprocess.Popen[bytes]) -> None:
    while os.read(sys.stdin.fileno(), 1024):
        pass
    _signal(program, signal.SIGTERM)
    threading.Timer(POLITE_S, _signal, (program, signal.SIGKILL)).start()


def _signal(program: subprocess.Popen[bytes], number: signal.Signals) -> None:
    with suppress(ProcessLookupError, PermissionError):
        os.killpg(program.pid, number)


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
