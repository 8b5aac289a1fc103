"""Real servers on this machine's loopback, each with one channel that may publish there."""

from __future__ import annotations

import base64
import json
import os
import shutil
import signal
import subprocess
import time
import zipfile
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace
from pathlib import Path

import httpx

from infra.local.ports import free
from publishing.model import Channel, Receipt
from tests.contracts import places
from tests.live.install import GHOST, NODE, PDS, WORDPRESS

PASSWORD = "sl1ppery-rivers"  # of servers that live for a minute
WITHIN_S = 240.0
MEDIA = "media.example.org"  # the one host that is no server's: our media
PNG = base64.b64decode("iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAQAAAC1HAwCAAAAC0lEQVR42mNk+A8AAQUBAScY42YAAAAASUVORK5CYII=")
SCRIPT = """<?php
require '/wordpress/wp-load.php';
$made = WP_Application_Passwords::create_new_application_password(1, array('name' => 'Postroom'));
file_put_contents('/wordpress/wp-content/password.txt', $made[0]);
"""


@dataclass(frozen=True)
class Site:
    """A server that is up: `shown` reads what it shows to everybody of a receipt's post."""

    port: int
    channel: Channel
    shown: Callable[[Receipt], httpx.Response]

    @property
    def stranger(self) -> Channel:
        """The same channel with credentials nobody has given out."""
        (name, secret), *_ = self.channel.secrets.items()
        return replace(self.channel, secrets={name: _other(secret)})


def _other(secret: str) -> str:
    return secret[:-1] + ("0" if secret[-1] != "0" else "1")


@dataclass(frozen=True)
class Loopback(httpx.BaseTransport):
    """Ends TLS before the server: what is meant for any host over https goes to a port of this machine over http.

    A picture is there, too.
    """

    port: int
    inner: httpx.HTTPTransport

    def handle_request(self, request: httpx.Request) -> httpx.Response:
        request.read()
        if request.url.host == MEDIA:
            return httpx.Response(200, content=PNG, headers={"content-type": "image/png"})
        url = request.url.copy_with(scheme="http", host="127.0.0.1", port=self.port)
        headers = [(name, value) for name, value in request.headers.raw if name.lower() != b"host"]
        asked = httpx.Request(request.method, url, headers=headers, content=request.content)
        asked.extensions = {"timeout": request.extensions.get("timeout", {})}
        return self.inner.handle_request(asked)


@contextmanager
def ghost(folder: Path) -> Iterator[Site]:
    package, port = GHOST / "package", free()
    shutil.copytree(package / "content", folder / "content")
    settings = {
        "NODE_ENV": "production",
        "url": f"http://127.0.0.1:{port}/",
        "server__port": str(port),
        "database__client": "better-sqlite3",
        "database__connection__filename": str(folder / "ghost.db"),
        "database__useNullAsDefault": "true",
        "paths__contentPath": str(folder / "content"),
        "mail__transport": "Direct",
        "security__staffDeviceVerification": "false",
        "privacy__useUpdateCheck": "false",
        "logging__transports": '["stdout"]',
    }
    with _running(folder, ["index.js"], at=package, settings=settings, until=f"{_api(port)}site/"):
        secrets = {"admin_key": _ghost_key(port)}
        channel = Channel(
            "chn_1", "wsp_1", "ghost", settings={"admin_url": "https://blog.example.org"}, secrets=secrets
        )
        yield Site(port, channel, lambda receipt: _page(port, receipt))


def _api(port: int) -> str:
    return f"http://127.0.0.1:{port}/ghost/api/admin/"


def _ghost_key(port: int) -> str:
    """The Admin API key of an integration, made as an owner does it who has just set the site up."""
    owner = {"name": "Ann", "email": "ann@example.org", "password": PASSWORD, "blogTitle": "Waters"}
    with httpx.Client(base_url=_api(port), headers={"origin": f"http://127.0.0.1:{port}"}, timeout=60.0) as client:
        client.post("authentication/setup/", json={"setup": [owner]}).raise_for_status()
        client.post("session/", json={"username": owner["email"], "password": PASSWORD}).raise_for_status()
        made = client.post("integrations/?include=api_keys", json={"integrations": [{"name": "Postroom"}]})
        keys = made.raise_for_status().json()["integrations"][0]["api_keys"]
    key = next(each for each in keys if each["type"] == "admin")
    secret = str(key["secret"])
    return secret if ":" in secret else f"{key['id']}:{secret}"


@contextmanager
def bluesky(folder: Path) -> Iterator[Site]:
    port = free()
    base = f"http://127.0.0.1:{port}/xrpc/"
    settings = {"PORT": str(port), "PLC_PORT": str(free()), "FOLDER": str(folder / "data")}
    (folder / "data").mkdir()
    shutil.copy(Path(__file__).with_name("pds.mjs"), PDS)
    account = {"email": "ann@example.org", "handle": "ann.test", "password": PASSWORD}
    with _running(folder, ["pds.mjs"], at=PDS, settings=settings, until=f"{base}_health"):
        httpx.post(f"{base}com.atproto.server.createAccount", json=account, timeout=60.0).raise_for_status()
        place = {"handle": "ann.test", "service": "https://pds.example.org"}
        channel = Channel("chn_1", "wsp_1", "bluesky", settings=place, secrets={"app_password": PASSWORD})
        yield Site(port, channel, lambda receipt: _record(base, receipt))


def _record(base: str, receipt: Receipt) -> httpx.Response:
    repo, collection, rkey = receipt.id.removeprefix("at://").split("/")
    params = {"repo": repo, "collection": collection, "rkey": rkey}
    return httpx.get(f"{base}com.atproto.repo.getRecord", params=params)


@contextmanager
def wordpress(folder: Path) -> Iterator[Site]:
    port = free()
    build = WORDPRESS / "node_modules" / "@wp-playground" / "wordpress-builds" / "src" / "wordpress" / "wp-6.5.zip"
    with zipfile.ZipFile(build) as archive:
        archive.extractall(folder / "site")
    (folder / "blueprint.json").write_text(json.dumps({"steps": [{"step": "runPHP", "code": SCRIPT}]}))
    command = ["node_modules/@wp-playground/cli/wp-playground.js", "server", "--port", str(port), "--workers", "1"]
    command += ["--mount-before-install", f"{folder / 'site'}:/wordpress"]
    command += ["--wordpress-install-mode", "install-from-existing-files", "--define", "WP_ENVIRONMENT_TYPE", "local"]
    command += ["--blueprint", str(folder / "blueprint.json")]
    password = folder / "site" / "wp-content" / "password.txt"
    with _running(folder, command, at=WORDPRESS, settings={}, until=f"http://127.0.0.1:{port}/wp-json/"):
        site = {"site_url": "https://blog.example.org", "username": "admin"}
        channel = Channel(
            "chn_1", "wsp_1", "wordpress", settings=site, secrets={"application_password": password.read_text()}
        )
        yield Site(port, channel, lambda receipt: _page(port, receipt))


def _page(port: int, receipt: Receipt) -> httpx.Response:
    return httpx.get(f"http://127.0.0.1:{port}{httpx.URL(receipt.url).raw_path.decode()}", timeout=60.0)


@contextmanager
def _running(folder: Path, command: list[str], *, at: Path, settings: dict[str, str], until: str) -> Iterator[None]:
    """A Node program, once it answers; it is ended whatever happens, with all it began."""
    log = folder / "log"
    environment = {**os.environ, **settings, "PATH": f"{NODE.parent}{os.pathsep}{os.environ['PATH']}"}
    with (
        log.open("wb") as said,
        subprocess.Popen(  # noqa: S603 - our own Node on what we installed
            [places.node(), *command], cwd=at, env=environment, stdout=said, stderr=said, start_new_session=True
        ) as program,
    ):
        try:
            _wait(program, until, log)
            yield
        finally:
            os.killpg(program.pid, signal.SIGKILL)  # it may have begun others


def _wait(program: subprocess.Popen[bytes], until: str, log: Path) -> None:
    end_s = time.monotonic() + WITHIN_S
    while time.monotonic() < end_s and program.poll() is None:
        try:
            if httpx.get(until, timeout=10.0).is_success:
                return
        except httpx.TransportError:
            time.sleep(0.5)
    raise RuntimeError(f"The server did not come up: {log.read_text(errors='replace')[-2_000:]}")
