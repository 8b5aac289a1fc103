"""`make load`: the deployed stack on the local cloud under a steady load, with platforms that fail.

Every client's answer, every listed delivery and everything that hangs at the stand-ins is compared in the end; 1 where
something accepted was lost, is out twice, or is told wrongly. How fast it went is told, and is the emulator's: it, the
functions, the stand-ins and the clients share this machine.
"""

from __future__ import annotations

import argparse
import asyncio
import signal
import sys
import time
from collections.abc import Awaitable, Callable
from datetime import UTC, datetime, timedelta
from functools import partial
from typing import NoReturn, TypeVar

import httpx
from rich.console import Console

from infra.local import cloud
from infra.local.programs import ROOT, Failed
from infra.local.progress import Stages
from postroom_client import Unanswered
from tests.end_to_end.world import World
from tests.load import driver
from tests.load.bars import Bars, bars
from tests.load.deployed import Site
from tests.load.driver import Driven, Driver, Load
from tests.load.report import Report
from tests.load.verdict import judged, looked_for, rests
from tests.load.weather import Weather

DIRECTORY = ROOT / ".local" / "load"
PER_S, LASTS_S = 2.0, 30.0
LOOK_S, SETTLED_S = 2.0, 300.0
PATIENCE = timedelta(seconds=45)  # looks that come later are not waited for: the last is ten minutes after
T = TypeVar("T")
Clients = Callable[..., Driver]  # of an API's connections, and the sandbox's


def main() -> int:
    """Deploy, put the load on, wait, compare."""
    for number in (signal.SIGINT, signal.SIGTERM):
        signal.signal(number, _interrupted)
    console, load = Console(log_path=False), _asked()
    try:
        with cloud.deployed(DIRECTORY, Stages(console)) as running:
            site = Site(World(running, *running.workspace("Load")))
            return loaded(site, load, console)
    except Failed as failure:
        console.print(f"{failure.tail}\n✗ {failure}", markup=False, highlight=False, soft_wrap=True)
        return 1
    except (Unanswered, httpx.TransportError) as error:
        console.print(f"✗ The emulator answers no more ({error}): it does not hold this rate.", highlight=False)
        return 1
    except KeyboardInterrupt:
        console.print("Stopped, with everything that was started.")
        return 130


def loaded(site: Site, load: Load, console: Console) -> int:
    """Put this load on, and tell what became of it; 1 where that is not as it should be."""
    stages = Stages(console)
    with stages.stage("Channels are connected, enough that none is at its pace's limit, and verified"):
        channels = site.connected(load)
    clients = partial(Driver, channels=channels, weather=Weather(site.cloud.stand_ins.addresses), load=load)
    with stages.stage("Functions are started, as many as are needed at once"):
        asyncio.run(_with(site, clients, Driver.warm))
    began_s = time.monotonic()
    with bars(console, load.count, len(channels)) as shown:
        driven = asyncio.run(_with(site, clients, partial(_driven, site=site, shown=shown)))
        _settled(site, shown)
    driven.settled_s = time.monotonic() - began_s
    with stages.stage("What the API says is held against what the platforms know"):
        verdict = judged(driven.accepted, site.shown(), site.posts(), datetime.now(UTC))
        report = Report.of(site, load, driven, verdict)
    console.print(report.tables())
    for sentence in report.sentences():
        console.print(sentence, markup=False, highlight=False, soft_wrap=True)
    return 0 if verdict.fine else 1


async def _with(site: Site, clients: Clients, do: Callable[[Driver], Awaitable[T]]) -> T:
    async with driver.client(site.cloud.api_url, site.world.key) as http, driver.client() as sandbox:
        return await do(clients(http, sandbox))


async def _driven(clients: Driver, site: Site, shown: Bars) -> Driven:
    async def look() -> None:
        while True:
            await asyncio.sleep(LOOK_S)
            shown.tell(len(clients.driven.accepted), len(await asyncio.to_thread(site.posts)))

    looking = asyncio.create_task(look())
    driven = await clients.run()
    looking.cancel()
    return driven


def _settled(site: Site, shown: Bars) -> None:
    """Wait until nothing happens by itself any more, or not soon."""
    end_s, far = time.monotonic() + SETTLED_S, datetime.now(UTC) + PATIENCE
    while time.monotonic() < end_s:
        publications = site.shown()
        shown.tell(len(publications), len(site.posts()))
        if all(rests(each) or looked_for(each, far) for one in publications for each in one["deliveries"]):
            return
        time.sleep(LOOK_S)


def _asked() -> Load:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--rate", type=float, default=PER_S, help="publications a second")
    parser.add_argument("--seconds", type=float, default=LASTS_S)
    asked = parser.parse_args()
    return Load(asked.rate, asked.seconds)


def _interrupted(*_: object) -> NoReturn:
    raise KeyboardInterrupt


if __name__ == "__main__":
    sys.exit(main())
