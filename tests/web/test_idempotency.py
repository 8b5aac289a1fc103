from __future__ import annotations

import re
from dataclasses import dataclass, field
from typing import Any

import boto3
import pytest
from botocore.exceptions import ClientError

from identity.model import Principal, Role
from publishing.operations import Operations
from tests.cloud import REGION, Cloud
from tests.web.logs import Log
from web import contract, decisions, health, media
from web.idempotency import LASTS_S, LEASE_S, Once
from web.operation import Operation
from web.problems import CONFLICT, Refusal
from web.request import Answer, Request
from web.schemas.base import Nothing
from web.schemas.keys import NewApiKey

WORKSPACE, OTHER = "ws_01kagwz8w7e0f4h5j6k7m8n9pq", "ws_01kagwz9r3a1b2c3d4e5f6g7h8"
DELIVERY = "dlv_01kagwz9r3a1b2c3d4e5f6g7h8_01kagwz9r3a1b2c3d4e5f6g7h9"
MADE = {"Location": "/v1/api-keys/key_1", "X-More": "said"}
KEPT: Operation[Any, Any] = contract.CONNECT_CHANNEL
SECRET: Operation[Any, Any] = contract.CREATE_KEY
AGAIN: Operation[Any, Any] = decisions.RETRY_DELIVERY
ONCE_ONLY: Operation[Any, Any] = decisions.RESOLVE_DELIVERY


@dataclass
class Desk:
    """A function behind the step, and how often it did something."""

    cloud: Cloud
    done: int = 0
    fails: list[Exception] = field(default_factory=list)
    meanwhile: Any = None

    def ask(
        self, operation: Operation[Any, Any] = KEPT, *, key: str = "order-4711", name: str = "Key", workspace: str = ""
    ) -> Answer[Any]:
        """Ask for something with a key."""
        caller = Principal(workspace or WORKSPACE, "tester", Role.ADMIN)
        sent = NewApiKey(name=name, role=Role.VIEWER) if operation in (KEPT, SECRET) else Nothing()
        path = dict.fromkeys(re.findall(r"{(\w+)}", operation.path), DELIVERY)
        request: Request[Any] = Request(sent, caller, path, {"idempotency-key": key} if key else {}, "correlation")
        return Once(Operations("operations", self.cloud.watch))(operation, request, self.go)

    @staticmethod
    def cloud_items() -> list[Any]:
        """What is in the table."""
        found: list[Any] = boto3.client("dynamodb", region_name=REGION).scan(TableName="operations")["Items"]
        return found

    @staticmethod
    def drop_table() -> None:
        """Nobody answers any more."""
        boto3.client("dynamodb", region_name=REGION).delete_table(TableName="operations")

    def go(self, _: Request[Any]) -> Answer[Any]:
        if self.meanwhile:
            self.meanwhile()
        if self.fails:
            raise self.fails.pop()
        self.done += 1
        return Answer(b'{"done": %d}' % self.done, headers=MADE)


@pytest.fixture
def desk(cloud_in_moto: Cloud) -> Desk:
    return Desk(cloud_in_moto)


def refusal(desk: Desk, *asked: Any, **more: Any) -> Refusal:
    with pytest.raises(Refusal) as caught:
        desk.ask(*asked, **more)
    return caught.value


def broken() -> ClientError:
    return ClientError({"Error": {"Code": "InternalServerError"}}, "PutItem")


def test_a_repetition_is_answered_as_the_first_was_and_nothing_is_done(desk: Desk) -> None:
    first, second = desk.ask(), desk.ask()
    assert (first.body, first.headers) == (b'{"done": 1}', MADE)
    assert (second.body, second.status, second.content_type) == (first.body, KEPT.status, first.content_type)
    assert second.headers == {**MADE, "Idempotent-Replayed": "true"}
    assert desk.done == 1


def test_without_a_key_it_is_done_each_time(desk: Desk) -> None:
    assert [desk.ask(key="").body, desk.ask(key="").body] == [b'{"done": 1}', b'{"done": 2}']


def test_a_malformed_key_is_refused_before_anything_is_done(desk: Desk) -> None:
    assert refusal(desk, key="short").kind.status == 400
    assert refusal(desk, media.COMPLETE_MEDIA, key="short").kind.status == 400
    assert desk.done == 0


def test_a_key_counts_within_its_workspace_and_for_its_address(desk: Desk) -> None:
    desk.ask()
    desk.ask(workspace=OTHER)
    desk.ask(AGAIN)
    assert desk.done == 3


def test_another_request_with_the_same_key_is_refused(desk: Desk) -> None:
    desk.ask()
    refused = refusal(desk, name="Another")
    assert (refused.kind.slug, refused.kind.status, desk.done) == ("idempotency-key-reused", 422, 1)


def test_what_keeps_the_promise_itself_is_left_alone(desk: Desk) -> None:
    desk.ask(media.COMPLETE_MEDIA)
    desk.ask(media.COMPLETE_MEDIA)
    assert desk.done == 2


def test_what_only_reads_or_is_named_by_its_address_takes_no_key(desk: Desk) -> None:
    for operation in (contract.READ_CHANNEL, contract.DELETE_CHANNEL, health.READ_HEALTH):
        desk.ask(operation, key="no good: passed over")
    assert desk.done == 3


def test_an_answer_that_shows_a_secret_is_not_kept(desk: Desk) -> None:
    desk.ask(SECRET)
    refused = refusal(desk, SECRET)
    assert (refused.kind.slug, refused.headers, desk.done) == ("already-done", {"Location": "/v1/api-keys/key_1"}, 1)
    assert "/v1/api-keys/key_1" in refused.detail
    assert '{"done"' not in str(desk.cloud_items())


def test_neither_key_nor_request_can_be_read_in_the_table(desk: Desk) -> None:
    desk.ask(key="canary-key", name="canary-name")
    assert "canary" not in str(desk.cloud_items())


def test_what_was_refused_did_nothing_and_its_key_may_be_used_again(desk: Desk) -> None:
    desk.fails = [Refusal(CONFLICT, "Not now.")]
    assert refusal(desk).kind is CONFLICT
    assert desk.ask(name="Corrected").body == b'{"done": 1}'


def test_while_it_is_worked_on_a_repetition_is_to_wait(desk: Desk) -> None:
    refused: list[Refusal] = []
    desk.meanwhile = lambda: refused.append(_during(desk))
    desk.ask()
    assert [each.kind.slug for each in refused] == ["in-progress"]
    assert refused[0].headers == {"Retry-After": "2"}
    assert desk.done == 1


def _during(desk: Desk) -> Refusal:
    desk.meanwhile = None
    return refusal(desk)


def test_what_was_interrupted_is_never_done_again_where_that_might_do_it_twice(desk: Desk) -> None:
    desk.fails = [broken()]
    with pytest.raises(ClientError):
        desk.ask(ONCE_ONLY)
    for wait_s in (0, LEASE_S, LASTS_S - LEASE_S - 60):
        desk.cloud.watch.forward(wait_s)
        refused = refusal(desk, ONCE_ONLY)
        assert refused.kind.slug == "unfinished"
    assert f"GET /v1/deliveries/{DELIVERY};" in refused.detail
    assert desk.done == 0


def test_what_was_interrupted_is_done_again_where_that_does_no_more(desk: Desk) -> None:
    desk.fails = [broken()]
    with pytest.raises(ClientError):
        desk.ask(AGAIN)
    assert desk.ask(AGAIN).body == b'{"done": 1}'
    assert desk.ask(AGAIN).headers["Idempotent-Replayed"] == "true"


class Killed(BaseException):
    """The function dies: nothing is written any more."""


@pytest.mark.parametrize(("operation", "becomes"), [(ONCE_ONLY, "unfinished"), (KEPT, "unfinished"), (AGAIN, "")])
def test_a_function_that_died_leaves_a_lease_that_ends(desk: Desk, operation: Any, becomes: str) -> None:
    def die() -> None:
        raise Killed

    desk.meanwhile = die
    with pytest.raises(Killed):
        desk.ask(operation)
    desk.meanwhile = None
    assert refusal(desk, operation).kind.slug == "in-progress"
    desk.cloud.watch.forward(LEASE_S)
    assert _slug(desk, operation) == becomes


def _slug(desk: Desk, operation: Any) -> str:
    try:
        desk.ask(operation)
    except Refusal as refused:
        return refused.kind.slug
    return ""


def test_where_to_look_is_the_list_it_would_be_in(desk: Desk) -> None:
    desk.fails = [broken()]
    with pytest.raises(ClientError):
        desk.ask()
    assert "GET /v1/channels;" in refusal(desk).detail


def test_a_key_is_kept_for_a_day(desk: Desk) -> None:
    desk.ask()
    desk.cloud.watch.forward(LASTS_S - 1)
    assert desk.ask().body == b'{"done": 1}'
    desk.cloud.watch.forward(1)
    assert desk.ask(name="Another").body == b'{"done": 2}'


def test_an_answer_too_large_to_keep_is_not_given_again(desk: Desk, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("web.idempotency.MOST_BYTES", 5)
    desk.ask()
    assert (refusal(desk).kind.slug, desk.done) == ("already-done", 1)


def test_without_the_table_nothing_is_done(desk: Desk) -> None:
    desk.drop_table()
    with pytest.raises(ClientError):
        desk.ask()
    assert desk.done == 0


def test_what_was_done_is_answered_even_where_that_cannot_be_written_down(desk: Desk, log: Log) -> None:
    desk.meanwhile = desk.drop_table
    assert desk.ask().body == b'{"done": 1}'
    assert log.line("What became of a keyed request was not written down")["error"] == "ResourceNotFoundException"
