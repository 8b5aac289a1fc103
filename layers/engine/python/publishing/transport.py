"""HTTP over addresses that may be reached, within the time that was agreed: the network as conversations see it."""

from __future__ import annotations

import math
import socket
import ssl
from collections.abc import Callable, Iterable, Mapping
from concurrent.futures import Future
from contextlib import suppress
from functools import cache
from threading import BoundedSemaphore, Thread
from typing import Any, Self

import httpcore
import httpx

from publishing.guard import is_public, may_be_called

Admits = Callable[[str], bool]  # whether a numeric address may be connected to
Calls = Callable[[int], bool]  # whether a port may be

PIECE_BYTES = 16_384  # of a request, between two looks at the clock
CONNECTIONS = 100
IDLE_CONNECTIONS = 20
IDLE_S = 5.0
RESOLVE_S = 5.0  # where nobody says how long connecting may take
RESOLVING = 64  # names at once; one that is waited for no longer counts until the resolver gives up
TRIED = 6  # addresses of one name: all are judged, but nobody has us knock at a thousand doors

_resolving = BoundedSemaphore(RESOLVING)


class AddressRefused(httpx.ConnectError):
    """The host leads to an address outside the public internet, or the port is none that is called."""


class _NotAdmitted(httpcore.ConnectError):
    pass


class Until(float):
    """A timeout that ends at one moment: asked again later it has less left, where httpcore starts each wait anew."""

    _end_s: float
    _now_s: Callable[[], float]

    def __new__(cls, end_s: float, now_s: Callable[[], float], most_s: float = math.inf) -> Self:
        """Ends at `end_s` on the clock `now_s`, and lasts at most `most_s`."""
        until = super().__new__(cls, max(0.0, min(most_s, end_s - now_s())))
        until._end_s, until._now_s = end_s, now_s
        return until

    def left_s(self) -> float:
        """The seconds left by now; none or fewer once it is over."""
        return min(float(self), self._end_s - self._now_s())


def _left_s(timeout: float | None, late: type[httpcore.TimeoutException]) -> float | None:
    left_s = timeout.left_s() if isinstance(timeout, Until) else timeout
    if left_s is not None and left_s <= 0:
        raise late("The time for this conversation is over.")
    return left_s


class _Punctual(httpcore.NetworkStream):
    """A connection on which all waits together end at the deadline: whoever drips bytes does not buy time with them."""

    def __init__(self, stream: httpcore.NetworkStream) -> None:
        self._stream = stream

    def read(self, max_bytes: int, timeout: float | None = None) -> bytes:
        return self._stream.read(max_bytes, _left_s(timeout, httpcore.ReadTimeout))

    def write(self, buffer: bytes, timeout: float | None = None) -> None:
        for start in range(0, len(buffer), PIECE_BYTES):
            self._stream.write(buffer[start : start + PIECE_BYTES], _left_s(timeout, httpcore.WriteTimeout))

    def close(self) -> None:
        self._stream.close()

    def start_tls(
        self, ssl_context: ssl.SSLContext, server_hostname: str | None = None, timeout: float | None = None
    ) -> httpcore.NetworkStream:
        left_s = _left_s(timeout, httpcore.ConnectTimeout)
        return _Punctual(self._stream.start_tls(ssl_context, server_hostname, left_s))

    def get_extra_info(self, info: str) -> Any:
        return self._stream.get_extra_info(info)


class _Connector(httpcore.SyncBackend):
    """Resolves a name once, judges every address it leads to, and connects to the very addresses it judged."""

    def __init__(self, admits: Admits, calls: Calls) -> None:
        self._admits, self._calls = admits, calls

    def connect_tcp(
        self,
        host: str,
        port: int,
        timeout: float | None = None,
        local_address: str | None = None,
        socket_options: Iterable[httpcore.SOCKET_OPTION] | None = None,
    ) -> httpcore.NetworkStream:
        if not self._calls(port):
            raise _NotAdmitted(
                f"Port {port} is not called: only 443, and those above 1023 that are no other service's."
            )
        left_s = _left_s(timeout, httpcore.ConnectTimeout)
        *others, last = vetted(host, port, RESOLVE_S if left_s is None else left_s, self._admits)[:TRIED]
        for address in others:
            with suppress(httpcore.ConnectError):
                return self._reach(address, port, timeout, local_address, socket_options)
        return self._reach(last, port, timeout, local_address, socket_options)

    def _reach(self, address: str, port: int, timeout: float | None, *options: Any) -> httpcore.NetworkStream:
        left_s = _left_s(timeout, httpcore.ConnectTimeout)
        return _Punctual(super().connect_tcp(address, port, left_s, *options))


def vetted(host: str, port: int, within_s: float, admits: Admits = is_public) -> tuple[str, ...]:
    """The numeric addresses of `host`, in the order to try them; at least one.

    Raises:
        httpcore.ConnectError: it does not resolve, or one of its addresses is not admitted: one private answer
            among public ones is how rebinding begins, so the whole answer is refused.
        httpcore.ConnectTimeout: it does not resolve in time.
    """
    try:
        found = _looked_up(host, port, within_s)
    except TimeoutError as error:
        raise httpcore.ConnectTimeout("The host name does not resolve in time.") from error
    except (OSError, ValueError, OverflowError) as error:
        raise httpcore.ConnectError("The host name does not resolve.") from error
    addresses = tuple(dict.fromkeys(str(entry[4][0]) for entry in found))
    if not addresses or not all(admits(address) for address in addresses):
        raise _NotAdmitted("The host leads to an address outside the public internet.")
    return addresses


def _looked_up(host: str, port: int, within_s: float) -> list[Any]:
    """What the resolver answers. `getaddrinfo` knows no timeout, so one that takes too long is left to its thread."""
    if not _resolving.acquire(blocking=False):
        raise TimeoutError
    future: Future[list[Any]] = Future()
    Thread(target=_look_up, args=(host, port, future), daemon=True).start()
    return future.result(within_s)


def _look_up(host: str, port: int, future: Future[list[Any]]) -> None:
    try:
        future.set_result(socket.getaddrinfo(host, port, type=socket.SOCK_STREAM))
    except (OSError, ValueError, OverflowError) as error:  # the last for a port with too many digits
        future.set_exception(error)
    finally:
        _resolving.release()


class GuardedTransport(httpx.BaseTransport):
    """HTTP over admitted addresses only: TLS verified, no redirects, no proxies from the environment, no retries.

    A publishing request gets a connection of its own. On a kept one, which may have died while the function was
    frozen, its answer could be lost without it ever having been read: an `uncertain` delivery for nothing.
    """

    def __init__(self, admits: Admits = is_public, calls: Calls = may_be_called) -> None:
        """Two connection pools, shared by all threads of a function."""
        connector = _Connector(admits, calls)
        self._kept = _pooled(connector, IDLE_CONNECTIONS)
        self._fresh = _pooled(connector, 0)

    def handle_request(self, request: httpx.Request) -> httpx.Response:
        """The response, or `AddressRefused` where the host leads to an address that is not admitted."""
        transport = self._fresh if request.extensions.get("publishes") else self._kept
        try:
            return transport.handle_request(request)
        except httpx.ConnectError as error:
            if isinstance(error.__cause__, _NotAdmitted):
                raise AddressRefused(str(error), request=request) from error
            raise

    def close(self) -> None:
        """Close the connections that are kept."""
        self._kept.close()
        self._fresh.close()


def plain_transport() -> GuardedTransport:
    """HTTP to any address and port: for AWS's own endpoints, and on stage `local` for stand-ins on loopback."""
    return GuardedTransport(admits=lambda _address: True, calls=lambda _port: True)


class Detoured(httpx.BaseTransport):
    """Leads what is meant for some hosts to other addresses: on stage `local`, to the stand-ins of platforms."""

    def __init__(self, transport: httpx.BaseTransport, addresses: Mapping[str, str]) -> None:
        """`addresses`: where each host's requests go, as `http://127.0.0.1:4711`."""
        self._transport = transport
        self._addresses = {host: httpx.URL(address) for host, address in addresses.items()}

    def handle_request(self, request: httpx.Request) -> httpx.Response:
        """The response of whoever stands in."""
        address = self._addresses.get(request.url.raw_host.decode())
        if address is None:
            return self._transport.handle_request(request)
        url = request.url.copy_with(scheme=address.scheme, host=address.host, port=address.port)
        headers = httpx.Headers({**request.headers, "host": url.netloc.decode()})
        led = httpx.Request(request.method, url, headers=headers, stream=request.stream, extensions=request.extensions)
        return self._transport.handle_request(led)


@cache
def _tls() -> ssl.SSLContext:
    return httpx.create_ssl_context(trust_env=False)


def _pooled(connector: _Connector, idle_connections: int) -> httpx.HTTPTransport:
    transport = httpx.HTTPTransport(verify=_tls(), trust_env=False)
    transport._pool = httpcore.ConnectionPool(  # noqa: SLF001  # httpx 0.28 has no public way to give it a backend
        ssl_context=_tls(),
        max_connections=CONNECTIONS,
        max_keepalive_connections=idle_connections,
        keepalive_expiry=IDLE_S,
        network_backend=connector,
    )
    return transport
