"""Workspaces, members and invitations, asked for as callers ask."""

from __future__ import annotations

from typing import Any

import pytest

from identity.members import Members, member_id
from identity.model import Denial, Denied, Principal, Role
from identity.workspaces import Workspaces
from publishing import aws, ids
from tests.functions.service import Service
from tests.web.gateway import Reply

INVITATIONS = "/v1/invitations"


def outsider(service: Service) -> dict[str, str]:
    """The context of a person whom the issuer knows, and who is no member of anything."""
    return Denied(Denial.NO_MEMBER, service.person).context()


def accept(service: Service, token: str, context: dict[str, str] | None = None) -> Reply:
    body = {"token": token, "name": "Bob"}
    return service.ask("POST", f"{INVITATIONS}/accept", body=body, context=context or outsider(service))


def context_of(service: Service, member: Any) -> dict[str, str]:
    return Principal(service.ours, member.id, member.role, person=member.person).context()


# Workspaces


def test_a_workspace_is_read_with_its_state_and_what_it_was_granted(service: Service) -> None:
    service.founded()
    Workspaces("channels").grant(service.ours, ["example.org"])
    reply = service.ask("GET", "/v1/workspace", role=Role.VIEWER)
    assert (reply.status, reply.json["id"], reply.json["state"]) == (200, service.ours, "active")
    assert (reply.json["granted"], reply.json["updated_by"], reply.json["reason"]) == (["example.org"], "operator", "")


def test_a_suspended_workspace_says_so_and_why(service: Service) -> None:
    service.founded()
    Workspaces("channels").suspend(service.ours, "Bills are open.")
    seen = service.ask("GET", "/v1/workspace").json
    assert (seen["state"], seen["reason"]) == ("suspended", "Bills are open.")
    assert seen["suspended_at"] == seen["updated_at"]


def test_an_admin_renames_only_what_was_seen(service: Service) -> None:
    service.founded()
    tag = service.ask("GET", "/v1/workspace").headers["ETag"]
    renamed = service.ask("PATCH", "/v1/workspace", body={"name": "Acme"}, headers={"if-match": tag})
    assert (renamed.status, renamed.json["name"], renamed.json["updated_by"]) == (200, "Acme", "tester")
    again = service.ask("PATCH", "/v1/workspace", body={"name": "Other"}, headers={"if-match": tag})
    assert (again.status, service.ask("GET", "/v1/workspace").json["name"]) == (412, "Acme")
    assert service.ask("PATCH", "/v1/workspace", body={}).json["name"] == "Acme"


def test_a_person_lists_the_workspaces_it_is_a_member_of(service: Service) -> None:
    service.founded()
    member = service.joined(Role.EDITOR)
    listed = service.ask("GET", "/v1/workspaces", context=context_of(service, member)).json
    assert listed["items"] == [{"id": service.ours, "name": "Ours", "state": "active", "role": "editor"}]
    assert service.ask("GET", "/v1/workspaces", context=outsider(service)).json == {"items": [], "next": None}


def test_workspaces_are_listed_page_by_page(service: Service) -> None:
    made = [Workspaces("channels").create(str(number), admin=service.person)[0].id for number in range(3)]
    first = service.ask("GET", "/v1/workspaces", query={"limit": "2"}, context=outsider(service)).json
    query = {"limit": "2", "cursor": first["next"]}
    second = service.ask("GET", "/v1/workspaces", query=query, context=outsider(service)).json
    assert [each["id"] for each in (*first["items"], *second["items"])] == sorted(made, reverse=True)
    assert second["next"] is None


def test_a_key_lists_its_own_workspace(service: Service) -> None:
    service.founded()
    key = Principal(service.ours, "key_1", Role.AUTHOR, key="key_1").context()
    listed = service.ask("GET", "/v1/workspaces", context=key).json["items"]
    assert [(each["id"], each["role"]) for each in listed] == [(service.ours, "author")]


def test_a_token_for_one_workspace_lists_that_alone_as_what_it_may_there(service: Service) -> None:
    service.founded()
    Workspaces("channels").create("Secret", admin=service.person)
    member = service.joined(Role.ADMIN, person=service.person)
    narrowed = Principal(service.ours, member.id, Role.VIEWER, person=service.person, bound=True, most=Role.VIEWER)
    listed = service.ask("GET", "/v1/workspaces", context=narrowed.context()).json["items"]
    assert [(each["id"], each["role"]) for each in listed] == [(service.ours, "viewer")]


def test_a_token_for_a_role_at_most_lists_no_role_above_it(service: Service) -> None:
    service.founded()
    other = Workspaces("channels").create("Other", admin=service.person)[0].id
    member = service.joined(Role.VIEWER, person=service.person)
    narrowed = Principal(service.ours, member.id, Role.VIEWER, person=service.person, most=Role.AUTHOR)
    listed = service.ask("GET", "/v1/workspaces", context=narrowed.context()).json["items"]
    assert {each["id"]: each["role"] for each in listed} == {service.ours: "viewer", other: "author"}


def test_a_strangers_token_that_is_narrowed_lists_nothing_and_says_what_does(service: Service) -> None:
    Workspaces("channels").create("Secret", admin=service.person)
    for denial in (Denial.NO_MEMBER, Denial.WHICH_WORKSPACE):
        context = Denied(denial, service.person, narrowed=True).context()
        reply = service.ask("GET", "/v1/workspaces", context=context)
        assert (reply.status, reply.problem) == (403, "forbidden")
        assert "claims workspace and role" in reply.json["detail"]


# Members


def test_members_are_listed_without_what_stands_for_a_person(service: Service) -> None:
    service.founded()
    made = [service.joined(Role.VIEWER) for _ in range(3)]
    first = service.ask("GET", "/v1/members", query={"limit": "2"}).json
    second = service.ask("GET", "/v1/members", query={"limit": "2", "cursor": first["next"]})
    found = first["items"] + second.json["items"]
    assert [each["id"] for each in found] == sorted(each.id for each in made)
    assert set(found[0]) == {"id", "name", "role", "joined_at", "invited_by", "leaving"}


def test_an_admin_gives_a_member_another_role_and_name(service: Service) -> None:
    service.founded()
    member = service.joined(Role.VIEWER)
    path = f"/v1/members/{member.id}"
    tag = service.ask("GET", path).headers["ETag"]
    changed = service.ask("PATCH", path, body={"role": "author", "name": "Robert"}, headers={"if-match": tag})
    assert (changed.status, changed.json["role"], changed.json["name"]) == (200, "author", "Robert")
    assert service.ask("GET", path).json == changed.json
    stale = service.ask("PATCH", path, body={"role": "admin"}, headers={"if-match": tag})
    assert (stale.status, stale.problem) == (412, "precondition-failed")
    assert service.ask("DELETE", path, headers={"if-match": tag}).status == 412


@pytest.mark.parametrize(("method", "body"), [("PATCH", {"role": "editor"}), ("DELETE", None)])
def test_the_last_admin_stays(service: Service, method: str, body: Any) -> None:
    service.founded()
    path = f"/v1/members/{service.joined(Role.ADMIN).id}"
    reply = service.ask(method, path, body=body)
    assert (reply.status, reply.problem) == (409, "wrong-state")
    assert service.ask("GET", path).json["role"] == "admin"
    service.joined(Role.ADMIN)
    assert service.ask(method, path, body=body).status == 200


def removed(service: Service, query: dict[str, str]) -> tuple[Any, str, str]:
    """What is told of a removed admin; with the key and the invitation it had made."""
    service.founded()
    service.joined(Role.ADMIN)
    member = service.joined(Role.ADMIN)
    context = context_of(service, member)
    key = service.ask("POST", "/v1/api-keys", body={"name": "CI", "role": "author"}, context=context).json
    invited = service.ask("POST", INVITATIONS, body={"role": "admin", "label": "me"}, context=context).json
    reply = service.ask("DELETE", f"/v1/members/{member.id}", query=query)
    assert reply.status == 200
    again = service.ask("POST", "/v1/api-keys", body={"name": "CI", "role": "admin"}, context=context)
    assert (again.status, again.problem) == (403, "forbidden")
    assert accept(service, invited["token"]).status == 404
    return reply.json, key["id"], invited["id"]


def test_a_removed_members_keys_stay_and_are_named(service: Service) -> None:
    told, key, invitation = removed(service, {})
    assert (told["keys_kept"], told["keys_revoked"], told["invitations_revoked"]) == ([key], [], [invitation])
    (listed,) = service.ask("GET", "/v1/api-keys").json["items"]
    assert (listed["revoked_at"], listed["created_by"]) == (None, told["id"])


def test_a_removed_members_keys_are_revoked_if_asked(service: Service) -> None:
    told, key, _ = removed(service, {"keys": "revoke"})
    assert (told["keys_kept"], told["keys_revoked"]) == ([], [key])
    assert service.ask("GET", "/v1/api-keys").json["items"][0]["revoked_at"] is not None


def test_who_is_no_admin_any_more_leaves_no_invitation_open(service: Service) -> None:
    service.founded()
    service.joined(Role.ADMIN)
    member = service.joined(Role.ADMIN)
    body = {"role": "admin", "label": "me"}
    invited = service.ask("POST", INVITATIONS, body=body, context=context_of(service, member)).json
    service.ask("PATCH", f"/v1/members/{member.id}", body={"role": "viewer"})
    assert accept(service, invited["token"]).status == 404


def test_a_member_demoted_a_moment_ago_raises_nobody(service: Service) -> None:
    service.founded()
    service.joined(Role.ADMIN)
    member, other = service.joined(Role.ADMIN), service.joined(Role.VIEWER)
    context = context_of(service, member)
    service.ask("PATCH", f"/v1/members/{member.id}", body={"role": "viewer"})
    for each in (member, other):
        reply = service.ask("PATCH", f"/v1/members/{each.id}", body={"role": "admin"}, context=context)
        assert (reply.status, reply.problem) == (403, "forbidden")


# Invitations


def test_an_invitation_is_shown_once_with_its_token(service: Service) -> None:
    reply = service.ask("POST", INVITATIONS, body={"role": "editor", "label": "bob@example.org"})
    made = reply.json
    assert (reply.status, reply.headers["Location"]) == (201, f"{INVITATIONS}/{made['id']}")
    listed = service.ask("GET", INVITATIONS)
    assert listed.json["items"] == [{name: value for name, value in made.items() if name != "token"}]
    assert made["token"] not in listed.text


def test_whoever_accepts_becomes_a_member_under_a_name_of_its_own(service: Service) -> None:
    service.founded()
    reply = accept(service, service.invited(role="editor")["token"])
    member = reply.json["member"]
    assert (reply.status, reply.json["workspace"], member["role"]) == (201, service.ours, "editor")
    assert (member["name"], member["id"]) == ("Bob", member_id(service.ours, service.person))
    assert service.ask("GET", reply.headers["Location"]).json == {**member, "keys_above": []}
    assert service.ask("GET", INVITATIONS).json["items"] == []


def test_an_invitation_is_accepted_once(service: Service) -> None:
    service.founded()
    token = service.invited()["token"]
    assert accept(service, token).status == 201
    reply = accept(service, token)
    assert (reply.status, reply.problem) == (404, "not-found")


def test_a_member_keeps_the_invitation_for_somebody_else(service: Service) -> None:
    service.founded()
    accept(service, service.invited()["token"])
    second = service.invited()["token"]
    reply = accept(service, second)
    assert (reply.status, reply.problem) == (409, "wrong-state")
    other = {"problem": "no-member", "person": "0" * 64}
    assert accept(service, second, other).status == 201


def test_a_member_of_one_workspace_joins_another_though_its_own_is_suspended(service: Service) -> None:
    service.founded()
    elsewhere = Principal(service.theirs, "mbr_1", Role.VIEWER, person=service.person, suspended=True).context()
    assert accept(service, service.invited()["token"], elsewhere).status == 201


def test_nobody_joins_a_workspace_while_it_is_suspended(service: Service) -> None:
    service.founded()
    token = service.invited()["token"]
    Workspaces("channels").suspend(service.ours, "Bills are open.")
    reply = accept(service, token)
    assert (reply.status, reply.problem) == (403, "suspended")
    Workspaces("channels").resume(service.ours)
    assert accept(service, token).status == 201


def test_a_key_accepts_no_invitation(service: Service) -> None:
    service.founded()
    key = Principal(service.theirs, "key_1", Role.ADMIN, key="key_1").context()
    reply = accept(service, service.invited()["token"], key)
    assert (reply.status, reply.problem) == (403, "forbidden")


@pytest.mark.parametrize("narrowed", [{"bound": True}, {"most": Role.VIEWER}, {}], ids=str)
def test_a_narrowed_token_accepts_no_invitation(service: Service, narrowed: dict[str, Any]) -> None:
    service.founded()
    stranger = Denied(Denial.NO_MEMBER, service.person, narrowed=True).context()
    member = Principal(service.theirs, "mbr_1", Role.VIEWER, person=service.person, **narrowed).context()
    token = service.invited(role="admin")["token"]
    reply = accept(service, token, member if narrowed else stranger)
    assert (reply.status, reply.problem) == (403, "forbidden")
    assert "claims workspace and role" in reply.json["detail"]
    assert accept(service, token).status == 201


@pytest.mark.parametrize(
    "method_and_path", ["GET /v1/workspace", "GET /v1/members", "POST /v1/invitations", "GET /v1/audit"]
)
def test_an_outsider_does_nothing_else(service: Service, method_and_path: str) -> None:
    method, path = method_and_path.split()
    reply = service.ask(method, path, body={} if method == "POST" else None, context=outsider(service))
    assert (reply.status, reply.problem) == (403, "forbidden")


def test_without_a_token_nobody_accepts(service: Service) -> None:
    reply = service.ask("POST", f"{INVITATIONS}/accept", body={"token": "pi_", "name": "Bob"}, role=None)
    assert reply.status == 401


@pytest.mark.parametrize(
    ("changes", "field"),
    [
        ({"role": "owner"}, "role"),
        ({"label": ""}, "label"),
        ({"label": "x" * 255}, "label"),
        ({"days": 0}, "days"),
        ({"days": 15}, "days"),
        ({"days": "7"}, "days"),
        ({"email": "bob@example.org"}, "email"),
    ],
    ids=str,
)
def test_an_invitation_that_is_wrong_is_refused(service: Service, changes: dict[str, Any], field: str) -> None:
    reply = service.ask("POST", INVITATIONS, body={"role": "viewer", "label": "Bob", **changes})
    assert (reply.status, reply.fields) == (422, [field])


def test_of_an_invitation_nothing_is_kept_but_who_joined(service: Service) -> None:
    service.founded()
    accept(service, service.invited(label="bob@example.org")["token"])
    assert "bob@example.org" not in repr(service.items("channels"))
    assert Members("channels").find(service.ours, member_id(service.ours, service.person)) is not None


def test_another_workspaces_invitation_is_not_revoked(service: Service) -> None:
    made = service.invited()
    path = f"{INVITATIONS}/{made['id']}"
    assert service.ask("DELETE", path, workspace=service.theirs).status == 404
    assert service.ask("DELETE", path).status == 204
    assert service.ask("DELETE", f"{INVITATIONS}/{ids.new('inv')}").status == 404


@pytest.mark.parametrize("path", ["/v1/api-keys", INVITATIONS])
def test_of_two_who_write_the_same_at_once_one_asks_again(service: Service, path: str) -> None:
    def conflict(**_: object) -> None:
        reasons = {"CancellationReasons": [{"Code": "None"}, {"Code": "TransactionConflict"}]}
        error = {"Error": {"Code": "TransactionCanceledException", "Message": ""}, **reasons}
        raise aws.dynamodb().exceptions.TransactionCanceledException(error, "TransactWriteItems")  # type: ignore[arg-type]

    aws.dynamodb().meta.events.register("before-call.dynamodb.TransactWriteItems", conflict)
    body = {"name": "CI", "role": "viewer"} if path == "/v1/api-keys" else {"label": "Bob", "role": "viewer"}
    reply = service.ask("POST", path, body=body)
    assert (reply.status, reply.problem) == (409, "conflict")
    assert service.items("channels") == []
