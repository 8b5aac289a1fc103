"""What lies in the bucket: read in pieces, never whole where it may be large."""

from __future__ import annotations

import io
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from media import aws

if TYPE_CHECKING:
    from mypy_boto3_s3 import S3Client

PIECE_BYTES = 512 * 1024  # more than what MediaInfo asks for at once, so that it asks S3 seldom


@dataclass(frozen=True)
class Depot:
    """The objects of one bucket."""

    bucket: str
    client: Callable[[], S3Client] = aws.s3

    def size(self, key: str) -> int | None:
        """How many bytes an object has; None where there is none."""
        try:
            return self.client().head_object(Bucket=self.bucket, Key=key)["ContentLength"]
        except self.client().exceptions.ClientError as error:
            if error.response["ResponseMetadata"]["HTTPStatusCode"] == 404:  # noqa: PLR2004
                return None
            raise

    def piece(self, key: str, start: int, size_bytes: int) -> bytes:
        """A part of an object."""
        asked = f"bytes={start}-{start + size_bytes - 1}"
        return self.client().get_object(Bucket=self.bucket, Key=key, Range=asked)["Body"].read()

    def put(self, key: str, content: bytes, kind: str) -> None:
        """Store an object; one that is there already is replaced by the same."""
        self.client().put_object(Bucket=self.bucket, Key=key, Body=content, ContentType=kind)

    def delete(self, key: str) -> None:
        """Delete an object, if it is there."""
        self.client().delete_object(Bucket=self.bucket, Key=key)

    def opened(self, key: str, size_bytes: int) -> Remote:
        """An object as a file that is read where it is asked for."""
        return Remote(self, key, size_bytes)


@dataclass
class Remote(io.RawIOBase):
    """An object as a file; it holds one piece of it at a time."""

    depot: Depot
    key: str
    size_bytes: int
    at: int = 0
    asked: int = 0  # how often S3 was
    _start: int = 0
    _held: bytes = field(default=b"", repr=False)

    def seek(self, offset: int, whence: int = io.SEEK_SET) -> int:
        """Where the next bytes are read."""
        base = {io.SEEK_SET: 0, io.SEEK_CUR: self.at, io.SEEK_END: self.size_bytes}[whence]
        self.at = max(0, min(base + offset, self.size_bytes))
        return self.at

    def tell(self) -> int:
        """Where that is."""
        return self.at

    def seekable(self) -> bool:
        """It is."""
        return True

    def readable(self) -> bool:
        """It is."""
        return True

    def read(self, size: int = -1) -> bytes:
        """At most so many bytes; a piece at most where none are named."""
        wanted = min(size if size >= 0 else PIECE_BYTES, PIECE_BYTES, self.size_bytes - self.at)
        if wanted <= 0:
            return b""
        if not self._start <= self.at <= self.at + wanted <= self._start + len(self._held):
            self.asked += 1
            self._start = self.at
            self._held = self.depot.piece(self.key, self.at, min(PIECE_BYTES, self.size_bytes - self.at))
        begin = self.at - self._start
        found = self._held[begin : begin + wanted]
        self.at += len(found)
        return found
