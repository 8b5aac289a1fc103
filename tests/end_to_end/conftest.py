from __future__ import annotations

import os
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import PurePath
from typing import Any

import httpx
import pytest
from rich.console import Console
from xdist.scheduler import LoadScopeScheduling  # type: ignore[import-untyped]  # it has no types

from infra.local.cloud import Cloud, deployed
from infra.local.programs import ROOT
from infra.local.progress import Stages
from postroom_client.schemas import Publication as Shown
from publishing.publication import Publication
from tests.end_to_end.sharing import shared
from tests.end_to_end.whole_range import WholeRange, begun
from tests.end_to_end.world import World
from tests.identity import issuer

SCHEDULED_AHEAD = timedelta(seconds=128)  # beyond what DelaySeconds is used for
# One after the other: what was begun early for the first of them, and those that meddle with platforms' queues and
# functions. All others only wait, each in a workspace of its process's own, and may run beside these.
TOGETHER = ("time", "whole_range", "safety", "poison", "decisions", "rollout", "canaries")


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    for item in items:
        if "end_to_end" in item.path.parts:
            item.add_marker(pytest.mark.end_to_end)
    names = [*TOGETHER, ""]
    items.sort(key=lambda item: names.index(_name(item.nodeid) if _name(item.nodeid) in TOGETHER else ""))


class Groups(LoadScopeScheduling):  # type: ignore[misc]
    """Gives a process a whole module, and the modules that belong together to one."""

    def _split_scope(self, nodeid: str) -> str:
        name = _name(nodeid)
        return "together" if name in TOGETHER else name


def pytest_xdist_make_scheduler(config: pytest.Config, log: Any) -> LoadScopeScheduling | None:
    return Groups(config, log) if config.getvalue("dist") == "loadscope" else None


def _name(nodeid: str) -> str:
    module = PurePath(nodeid.partition("::")[0])
    return module.stem.removeprefix("test_") if "end_to_end" in module.parts else ""


@dataclass(frozen=True)
class Slow:
    """What takes its time, begun before the first test, so that the tests only look how it ended."""

    scheduled: Shown
    scheduled_for: datetime
    unsent: Publication
    lost_answer: Shown
    died_before: Publication
    died_after: Publication
    died_after_url: str
    revoked_key: str
    revoked_at: datetime
    whole_range: WholeRange


@pytest.fixture(scope="session")
def world(tmp_path_factory: pytest.TempPathFactory) -> Iterator[World]:
    """A workspace in the stack, which is deployed once for all of these tests, and all of their processes."""
    worker, base = os.environ.get("PYTEST_XDIST_WORKER"), tmp_path_factory.getbasetemp()
    with shared(base.parent if worker else base, lambda: _deployed(worker or "alone")) as cloud:
        running = World(cloud, *cloud.workspace("End to end"))
        yield running
        running.close()


@contextmanager
def _deployed(worker: str) -> Iterator[Cloud]:
    directory = ROOT / ".local" / f"test-{worker}"
    with issuer.served() as url, deployed(directory, Stages(Console(stderr=True)), accepting(url)) as cloud:
        yield cloud


def accepting(url: str) -> dict[str, str]:
    """The context of a deployment that accepts the JWTs of the tests' issuer."""
    return {"jwt_issuer": issuer.NAME, "jwt_audience": issuer.AUDIENCE, "jwt_jwks_url": f"{url}/keys"}


@pytest.fixture(scope="session")
def slow(world: World) -> Slow:
    """Begin what takes its time."""
    at = datetime.now(UTC).replace(microsecond=0) + SCHEDULED_AHEAD
    scheduled = world.submitted([world.connected("webhook", "scheduled")], "Scheduled", publish_at=at.isoformat())
    long_ago = datetime.now(UTC) - timedelta(minutes=5)
    unsent = _unsent(world, long_ago)
    losing = world.connected("devto", "losing")
    world.fault("devto", "losing", "lose_after")
    lost_answer = world.submitted([losing], "Lost answer")
    died_before, died_after, url = _dead_workers(world, long_ago)
    revoked_key, revoked_at = _revoked(world)
    world.sweep()
    whole_range = begun(world)
    return Slow(scheduled, at, unsent, lost_answer, died_before, died_after, url, revoked_key, revoked_at, whole_range)


def _unsent(world: World, long_ago: datetime) -> Publication:
    """A publication without messages, which the sweep sees in its own next minute, not when it is called below."""
    channel, soon = world.connected("webhook", "unsent"), datetime.now(UTC) + timedelta(seconds=30)
    return world.stored(channel, "webhook", "Unsent", publish_at=long_ago, due_at=soon)


def _dead_workers(world: World, long_ago: datetime) -> tuple[Publication, Publication, str]:
    """A worker that died before it could publish, and one that died after; with the second one's article."""
    before = world.stored(world.connected("webhook", "died-before"), "webhook", "Died before", publish_at=long_ago)
    after = world.stored(world.connected("devto", "died-after"), "devto", "Died after", publish_at=long_ago)
    world.abandoned(before, lease_s=-1)
    world.abandoned(after, lease_s=15)  # the sweep is not to find it before the article is out
    fields = world.cloud.stand_ins.account("devto", "died-after")
    article = {"title": after.content.title, "body_markdown": after.content.text}
    made = httpx.post(
        f"{fields['base_url']}/api/articles",
        headers={"api-key": fields["api_key"]},
        json={"article": article},
        trust_env=False,
    )
    return before, after, str(made.raise_for_status().json()["url"])


def _revoked(world: World) -> tuple[str, datetime]:
    """A key that was used, and then revoked; with when."""
    made = world.api.create_api_key({"name": "Leaked", "role": "viewer"})
    used = world.http.get("/v1/publications", headers={"Authorization": f"Bearer {made['key']}"})
    assert used.status_code == 200
    world.api.revoke_api_key(made["id"])
    return made["key"], datetime.now(UTC)
