"""Feeds: a channel's feed, in the form its readers ask for."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime
from email.utils import format_datetime
from typing import TYPE_CHECKING

from functions.platforms import _feeds
from web import aws, contract
from web.problems import NOT_FOUND, Refusal
from web.request import Answer, Request
from web.router import Router
from web.schemas.base import Whatever

if TYPE_CHECKING:
    from collections.abc import Callable

    from mypy_boto3_s3 import S3Client

FRESH_S = 60


@dataclass(frozen=True, slots=True)
class Stored:
    """A feed's document, and when it was last written."""

    document: bytes
    changed_at: datetime


@dataclass(frozen=True)
class Feeds:
    """The feeds in the bucket, which their adapter writes."""

    bucket: str
    public_url: str
    client: Callable[[], S3Client] = aws.s3

    def serve(self, router: Router) -> None:
        """Have `router` lead here what is about feeds."""
        router.serve(contract.READ_FEED, self.read)

    def read(self, request: Request[Whatever]) -> Answer[bytes]:
        """The feed as it stands, in one of its forms."""
        token, name = request.path["token"], request.path["format"]
        form, stored = _feeds.FORMATS.get(name), self.stored(token)
        if form is None or stored is None:
            known = ", ".join(_feeds.FORMATS)
            raise Refusal(NOT_FOUND, f"There is no such feed, or nothing is published in it yet. Its forms: {known}.")
        address = _feeds.address(self.public_url, token, name)
        headers = {
            "Cache-Control": f"public, max-age={FRESH_S}",
            "Last-Modified": format_datetime(stored.changed_at, usegmt=True),
        }
        rendered = form.render(_feeds.read(stored.document), address)
        return Answer(rendered, headers=headers, content_type=form.content_type)

    def stored(self, token: str) -> Stored | None:
        """The feed, if there is one."""
        client = self.client()
        try:
            answer = client.get_object(Bucket=self.bucket, Key=_feeds.key(token))
        except client.exceptions.NoSuchKey:
            return None
        return Stored(answer["Body"].read(), answer["LastModified"].astimezone(UTC))

    def remove(self, token: str) -> None:
        """Take a feed off the web; there need be none."""
        self.client().delete_object(Bucket=self.bucket, Key=_feeds.key(token))
