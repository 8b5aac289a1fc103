"""Addresses of uploads: signed, good for a while, and made without asking anybody.

Source: https://docs.aws.amazon.com/AmazonS3/latest/userguide/using-presigned-url.html (read 2026-11-21).
An address ends with the credentials it was signed with, whatever it says: those of a function's role last some hours.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace

from publishing import aws
from publishing.model import Content, Media

READ_S = 12 * 3_600  # a platform that fetches by itself may take its time
UPLOAD_S = 3_600


@dataclass(frozen=True)
class Addresses:
    """The addresses of one bucket, whose base address is `base_url`.

    `files_url` is where the API leads from an address that lasts to one that is good at the moment.
    """

    base_url: str
    files_url: str = ""

    def addressed(self, workspace: str, content: Content, *, lasting: bool) -> Content:
        """The content with an address for each of its media that was uploaded: for now, or one that lasts."""
        if not any(media.id for media in content.media):
            return content
        return replace(content, media=tuple(self._addressed(workspace, media, lasting) for media in content.media))

    def of(self, key: str, *, lasts_s: int = READ_S) -> str:
        """Where the object of that key can be read."""
        return aws.signed_url("GET", f"{self.base_url}/{key}", lasts_s=lasts_s)

    def for_upload(self, key: str, headers: Mapping[str, str]) -> str:
        """Where an object of that key can be put, with exactly these headers."""
        return aws.signed_url("PUT", f"{self.base_url}/{key}", headers=headers, lasts_s=UPLOAD_S)

    def _addressed(self, workspace: str, media: Media, lasting: bool) -> Media:  # noqa: FBT001 - passed on as it came
        if not media.id:
            return media
        key = f"{workspace}/{media.id}"
        return replace(media, url=f"{self.files_url}/{key}" if lasting else self.of(key))
