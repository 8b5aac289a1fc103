"""Feeds: a channel's feed, in the form its readers ask for."""

from __future__ import annotations

from dataclasses import dataclass
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


@dataclass(frozen=True)
class Feeds:
    """The feeds in the bucket, which their adapter writes."""

    bucket: str
    client: Callable[[], S3Client] = aws.s3

    def serve(self, router: Router) -> None:
        """Have `router` lead here what is about feeds."""
        router.serve(contract.READ_FEED, self.read)

    def read(self, request: Request[Whatever]) -> Answer[bytes]:
        """The feed as it stands, in one of its forms."""
        form, stored = _feeds.FORMATS.get(request.path["format"]), self.stored(request.path["token"])
        if form is None or stored is None:
            detail = (
                f"There is no such feed, or nothing is published in it yet. Its forms: {', '.join(_feeds.FORMATS)}."
            )
            raise Refusal(NOT_FOUND, detail)
        document = _feeds.read(stored)
        headers = {
            "Cache-Control": f"public, max-age={FRESH_S}",
            "Last-Modified": format_datetime(document.updated, usegmt=True),
        }
        return Answer(form.render(document, request.url), headers=headers, content_type=form.content_type)

    def stored(self, token: str) -> bytes | None:
        """The feed's document, if there is one."""
        client = self.client()
        try:
            return client.get_object(Bucket=self.bucket, Key=_feeds.key(token))["Body"].read()
        except client.exceptions.NoSuchKey:
            return None
