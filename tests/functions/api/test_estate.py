"""What members leave behind that lets others in, asked for as callers ask; and interrupted anywhere."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any

import pytest
from botocore.exceptions import ClientError

from identity.keys import Keys
from identity.members import Member, Members
from identity.model import Denial, Denied, Principal, Role
from identity.records import workspace_place
from publishing import aws
from tests.functions.service import Service
from tests.web.gateway import Reply

KEYS, INVITATIONS = "/v1/api-keys", "/v1/invitations"
ENOUGH = 60  # calls of AWS: more than any request makes here


@dataclass
class Leaver:
    """An admin who made a key, with that a second and so on; and invitations with each."""

    service: Service
    generations: int = 2
    member: Member = field(init=False)
    keys: list[str] = field(default_factory=list)
    tokens: list[str] = field(default_factory=list)
    invitations: set[str] = field(default_factory=set)

    def __post_init__(self) -> None:
        self.member = self.service.joined(Role.ADMIN)
        context = Principal(self.service.ours, self.member.id, Role.ADMIN, person=self.member.person).context()
        self._invites(context)
        for _ in range(self.generations):
            self.keys.append(self.makes_key(context))
            context = key_context(self.service, self.keys[-1])
            self._invites(context)

    def makes_key(self, context: dict[str, str], role: str = "admin") -> str:
        """Another key, made by that caller."""
        return str(self._made(KEYS, {"name": "CI", "role": role}, context)["id"])

    @property
    def path(self) -> str:
        """Where it is asked for."""
        return f"/v1/members/{self.member.id}"

    def removed(self, **query: str) -> Reply:
        """Have it removed."""
        return self.service.ask("DELETE", self.path, query=query)

    def lowered(self, **changes: str) -> Reply:
        """Have it be an admin no more."""
        return self.service.ask("PATCH", self.path, body={"role": "author", **changes})

    def comes_back(self) -> bool:
        """Whether the person gets in again with any of its invitations."""
        outside = Denied(Denial.NO_MEMBER, self.member.person).context()
        return any(accepted(self.service, token, outside).status == 201 for token in self.tokens)

    def good_keys(self) -> list[str]:
        """Those of its keys that still open anything, in the order they were made."""
        listed = self.service.ask("GET", KEYS).json["items"]
        return [key["id"] for key in reversed(listed) if key["id"] in self.keys and key["revoked_at"] is None]

    def open_invitations(self) -> set[str]:
        """Those of its invitations that are listed."""
        listed = self.service.ask("GET", INVITATIONS).json["items"]
        return self.invitations & {each["id"] for each in listed}

    def _invites(self, context: dict[str, str]) -> None:
        made = self._made(INVITATIONS, {"role": "admin", "label": "me"}, context)
        self.tokens.append(made["token"])
        self.invitations.add(made["id"])

    def _made(self, path: str, body: dict[str, str], context: dict[str, str]) -> Any:
        reply = self.service.ask("POST", path, body=body, context=context)
        assert reply.status == 201
        return reply.json


@pytest.fixture
def leaver(service: Service) -> Leaver:
    service.founded()
    for _ in range(2):
        service.joined(Role.ADMIN)
    return Leaver(service)


def key_context(service: Service, key: str) -> dict[str, str]:
    return Principal(service.ours, key, Role.ADMIN, key=key).context()


def stranger() -> dict[str, str]:
    return Denied(Denial.NO_MEMBER, "f" * 64).context()


def accepted(service: Service, token: str, context: dict[str, str]) -> Reply:
    body = {"token": token, "name": "Back"}
    return service.ask("POST", f"{INVITATIONS}/accept", body=body, context=context)


def admins(service: Service) -> tuple[int, int]:
    """How many are counted, and how many there are."""
    place = aws.marshal(workspace_place(service.ours))
    counted = aws.unmarshal(aws.dynamodb().get_item(TableName="channels", Key=place)["Item"])["admins"]
    return int(counted), sum(each.is_admin for each in Members("channels").page(service.ours, limit=100)[0])


def log(service: Service, operation: str) -> list[dict[str, Any]]:
    entries = service.ask("GET", "/v1/audit", query={"limit": "100"}).json["items"]
    return [entry for entry in entries if entry["operation"] == operation]


@contextmanager
def interrupted(when: Callable[[list[str]], bool]) -> Iterator[list[str]]:
    """DynamoDB refuses one call: the first of which that holds, given the names of all up to it."""
    calls: list[str] = []
    refused: list[str] = []

    def fail(model: Any, **_: object) -> None:
        calls.append(model.name)
        if not refused and when(calls):
            refused.append(model.name)
            raise ClientError({"Error": {"Code": "ProvisionedThroughputExceededException", "Message": ""}}, model.name)

    events = aws.dynamodb().meta.events
    events.register("before-call.dynamodb", fail)
    try:
        yield refused
    finally:
        events.unregister("before-call.dynamodb", fail)


def after_the_role(call: str) -> Callable[[list[str]], bool]:
    """The first call of that name when the role has ended."""
    return lambda calls: "TransactWriteItems" in calls and calls[-1] == call


# Removing


def test_what_was_made_with_a_members_keys_is_the_members_work_too(leaver: Leaver) -> None:
    told = leaver.removed(keys="revoke").json
    assert (set(told["keys_revoked"]), told["keys_kept"]) == (set(leaver.keys), [])
    assert set(told["invitations_revoked"]) == leaver.invitations
    assert (leaver.good_keys(), leaver.open_invitations(), leaver.comes_back()) == ([], set(), False)


def test_what_was_made_with_a_revoked_key_is_found_through_it(leaver: Leaver) -> None:
    leaver.service.ask("DELETE", f"{KEYS}/{leaver.keys[0]}")
    told = leaver.removed(keys="revoke").json
    assert set(told["keys_revoked"]) == set(leaver.keys[1:])
    assert (leaver.good_keys(), leaver.comes_back()) == ([], False)


def test_keys_that_are_kept_are_named_with_those_made_with_them_and_no_invitation_stays(leaver: Leaver) -> None:
    told = leaver.removed().json
    assert (set(told["keys_kept"]), told["keys_revoked"]) == (set(leaver.keys), [])
    assert set(told["invitations_revoked"]) == leaver.invitations
    assert (leaver.good_keys(), leaver.comes_back()) == (leaver.keys, False)


def test_what_others_made_stays(leaver: Leaver) -> None:
    other, invited = leaver.service.key(role="admin")["id"], leaver.service.invited()["id"]
    leaver.removed(keys="revoke")
    (key,) = (key for key in leaver.service.ask("GET", KEYS).json["items"] if key["id"] == other)
    assert key["revoked_at"] is None
    assert [each["id"] for each in leaver.service.ask("GET", INVITATIONS).json["items"]] == [invited]


def test_a_key_made_while_keys_are_revoked_ends_as_well(leaver: Leaver) -> None:
    late: list[str] = []

    def make(**_: object) -> None:
        events.unregister("before-call.dynamodb.UpdateItem", make)
        late.append(leaver.makes_key(key_context(leaver.service, leaver.keys[0])))

    events = aws.dynamodb().meta.events
    events.register("before-call.dynamodb.UpdateItem", make)
    told = leaver.removed(keys="revoke").json
    assert set(told["keys_revoked"]) == {*leaver.keys, *late}
    assert len(late) == 1


def test_whoever_makes_keys_as_fast_as_they_end_is_dismissed_all_the_same(leaver: Leaver) -> None:
    making: list[str] = []

    def make(params: Any, **_: object) -> None:
        if making or "revoked_at" not in str(params["body"]):
            return
        making.append("now")
        key = Keys("channels").page(leaver.service.ours, limit=1)[0][0]  # the newest is the first to be revoked
        leaver.makes_key(key_context(leaver.service, key.id))
        making.clear()

    events = aws.dynamodb().meta.events
    events.register("before-call.dynamodb.UpdateItem", make)
    reply = leaver.removed(keys="revoke")
    events.unregister("before-call.dynamodb.UpdateItem", make)
    assert (reply.status, reply.problem) == (409, "conflict")
    assert leaver.service.ask("GET", leaver.path).json["leaving"] is True
    assert (leaver.removed(keys="revoke").status, leaver.good_keys()) == (200, [])


def test_each_end_is_told_in_the_log_as_done_by_who_asked(leaver: Leaver) -> None:
    leaver.service.ask("DELETE", leaver.path, query={"keys": "revoke"}, headers={"x-correlation-id": "order-4711"})
    for operation, kind, ended in (
        ("revokeApiKey", "key", set(leaver.keys)),
        ("revokeInvitation", "invitation", leaver.invitations),
    ):
        entries = log(leaver.service, operation)
        assert {entry["ids"][kind] for entry in entries} == ended
        assert {(entry["actor"], entry["status"], entry["correlation_id"]) for entry in entries} == {
            ("tester", 204, "order-4711")
        }


def test_of_keys_that_are_kept_no_end_is_told(leaver: Leaver) -> None:
    leaver.removed()
    assert log(leaver.service, "revokeApiKey") == []


# Interrupted


@pytest.mark.parametrize("call", ["Query", "UpdateItem", "DeleteItem"])
def test_who_is_dismissed_may_nothing_though_its_removal_is_interrupted(leaver: Leaver, call: str) -> None:
    with interrupted(after_the_role(call)):
        assert leaver.removed(keys="revoke").status == 503
    seen = leaver.service.ask("GET", leaver.path).json
    assert (seen["leaving"], seen["role"], set(seen["keys_above"])) == (True, "viewer", set(leaver.good_keys()))
    assert accepted(leaver.service, leaver.tokens[0], stranger()).status == 404
    assert admins(leaver.service) == (2, 2)


def test_wherever_a_removal_is_interrupted_it_is_finished_by_asking_again(service: Service) -> None:
    service.founded()
    for _ in range(2):
        service.joined(Role.ADMIN)
    for place in range(1, ENOUGH):
        leaver = Leaver(service, generations=1)
        tag = service.ask("GET", leaver.path).headers["ETag"]
        with interrupted(lambda calls, place=place: len(calls) == place) as refused:  # type: ignore[misc]
            first = leaver.removed(keys="revoke")
        if first.status != 200:
            again = service.ask("DELETE", leaver.path, query={"keys": "revoke"}, headers={"if-match": tag})
            assert (first.status, again.status) == (503, 200)
            assert set(again.json["keys_revoked"]) == set(leaver.keys)
        assert service.ask("GET", leaver.path).status == 404
        assert (leaver.good_keys(), leaver.open_invitations(), leaver.comes_back()) == ([], set(), False)
        assert admins(service) == (2, 2)
        if not refused:
            return
    pytest.fail("no removal was whole")


def test_what_is_leaving_is_changed_no_more(leaver: Leaver) -> None:
    with interrupted(after_the_role("Query")):
        leaver.removed()
    reply = leaver.service.ask("PATCH", leaver.path, body={"role": "admin"})
    assert (reply.status, reply.problem) == (409, "wrong-state")
    assert leaver.service.ask("GET", leaver.path).json["role"] == "viewer"


def test_a_demotion_that_was_interrupted_is_finished_by_asking_again(leaver: Leaver) -> None:
    with interrupted(after_the_role("Query")):
        assert leaver.lowered(keys="revoke").status == 503
    assert leaver.service.ask("GET", leaver.path).json["role"] == "author"
    assert accepted(leaver.service, leaver.tokens[0], stranger()).status == 404
    assert leaver.lowered(keys="revoke").status == 200
    assert (leaver.good_keys(), leaver.open_invitations()) == ([], set())
    assert admins(leaver.service) == (2, 2)


# Demoting


def test_who_is_demoted_is_told_with_the_keys_that_may_more(leaver: Leaver) -> None:
    lesser = leaver.makes_key(key_context(leaver.service, leaver.keys[0]), role="author")
    reply = leaver.lowered()
    assert (reply.status, set(reply.json["keys_above"])) == (200, set(leaver.keys))
    assert lesser not in reply.json["keys_above"]
    read = leaver.service.ask("GET", leaver.path)
    assert (read.json, read.headers["ETag"]) == (reply.json, reply.headers["ETag"])
    assert leaver.good_keys() == leaver.keys
    assert accepted(leaver.service, leaver.tokens[0], stranger()).status == 404


def test_the_keys_of_who_is_demoted_that_may_more_are_revoked_if_asked(leaver: Leaver) -> None:
    lesser = leaver.makes_key(key_context(leaver.service, leaver.keys[0]), role="author")
    reply = leaver.lowered(keys="revoke")
    assert (reply.status, reply.json["keys_above"]) == (200, [])
    assert (leaver.good_keys(), leaver.open_invitations()) == ([], set())
    assert {entry["ids"]["key"] for entry in log(leaver.service, "revokeApiKey")} == set(leaver.keys)
    (kept,) = (key for key in leaver.service.ask("GET", KEYS).json["items"] if key["id"] == lesser)
    assert kept["revoked_at"] is None


def test_a_new_name_ends_nothing_that_a_good_key_made(leaver: Leaver) -> None:
    leaver.lowered()
    open_still = leaver.open_invitations()
    assert len(open_still) == len(leaver.keys)
    leaver.service.ask("PATCH", leaver.path, body={"name": "Robert"})
    assert leaver.open_invitations() == open_still


def test_above_an_admin_there_is_no_key(leaver: Leaver) -> None:
    reply = leaver.service.ask("PATCH", leaver.path, body={"name": "Robert", "keys": "revoke"})
    assert (reply.json["keys_above"], leaver.good_keys()) == ([], leaver.keys)
    assert leaver.open_invitations() == leaver.invitations


# Keys


def test_a_revoked_keys_invitations_let_nobody_in(leaver: Leaver) -> None:
    own, first, *others = leaver.tokens
    assert leaver.service.ask("DELETE", f"{KEYS}/{leaver.keys[0]}").status == 204
    assert accepted(leaver.service, first, stranger()).status == 404
    for each in (own, *others):
        person = Denied(Denial.NO_MEMBER, f"{leaver.tokens.index(each)}" * 64).context()
        assert accepted(leaver.service, each, person).status == 201
