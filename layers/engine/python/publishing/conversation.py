"""Holds the conversations adapters write: the only network code, and the one place where lost answers are sorted."""

from __future__ import annotations

import socket
import ssl
import time
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from typing import Any, TypeVar

import httpcore
import httpx

from publishing.adapter import Conversation
from publishing.errors import OutcomeUnknown, PublishingError, Refused, Unavailable
from publishing.guard import is_public

T = TypeVar("T")
Sign = Callable[[httpx.Request, str], None]  # signs a request in place for the AWS service of that signing name

USER_AGENT = "Postroom/0.1"
ANSWER_BYTES = 1_000_000  # the most of an answer that is read; what is longer cannot be an answer we know
STEPS = 60  # more requests than any conversation needs: an adapter that loops is stopped
NOT_SENT = (httpx.ConnectError, httpx.ConnectTimeout, httpx.PoolTimeout, httpx.UnsupportedProtocol)
IDLE_CONNECTIONS = 20


class AddressRefused(httpx.ConnectError):
    """The host leads to an address outside the public internet."""


class _PublicOnly(httpcore.SyncBackend):
    """Resolves a name once, judges every address it leads to, and connects to the very address it judged."""

    def connect_tcp(self, host: str, port: int, *args: Any, **options: Any) -> httpcore.NetworkStream:
        return super().connect_tcp(vetted(host, port), port, *args, **options)


def vetted(host: str, port: int) -> str:
    """The numeric address to connect to for `host`.

    Raises:
        httpcore.ConnectError: it does not resolve, or any address it resolves to is not a public one: one private
            answer among public ones is how rebinding begins, so the whole answer is refused.
    """
    try:
        found = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)
    except (OSError, UnicodeError) as error:
        raise httpcore.ConnectError("The host name does not resolve.") from error
    addresses = [str(entry[4][0]) for entry in found]
    if not addresses or not all(is_public(address) for address in addresses):
        raise _NotPublic("The host leads to an address outside the public internet.")
    return addresses[0]


class _NotPublic(httpcore.ConnectError):
    pass


class GuardedTransport(httpx.HTTPTransport):
    """HTTP over public addresses only: TLS verified, no redirects, no proxies from the environment, no retries."""

    def __init__(self) -> None:
        """One connection pool, shared by all threads of a function."""
        context = httpx.create_ssl_context(trust_env=False)
        super().__init__(verify=context, trust_env=False, retries=0)
        self._pool = _pool(context)  # httpx 0.28 has no public way to give its pool a network backend

    def handle_request(self, request: httpx.Request) -> httpx.Response:
        """The response, or `AddressRefused` where the host is not on the public internet."""
        try:
            return super().handle_request(request)
        except httpx.ConnectError as error:
            if isinstance(error.__cause__, _NotPublic):
                raise AddressRefused(str(error), request=request) from error
            raise


def _pool(context: ssl.SSLContext) -> httpcore.ConnectionPool:
    return httpcore.ConnectionPool(
        ssl_context=context,
        max_connections=100,
        max_keepalive_connections=IDLE_CONNECTIONS,
        network_backend=_PublicOnly(),
    )


def plain_transport() -> httpx.HTTPTransport:
    """HTTP to any address: for AWS's own endpoints, and on stage `local` for stand-ins on loopback."""
    return httpx.HTTPTransport(trust_env=False, retries=0)


@dataclass(frozen=True)
class Conversations:
    """Drives adapters' conversations.

    `outside` carries requests to platforms, `inside` those marked for AWS. `plain_http` admits `http://` addresses:
    stage `local` alone.
    """

    outside: httpx.BaseTransport
    inside: httpx.BaseTransport
    sign: Sign
    plain_http: bool = False
    now_s: Callable[[], float] = time.monotonic

    def hold(self, conversation: Conversation[T], *, within_s: float) -> T:
        """The conversation's result, reached within `within_s` seconds.

        Raises:
            PublishingError: whatever the adapter raised, or what a lost answer means at the point where it was lost.
        """
        deadline_s = self.now_s() + within_s
        try:
            request = next(conversation)
            for _ in range(STEPS):
                request = self._step(conversation, request, deadline_s)
        except StopIteration as end:
            result: T = end.value
            return result
        raise Refused(f"The conversation did not end within {STEPS} requests.")

    def _step(self, conversation: Conversation[T], request: httpx.Request, deadline_s: float) -> httpx.Request:
        try:
            reply = self._ask(request, deadline_s)
        except PublishingError as error:
            return conversation.throw(error)
        return conversation.send(reply)

    def _ask(self, request: httpx.Request, deadline_s: float) -> httpx.Response:
        self._admit(request)
        left_s = deadline_s - self.now_s()
        if left_s <= 0:
            raise Unavailable("The time for this delivery ran out before the next request was sent.")
        request.extensions = {**request.extensions, "timeout": _timeouts(left_s)}
        request.headers.setdefault("User-Agent", USER_AGENT)
        request.headers["Accept-Encoding"] = "identity"  # what is read is what is counted
        service = request.extensions.get("aws")
        if service:
            self.sign(request, service)
        return self._exchange(request, self.inside if service else self.outside, deadline_s)

    def _admit(self, request: httpx.Request) -> None:
        if request.url.scheme != "https" and not (self.plain_http or request.extensions.get("aws")):
            raise Refused("Only https addresses are published to.")
        if not request.url.host:
            raise Refused("The address has no host.")

    def _exchange(self, request: httpx.Request, transport: httpx.BaseTransport, deadline_s: float) -> httpx.Response:
        try:
            reply = transport.handle_request(request)
            try:
                body = self._body(reply.stream, deadline_s)  # type: ignore[arg-type]  # sync transports stream bytes
            finally:
                reply.close()
        except AddressRefused as error:
            raise Refused(str(error)) from error
        except NOT_SENT as error:
            raise Unavailable(f"The platform could not be reached ({type(error).__name__}).") from error
        except (httpx.TransportError, httpx.StreamError) as error:
            raise lost(request, type(error).__name__) from error
        return httpx.Response(reply.status_code, headers=reply.headers, content=body, request=request)

    def _body(self, chunks: Iterable[bytes], deadline_s: float) -> bytes:
        read = bytearray()
        for chunk in chunks:
            read += chunk
            if len(read) > ANSWER_BYTES:
                raise httpx.ReadError("The answer is longer than any known one.")
            if self.now_s() > deadline_s:
                raise httpx.ReadTimeout("The answer came too slowly.")
        return bytes(read)


def lost(request: httpx.Request, what: str) -> PublishingError:
    """What it means that the answer to `request` never came, or not whole."""
    if request.extensions.get("publishes"):
        return OutcomeUnknown(f"The platform's answer was lost ({what}); the post may be out.")
    return Unavailable(f"The platform did not answer ({what}); nothing was published.")


def _timeouts(left_s: float) -> dict[str, float]:
    return {"connect": min(left_s, 5.0), "read": left_s, "write": left_s, "pool": min(left_s, 5.0)}
