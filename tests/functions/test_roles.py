"""Every operation, asked by every role, by nobody, and from another workspace."""

from __future__ import annotations

import pytest

from identity.model import Principal, Role
from tests.functions.ours import Asked, Ours, named
from tests.functions.service import Service
from web import contract, webhooks
from web.contract import OPERATIONS

KNOWN = "ws_01kagwz8w7e0f4h5j6k7m8n9pq"
ROLES = (None, *Role)
CLOSED = [operation for operation in OPERATIONS if operation.least]
PUBLIC = [operation for operation in OPERATIONS if operation.least is None]
ALLOWED = [
    (operation, role) for operation in OPERATIONS for role in Role if operation.least and role >= operation.least
]
READERS = [(operation, role) for operation, role in ALLOWED if not operation.changes]
CHANGERS = [(operation, role) for operation, role in ALLOWED if operation.changes]
FORBIDDEN = [
    (operation, role) for operation in OPERATIONS for role in Role if operation.least and role < operation.least
]
WITH_OUR_THINGS = [operation for operation in CLOSED if "{" in operation.path and "{platform}" not in operation.path]

CHANGING = [operation for operation in CLOSED if operation.changes and not operation.outsiders]
READING = [operation for operation in CLOSED if not operation.changes]

_READS = (contract.READ_CHANNEL, contract.READ_PUBLICATION, contract.LIST_KEYS, webhooks.READ_WEBHOOK)


def suspended(service: Service) -> dict[str, str]:
    """The context of an admin whose workspace is suspended."""
    return Principal(service.ours, "tester", Role.ADMIN, suspended=True).context()


@pytest.mark.parametrize(("operation", "role"), READERS, ids=named)
def test_a_role_that_suffices_reads(looked_at: Ours, operation: Asked, role: Role) -> None:
    assert looked_at.ask(operation, role=role).status == operation.status


@pytest.mark.parametrize(("operation", "role"), CHANGERS, ids=named)
def test_a_role_that_suffices_changes(ours: Ours, operation: Asked, role: Role) -> None:
    ours.make_ready_for(operation)
    assert ours.ask(operation, role=role).status == operation.status


@pytest.mark.parametrize(("operation", "role"), FORBIDDEN, ids=named)
def test_a_role_that_does_not_suffice_is_forbidden(service: Service, operation: Asked, role: Role) -> None:
    reply = service.ask(operation.method, operation.path, role=role, body={})
    assert (reply.status, reply.problem) == (403, "forbidden")


@pytest.mark.parametrize("operation", CHANGING, ids=named)
def test_nothing_is_changed_in_a_suspended_workspace(service: Service, operation: Asked) -> None:
    reply = service.ask(operation.method, operation.path, body={}, context=suspended(service))
    assert (reply.status, reply.problem) == (403, "suspended")


@pytest.mark.parametrize("operation", READING, ids=named)
def test_everything_is_read_in_a_suspended_workspace(looked_at: Ours, operation: Asked) -> None:
    assert looked_at.ask(operation, context=suspended(looked_at.service)).status == operation.status


@pytest.mark.parametrize("operation", CLOSED, ids=named)
def test_nobody_is_served_without_a_name(service: Service, operation: Asked) -> None:
    reply = service.ask(operation.method, operation.path, role=None, body={})
    assert (reply.status, reply.problem) == (401, "unauthenticated")
    assert reply.headers["WWW-Authenticate"].startswith("Bearer")


@pytest.mark.parametrize("operation", PUBLIC, ids=named)
@pytest.mark.parametrize("role", ROLES, ids=named)
def test_what_is_public_needs_no_role(ours: Ours, operation: Asked, role: Role | None) -> None:
    ours.make_ready_for(operation)
    assert ours.ask(operation, role=role).status == operation.status


@pytest.mark.parametrize("operation", WITH_OUR_THINGS, ids=named)
def test_another_workspaces_things_are_not_there(looked_at: Ours, operation: Asked) -> None:
    reply = looked_at.ask(operation, role=Role.ADMIN, workspace=looked_at.service.theirs)
    assert (reply.status, reply.problem) == (404, "not-found")


@pytest.mark.parametrize("operation", WITH_OUR_THINGS, ids=named)
def test_an_id_that_is_none_is_not_there(service: Service, operation: Asked) -> None:
    path = operation.path.replace("{", "x").replace("}", "%23")
    assert service.ask(operation.method, path, body={}).status == 404


def test_another_workspaces_channel_cannot_be_published_to(looked_at: Ours) -> None:
    reply = looked_at.ask(contract.SUBMIT, role=Role.ADMIN, workspace=looked_at.service.theirs)
    assert (reply.status, reply.problem) == (404, "not-found")
    assert looked_at.service.ask("GET", "/v1/publications", workspace=looked_at.service.theirs).json["items"] == []


@pytest.mark.parametrize(
    "path",
    [
        "/v1/publications",
        "/v1/series",
        "/v1/channels",
        "/v1/api-keys",
        "/v1/members",
        "/v1/invitations",
        "/v1/audit",
        "/v1/webhooks",
    ],
)
def test_lists_show_the_callers_workspace_alone(looked_at: Ours, path: str) -> None:
    assert looked_at.service.ask("GET", path).json["items"] != []
    assert looked_at.service.ask("GET", path, workspace=looked_at.service.theirs).json["items"] == []


@pytest.mark.parametrize("operation", WITH_OUR_THINGS, ids=named)
def test_what_another_workspace_asked_for_changed_nothing(ours: Ours, operation: Asked) -> None:
    before = [ours.ask(read).text for read in _READS]
    ours.ask(operation, role=Role.ADMIN, workspace=ours.service.theirs)
    after = [ours.ask(read).text for read in _READS]
    assert after == before


@pytest.mark.parametrize(
    "context",
    [
        {"workspace": KNOWN, "role": "admin"},
        {"subject": "somebody", "role": "admin"},
        {"workspace": KNOWN, "subject": "somebody"},
        {"workspace": KNOWN, "subject": "somebody", "role": "owner"},
        {"workspace": "ws_1#pub_2", "subject": "somebody", "role": "admin"},
        {"workspace": KNOWN, "subject": "somebody", "role": "admin", "problem": "whatever"},
    ],
)
def test_a_caller_who_is_not_wholly_known_is_nobody(service: Service, context: dict[str, str]) -> None:
    assert service.ask("GET", "/v1/publications", context=context).status == 401
