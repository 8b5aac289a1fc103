"""One content for every platform there is, each given what it takes instead where it does not take that."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from functions import platforms
from postroom_client.schemas import Content, ContentChanges, Media, NewTarget
from tests.end_to_end.world import World
from tests.sandbox.server import MEDIA

ACCOUNT = "all-platforms"
STARTED_S = 120.0
PICTURE: Media = {"url": f"https://{MEDIA}/rivers.jpg", "alt": "A river in autumn"}
FILM: Media = {"url": f"https://{MEDIA}/rivers.mp4", "alt": "A river in autumn"}
CONTENT: Content = {
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
    """Connect all platforms and publish; waited for is only that each has begun, which starts all of their functions.

    While these start there is little left of a small machine for anything else; what platforms work on takes nothing.
    """
    channels = {name: world.connected(name, ACCOUNT) for name in platforms.names()}
    publication = world.api.publish({"content": CONTENT, "targets": adapted(world, channels)})["id"]
    world.until(lambda: not _waiting(world, publication), within_s=STARTED_S)
    return WholeRange(channels, publication)


def _waiting(world: World, publication: str) -> list[str]:
    deliveries = world.api.read_publication(publication)["deliveries"]
    return [each["platform"] for each in deliveries if each["state"] in {"queued", "publishing"}]


def adapted(
    world: World, channels: Mapping[str, str], content: Content = CONTENT, film: Media = FILM
) -> list[NewTarget]:
    """Each channel as a target: as it is where the platform takes it so, else with what it takes instead."""
    wanted: Mapping[str, ContentChanges] = {channel: {} for channel in channels.values()}
    instead: Sequence[ContentChanges] = ({"media": [film]}, {"media": []})
    for overrides in instead:
        unfit = _unfit(world, wanted, content)
        wanted = {channel: overrides if channel in unfit else given for channel, given in wanted.items()}
    return [{"channel": channel, "overrides": given} for channel, given in wanted.items()]


def _unfit(world: World, wanted: Mapping[str, ContentChanges], content: Content) -> set[str]:
    targets: list[NewTarget] = [{"channel": channel, "overrides": given} for channel, given in wanted.items()]
    preview = world.api.validate_publication({"content": content, "targets": targets})
    return {each["channel"] for each in preview["targets"] if each["problems"]}
