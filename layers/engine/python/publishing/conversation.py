"""Holds the conversations adapters write, and is the one place where lost answers are sorted."""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import dataclass
from typing import TypeVar

import httpx
from idna import IDNAError

from publishing.adapter import Conversation, Piped
from publishing.errors import OutcomeUnknown, PublishingError, QuotaSpent, Refused, Throttled, Unauthorized, Unavailable
from publishing.piping import piping
from publishing.replies import may_have_acted, publishes
from publishing.transport import AddressRefused, Until

T = TypeVar("T")
Sign = Callable[[httpx.Request, str], None]  # signs a request in place for the AWS service of that signing name

USER_AGENT = "Postroom/0.1"
ANSWER_BYTES = 1_000_000  # the most of an answer that is read; what is longer cannot be an answer we know
CONNECT_S = 5.0
STEPS = 60  # more requests than any conversation needs: an adapter that loops is stopped
NOT_SENT = (httpx.ConnectError, httpx.ConnectTimeout, httpx.PoolTimeout, httpx.UnsupportedProtocol)
SENT_AGAIN = (Unauthorized, Throttled, QuotaSpent, Unavailable)
REFRAMED = frozenset({b"content-encoding", b"content-length", b"transfer-encoding"})
See = Callable[[httpx.Response], None]


def unseen(_reply: httpx.Response) -> None:
    """Nobody looks at the answers but the adapter."""


@dataclass
class _Course:
    """How far one conversation has come."""

    end_s: float
    see: See
    out: bool = False  # the publishing request was sent and not plainly refused: the post is out, or may be
    went_on: bool = False  # and another request was begun after it


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

    def hold(self, conversation: Conversation[T], *, within_s: float, see: See = unseen) -> T:
        """The conversation's result, reached within `within_s` seconds; `see` is shown every answer on the way.

        Raises:
            PublishingError: whatever the adapter raised, or what a lost answer means at the point where it was lost.
                Once the post is out, or may be, nothing that follows makes of it an error that is sent again.
        """
        course = _Course(self.now_s() + within_s, see)
        try:
            return self._drive(conversation, course)
        except (httpx.InvalidURL, IDNAError) as error:  # the latter where a host beginning with xn-- means nothing
            raise _settled(course, Refused("The address cannot be read.")) from error
        except SENT_AGAIN as error:
            if course.went_on:
                raise _settled(course, error) from error
            raise

    def _drive(self, conversation: Conversation[T], course: _Course) -> T:
        try:
            request = next(conversation)
            for _ in range(STEPS):
                request = self._step(conversation, request, course)
        except StopIteration as end:
            result: T = end.value
            return result
        raise _settled(course, Refused(f"The conversation did not end within {STEPS} requests."))

    def _step(self, conversation: Conversation[T], request: httpx.Request, course: _Course) -> httpx.Request:
        course.went_on = course.out
        try:
            reply = self._ask(request, course.end_s)
        except PublishingError as error:
            course.out |= isinstance(error, OutcomeUnknown)
            return conversation.throw(error)
        course.see(reply)
        course.out |= publishes(reply) and (reply.is_success or may_have_acted(reply))
        return conversation.send(reply)

    def _ask(self, request: httpx.Request, end_s: float) -> httpx.Response:
        self._admit(request)
        if self.now_s() >= end_s:
            raise Unavailable("The time for this delivery ran out before the next request was sent.")
        request.extensions = {**request.extensions, "timeout": self._timeouts(end_s)}
        if "user-agent" not in request.headers:
            request.headers["User-Agent"] = USER_AGENT
        request.headers["Accept-Encoding"] = "identity"  # what is read is what is counted
        service = request.extensions.get("aws")
        if service:
            self.sign(request, service)
        piped = request.extensions.get("piped")
        if piped:
            request = self._piped(request, piped)
        return self._exchange(request, self.inside if service else self.outside, end_s)

    def _piped(self, request: httpx.Request, piped: Piped) -> httpx.Request:
        try:
            self._admit(httpx.Request("GET", piped.url))
            return piping(request, piped, self.outside.handle_request)
        except AddressRefused as error:
            raise Refused(str(error)) from error
        except httpx.TransportError as error:
            raise Unavailable(f"The media could not be fetched ({type(error).__name__}).") from error

    def _timeouts(self, end_s: float) -> dict[str, float]:
        soon, end = Until(end_s, self.now_s, CONNECT_S), Until(end_s, self.now_s)
        return {"connect": soon, "pool": soon, "read": end, "write": end}

    def _admit(self, request: httpx.Request) -> None:
        plain = self.plain_http or bool(request.extensions.get("aws"))
        if request.url.scheme != "https" and not (plain and request.url.scheme == "http"):
            raise Refused("Only https addresses are published to.")
        if not request.url.host:
            raise Refused("The address has no host.")
        if request.url.userinfo:
            raise Refused("The address holds a user name or password: leave them out.")

    def _exchange(self, request: httpx.Request, transport: httpx.BaseTransport, end_s: float) -> httpx.Response:
        try:
            reply = transport.handle_request(request)
            try:
                body = b"" if request.extensions.get("status_only") else self._body(request, reply, end_s)
            finally:
                reply.close()
        except AddressRefused as error:
            raise Refused(str(error)) from error
        except NOT_SENT as error:
            raise Unavailable(f"The platform could not be reached ({type(error).__name__}).") from error
        except (httpx.TransportError, httpx.StreamError) as error:
            raise lost(request, type(error).__name__) from error
        finally:
            _let_go(request)
        headers = [(name, value) for name, value in reply.headers.raw if name.lower() not in REFRAMED]
        return httpx.Response(reply.status_code, headers=headers, content=body, request=request)

    def _body(self, request: httpx.Request, reply: httpx.Response, end_s: float) -> bytes:
        read, most = bytearray(), request.extensions.get("answer_bytes", ANSWER_BYTES)
        for chunk in reply.stream:  # type: ignore[union-attr]  # sync transports stream bytes
            read += chunk
            if len(read) > most:
                raise httpx.ReadError("The answer is longer than any known one.")
            if self.now_s() > end_s:
                raise httpx.ReadTimeout("The answer came too slowly.")
        return bytes(read)


def _let_go(request: httpx.Request) -> None:
    if isinstance(request.stream, httpx.SyncByteStream):
        request.stream.close()


def lost(request: httpx.Request, what: str) -> PublishingError:
    """What it means that the answer to `request` never came, or not whole."""
    if request.extensions.get("publishes"):
        return OutcomeUnknown(f"The platform's answer was lost ({what}); the post may be out.")
    return Unavailable(f"The platform did not answer ({what}); nothing was published.")


def _settled(course: _Course, error: PublishingError) -> PublishingError:
    if course.out:
        return OutcomeUnknown("The post was sent, but what followed failed; it may be out.", code=error.code)
    return error
