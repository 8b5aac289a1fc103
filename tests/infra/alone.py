"""Imports a handler, and every adapter beside it, with nothing but its zip, its layers and what the runtime brings."""

from __future__ import annotations

import importlib
import importlib.util
import json
import sys
from collections.abc import Collection, Sequence
from importlib.abc import MetaPathFinder
from importlib.machinery import ModuleSpec
from importlib.metadata import packages_distributions
from types import ModuleType


class Layer(MetaPathFinder):
    """Hides every installed package that neither a layer nor the runtime has."""

    def __init__(self, distributions: Collection[str]) -> None:
        named = packages_distributions().items()
        self._hidden = {package for package, names in named if not {*map(_plain, names)} & {*distributions}}

    def find_spec(
        self, fullname: str, path: Sequence[str] | None, target: ModuleType | None = None
    ) -> ModuleSpec | None:
        """Nothing, so that others look for it, unless it is hidden."""
        _ = path, target
        if fullname.partition(".")[0] in self._hidden:
            raise ModuleNotFoundError(f"{fullname} is in no layer.", name=fullname)
        return None


def main(handler: str, distributions: str, wheels: str, *roots: str) -> None:
    """Import; print from which of the roots our own modules came."""
    sys.path[:0] = [*roots, wheels]
    sys.meta_path.insert(0, Layer(json.loads(distributions)))
    importlib.import_module(handler)
    if importlib.util.find_spec("functions.platforms"):
        platforms = importlib.import_module("functions.platforms")
        for name in platforms.names():
            platforms.load(name)
    files = [str(getattr(module, "__file__", "")) for module in sys.modules.values()]
    sys.stdout.write(json.dumps([root for root in roots if any(file.startswith(root) for file in files)]))


def _plain(distribution: str) -> str:
    return distribution.lower().replace("_", "-")


if __name__ == "__main__":
    main(*sys.argv[1:])
