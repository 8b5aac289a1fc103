"""How LinkedIn's versioned API is asked, and what its refusals mean.

Source: https://learn.microsoft.com/linkedin/marketing/versioning, …/integrations/migrations, which has the last day of
each version (as others read it 2026-08-13), and …/shared/api-guide/concepts/error-handling (read 2026-11-21)
"""

from __future__ import annotations

import re
from datetime import UTC, date, datetime, timedelta

import httpx
from pydantic import Field as Reads

from publishing.adapter import Version
from publishing.errors import PublishingError, QuotaSpent, Unauthorized, Unavailable
from publishing.model import Channel
from publishing.replies import Reply, error_for, quoted, read_if_readable

API = "https://api.linkedin.com/"
VERSIONS = (Version("202607", date(2027, 7, 15)), Version("202606", date(2027, 6, 15)))
ENDED = frozenset({"invalid_request"})  # what is asked is well formed: it is said of the refresh token
REMEDY = "It takes w_member_social for a member; w_organization_social, r_organization_social and a role for a page."


class Trouble(Reply):
    """What LinkedIn says of a request it did not take; nothing where a proxy answered in its stead."""

    message: str = ""
    code: str = ""
    service_code: int = Reads(default=0, validation_alias="serviceErrorCode")

    def error(self, reply: httpx.Response, channel: Channel) -> PublishingError:
        """Sorted by the status; an ended version and a spent day are told by it and by LinkedIn's words."""
        status, remedy = reply.status_code, REMEDY if reply.status_code == httpx.codes.FORBIDDEN else ""
        message = f"LinkedIn answered: {quoted(f'{self.message} {remedy}', channel)}" if self.message else ""
        code = quoted(f"{self.code} {self.service_code or ''}", channel)
        if status == httpx.codes.UPGRADE_REQUIRED:
            ended = f"LinkedIn ended version {_version(channel)} of its API: update us, or the channel's API version."
            return Unavailable(ended, code=code, status=status)
        if status == httpx.codes.TOO_MANY_REQUESTS and " DAY limit" in self.message:
            today = datetime.now(UTC).replace(hour=0, minute=0, second=0, microsecond=0)
            return QuotaSpent(message, until=today + timedelta(days=1), code=code, status=status)
        return error_for(reply, message, code=code)


def author_of(channel: Channel) -> tuple[str, str, str]:
    """The URN of who publishes, its kind (`person`, `organization`) and its key."""
    parts = re.fullmatch(r"urn:li:(person|organization):([A-Za-z0-9_-]+)", channel.settings["author"].strip())
    if not parts:
        raise Unauthorized("The author of this channel is no urn:li:person:… and no urn:li:organization:….")
    return parts[0], parts[1], parts[2]


def request(method: str, path: str, channel: Channel, **content: object) -> httpx.Request:
    """A request with the channel's access token and in its version; `path` may be a whole address, too."""
    token = channel.secrets.get("access_token", "").strip()
    if not token:
        raise Unauthorized("This channel has no access token yet.")
    if not (token.isascii() and token.isprintable()):
        raise Unauthorized("This is no access token: it holds characters that none has.")
    headers = {
        "authorization": f"Bearer {token}",
        "linkedin-version": _version(channel),
        "x-restli-protocol-version": "2.0.0",
    }
    return httpx.Request(method, httpx.URL(API).join(path), headers=headers, **content)  # type: ignore[arg-type]


def taken(reply: httpx.Response, channel: Channel) -> httpx.Response:
    """The reply, if LinkedIn did what it was asked; else its complaint is raised."""
    if reply.is_success:
        return reply
    raise read_if_readable(Trouble, reply).error(reply, channel)


def _version(channel: Channel) -> str:
    pinned = channel.settings.get("api_version", "").strip() or VERSIONS[0].name
    if pinned not in {version.name for version in VERSIONS}:
        spoken = " and ".join(version.name for version in VERSIONS)
        raise Unauthorized(f"The API version of this channel is none we speak; those are {spoken}.")
    return pinned
