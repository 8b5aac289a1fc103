"""What platforms will call back about: which delivery goes by which of their own names, and what was heard already."""

from __future__ import annotations

from dataclasses import dataclass

from publishing.operations import Operations

EXPECTED_S = 30 * 86_400  # a person may finish a hand-off weeks later
HEARD_S = 3 * 86_400  # longer than any platform repeats itself
REFERENCE_CHARS = 200


@dataclass(frozen=True)
class Expected:
    """The callbacks that one platform's deliveries wait for, among the operations."""

    operations: Operations
    platform: str

    def expect(self, channel: str, reference: str, publication: str) -> None:
        """Remember that this channel's delivery of a publication goes by `reference`."""
        values = {":publication": publication}
        key = self._key("awaits", channel, reference)
        self.operations.write(
            key,
            "publication = :publication",
            "attribute_exists(pk) OR attribute_not_exists(pk)",
            values,
            lasts_s=EXPECTED_S,
        )

    def publication(self, channel: str, reference: str) -> str:
        """The publication whose delivery goes by `reference`; empty where none does."""
        return str(
            self.operations.read(self._key("awaits", channel, reference), consistent=True).get("publication", "")
        )

    def is_news(self, channel: str, event: str) -> bool:
        """Whether this event was not heard before."""
        return not event or not self.operations.read(self._key("heard", channel, event), consistent=True)

    def heard(self, channel: str, event: str) -> None:
        """Remember that what this event says was written down."""
        if event:
            key = self._key("heard", channel, event)
            self.operations.write(key, "known = :yes", "attribute_not_exists(pk)", {":yes": True}, lasts_s=HEARD_S)

    def _key(self, what: str, channel: str, name: str) -> str:
        return f"{what}#{self.platform}#{channel}#{name[:REFERENCE_CHARS]}"
