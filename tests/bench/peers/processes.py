"""Processes of a run: started in groups of their own, pinned to a core, and ended by their ids whatever happens."""

from __future__ import annotations

import os
import signal
import socket
import subprocess
import tempfile
import time
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from pathlib import Path

ROOT = Path(__file__).parents[3]
START_S = 20.0
_TICKS = os.sysconf("SC_CLK_TCK")


class Group:
    """One process with all that it starts."""

    def __init__(self, command: Sequence[str], environment: Mapping[str, str], core: int | None = None) -> None:
        inherited = {name: os.environ[name] for name in ("PATH", "HOME", "LANG") if name in os.environ}
        self.process = subprocess.Popen(  # noqa: S603 - commands of this package
            command,
            cwd=ROOT,
            env={**inherited, **environment},
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
            text=True,
            start_new_session=True,
        )
        if core is not None:
            os.sched_setaffinity(self.process.pid, {core})

    @property
    def alive(self) -> bool:
        """Whether the process that was started still runs."""
        return self.process.poll() is None

    def members(self) -> list[int]:
        """The ids of the processes of this group."""
        return [pid for pid, group, _ in _running() if group == self.process.pid]

    def cpu_s(self) -> float:
        """The processor time the living processes of this group have used."""
        return sum(ticks for _, group, ticks in _running() if group == self.process.pid) / _TICKS

    def signal(self, number: signal.Signals) -> None:
        """Send a signal to all of the group."""
        with suppress(ProcessLookupError):
            os.killpg(self.process.pid, number)

    def end(self) -> None:
        """Kill all of the group, and wait for it."""
        self.signal(signal.SIGKILL)
        self.process.wait()
        for pipe in (self.process.stdin, self.process.stdout):
            with suppress(OSError):
                pipe.close()  # type: ignore[union-attr]  # both were asked for


@contextmanager
def started(command: Sequence[str], environment: Mapping[str, str], core: int | None = None) -> Iterator[Group]:
    """A group that ends with this context."""
    group = Group(command, environment, core)
    try:
        yield group
    finally:
        group.end()


class Redis:
    """As much of Redis's protocol as a run needs: commands that answer with a number or a word."""

    def __init__(self, port: int, database: int = 0) -> None:
        self.url = f"redis://127.0.0.1:{port}/{database}"
        self._socket = socket.create_connection(("127.0.0.1", port), timeout=5)
        self._answers = self._socket.makefile("rb")
        self.ask("SELECT", str(database))

    def ask(self, *words: str) -> str:
        """The answer to a command."""
        bulk = "".join(f"${len(word)}\r\n{word}\r\n" for word in words)
        self._socket.sendall(f"*{len(words)}\r\n{bulk}".encode())
        return self._answers.readline().decode()[1:].strip()

    def close(self) -> None:
        """Hang up."""
        self._answers.close()
        self._socket.close()


@contextmanager
def redis_server(core: int | None = None) -> Iterator[int]:
    """The port of a Redis of its own on loopback, which keeps nothing."""
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port: int = taken.getsockname()[1]
    with tempfile.TemporaryDirectory() as folder:
        kept_nowhere = ("--save", "", "--appendonly", "no", "--dir", folder)
        command = ("redis-server", "--bind", "127.0.0.1", "--port", str(port), *kept_nowhere)
        with started(command, {}, core) as group:
            _wait_for(port, group)
            yield port


def _wait_for(port: int, group: Group) -> None:
    until_s = time.monotonic() + START_S
    while group.alive and time.monotonic() < until_s:
        with suppress(OSError):
            socket.create_connection(("127.0.0.1", port), timeout=1).close()
            return
        time.sleep(0.05)
    raise RuntimeError("redis-server did not start.")


def _running() -> Iterator[tuple[int, int, int]]:
    """Every process of this machine: its id, its group, and the ticks of processor time it has used."""
    for folder in Path("/proc").iterdir():
        if folder.name.isdigit():
            with suppress(OSError):
                after_name = (folder / "stat").read_text().rpartition(")")[2].split()
                if after_name[0] != "Z":
                    yield int(folder.name), int(after_name[2]), int(after_name[11]) + int(after_name[12])
