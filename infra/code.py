"""What goes into each zip, and which wheels into the layer of dependencies."""

from __future__ import annotations

import ast
import hashlib
import platform
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

import jsii
from aws_cdk import AssetHashType, BundlingOptions, DockerImage, IgnoreMode, ILocalBundling
from aws_cdk import aws_lambda as lambda_

if TYPE_CHECKING:
    from collections.abc import Iterator

    from infra.stage import Stage

ROOT = Path(__file__).resolve().parent.parent
ALL_PLATFORMS = "*"
_PLATFORMS = "functions.platforms"
_COMPILED = ("**/__pycache__", "**/*.pyc")


def function(name: str, *, platforms: str = "") -> lambda_.AssetCode:
    """The zip of `functions/<name>`: rooted at the repository, narrowed by an allow-list to what it may load.

    `platforms` names the one adapter that goes with it, or `ALL_PLATFORMS`; what these share with others goes along.
    """
    kept = ["functions", "functions/__init__.py", f"functions/{name}", f"functions/{name}/**"]
    if platforms:
        names = ["*"] if platforms == ALL_PLATFORMS else ["__init__", *modules(platforms)]
        kept += ["functions/platforms", *(f"functions/platforms/{name}.py" for name in names)]
    excluded = ["**", *(f"!{path}" for path in kept), *_COMPILED]
    return lambda_.Code.from_asset(str(ROOT), exclude=excluded, ignore_mode=IgnoreMode.GIT)


def modules(platform: str) -> list[str]:
    """The module of a platform's adapter, and those of its families that it needs, by name."""
    found: list[str] = []
    waiting = [platform]
    while waiting:
        name = waiting.pop()
        if name not in found:
            found.append(name)
            waiting += _families(ROOT / "functions" / "platforms" / f"{name}.py")
    return sorted(found)


def _families(module: Path) -> Iterator[str]:
    """The families a module imports, whichever way it says so."""
    for node in ast.walk(ast.parse(module.read_text())):
        if isinstance(node, ast.ImportFrom) and node.module == _PLATFORMS:
            yield from (alias.name for alias in node.names if alias.name.startswith("_"))
        elif isinstance(node, ast.ImportFrom) and (node.module or "").startswith(f"{_PLATFORMS}._"):
            yield (node.module or "").removeprefix(f"{_PLATFORMS}.")


def engine() -> lambda_.AssetCode:
    """The layer of our own packages."""
    return lambda_.Code.from_asset(str(ROOT / "layers" / "engine"), exclude=list(_COMPILED), ignore_mode=IgnoreMode.GIT)


def dependencies(machine: Machine, *, folder: str = "dependencies") -> lambda_.AssetCode:
    """A layer of wheels for `machine`; its hash is that of the pinned requirements, so it is fetched once."""
    requirements = ROOT / "layers" / folder / "requirements.txt"
    wanted = requirements.read_bytes() + " ".join(machine.pip).encode()
    return lambda_.Code.from_asset(
        str(requirements.parent),
        asset_hash=hashlib.sha256(wanted).hexdigest(),
        asset_hash_type=AssetHashType.CUSTOM,
        bundling=BundlingOptions(
            image=DockerImage.from_registry("never-used"),
            local=_Wheels(requirements, machine.pip),
        ),
    )


@dataclass(frozen=True, slots=True)
class Machine:
    """What functions run on: its architecture, and how pip is told to fetch wheels for it."""

    architecture: lambda_.Architecture
    pip: tuple[str, ...]


def machine(stage: Stage) -> Machine:
    """Lambda's arm64 with Python 3.13; on stage `local` this very machine, whose Python the emulator borrows."""
    if not stage.local:
        return Machine(lambda_.Architecture.ARM_64, (*_GLIBC, "--python-version=3.13", "--implementation=cp"))
    arm = platform.machine() in {"arm64", "aarch64"}
    here = f"--python-version={sys.version_info.major}.{sys.version_info.minor}"
    return Machine(lambda_.Architecture.ARM_64 if arm else lambda_.Architecture.X86_64, (here,))


# Amazon Linux 2023 has glibc 2.34; pip takes a platform by its very name, hence all that it can run.
_GLIBC = tuple(
    f"--platform={tag}_aarch64" for tag in ("manylinux_2_34", "manylinux_2_28", "manylinux_2_27", "manylinux2014")
)


@jsii.implements(ILocalBundling)
class _Wheels:
    """Fills a layer by pip: no Docker, nothing but wheels, each with a hash we pinned."""

    def __init__(self, requirements: Path, target: tuple[str, ...]) -> None:
        self._requirements = requirements
        self._target = target

    def try_bundle(self, output_dir: str, *, image: DockerImage, **options: object) -> bool:
        """Fetch the wheels into `output_dir`."""
        _ = image, options
        install = [sys.executable, "-m", "pip", "install", "-qq", "--no-compile", "--disable-pip-version-check"]
        source = ["--only-binary=:all:", "--require-hashes", f"--requirement={self._requirements}"]
        subprocess.run([*install, *source, *self._target, f"--target={output_dir}/python"], check=True)  # noqa: S603
        return True
