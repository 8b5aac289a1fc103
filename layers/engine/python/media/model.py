"""The words of uploaded media as values. Standard library only."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import datetime
from enum import StrEnum

from publishing.model import Media


class Stage(StrEnum):
    """How far an upload has come."""

    AWAITED = "awaited"  # an address to upload to was given
    READY = "ready"  # it was looked at, and can be published
    REFUSED = "refused"  # it was looked at, and is no image or video we know


@dataclass(frozen=True, slots=True)
class StoredMedia:
    """One upload. `size_bytes` is what was announced; `facts` what was found; `reason` why it was refused.

    `made_from`: the media it is a fitting copy of, where it is one.
    """

    id: str
    workspace: str
    size_bytes: int
    created_at: datetime
    created_by: str
    stage: Stage = Stage.AWAITED
    facts: Media = Media()  # noqa: RUF009 - it is frozen
    reason: str = ""
    made_from: str = ""

    @property
    def key(self) -> str:
        """Where it lies in the bucket."""
        return f"{self.workspace}/{self.id}"

    def ready(self, facts: Media) -> StoredMedia:
        """The upload with what was found."""
        return replace(self, stage=Stage.READY, facts=facts)

    def refused(self, reason: str) -> StoredMedia:
        """The upload with why it cannot be published."""
        return replace(self, stage=Stage.REFUSED, reason=reason)
