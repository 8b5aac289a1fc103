from __future__ import annotations

import json
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest

from identity.model import Role
from tests.functions.ours import Ours
from tests.functions.service import Service, weekly
from tests.owasp.walking import KEYED, Asked, named
from web import contract, people, webhooks
from web.contract import OPERATIONS

IDEMPOTENT = [each for each in KEYED if each.idempotent]
ELSE: dict[str, dict[str, Any]] = {  # what makes another request of the one before
    "acceptInvitation": {"name": "Else"},
    "beginGrant": {"return_to": "https://app.example.org/else"},
    "chooseAccounts": {"names": {"4711": "Else"}},
    "connectChannel": {"name": "Else"},
    "createApiKey": {"name": "Else"},
    "createInvitation": {"label": "Else"},
    "createMedia": {"size_bytes": 2},
    "createSeries": {"rule": "FREQ=DAILY"},
    "createWebhook": {"name": "Else"},
    "redriveDeadLetters": {"most": 2},
    "replayWebhook": {"undelivered": True},
    "resolveDelivery": {"outcome": "published"},
    "submitPublication": {"content": {"text": "Else"}},
}
UNBOUND = {  # what a key binds to nothing, since asked twice it does no more
    "testChannel": "without a sample nothing is kept under the key; and there is only one sample",
    "validatePublication": "it stores nothing",
    "completeMedia": "what was looked at is not looked at again",
    "fitMedia": "there is one copy for each platform",
}
TABLES = ("publications", "channels")
MAKING = (contract.CONNECT_CHANNEL, contract.CREATE_KEY, people.INVITE, webhooks.CREATE_WEBHOOK)
KEY = {"idempotency-key": "the-very-same"}
OFTEN = ("FREQ=SECONDLY", "FREQ=MINUTELY", "FREQ=HOURLY;BYMINUTE=0,1", "FREQ=DAILY;BYSECOND=1,2")


def there(service: Service) -> dict[str, list[str]]:
    """The keys of all that is stored of our workspace, but for the log."""
    return {
        table: sorted(json.dumps([item["pk"], item.get("sk")]) for item in service.items(table)) for table in TABLES
    }


class TestSensitiveFlows:
    """API6, unrestricted access to sensitive business flows: what publishes is done too often, or to too many.

    A submission goes to a hundred channels at most and each once; a series comes hourly at most; whatever puts
    something out is done once for a key, however often and at once it is asked; a sample takes an editor.
    """

    def test_whatever_is_posted_takes_a_key(self) -> None:
        assert {each.id for each in OPERATIONS if each.method == "POST"} == {each.id for each in KEYED}

    def test_of_whatever_takes_a_key_another_request_is_known(self) -> None:
        assert {each.id for each in KEYED if each.takes.model_fields} - UNBOUND.keys() == ELSE.keys()
        assert {each.id for each in IDEMPOTENT} - UNBOUND.keys() <= ELSE.keys()
        assert UNBOUND.keys() <= {each.id for each in IDEMPOTENT}

    @pytest.mark.parametrize("operation", KEYED, ids=named)
    def test_with_one_key_it_is_done_once(self, ours: Ours, operation: Asked) -> None:
        ours.make_ready_for(operation)
        first, done = ours.ask(operation, headers=KEY), there(ours.service)
        again = ours.ask(operation, headers=KEY)
        assert first.status == operation.status
        assert there(ours.service) == done
        if operation.secret:
            assert (again.status, again.problem) == (409, "already-done")
        elif operation.idempotent:
            assert (again.status, self._made(again.json)) == (first.status, self._made(first.json))
        else:
            assert (again.status, again.text, again.headers["Idempotent-Replayed"]) == (
                first.status,
                first.text,
                "true",
            )

    @pytest.mark.parametrize("operation", [each for each in KEYED if each.id in ELSE], ids=named)
    def test_a_key_is_for_one_request_alone(self, ours: Ours, operation: Asked) -> None:
        ours.make_ready_for(operation)
        assert ours.ask(operation, headers=KEY).status == operation.status
        reply = ours.ask(operation, headers=KEY, sent={**ours.bodies[operation.id], **ELSE[operation.id]})
        assert (reply.status, reply.problem) == (422, "idempotency-key-reused")

    @pytest.mark.parametrize("operation", MAKING, ids=named)
    def test_asked_at_once_by_many_with_one_key_one_is_made(self, ours: Ours, operation: Asked) -> None:
        def listed() -> int:
            return len(ours.service.ask("GET", operation.path).json["items"])

        before = listed()
        with ThreadPoolExecutor(8) as crowd:
            replies = list(crowd.map(lambda _: ours.ask(operation, headers=KEY), range(8)))
        assert {reply.status for reply in replies} <= {operation.status, 409}
        assert listed() == before + 1

    def test_who_joins_is_answered_again_and_nobody_else_is(self, ours: Ours) -> None:
        one, other = ({"problem": "no-member", "person": person * 64} for person in "ab")
        first, again = (ours.ask(people.ACCEPT_INVITATION, headers=KEY, context=one) for _ in range(2))
        assert (first.status, again.status, again.text) == (201, 201, first.text)
        assert ours.ask(people.ACCEPT_INVITATION, headers=KEY, context=other).status == 404

    def test_submitted_at_once_by_many_with_one_key_it_is_one(self, ours: Ours) -> None:
        with ThreadPoolExecutor(8) as crowd:
            replies = list(crowd.map(lambda _: ours.ask(contract.SUBMIT, headers=KEY), range(8)))
        assert {reply.status for reply in replies} == {202}
        assert len({reply.json["id"] for reply in replies}) == 1

    def test_one_submission_goes_to_a_hundred_channels_at_most(self, ours: Ours) -> None:
        targets = [{"channel": ours.names["channel"]}] * 101
        reply = ours.service.ask("POST", "/v1/publications", body={"content": {"text": "Hi"}, "targets": targets})
        assert (reply.status, reply.fields) == (422, ["targets"])

    def test_one_submission_goes_to_each_channel_once(self, ours: Ours) -> None:
        targets = [{"channel": ours.names["channel"]}] * 2
        reply = ours.service.ask("POST", "/v1/publications", body={"content": {"text": "Hi"}, "targets": targets})
        assert reply.status == 422

    @pytest.mark.parametrize("rule", OFTEN)
    def test_a_series_comes_hourly_at_most(self, ours: Ours, rule: str) -> None:
        body = {**weekly(ours.names["channel"]), "rule": rule}
        assert ours.service.ask("POST", "/v1/series", body=body).status == 422

    def test_a_sample_is_published_by_editors_alone(self, ours: Ours) -> None:
        assert contract.TEST_CHANNEL.least is Role.EDITOR
        assert ours.ask(contract.TEST_CHANNEL, role=Role.AUTHOR).status == 403

    def test_a_dry_run_publishes_nothing(self, service: Service) -> None:
        channel = service.connected()["id"]
        service.sent("webhook")
        body = {"content": {"text": "Hi"}, "targets": [{"channel": channel}], "dry_run": True}
        assert service.ask("POST", "/v1/publications", body=body).status == 200
        assert service.sent("webhook") == []
        assert service.ask("GET", "/v1/publications").json["items"] == []

    @staticmethod
    def _made(answer: Any) -> Any:
        """The id of what was made; none, where nothing is."""
        return answer.get("id") or (answer.get("publication") or {}).get("id")
