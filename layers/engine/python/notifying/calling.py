"""Calls strangers: one POST to an address of a customer's, over admitted addresses, within fifteen seconds in all.

This is all that the function does which may do nothing else: it has no rights, no keys, no tables. So whoever led it
astray would find nothing there.
"""

from __future__ import annotations

import logging
import time
from collections.abc import Callable
from dataclasses import dataclass

import httpx
from idna import IDNAError
from pydantic import BaseModel, ConfigDict, Field

from publishing.conversation import USER_AGENT
from publishing.replies import retry_after_s
from publishing.transport import AddressRefused, Until

WITHIN_S = 15.0
CONNECT_S = 5.0
EXCERPT_CHARS = 500
READ_BYTES = 4 * EXCERPT_CHARS  # more of an answer is not read: its status says all

logger = logging.getLogger(__name__)


class Call(BaseModel):
    """Whom to call with what."""

    model_config = ConfigDict(frozen=True, extra="forbid", hide_input_in_errors=True)

    url: str = Field(max_length=2_000, repr=False)
    headers: dict[str, str] = Field(repr=False)
    body: str = Field(repr=False)


class Result(BaseModel):
    """What came of it: a status (0: none came), and in a word why it was no answer."""

    model_config = ConfigDict(frozen=True, extra="ignore")

    status: int = 0
    ms: int = 0
    why: str = ""
    excerpt: str = Field(default="", repr=False)
    retry_after_s: float = 0.0


@dataclass(frozen=True)
class Caller:
    """Calls over `transport`; `plain_http` admits `http://` addresses: stage `local` alone."""

    transport: httpx.BaseTransport
    plain_http: bool = False
    now_s: Callable[[], float] = time.monotonic

    def call(self, call: Call) -> Result:
        """Make the call; whatever becomes of it is a result."""
        began_s = self.now_s()
        result = self._tried(call, began_s + WITHIN_S)
        return result.model_copy(update={"ms": round((self.now_s() - began_s) * 1000)})

    def _tried(self, call: Call, end_s: float) -> Result:
        try:
            return self._answered(self._request(call, end_s), end_s)
        except AddressRefused:
            return Result(why="address_refused")
        except httpx.TimeoutException:
            return Result(why="timeout")
        except (httpx.InvalidURL, httpx.UnsupportedProtocol, IDNAError):
            return Result(why="address_unreadable")
        except (httpx.TransportError, httpx.StreamError):
            return Result(why="unreachable")
        except Exception as error:  # noqa: BLE001 - nothing a stranger sends may make the function itself fail
            logger.error("A call broke off: %s", type(error).__name__)  # its text may be the stranger's
            return Result(why="unexpected")

    def _request(self, call: Call, end_s: float) -> httpx.Request:
        url = httpx.URL(call.url)
        if not url.host or (url.scheme != "https" and not (self.plain_http and url.scheme == "http")):
            raise httpx.UnsupportedProtocol("Only https addresses are called.")
        soon, end = Until(end_s, self.now_s, CONNECT_S), Until(end_s, self.now_s)
        timeouts = {"connect": soon, "pool": soon, "read": end, "write": end}
        headers = {**call.headers, "User-Agent": USER_AGENT, "Accept-Encoding": "identity"}
        # On a connection of its own: one that died while the function was frozen would count as the receiver's failure.
        extensions = {"publishes": True, "timeout": timeouts}
        return httpx.Request("POST", url, headers=headers, content=call.body.encode(), extensions=extensions)

    def _answered(self, request: httpx.Request, end_s: float) -> Result:
        reply = self.transport.handle_request(request)
        try:
            if reply.is_success:
                return Result(status=reply.status_code)
            excerpt = self._excerpt(reply, end_s)
        finally:
            reply.close()
        return Result(status=reply.status_code, why="status", excerpt=excerpt, retry_after_s=retry_after_s(reply, 0.0))

    def _excerpt(self, reply: httpx.Response, end_s: float) -> str:
        """The beginning of an answer; what stands in its way costs only that."""
        read = bytearray()
        try:
            for chunk in reply.stream:  # type: ignore[union-attr]  # sync transports stream bytes
                read += chunk
                if len(read) >= READ_BYTES or self.now_s() > end_s:
                    break
        except (httpx.TransportError, httpx.StreamError):
            pass
        text = bytes(read[:READ_BYTES]).decode(errors="replace")
        return "".join(each if each.isprintable() else " " for each in text)[:EXCERPT_CHARS].strip()
