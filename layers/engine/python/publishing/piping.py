"""Bodies that nobody holds: what a platform is to be given is read from its own address while it is sent."""

from __future__ import annotations

from collections.abc import Callable, Iterator

import httpx

from publishing.adapter import Piped
from publishing.errors import Refused, Unavailable
from publishing.replies import may_have_acted

Send = Callable[[httpx.Request], httpx.Response]


class Pipe(httpx.SyncByteStream):
    """A request's body, of which the middle comes from another answer."""

    def __init__(self, piped: Piped, source: httpx.Response) -> None:
        """`source` is the open answer that brings the middle."""
        self._piped, self._source = piped, source

    def __iter__(self) -> Iterator[bytes]:
        """The body, piece by piece; what breaks off on the way breaks the request off."""
        yield self._piped.before
        left = self._piped.size_bytes
        for piece in self._source.stream:  # type: ignore[union-attr]  # sync transports stream bytes
            left -= len(piece)
            if left < 0:
                break
            yield piece
        if left:
            raise httpx.ReadError("The media is not as long as it was.")
        yield self._piped.after

    def close(self) -> None:
        """Let go of where it is read from."""
        self._source.close()


def piping(request: httpx.Request, piped: Piped, send: Send) -> httpx.Request:
    """`request` with its body; `send` asks for where that is read from.

    Raises:
        Refused: there is nothing to be had at its address. Unavailable: for now.
    """
    end = piped.start + piped.size_bytes - 1
    asked = {"range": f"bytes={piped.start}-{end}", "accept-encoding": "identity"}
    source = send(httpx.Request("GET", piped.url, headers=asked, extensions={"timeout": request.extensions["timeout"]}))
    if not _is_whole(source, piped):
        source.close()
        raise _unfit(source)
    headers = httpx.Headers(request.headers)
    headers["content-length"] = str(len(piped))
    stream = Pipe(piped, source)
    return httpx.Request(request.method, request.url, headers=headers, stream=stream, extensions=request.extensions)


def _is_whole(source: httpx.Response, piped: Piped) -> bool:
    """Whether what comes is what was asked for: a part, or all of what has no other part."""
    if source.status_code == httpx.codes.PARTIAL_CONTENT:
        return True
    length = source.headers.get("content-length")
    return source.status_code == httpx.codes.OK and not piped.start and length == str(piped.size_bytes)


def _unfit(source: httpx.Response) -> Refused | Unavailable:
    status, code = source.status_code, "content.media"
    if may_have_acted(source) or status == httpx.codes.TOO_MANY_REQUESTS:
        return Unavailable(f"The server of the media answered {status}.", status=status)
    if source.is_success:
        return Refused("The server of the media gives no part of it: upload it instead (POST /v1/media).", code=code)
    return Refused(f"The media cannot be fetched: its server answered {status}.", code=code, status=status)
