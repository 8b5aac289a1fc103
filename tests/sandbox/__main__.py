"""Runs the sandbox until it is interrupted or terminated; prints one line of JSON: where each stand-in listens."""

from __future__ import annotations

import json
import logging
import signal
import sys
import threading

from tests.sandbox.server import Sandbox


def main() -> None:
    """Run until told to stop."""
    logging.basicConfig(stream=sys.stderr, level=logging.INFO, format="%(asctime)s %(message)s")
    stop = threading.Event()
    for number in (signal.SIGINT, signal.SIGTERM):
        signal.signal(number, lambda *_: stop.set())
    with Sandbox() as sandbox:
        told = {"addresses": sandbox.addresses, "hosts": sandbox.hosts, "demonstrated": sandbox.demonstrated}
        sys.stdout.write(json.dumps(told) + "\n")
        sys.stdout.flush()
        stop.wait()


if __name__ == "__main__":
    main()
