"""Sends a peer's jobs: for each JSON line it reads it puts so many on the queue, and answers with a line when done."""

from __future__ import annotations

import importlib
import json
import sys


def main() -> None:
    """Send through the application named on the command line, until there is nothing more to read."""
    app = importlib.import_module(f"tests.bench.peers.{sys.argv[1]}")
    for line in sys.stdin:
        wanted = json.loads(line)
        for number in range(wanted["first"], wanted["first"] + wanted["count"]):
            app.send(f"target-{number}", wanted["content"])
        print("sent", flush=True)  # noqa: T201 - the answer


if __name__ == "__main__":
    main()
