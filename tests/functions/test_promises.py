"""What every operation of a kind promises, asked of each that there is: keys, tags, and counted requests."""

from __future__ import annotations

import re
from typing import Any

import pytest

from identity.model import Denial, Denied, Role
from tests.functions.ours import Asked, Ours, named
from tests.functions.service import Service
from tests.web.counting import left_within_a_minute
from web.contract import OPERATIONS

KEYED = [operation for operation in OPERATIONS if operation.takes_key]
KEPT = [operation for operation in KEYED if not operation.idempotent and not operation.secret]
CHANGING = [operation for operation in OPERATIONS if operation.tagged and operation.method != "GET"]
KEY = {"idempotency-key": "this-once-and-no-more"}


def reading(operation: Asked) -> Asked:
    """The operation that reads by itself what this one changes."""
    path = re.sub(r"(/{\w+})/[a-z-]+$", r"\1", operation.path)
    return next(each for each in OPERATIONS if (each.method, each.path) == ("GET", path))


@pytest.mark.parametrize("operation", KEPT, ids=named)
def test_a_repetition_is_answered_with_the_very_answer_of_the_first(ours: Ours, operation: Asked) -> None:
    ours.make_ready_for(operation)
    first, second = ours.ask(operation, headers=KEY), ours.ask(operation, headers=KEY)
    assert (first.status, second.status, second.text) == (operation.status, operation.status, first.text)
    assert "Idempotent-Replayed" not in first.headers
    assert second.headers["Idempotent-Replayed"] == "true"
    assert {name: second.headers.get(name) for name in ("ETag", "Location")} == {
        name: first.headers.get(name) for name in ("ETag", "Location")
    }


@pytest.mark.parametrize("operation", [each for each in KEYED if each.secret], ids=named)
def test_a_repetition_never_shows_a_secret_again(ours: Ours, operation: Asked) -> None:
    first, second = ours.ask(operation, headers=KEY), ours.ask(operation, headers=KEY)
    assert (first.status, second.status, second.problem) == (operation.status, 409, "already-done")
    assert second.headers.get("Location") == first.headers.get("Location")


@pytest.mark.parametrize("operation", [each for each in KEYED if each.idempotent], ids=named)
def test_a_repetition_leads_to_the_same_thing(ours: Ours, operation: Asked) -> None:
    ours.make_ready_for(operation)
    first, second = ours.ask(operation, headers=KEY), ours.ask(operation, headers=KEY)
    assert (first.status, second.status) == (operation.status, operation.status)
    assert first.json.get("id") == second.json.get("id")
    assert first.headers.get("Location") == second.headers.get("Location")


@pytest.mark.parametrize("operation", KEYED, ids=named)
def test_a_malformed_key_is_refused(ours: Ours, operation: Asked) -> None:
    reply = ours.ask(operation, headers={"idempotency-key": "short"})
    assert (reply.status, reply.fields) == (400, ["Idempotency-Key"])


@pytest.mark.parametrize("operation", CHANGING, ids=named)
def test_what_is_not_as_it_was_seen_is_not_changed(ours: Ours, operation: Asked) -> None:
    ours.make_ready_for(operation)
    before: Any = ours.ask(reading(operation)).json
    reply = ours.ask(operation, headers={"if-match": '"seen-long-ago"'})
    assert (reply.status, reply.problem) == (412, "precondition-failed")
    assert ours.ask(reading(operation)).json == before


@pytest.mark.parametrize("operation", CHANGING, ids=named)
def test_what_is_as_it_was_seen_is_changed(ours: Ours, operation: Asked) -> None:
    ours.make_ready_for(operation)
    tag = ours.ask(reading(operation)).headers["ETag"]
    assert ours.ask(operation, headers={"if-match": tag}).status == operation.status


@pytest.mark.parametrize("operation", [each for each in OPERATIONS if each.least], ids=named)
def test_every_request_of_a_known_caller_is_counted(service: Service, operation: Asked) -> None:
    paths = [operation.path.replace("{", "x").replace("}", ""), "/v1/channels"]
    left = left_within_a_minute(
        lambda: [service.ask(operation.method, paths[0], body={}), service.ask("GET", paths[1], role=Role.ADMIN)]
    )
    assert left[0] - left[1] == 1


@pytest.mark.parametrize("operation", [each for each in OPERATIONS if each.outsiders], ids=named)
def test_every_request_of_a_person_who_is_no_member_is_counted(service: Service, operation: Asked) -> None:
    context = Denied(Denial.NO_MEMBER, service.person).context()
    body = {"token": "pi_", "name": "Bob"} if operation.has_body else None
    left = left_within_a_minute(
        lambda: [service.ask(operation.method, operation.path, body=body, context=context) for _ in range(2)]
    )
    assert left[0] - left[1] == 1
