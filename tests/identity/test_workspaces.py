from __future__ import annotations

from dataclasses import replace

import pytest

from identity.keys import Keys, hashed
from identity.members import Members
from identity.model import OPERATOR, WORKSPACE, Role, person_of
from identity.workspaces import REMEMBER_S, Remembered, Workspace, Workspaces
from publishing.memory import Memory
from publishing.standing import Standing
from tests.cloud import START, Cloud

ANN = person_of("https://issuer.example/", "ann")


@pytest.fixture
def workspaces(cloud_in_moto: Cloud) -> Workspaces:
    return Workspaces("channels", cloud_in_moto.watch)


def test_a_workspace_is_made_with_its_first_admin_key(workspaces: Workspaces) -> None:
    workspace, key = workspaces.create("Acme")
    found = Keys("channels").find(hashed(key.text))
    assert found is not None
    assert (found.workspace, found.role, found.created_by) == (workspace.id, Role.ADMIN, OPERATOR)


def test_a_workspace_is_found_as_it_was_made(workspaces: Workspaces) -> None:
    workspace, _ = workspaces.create("Acme", granted=["News@Example.org ", "example.com"])
    assert WORKSPACE.fullmatch(workspace.id)
    assert (workspace.name, workspace.created_at, workspace.granted) == (
        "Acme",
        START,
        ("example.com", "news@example.org"),
    )
    assert workspaces.find(workspace.id) == workspace
    assert workspaces.find_many([workspace.id, "ws_none"]) == {workspace.id: workspace}
    assert workspaces.find_many([]) == {}


def test_a_workspace_may_be_made_with_its_first_admin(workspaces: Workspaces) -> None:
    workspace, _ = workspaces.create("Acme", admin=ANN)
    (member,), _ = Members("channels").page(workspace.id, limit=10)
    assert (member.person, member.role, member.invited_by) == (ANN, Role.ADMIN, OPERATOR)
    assert Members("channels").workspaces_of(ANN, limit=10) == ([workspace.id], "")


def test_a_workspace_is_renamed_by_whoever_saw_its_name(workspaces: Workspaces) -> None:
    seen, _ = workspaces.create("Acme")
    assert workspaces.rename(seen, "Acme & Sons", by="key_1")
    assert not workspaces.rename(seen, "Acme Ltd", by="key_2")
    found = workspaces.find(seen.id, consistent=True)
    assert found == replace(seen, name="Acme & Sons", updated_by="key_1")


def test_a_workspace_is_suspended_once_and_says_why(workspaces: Workspaces) -> None:
    made, _ = workspaces.create("Acme", granted=["example.org"])
    assert workspaces.suspend(made.id, "Bills are open.")
    assert not workspaces.suspend(made.id, "Another reason.")
    found = workspaces.find(made.id)
    assert found is not None
    assert (found.suspended_at, found.reason, found.updated_by) == (START, "Bills are open.", OPERATOR)
    assert found.standing == Standing(suspended=True, granted=frozenset({"example.org"}))


def test_a_workspace_that_is_resumed_is_as_before(workspaces: Workspaces) -> None:
    made, _ = workspaces.create("Acme")
    assert not workspaces.resume(made.id)
    workspaces.suspend(made.id, "Bills are open.")
    assert workspaces.resume(made.id)
    assert workspaces.find(made.id) == made


def test_grants_add_up_and_are_withdrawn_one_by_one(workspaces: Workspaces) -> None:
    made, _ = workspaces.create("Acme")
    assert workspaces.grant(made.id, ["example.org", "Ann@Example.com"])
    assert workspaces.grant(made.id, ["example.org", "example.net"])
    assert workspaces.withdraw(made.id, ["ann@example.com", "never.granted"])
    found = workspaces.find(made.id)
    assert found is not None
    assert found.granted == ("example.net", "example.org")
    assert workspaces.withdraw(made.id, ["example.net", "example.org"])
    assert workspaces.standing(made.id) == Standing()


@pytest.mark.parametrize("do", ["suspend", "resume", "grant", "withdraw"])
def test_nothing_is_made_of_a_workspace_that_there_is_not(workspaces: Workspaces, do: str) -> None:
    given = {"suspend": "Why.", "grant": ["example.org"], "withdraw": ["example.org"]}
    assert not getattr(workspaces, do)("ws_none", *([given[do]] if do in given else []))
    assert workspaces.find("ws_none") is None


def test_what_is_granted_is_an_address_or_every_address_of_a_domain() -> None:
    standing = Standing(granted=frozenset({"example.org", "ann@example.com"}))
    granted = [" News@Example.ORG", "ann@example.com"]
    others = ["bob@example.com", "news@sub.example.org", "news@notexample.org", "", "@"]
    assert [standing.grants(each) for each in [*granted, *others]] == [True, True, *([False] * len(others))]


def test_how_a_workspace_stands_is_read_twice_a_minute(workspaces: Workspaces) -> None:
    made, _ = workspaces.create("Acme")
    clock = [0.0]
    remembered = Remembered(workspaces, Memory(keep_s=REMEMBER_S, most=10, now_s=lambda: clock[0]))
    names: list[str] = []
    workspaces.client().meta.events.register("before-call.dynamodb", lambda model, **_: names.append(model.name))
    for clock[0] in (0.0, 1.0, 29.0):
        assert not remembered.standing(made.id).suspended
        assert remembered.standing("ws_none") == Standing()
    assert names == ["GetItem", "GetItem"]
    workspaces.suspend(made.id, "Bills are open.")
    clock[0] = 30.0
    assert remembered.standing(made.id).suspended


def test_a_workspace_made_before_there_was_more_to_say_is_read(workspaces: Workspaces) -> None:
    item = {"pk": {"S": "ws_1"}, "sk": {"S": "WORKSPACE"}, "name": {"S": "Old"}, "schema": {"N": "1"}}
    item |= {"created_at": {"S": "2026-11-20T12:00:00.000Z"}}
    workspaces.client().put_item(TableName="channels", Item=item)
    assert workspaces.find("ws_1") == Workspace("ws_1", "Old", START, START)
