"""What is written of operations, and how it is read."""

from __future__ import annotations

from typing import Any

import pytest
from botocore.exceptions import ClientError

from identity.model import Denial, Denied, Principal, Role
from publishing import aws
from tests.functions.service import WEBHOOK, Service
from tests.web import logs

CHANNEL = {"platform": "webhook", "name": "Site", "credentials": WEBHOOK}


def log_of(service: Service, **query: str) -> list[dict[str, Any]]:
    """The audit log, newest first, but for what the tests' own asking adds."""
    found: list[dict[str, Any]] = service.ask("GET", "/v1/audit", query=query).json["items"]
    return found


def operations(service: Service) -> list[tuple[str, int]]:
    return [(entry["operation"], entry["status"]) for entry in log_of(service)]


def test_what_was_done_is_told_with_who_and_what(service: Service) -> None:
    channel = service.connected()["id"]
    service.ask("DELETE", f"/v1/channels/{channel}", headers={"x-correlation-id": "order-4711"})
    deleted, connected = log_of(service)
    assert (connected["operation"], connected["status"], connected["made"]) == (
        "connectChannel",
        201,
        f"/v1/channels/{channel}",
    )
    assert (deleted["operation"], deleted["status"], deleted["ids"]) == ("deleteChannel", 204, {"channel": channel})
    assert (deleted["actor"], deleted["correlation_id"]) == ("tester", "order-4711")


def test_what_a_role_does_not_allow_is_told_and_no_made_up_id(service: Service) -> None:
    service.ask("POST", "/v1/channels", body=CHANNEL, role=Role.AUTHOR)
    service.ask("DELETE", "/v1/channels/somebody@example.org", role=Role.VIEWER)
    assert operations(service) == [("deleteChannel", 403), ("connectChannel", 403)]
    assert log_of(service)[0]["ids"] == {}


def test_what_a_suspension_does_not_allow_is_told(service: Service) -> None:
    context = Principal(service.ours, "key_1", Role.ADMIN, suspended=True).context()
    reply = service.ask("POST", "/v1/channels", body=CHANNEL, context=context)
    assert (reply.status, reply.problem) == (403, "suspended")
    assert operations(service) == [("connectChannel", 403)]


def test_submissions_and_uploads_are_told_of_as_well(service: Service) -> None:
    channel = service.connected()["id"]
    publication = service.submitted(channel)["id"]
    service.ask("POST", "/v1/media", body={"size_bytes": 5})
    uploaded, submitted, _ = log_of(service)
    assert (submitted["operation"], submitted["made"]) == ("submitPublication", f"/v1/publications/{publication}")
    assert (uploaded["operation"], uploaded["status"]) == ("createMedia", 201)


def test_what_was_read_is_malformed_or_is_not_there_changed_nothing_and_is_not_told_of(service: Service) -> None:
    channel = service.connected()["id"]
    before = operations(service)
    submission = {"content": {"text": "Hi"}, "targets": [{"channel": channel}]}
    service.ask("GET", "/v1/channels")
    service.ask("POST", "/v1/channels", body={})
    service.ask("POST", "/v1/channels", body=CHANNEL, role=None)
    service.ask("DELETE", f"/v1/channels/{channel[:-1]}0")
    service.ask("POST", "/v1/publications/validate", body=submission)
    service.ask("POST", "/v1/publications", body={**submission, "dry_run": True})
    assert operations(service) == before


def test_what_was_done_before_is_not_told_twice(service: Service) -> None:
    channel = service.connected()["id"]
    body = {"content": {"text": "Hi"}, "targets": [{"channel": channel}]}
    for _ in range(3):
        service.ask("POST", "/v1/publications", body=body, headers={"idempotency-key": "first-light"})
    assert operations(service).count(("submitPublication", 202)) == 1


def test_what_failed_may_have_been_done_and_is_told(service: Service) -> None:
    channel = service.connected()["id"]

    def fail(**_: object) -> None:
        raise ClientError({"Error": {"Code": "InternalServerError", "Message": "canary"}}, "DeleteItem")

    aws.dynamodb().meta.events.register("before-call.dynamodb.DeleteItem", fail)
    assert service.ask("DELETE", f"/v1/channels/{channel}").status == 503
    assert operations(service)[0] == ("deleteChannel", 503)


def test_the_log_is_read_by_actor_and_by_time(service: Service) -> None:
    other = Principal(service.ours, "key_9", Role.ADMIN).context()
    service.connected()
    service.ask("POST", "/v1/channels", body=CHANNEL, context=other)
    (mine,) = log_of(service, actor="key_9")
    assert mine["actor"] == "key_9"
    assert [entry["actor"] for entry in log_of(service)] == ["key_9", "tester"]
    assert "key_9" not in {entry["actor"] for entry in log_of(service, until=mine["at"])}
    assert "key_9" in {entry["actor"] for entry in log_of(service, since=mine["at"])}
    assert log_of(service, since="2099-01-01T00:00:00Z") == []


def test_the_log_is_read_page_by_page(service: Service) -> None:
    for _ in range(3):
        service.connected()
    first = service.ask("GET", "/v1/audit", query={"limit": "2"}).json
    second = service.ask("GET", "/v1/audit", query={"limit": "2", "cursor": first["next"]}).json
    times = [entry["at"] for entry in (*first["items"], *second["items"])]
    assert (len(times), times, second["next"]) == (3, sorted(times, reverse=True), None)
    theirs = service.ask("GET", "/v1/audit", query={"cursor": first["next"]}, workspace=service.theirs)
    assert (theirs.status, theirs.fields) == (422, ["cursor"])


def test_who_joins_is_told_in_the_log_of_what_it_joined(service: Service) -> None:
    service.founded()
    context = Denied(Denial.NO_MEMBER, service.person).context()
    token = service.invited()["token"]
    joined = service.ask("POST", "/v1/invitations/accept", body={"token": token, "name": "Bob"}, context=context)
    entry = log_of(service)[0]
    assert (entry["operation"], entry["actor"]) == ("acceptInvitation", joined.json["member"]["id"])


def test_the_log_holds_neither_content_nor_names_nor_secrets(service: Service) -> None:
    service.founded()
    service.invited(label="bob@example.org")
    service.key(name="Canary key")
    service.joined(Role.VIEWER, name="Canary name")
    service.submitted(service.connected(name="Canary channel")["id"], content={"text": "canary"})
    told = service.ask("GET", "/v1/audit").text
    assert "canary" not in told.lower()
    assert "example.org" not in told
    assert service.person not in told


@pytest.mark.parametrize("path", ["/v1/channels", "/v1/publications", "/v1/media"])
def test_an_entry_that_cannot_be_written_fails_no_request_and_is_said_loudly(
    service: Service, path: str, capsys: pytest.CaptureFixture[str]
) -> None:
    channel = service.connected()["id"]
    bodies: dict[str, Any] = {
        "/v1/channels": CHANNEL,
        "/v1/publications": {"content": {"text": "Hi"}, "targets": [{"channel": channel}]},
        "/v1/media": {"size_bytes": 5},
    }

    def refuse(params: dict[str, Any], **_: object) -> None:
        if "#AUDIT#tester" in str(params.get("body", "")):
            raise ClientError({"Error": {"Code": "AccessDeniedException", "Message": "canary"}}, "PutItem")

    aws.dynamodb().meta.events.register("before-call.dynamodb.PutItem", refuse)
    capsys.readouterr()
    with logs.caught() as log:
        assert service.ask("POST", path, body=bodies[path]).status < 300
    line = log.line("An entry of the audit log was lost")
    assert (line["level"], line["error"], line["actor"]) == ("ERROR", "AccessDeniedException", "tester")
    assert '"AuditLost":[1.0]' in capsys.readouterr().out.replace(" ", "")
