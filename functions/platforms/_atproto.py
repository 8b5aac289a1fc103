"""Requests to a personal data server (PDS) of the AT Protocol: its sessions, and what its errors mean.

Source: https://atproto.com/specs/xrpc, github.com/bluesky-social/atproto@d6296a1: lexicons/com/atproto/server,
packages/pds/src/api (read 2026-11-21)
"""

from __future__ import annotations

import re
import time
from typing import Any

import httpx
from pydantic import Field as Reads
from pydantic import JsonValue

from functions.platforms._dpop import nonce_of, proven
from publishing.adapter import Conversation
from publishing.errors import PublishingError, Throttled, Unauthorized
from publishing.model import Channel, Receipt
from publishing.replies import Reply, bounded_wait_s, error_for, parsed, quoted, read_if_readable, retry_after_s

SERVICE = "https://bsky.social"
UNAUTHORIZED = re.compile("Auth|Token|Account(?:Takedown|Deactivated|Suspended|NotFound)")


class Session(Reply):
    """An account that is logged in."""

    token: str = Reads(alias="accessJwt", pattern=r"^[!-~]+$")
    did: str = Reads(pattern=r"^did:[!-~]+$")
    handle: str = "handle.invalid"
    document: JsonValue = Reads(None, alias="didDoc")

    @property
    def profile(self) -> str:
        """The account's page."""
        return f"https://bsky.app/profile/{self.did if self.handle == 'handle.invalid' else self.handle}"

    def receipt(self, uri: str) -> Receipt:
        """The receipt of a post."""
        return Receipt(uri, f"{self.profile}/post/{uri.rpartition('/')[2]}")

    def pds(self, channel: Channel) -> str:
        """The host of the account's own PDS: bsky.social answers for many."""
        services = self.document.get("service") if isinstance(self.document, dict) else None
        for service in services if isinstance(services, list) else []:
            match service:
                case {"id": str(name), "serviceEndpoint": str(address)} if name.endswith("#atproto_pds"):
                    return httpx.URL(address).host
        return _service(channel).host


class Bound(Session):
    """A session by consent: its token is bound to a key, and the next proof holds the server's nonce."""

    key: str = Reads(repr=False)
    nonce: str = ""


class _Whose(Reply):
    did: str = Reads(pattern=r"^did:[!-~]+$")
    handle: str = "handle.invalid"


class _Trouble(Reply):
    error: str = ""
    message: str = ""


def request(method: str, name: str, channel: Channel, session: Session | None, **content: Any) -> httpx.Request:
    """A request to the channel's PDS; `name` is the method's in `com.atproto`."""
    address = _service(channel).copy_with(path=f"/xrpc/com.atproto.{name}", query=None, fragment=None)
    asked = httpx.Request(method, address, **content)
    if session and not isinstance(session, Bound):
        asked.headers["authorization"] = f"Bearer {session.token}"
    return asked


def asked(method: str, name: str, channel: Channel, session: Session, **content: Any) -> Conversation[httpx.Response]:
    """The PDS's answer to `request`, as that session proves to be itself."""
    sent = request(method, name, channel, session, **content)
    if isinstance(session, Bound):
        return (yield from proven(sent, session.key, token=session.token, nonce=session.nonce))
    return (yield sent)


def opened(channel: Channel) -> Conversation[Session]:
    """Open a session with the channel's app password; where a person consented, there is one."""
    if channel.secrets.get("dpop_key"):
        return (yield from _consented(channel))
    who = channel.settings["handle"].strip().removeprefix("@")
    login = {"identifier": who, "password": channel.secrets["app_password"].strip()}
    reply = yield request("POST", "server.createSession", channel, None, json=login)
    if reply.status_code == httpx.codes.BAD_REQUEST:  # there is nothing in it but credentials
        raise Unauthorized(str(error_of(reply, channel)), status=reply.status_code)
    return parsed(Session, taken(reply, channel))


def _consented(channel: Channel) -> Conversation[Session]:
    key, token = channel.secrets["dpop_key"].strip(), channel.secrets.get("access_token", "").strip()
    reply = yield from proven(request("GET", "server.getSession", channel, None), key, token=token)
    whose = parsed(_Whose, taken(reply, channel))
    known = {"accessJwt": token, "did": whose.did, "handle": whose.handle}
    return Bound.model_validate({**known, "key": key, "nonce": nonce_of(reply)})


def taken(reply: httpx.Response, channel: Channel) -> httpx.Response:
    """The reply, if it is no error."""
    if reply.is_success:
        return reply
    raise error_of(reply, channel)


def error_of(reply: httpx.Response, channel: Channel) -> PublishingError:
    """Sorted by the error's name first: an expired token comes with a 400."""
    trouble, status = read_if_readable(_Trouble, reply), reply.status_code
    code, told = quoted(trouble.error, channel), quoted(trouble.message or trouble.error, channel)
    message = f"Bluesky answered: {told}" if told else ""
    if status == httpx.codes.TOO_MANY_REQUESTS:
        reset = reply.headers.get("ratelimit-reset", "")
        wait_s = int(reset) - time.time() if re.fullmatch("[0-9]{1,15}", reset) else None
        return Throttled(message, retry_after_s=retry_after_s(reply, bounded_wait_s(wait_s)), code=code, status=status)
    if reply.is_client_error and UNAUTHORIZED.search(code):
        return Unauthorized(message, code=code, status=status)
    return error_for(reply, message, code=code)


def _service(channel: Channel) -> httpx.URL:
    return httpx.URL(channel.settings.get("service") or SERVICE)
