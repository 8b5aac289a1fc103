"""One cloud for all the processes of a run: the first that asks deploys it, and keeps it until the last has left."""

from __future__ import annotations

import fcntl
import json
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, ExitStack, contextmanager
from dataclasses import asdict
from pathlib import Path

from infra.local.cloud import Cloud
from infra.local.emulator import Emulator
from infra.local.stand_ins import StandIns
from tests.identity import issuer


@contextmanager
def shared(directory: Path, deploy: Callable[[], AbstractContextManager[Cloud]]) -> Iterator[Cloud]:
    """The cloud of whoever deployed it first; `directory` is the run's own, the same for all of its processes."""
    place = directory / "cloud.json"
    with (directory / "users").open("w") as users, ExitStack() as deployed:
        with _locked(directory / "door"):
            mine = not place.exists()
            if mine:
                place.write_text(_described(deployed.enter_context(deploy())))
            cloud = _read(place.read_text())
            fcntl.flock(users, fcntl.LOCK_SH)
        yield cloud
        fcntl.flock(users, fcntl.LOCK_UN)
        if mine:
            with _locked(directory / "door"):
                fcntl.flock(users, fcntl.LOCK_EX)  # once all others have gone
                place.unlink()
                deployed.close()


@contextmanager
def _locked(path: Path) -> Iterator[None]:
    with path.open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        yield


def _described(cloud: Cloud) -> str:
    return json.dumps({"cloud": asdict(cloud), "key": issuer.pem()}, default=str)


def _read(text: str) -> Cloud:
    described = json.loads(text)
    issuer.adopt(described["key"])
    cloud = described["cloud"]
    emulator = Emulator(cloud["emulator"]["endpoint"], Path(cloud["emulator"]["log"]))
    return Cloud(emulator, StandIns(**cloud["stand_ins"]), cloud["outputs"], Path(cloud["flags_file"]))
