"""Every operation, asked by every role, by nobody, and from another workspace."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import timedelta
from typing import Any

import pytest

from channels.grants import Grants, Offer, StoredGrant
from channels.model import Sealed
from identity.model import Principal, Role
from publishing import ids
from publishing.change import Change
from publishing.clock import now
from publishing.model import DeliveryState
from publishing.operations import Operations
from tests.functions.service import WEBHOOK, Service, weekly
from tests.media.test_looking import picture
from tests.web.gateway import Reply
from web import contract, dead_letters, decisions, grants, media, people, series, webhooks
from web.contract import OPERATIONS
from web.operation import Operation

Asked = Operation[Any, Any]

KNOWN = "ws_01kagwz8w7e0f4h5j6k7m8n9pq"
ROLES = (None, *Role)
CLOSED = [operation for operation in OPERATIONS if operation.least]
PUBLIC = [operation for operation in OPERATIONS if operation.least is None]
ALLOWED = [
    (operation, role) for operation in OPERATIONS for role in Role if operation.least and role >= operation.least
]
FORBIDDEN = [
    (operation, role) for operation in OPERATIONS for role in Role if operation.least and role < operation.least
]
WITH_OUR_THINGS = [operation for operation in CLOSED if "{" in operation.path and "{platform}" not in operation.path]

CHANGING = [operation for operation in CLOSED if operation.changes and not operation.outsiders]
READING = [operation for operation in CLOSED if not operation.changes]

_READS = (contract.READ_CHANNEL, contract.READ_PUBLICATION, contract.LIST_KEYS, webhooks.READ_WEBHOOK)
READY = {
    decisions.RESOLVE_DELIVERY.id: [DeliveryState.UNCERTAIN],
    decisions.RETRY_DELIVERY.id: [DeliveryState.FAILED],
    decisions.RETRY_PUBLICATION.id: [DeliveryState.FAILED],
}


def suspended(service: Service) -> dict[str, str]:
    """The context of an admin whose workspace is suspended."""
    return Principal(service.ours, "tester", Role.ADMIN, suspended=True).context()


def named(value: object) -> str:
    return value.id if isinstance(value, Operation) else str(value)


@dataclass
class Ours:
    """A workspace with one of everything, and how to ask each operation so that it can be done."""

    service: Service
    names: dict[str, str] = field(default_factory=dict)
    token: str = ""

    def __post_init__(self) -> None:
        self.service.founded()
        channel = self.service.connected()["id"]
        submitted = self.service.submitted(channel)
        self.service.feed(channel)
        invited = self.service.invited()
        self.names = {
            "channel": channel,
            "publication": submitted["id"],
            "delivery": submitted["deliveries"][0]["id"],
            "series": self.service.series(channel)["id"],
            "key": self.service.key()["id"],
            "token": channel,
            "platform": "webhook",
            "format": "rss.xml",
            "workspace": self.service.ours,
            "grant": _offered(self.service),
            "media": self.service.uploaded(picture("PNG"))["id"],
            "member": self.service.joined(Role.AUTHOR).id,
            "invitation": invited["id"],
            "webhook": self.service.webhook()["id"],
        }
        self.token = invited["token"]

    def ask(self, operation: Asked, *, sent: Any = None, **caller: Any) -> Reply:
        """Ask in good order, as that caller; `sent` is another body than the usual one."""
        body = self.bodies.get(operation.id) if sent is None else sent
        query = {"confirm": "webhook"} if operation is dead_letters.PURGE_DEAD_LETTERS else {}
        return self.service.ask(operation.method, operation.path.format(**self.names), body=body, query=query, **caller)

    @property
    def bodies(self) -> dict[str, Any]:
        """What operations with a body are sent."""
        return {
            contract.SUBMIT.id: {"content": {"text": "Hi"}, "targets": [{"channel": self.names["channel"]}]},
            contract.CONNECT_CHANNEL.id: {"platform": "webhook", "name": "Site", "credentials": WEBHOOK},
            contract.CHANGE_CHANNEL.id: {"name": "Renamed"},
            contract.TEST_CHANNEL.id: {"publish": True},
            series.CREATE_SERIES.id: weekly(self.names["channel"]),
            series.CHANGE_SERIES.id: {"content": {"title": "Renamed"}},
            grants.BEGIN_GRANT.id: {"platform": "x"},
            grants.CHOOSE_ACCOUNTS.id: {"accounts": ["4711"]},
            contract.CREATE_KEY.id: {"name": "Key", "role": "viewer"},
            decisions.VALIDATE_PUBLICATION.id: {
                "content": {"text": "Hi"},
                "targets": [{"channel": self.names["channel"]}],
            },
            decisions.CHANGE_PUBLICATION.id: {"content": {"title": "Renamed"}},
            webhooks.CREATE_WEBHOOK.id: {"url": "https://example.org/told"},
            webhooks.CHANGE_WEBHOOK.id: {"name": "Renamed"},
            webhooks.REPLAY_WEBHOOK.id: {"since": "2026-11-20T12:00:00Z"},
            media.CREATE_MEDIA.id: {"size_bytes": 1},
            media.COMPLETE_MEDIA.id: {},
            media.FIT_MEDIA.id: {"platform": "instagram"},
            dead_letters.REDRIVE_DEAD_LETTERS.id: {"most": 1},
            people.CHANGE_WORKSPACE.id: {"name": "Renamed"},
            people.CHANGE_MEMBER.id: {"role": "viewer"},
            people.INVITE.id: {"role": "viewer", "label": "Bob"},
            people.ACCEPT_INVITATION.id: {"token": self.token, "name": "Bob"},
            decisions.RESOLVE_DELIVERY.id: {"outcome": "not_published"},
        }

    def make_ready_for(self, operation: Asked) -> None:
        """Bring the delivery to where this can be decided of it."""
        if operation in (media.FIT_MEDIA, media.READ_FILE):
            self.ask(media.COMPLETE_MEDIA)
        for state in READY.get(operation.id, ()):
            self.service.attempted(self.names["publication"], Change(state))


def _offered(service: Service) -> str:
    """A grant with an account to choose."""
    ends_at, store = now() + timedelta(hours=1), Grants(Operations("operations", now))
    grant = StoredGrant(ids.new("grt"), service.ours, "x", "tester", ends_at)
    store.begin(grant, "ticket")
    store.ask(grant, "ticket", state="state", browser="browser", sealed=Sealed(b"key", b"box"))
    assert store.take(grant.id, "state")
    store.offer(grant, [Offer("4711", "Press", "", ids.new("chn"), {}, (), Sealed(b"key", b"box"))], ())
    return grant.id


@pytest.fixture
def ours(service: Service) -> Ours:
    return Ours(service)


@pytest.mark.parametrize(("operation", "role"), ALLOWED, ids=named)
def test_a_role_that_suffices_is_served(ours: Ours, operation: Asked, role: Role) -> None:
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
def test_everything_is_read_in_a_suspended_workspace(ours: Ours, operation: Asked) -> None:
    assert ours.ask(operation, context=suspended(ours.service)).status == operation.status


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
def test_another_workspaces_things_are_not_there(ours: Ours, operation: Asked) -> None:
    reply = ours.ask(operation, role=Role.ADMIN, workspace=ours.service.theirs)
    assert (reply.status, reply.problem) == (404, "not-found")


@pytest.mark.parametrize("operation", WITH_OUR_THINGS, ids=named)
def test_an_id_that_is_none_is_not_there(service: Service, operation: Asked) -> None:
    path = operation.path.replace("{", "x").replace("}", "%23")
    assert service.ask(operation.method, path, body={}).status == 404


def test_another_workspaces_channel_cannot_be_published_to(ours: Ours) -> None:
    reply = ours.ask(contract.SUBMIT, role=Role.ADMIN, workspace=ours.service.theirs)
    assert (reply.status, reply.problem) == (404, "not-found")
    assert ours.service.ask("GET", "/v1/publications", workspace=ours.service.theirs).json["items"] == []


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
def test_lists_show_the_callers_workspace_alone(ours: Ours, path: str) -> None:
    assert ours.service.ask("GET", path).json["items"] != []
    assert ours.service.ask("GET", path, workspace=ours.service.theirs).json["items"] == []


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
