"""Programs run beside us: each with a log of its own, and none outlives us."""

from __future__ import annotations

import os
import subprocess
import sys
import time
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from types import TracebackType
from typing import Self

from infra.local import leash

ROOT = Path(__file__).resolve().parent.parent.parent
TAIL_LINES = 30
POLL_S = 0.05
_LEASH = str(Path(leash.__file__))


class Failed(Exception):  # noqa: N818 - named for what happened
    """Something did not work; the message says what, in words, and `log` is where to read why."""

    def __init__(self, message: str, log: Path | None = None) -> None:
        super().__init__(message)
        self.log = log

    @property
    def tail(self) -> str:
        """The end of the log."""
        if self.log is None or not self.log.exists():
            return ""
        return "\n".join(self.log.read_text(errors="replace").splitlines()[-TAIL_LINES:])


class Program:
    """A program that runs until it ends or the context does; `out` takes its standard output, `log` the rest."""

    def __init__(
        self, name: str, command: Sequence[str], *, log: Path, env: Mapping[str, str], out: Path | None = None
    ) -> None:
        self.name, self.log = name, log
        with log.open("wb") as errors, (out or log).open("ab") as output:
            self._leash = subprocess.Popen(  # noqa: S603
                [sys.executable, "-I", "-S", _LEASH, *command],
                stdin=subprocess.PIPE,
                stdout=output,
                stderr=errors,
                env=env,
                cwd=ROOT,
                start_new_session=True,  # an interrupt at the keyboard is ours to pass on
            )

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, where: TracebackType | None
    ) -> None:
        self.stop()

    def wait(self, within_s: float) -> None:
        """Wait until it has ended well.

        Raises:
            Failed: it did not, or took too long.
        """
        try:
            status = self._leash.wait(within_s)
        except subprocess.TimeoutExpired:
            raise Failed(f"{self.name} took longer than {within_s:.0f} s.", self.log) from None
        if status:
            raise Failed(f"{self.name} failed with status {status}.", self.log)

    def until(self, ready: Callable[[], bool], within_s: float) -> None:
        """Wait until it is ready.

        Raises:
            Failed: it ended, or was not ready in time.
        """
        end_s = time.monotonic() + within_s
        while not ready():
            if self._leash.poll() is not None:
                raise Failed(f"{self.name} ended by itself.", self.log)
            if time.monotonic() > end_s:
                raise Failed(f"{self.name} was not ready within {within_s:.0f} s.", self.log)
            time.sleep(POLL_S)

    def stop(self) -> None:
        """End it, and all it started."""
        if self._leash.stdin and not self._leash.stdin.closed:
            self._leash.stdin.close()
        self._leash.wait(2 * leash.POLITE_S)


def bare_environment(**more: str) -> dict[str, str]:
    """The environment of a program that shall know nothing of who started it."""
    kept = ("HOME", "LANG", "LC_ALL", "TERM")
    return {name: os.environ[name] for name in kept if name in os.environ} | {"PATH": _path()} | more


def full_environment(**more: str) -> dict[str, str]:
    """Our own environment, so that registries and proxies are found, without any AWS account of the user's."""
    ours = {name: value for name, value in os.environ.items() if not name.startswith("AWS_")}
    loopback = ",".join(filter(None, (os.environ.get("NO_PROXY", ""), "127.0.0.1,localhost")))
    return ours | {"PATH": _path(), "NO_PROXY": loopback, "no_proxy": loopback} | more


def _path() -> str:
    """With the commands of our own Python first: node among them."""
    return f"{Path(sys.executable).parent}{os.pathsep}{os.environ.get('PATH', os.defpath)}"
