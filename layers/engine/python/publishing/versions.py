"""Which version of a platform's API a channel is published to with, and how near that version's end is."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, timedelta

from publishing.abilities import Versioned
from publishing.adapter import Adapter, Version
from publishing.model import Channel

NEAR = timedelta(days=30)


def versions_of(adapter: Adapter) -> Sequence[Version]:
    """The versions an adapter speaks; the one to use where nothing is pinned comes first."""
    return adapter.versions if isinstance(adapter, Versioned) else ()


def pinned(adapter: Adapter, channel: Channel) -> Version | None:
    """The version this channel is published to with; None where the platform has none, or not the one it names."""
    versions = versions_of(adapter)
    name = channel.settings.get("api_version", "") or (versions[0].name if versions else "")
    return next((version for version in versions if version.name == name), None)


def ends_soon(version: Version | None, today: date) -> bool:
    """Whether the version ends within thirty days, or has ended."""
    return version is not None and version.ends is not None and version.ends - today <= NEAR
