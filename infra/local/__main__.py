"""`make run`: everything on this machine, from an empty emulator to published articles.

Its environment: POST names the article; WEBHOOK, an address of the user's own, takes the place of the sandbox's;
with ONCE set it ends by itself, with status 0 when every delivery was published.
"""

from __future__ import annotations

import base64
import os
import secrets
import signal
import sys
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import NoReturn

from rich.console import Console

from infra.local import article, board, cloud
from infra.local.board import Board
from infra.local.channels import Connecting
from infra.local.closing import WEBHOOK, Closing
from infra.local.cloud import Cloud
from infra.local.demonstration import Demonstration
from infra.local.programs import ROOT, Failed
from infra.local.progress import Stages
from postroom_client import PostroomError
from postroom_client.schemas import Channel, Content, PublicationSummary

DIRECTORY = ROOT / ".local" / "run"
EXAMPLE = Path(__file__).with_name("article.md")


def main() -> int:
    """Run it; answers the exit status."""
    for number in (signal.SIGINT, signal.SIGTERM):
        signal.signal(number, _interrupted)
    console = Console(log_path=False)
    try:
        content = article.read(Path(os.environ.get("POST") or EXAMPLE))
        with cloud.deployed(DIRECTORY, Stages(console)) as running:
            return _shown(running, content, console)
    except Failed as failure:
        _explain(failure, console)
        return 1
    except PostroomError as error:
        _explain(Failed(str(error)), console)
        return 1
    except KeyboardInterrupt:
        console.print("Stopped, with everything that was started.")
        return 130 if _once() else 0


def _shown(running: Cloud, content: Content, console: Console) -> int:
    stages, own = Stages(console), _own_webhook()
    with stages.stage("A workspace gets its first key"):
        _, key = running.workspace("Demonstration")
    with running.api(key) as api:
        connecting = Connecting(api, running.stand_ins, own)
        with stages.stage("Channels are connected through the API, and verified"):
            channels = tuple(connecting.demonstrated())
        console.print()
        shown = Board(console, {channel["id"]: channel["name"] for channel in channels})
        settled = Demonstration(api, channels, shown).run(content)
        shown.links(settled)
        status = _summed_up(settled, console)
        if _once():
            return status
        with stages.stage("The sandbox's other platforms are connected as well"):
            console.print(f"  {_named(connecting.others())}", soft_wrap=True)
    for line in Closing(running.api_url, key, channels, _places(running)).lines():
        console.print(line, markup=False, highlight=False, soft_wrap=True)
    return _stay(own, console)


def _named(channels: Sequence[Channel]) -> str:
    return ", ".join(channel["name"] for channel in channels)


def _summed_up(settled: Sequence[PublicationSummary], console: Console) -> int:
    """Tell how it went; answers the exit status."""
    failures = board.unpublished(settled)
    for sentence in failures:
        console.print(f"✗ {sentence}", style="red", markup=False, soft_wrap=True)
    deliveries = sum(len(publication["deliveries"]) for publication in settled)
    console.print(f"\n{deliveries - len(failures)} of {deliveries} deliveries are published.\n", highlight=False)
    return int(bool(failures))


def _once() -> bool:
    return os.environ.get("ONCE", "") not in {"", "0"}


def _places(running: Cloud) -> dict[str, str]:
    found = {"Mail": f"{running.emulator.endpoint}/_ministack/ses/messages"}
    for address in list(running.stand_ins.addresses.values())[:1]:
        found["Posts"] = f"{address}/_sandbox/posts"
    return found


def _stay(own: Mapping[str, Mapping[str, str]], console: Console) -> NoReturn:
    for fields in own.values():
        console.print(f"Calls to your webhook are signed with {fields['signing_secret']}", soft_wrap=True)
    console.print("\nAll of this runs until you press Ctrl-C.")
    while True:
        signal.pause()


def _own_webhook() -> dict[str, dict[str, str]]:
    url = os.environ.get("WEBHOOK")
    secret = "whsec_" + base64.b64encode(secrets.token_bytes(32)).decode()
    return {WEBHOOK: {"url": url, "signing_secret": secret}} if url else {}


def _explain(failure: Failed, console: Console) -> None:
    if failure.tail:
        console.print(f"\nThe end of {failure.log}:", style="dim", soft_wrap=True)
        console.print(failure.tail, style="dim", markup=False, highlight=False, soft_wrap=True)
    console.print(f"\n✗ {failure}", style="red", markup=False, soft_wrap=True)


def _interrupted(*_: object) -> NoReturn:
    raise KeyboardInterrupt


if __name__ == "__main__":
    sys.exit(main())
