"""B05 and B06: what importing each function weighs: modules, zipped bytes, and time beside one boto3 client.

Each import happens in a Python of its own that sees, as Lambda does, the function's asset, the layers and boto3, and
nothing else: httpx would also load rich and click, where it finds them. Counts are exact; times are only ever compared
with a boto3 client made in the same minute on the same machine.
"""

from __future__ import annotations

import io
import os
import re
import statistics
import subprocess
import sys
import tempfile
import zipfile
from collections.abc import Iterator
from dataclasses import dataclass
from importlib.metadata import PackageNotFoundError, distribution
from pathlib import Path

os.environ.setdefault("JSII_NODE", str(Path(sys.executable).with_name("node")))

from tests.infra.synthesis import STAGES, Synthesised, synthesise

ROUNDS = 7
LAYERS = Path(__file__).parents[2] / "layers"
ENGINE = LAYERS / "engine" / "python"
PINNED = re.compile(r"^([\w.-]+)==", re.MULTILINE)
BROUGHT_BY_LAMBDA = ("boto3", "botocore", "s3transfer", "jmespath", "python-dateutil", "urllib3", "six")
CLIENT = "import boto3\nboto3.client('dynamodb', region_name='eu-central-1')"
TIMED = "import time\nstart = time.perf_counter()\n{}\nprint(time.perf_counter() - start)"
COUNTED = "{}\nimport sys\nprint(len(sys.modules))"


@dataclass(frozen=True)
class Weight:
    """One function's weight; `ratio` is its import's time in imports of one boto3 client."""

    name: str
    modules: int
    zipped_bytes: int
    ratio: float


def measure() -> Iterator[Weight]:
    """The weight of every function of the stack, a platform's function by the platform's name."""
    with tempfile.TemporaryDirectory() as directory:
        stack = synthesise(STAGES["dev"], Path(directory) / "assembly")
        packages = _packages(Path(directory) / "packages")
        for name, entry, asset in _functions(stack):
            code = f"import functions.{entry}.handler"
            if entry == "publish":
                code += f"\nfrom functions import platforms\nplatforms.load({name.partition(':')[2]!r})"
            zipped_bytes = _zipped_bytes(asset)  # before importing leaves its bytecode there
            yield Weight(name, int(_run(COUNTED, code, asset, packages)), zipped_bytes, _ratio(code, asset, packages))


def _packages(folder: Path) -> Path:
    """A folder that shows, of what is installed here, what a function finds."""
    folder.mkdir()
    pinned = {name for layer in LAYERS.glob("*/requirements.txt") for name in PINNED.findall(layer.read_text())}
    for name in pinned.union(BROUGHT_BY_LAMBDA):
        for path in _installed(name):
            (folder / path.name).symlink_to(path)
    return folder


def _installed(name: str) -> set[Path]:
    """What a distribution has at the top of the packages' folder; nothing where it is another system's."""
    try:
        found = distribution(name)
    except PackageNotFoundError:
        return set()
    tops = {path.parts[0] for path in found.files or () if path.parts[0] not in ("..", "__pycache__")}
    return {Path(str(found.locate_file(top))) for top in tops}


def _functions(stack: Synthesised) -> list[tuple[str, str, Path]]:
    found = []
    for function in stack.all("Lambda::Function"):
        entry = function.properties["Handler"].split(".")[1]
        platform = function.properties["Environment"]["Variables"].get("PLATFORM", "")
        name = f"{entry}:{platform}" if platform else entry
        found.append((name, entry, stack.folder(function.path)))
    return sorted(found)


def _ratio(code: str, asset: Path, packages: Path) -> float:
    """The median of rounds in which the function and the client take turns."""
    rounds = [[float(_run(TIMED, each, asset, packages)) for each in (code, CLIENT)] for _ in range(ROUNDS)]
    return statistics.median(ours / client for ours, client in rounds)


def _run(template: str, code: str, asset: Path, packages: Path) -> str:
    path = os.pathsep.join(map(str, (asset, ENGINE, packages)))
    environment = {"PYTHONPATH": path, "PATH": os.defpath, "HOME": str(asset)}
    command = [sys.executable, "-S", "-c", template.format(code)]  # -S: without the path that shows the repository
    done = subprocess.run(  # noqa: S603 - our own code
        command, env=environment, cwd=asset, check=True, capture_output=True, text=True
    )
    return done.stdout.splitlines()[-1]


def _zipped_bytes(asset: Path) -> int:
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w", zipfile.ZIP_DEFLATED) as archive:
        for path in sorted(path for path in asset.rglob("*") if path.is_file()):
            archive.write(path, path.relative_to(asset))
    return len(packed.getvalue())
