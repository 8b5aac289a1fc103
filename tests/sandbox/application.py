"""One stand-in as a WSGI application, with the faults that are switched on and a door for whoever runs it.

The door is `/_sandbox/…`: `POST accounts {"name"}` opens an account and answers the fields that connect a channel to
it; `POST apps {"accounts": […]}` an app of the operator's, to which those accounts' owner consents (see
`tests.sandbox.apps`); `GET posts` (`?platform=`, `?account=`) shows what hangs on the wall; `POST faults` switches a
fault on (see `tests.sandbox.faults`), `DELETE faults` all of them off.
"""

from __future__ import annotations

import socket
import time
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from typing import TYPE_CHECKING

from pydantic import BaseModel, ConfigDict, ValidationError
from werkzeug.exceptions import HTTPException
from werkzeug.routing import Map, MapAdapter, Rule
from werkzeug.wrappers import Request, Response

from tests.sandbox.apps import Consenting, NewApp
from tests.sandbox.faults import Fault, Faults, Kind
from tests.sandbox.stand_in import Arguments, StandIn, as_json
from tests.sandbox.wall import Wall

if TYPE_CHECKING:
    from _typeshed.wsgi import StartResponse, WSGIEnvironment

STANDS_IN = "Postroom's sandbox, made from documentation; not the real platform"
PAGE = "<!doctype html><title>Gateway</title><p>A page where an answer should be.</p>"


class _Account(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid")

    name: str


class _Door:
    """Answers whoever runs the sandbox."""

    rules = (
        Rule("/_sandbox/accounts", methods=["POST"], endpoint="accounts"),
        Rule("/_sandbox/apps", methods=["POST"], endpoint="apps"),
        Rule("/_sandbox/posts", methods=["GET"], endpoint="posts"),
        Rule("/_sandbox/faults", methods=["POST"], endpoint="switch_on"),
        Rule("/_sandbox/faults", methods=["DELETE"], endpoint="switch_off"),
    )

    def __init__(self, stand_in: StandIn, wall: Wall, faults: Faults) -> None:
        self._stand_in, self._wall, self._faults = stand_in, wall, faults

    def accounts(self, request: Request) -> Response:
        name = _Account.model_validate_json(request.get_data()).name
        return as_json(dict(self._stand_in.open_account(name, request.host_url.rstrip("/"))), 201)

    def apps(self, request: Request) -> Response:
        stand_in = self._stand_in
        if not isinstance(stand_in, Consenting):
            return Response("Nobody consents here.", 404)
        asked = NewApp.model_validate_json(request.get_data())
        return as_json(dict(stand_in.open_app(asked, request.host_url.rstrip("/"))), 201)

    def posts(self, request: Request) -> Response:
        asked = request.args
        return as_json(self._wall.documents(asked.get("platform", ""), asked.get("account", "")))

    def switch_on(self, request: Request) -> Response:
        self._faults.switch_on(Fault.model_validate_json(request.get_data()))
        return Response(status=204)

    def switch_off(self, _request: Request) -> Response:
        self._faults.clear()
        return Response(status=204)


@dataclass(frozen=True)
class Application:
    """A stand-in, as a web server calls it."""

    stand_in: StandIn
    wall: Wall
    faults: Faults

    def __call__(self, environ: WSGIEnvironment, start_response: StartResponse) -> Iterable[bytes]:
        """Answer one request."""
        request = Request(environ)
        response = self._answer(request)
        response.headers["X-Stand-In"] = STANDS_IN
        return response(environ, start_response)

    def _answer(self, request: Request) -> Response:
        try:
            if request.path.startswith("/_sandbox/"):
                return self._door(request)
            endpoint, arguments = _map(self.stand_in.rules, request).match()
            return self._as_platform(request, endpoint, arguments)
        except HTTPException as error:
            found = error.get_response(request.environ)
            return Response(found.get_data(), found.status, found.headers)

    def _door(self, request: Request) -> Response:
        door = _Door(self.stand_in, self.wall, self.faults)
        endpoint, _ = _map(door.rules, request).match()
        answer: Callable[[Request], Response] = getattr(door, endpoint)
        try:
            return answer(request)
        except ValidationError as error:
            return as_json({"error": str(error)}, 422)

    def _as_platform(self, request: Request, endpoint: str, arguments: Arguments) -> Response:
        method: Callable[..., Response] = getattr(self.stand_in, endpoint)
        if endpoint in self.stand_in.public:
            return method(request, **arguments)
        account = self.stand_in.account_of(request, arguments)
        publishes = endpoint in self.stand_in.publishing
        fault = self.faults.next(self.stand_in.name, account, publishes=publishes)
        request.get_data()  # read before anything goes wrong, as a platform would have
        return self._faulty(request, fault, lambda: method(request, account, **arguments))

    def _faulty(self, request: Request, fault: Fault | None, work: Callable[[], Response]) -> Response:
        if fault is None:
            return work()
        refusals: dict[Kind, Callable[[], Response]] = {
            Kind.THROTTLE: lambda: self.stand_in.throttled(fault.seconds),
            Kind.REFUSE: self.stand_in.refused,
            Kind.EXPIRE: self.stand_in.expired,
            Kind.ERROR: lambda: Response(PAGE, 500, mimetype="text/html"),
            Kind.LOSE_BEFORE: lambda: _hung_up(request),
        }
        refusal = refusals.get(fault.kind)
        return refusal() if refusal else _published(request, fault, work)


def _published(request: Request, fault: Fault, work: Callable[[], Response]) -> Response:
    """What went wrong although it was published."""
    if fault.kind is Kind.SLOW:
        time.sleep(fault.seconds)
    answer = work()
    if fault.kind is Kind.LOSE_AFTER:
        return _hung_up(request)
    return Response(PAGE, 200, mimetype="text/html") if fault.kind is Kind.GARBAGE else answer


def _map(rules: Iterable[Rule], request: Request) -> MapAdapter:
    return Map([rule.empty() for rule in rules]).bind_to_environ(request.environ)


def _hung_up(request: Request) -> Response:
    connection: socket.socket = request.environ["werkzeug.socket"]
    connection.shutdown(socket.SHUT_RDWR)
    return Response()
