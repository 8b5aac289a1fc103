"""The stand-ins, one platform a file. A file's presence is its registration; there is no other list."""

from __future__ import annotations

import importlib
import pkgutil
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from tests.sandbox.stand_in import StandIn
    from tests.sandbox.wall import Wall


def every(wall: Wall) -> list[StandIn]:
    """A new stand-in of each platform, publishing on `wall`."""
    names = sorted(module.name for module in pkgutil.iter_modules(__path__))
    return [importlib.import_module(f"{__name__}.{name}").STAND_IN(wall) for name in names]
