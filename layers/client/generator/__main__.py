"""Writes what of the client follows from the OpenAPI document: `make client`."""

from __future__ import annotations

import json
import shutil
import subprocess
import sys
from collections.abc import Mapping
from pathlib import Path
from tempfile import TemporaryDirectory

from layers.client.generator import operations, schemas
from layers.client.generator.document import Document

ROOT = Path(__file__).parents[3]
DOCUMENT = ROOT / "functions" / "api" / "openapi.json"
CLIENT = ROOT / "layers" / "client" / "python" / "postroom_client"
PACKAGES = {"operations": operations, "schemas": schemas}
_RUFF = (sys.executable, "-m", "ruff")


def generated(document: Document, directory: Path) -> Mapping[str, str]:
    """Every generated file's text by its path in the client; `directory` is empty and for nothing else."""
    for name, package in PACKAGES.items():
        (directory / name).mkdir(parents=True)
        for module, text in package.modules(document):
            (directory / name / f"{module}.py").write_text(text, encoding="utf-8")
    config = ("--quiet", "--no-cache", "--config", str(ROOT / "pyproject.toml"), str(directory))
    subprocess.run(  # noqa: S603 - our own ruff, and a folder of ours
        [*_RUFF, "check", "--fix-only", "--select", "F401,I", *config], check=True
    )
    subprocess.run([*_RUFF, "format", *config], check=True)  # noqa: S603 - as above
    files = sorted(directory.rglob("*.py"))
    return {str(path.relative_to(directory)): path.read_text(encoding="utf-8") for path in files}


def main() -> None:
    """Write the client's generated packages anew."""
    with TemporaryDirectory() as directory:
        made = generated(Document(json.loads(DOCUMENT.read_text(encoding="utf-8"))), Path(directory))
    for name in PACKAGES:
        shutil.rmtree(CLIENT / name, ignore_errors=True)
    for name, text in made.items():
        path = CLIENT / name
        path.parent.mkdir(exist_ok=True)
        path.write_text(text, encoding="utf-8")


if __name__ == "__main__":
    main()
