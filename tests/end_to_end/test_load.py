"""What `make load` does, for two seconds: so it is known to work before anybody needs it."""

from __future__ import annotations

from contextlib import closing

import pytest
from rich.console import Console

from tests.end_to_end.world import World
from tests.load.__main__ import loaded
from tests.load.deployed import Site
from tests.load.driver import Load


def test_a_steady_load_is_put_on_and_found_where_it_should_be(world: World, capsys: pytest.CaptureFixture[str]) -> None:
    ours = World(world.cloud, *world.cloud.workspace("Load"))
    with closing(ours):
        ended = loaded(Site(ours), Load(per_s=1.0, lasts_s=2.0), Console(log_path=False, width=100))
    told = capsys.readouterr().out
    assert ended == 0, told
    assert "2 of 2" in told
