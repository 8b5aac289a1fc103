"""The client as others get it: the README's example works, and it can be installed by itself."""

from __future__ import annotations

import re
import subprocess
import sys
from pathlib import Path

import httpx
import pytest

from tests.client.bridge import Bridge
from tests.functions.service import Service

ROOT = Path(__file__).parents[2]
EXAMPLE = re.compile(r"### From Python\n\n```python\n(.*?)```", re.DOTALL)


def test_the_example_works(service: Service, monkeypatch: pytest.MonkeyPatch) -> None:
    service.connected()
    bridge = Bridge(service)
    http = httpx.Client(transport=httpx.MockTransport(bridge.carry))
    monkeypatch.setattr(httpx, "Client", lambda: http)
    (example,) = EXAMPLE.findall((ROOT / "README.md").read_text())
    told: list[tuple[object, ...]] = []
    names = {"API": "https://api.test", "KEY": "pr_key", "print": lambda *words: told.append(words)}
    exec(compile(example, "README.md", "exec"), names)  # noqa: S102 - it is ours
    assert told == [("webhook", "queued", None)]
    assert bridge.statuses == [200, 202, 200, 200, 200]


def test_it_is_installed_without_anything_else_of_ours(tmp_path: Path) -> None:
    pip = [sys.executable, "-m", "pip", "install", "--quiet", "--disable-pip-version-check", "--no-index"]
    options = ["--no-build-isolation", "--no-deps", "--target", str(tmp_path), str(ROOT / "layers" / "client")]
    subprocess.run([*pip, *options], check=True)  # noqa: S603 - nothing of it comes from outside
    assert {path.name.partition("-")[0] for path in tmp_path.iterdir()} == {"postroom_client"}
    assert (tmp_path / "postroom_client" / "py.typed").exists()
