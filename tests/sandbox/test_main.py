from __future__ import annotations

import json
import signal
import subprocess
import sys

import httpx


def test_the_command_prints_where_each_stand_in_listens_and_ends_when_told() -> None:
    with subprocess.Popen(
        [sys.executable, "-m", "tests.sandbox"], stdout=subprocess.PIPE, stderr=subprocess.DEVNULL
    ) as process:
        assert process.stdout is not None
        addresses = json.loads(process.stdout.readline())["addresses"]
        assert httpx.get(f"{addresses['discord']}/_sandbox/posts").json() == []
        process.send_signal(signal.SIGTERM)
        assert process.wait(timeout=10) == 0
