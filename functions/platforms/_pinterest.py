"""How Pinterest's API v5 is asked, and what its refusals mean.

Source: https://developers.pinterest.com/docs/api/v5/ and the OpenAPI description 5.23.0 in
github.com/pinterest/api-description (read 2026-11-21)
"""

from __future__ import annotations

import httpx

from publishing.adapter import PUBLISHES
from publishing.errors import PublishingError, Refused, Throttled, Unauthorized
from publishing.model import Channel
from publishing.replies import Reply, error_for, quoted, read_if_readable, retry_after_s, spent_for_s

API, TRIAL = "https://api.pinterest.com", "https://api-sandbox.pinterest.com"
ENDED, OF_THE_APP = frozenset({"283"}), frozenset({"2"})  # where tokens are renewed: of the grant, of the app
SPENT = {"remaining": "x-ratelimit-remaining", "reset_after": "x-ratelimit-reset"}  # the latter in seconds

THROTTLED = 8
ERRORS: dict[int, type[Unauthorized | Refused]] = {
    **dict.fromkeys((2, 3, 29), Unauthorized),  # authentication failed; a scope, or the app's own access, is missing
    **dict.fromkeys((1, 40, 235), Refused),  # wrong parameters, no such board, no such image
}
REMEDIES = {
    40: "Connect the channel to a board of its account.",
    235: "Its address must lead everybody to a PNG, JPEG, WebP, BMP or TIFF picture of 20 MB at most.",
}
TRIAL_REMEDY = f"Ask Pinterest for standard access, or connect the channel to {TRIAL} with a token from there."


class Trouble(Reply):
    """What Pinterest says of a request it did not take; nothing where a proxy answered in its stead."""

    code: int = 0
    message: str = ""

    def error(self, reply: httpx.Response, channel: Channel) -> PublishingError:
        """Sorted by Pinterest's own code first, by the status where that says nothing or leaves it open."""
        remedy = TRIAL_REMEDY if "trial access" in self.message.lower() else REMEDIES.get(self.code, "")
        message = f"Pinterest answered: {quoted(f'{self.message} {remedy}', channel)}" if self.message else ""
        code, status, kind = str(self.code), reply.status_code, ERRORS.get(self.code)
        if status == httpx.codes.TOO_MANY_REQUESTS or (self.code == THROTTLED and reply.is_client_error):
            wait_s = retry_after_s(reply, default=spent_for_s(reply, **SPENT) or 60.0)
            return Throttled(message, retry_after_s=wait_s, code=code, status=status)
        if kind and reply.is_client_error:
            return kind(message, code=code, status=status)
        return error_for(reply, message, code=code)


def base(channel: Channel) -> str:
    """The address of the API that the channel is connected to."""
    return f"{(channel.settings.get('base_url') or API).rstrip('/').removesuffix('/v5')}/v5"


def request(method: str, path: str, channel: Channel, *, json: object = None, publishes: bool = False) -> httpx.Request:
    """A request with the channel's access token."""
    token = channel.secrets.get("access_token", "").strip()
    if not token:
        raise Unauthorized("This channel has no access token yet.")
    if not (token.isascii() and token.isprintable()):
        raise Unauthorized("This is no access token: it holds characters that none has.")
    headers, extensions = {"authorization": f"Bearer {token}"}, PUBLISHES if publishes else {}
    return httpx.Request(method, f"{base(channel)}/{path}", headers=headers, json=json, extensions=extensions)


def taken(reply: httpx.Response, channel: Channel) -> httpx.Response:
    """The reply, if Pinterest did what it was asked; else its complaint is raised."""
    if reply.is_success:
        return reply
    raise read_if_readable(Trouble, reply).error(reply, channel)
