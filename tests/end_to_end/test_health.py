from __future__ import annotations

from typing import Any

import httpx
import pytest

from tests.end_to_end.world import World


def deep(world: World) -> dict[str, Any]:
    """Deep health as an admin sees it."""
    found: dict[str, Any] = world.http.get("/v1/health/deep").raise_for_status().json()
    return found


@pytest.fixture(scope="module")
def health(world: World) -> dict[str, Any]:
    return deep(world)


def test_every_part_tells_how_it_stands_within_what_its_role_may(health: dict[str, Any]) -> None:
    states = {part["name"]: part["state"] for part in health["parts"]}
    assert len(states) == 13
    assert {name for name, state in states.items() if state == "unknown"} == set()


def test_a_workspace_sees_its_own_figures_beside_their_limits(health: dict[str, Any]) -> None:
    assert health["operator"] is False
    shown = {part["name"]: part["signs"] for part in health["parts"] if part["signs"]}
    assert set(shown) == {"your channels", "your backlog", "your flags"}
    (looked_at, *_) = shown["your channels"]
    assert looked_at["value"] > 0
    (waiting,) = shown["your backlog"]
    assert (waiting["fails_above"], waiting["state"]) == (49_999, "ok")


def test_health_of_the_shallow_kind_asks_for_no_key(world: World) -> None:
    answer = httpx.get(f"{world.cloud.api_url}/v1/health", trust_env=False)
    assert (answer.status_code, answer.json()) == (200, {"status": "ok"})


def test_the_deep_one_does(world: World) -> None:
    assert world.http.get("/v1/health/deep", headers={"Authorization": ""}).status_code == 401
