"""One content for every platform there is, each given what it takes instead where it does not take that."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from functions import platforms
from tests.end_to_end.world import World
from tests.sandbox.server import MEDIA

ACCOUNT = "all-platforms"
PICTURE = {"url": f"https://{MEDIA}/rivers.jpg", "alt": "A river in autumn"}
FILM = {"url": f"https://{MEDIA}/rivers.mp4", "alt": "A river in autumn"}
CONTENT = {
    "title": "Rivers in autumn",
    "text": "All rivers carry *leaves*.",
    "link": "https://example.com/rivers",
    "tags": ["rivers"],
    "media": [PICTURE],
}


@dataclass(frozen=True)
class WholeRange:
    """A channel of every platform, and the publication that goes to all of them."""

    channels: Mapping[str, str]
    publication: str


def begun(world: World) -> WholeRange:
    """Connect all platforms and publish; nothing is waited for."""
    channels = {name: world.connected(name, ACCOUNT) for name in platforms.names()}
    accepted = world.http.post("/v1/publications", json={"content": CONTENT, "targets": adapted(world, channels)})
    assert accepted.status_code == 202, accepted.text
    return WholeRange(channels, str(accepted.json()["id"]))


def adapted(world: World, channels: Mapping[str, str]) -> list[dict[str, Any]]:
    """Each channel as a target: as it is where the platform takes it so, else with what it takes instead."""
    wanted: Mapping[str, dict[str, Any]] = {channel: {} for channel in channels.values()}
    instead: Sequence[dict[str, Any]] = ({"media": [FILM]}, {"media": []})
    for overrides in instead:
        unfit = _unfit(world, wanted)
        wanted = {channel: overrides if channel in unfit else given for channel, given in wanted.items()}
    return [{"channel": channel, "overrides": given} for channel, given in wanted.items()]


def _unfit(world: World, wanted: Mapping[str, dict[str, Any]]) -> set[str]:
    targets = [{"channel": channel, "overrides": given} for channel, given in wanted.items()]
    previews = world.http.post("/v1/publications/validate", json={"content": CONTENT, "targets": targets})
    return {each["channel"] for each in previews.raise_for_status().json()["targets"] if each["problems"]}
