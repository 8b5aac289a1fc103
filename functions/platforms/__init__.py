"""The platforms we publish to, one adapter a file. A file's presence is its registration; there is no other list."""

from __future__ import annotations

import importlib
import pkgutil
from functools import cache
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from publishing.adapter import Adapter


@cache
def names() -> tuple[str, ...]:
    """The platforms present in this package (in a publish function: its own alone), in alphabetical order."""
    return tuple(sorted(module.name for module in pkgutil.iter_modules(__path__) if not module.name.startswith("_")))


@cache
def load(name: str) -> Adapter:
    """The adapter of a platform.

    Raises:
        KeyError: no such platform is present.
    """
    if name not in names():
        raise KeyError(name)
    adapter: Adapter = importlib.import_module(f"{__name__}.{name}").ADAPTER
    return adapter
