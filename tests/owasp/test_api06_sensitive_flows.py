from __future__ import annotations

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest

from identity.model import Role
from tests.functions.service import Service, weekly
from tests.functions.test_roles import Ours
from tests.owasp.walking import OURS_ALONE, Asked, named
from web import contract
from web.contract import OPERATIONS

IDEMPOTENT = [each for each in OPERATIONS if each.idempotent]
OTHER: dict[str, Callable[[str], dict[str, Any]]] = {  # requests that are not the one before
    "createMedia": lambda _: {"size_bytes": 2},
    "createSeries": lambda channel: {**weekly(channel), "rule": "FREQ=DAILY"},
    "submitPublication": lambda channel: {"content": {"text": "Else"}, "targets": [{"channel": channel}]},
}
UNBOUND = {"testChannel"}  # without a sample nothing is kept under the key; and there is only one sample
OFTEN = ("FREQ=SECONDLY", "FREQ=MINUTELY", "FREQ=HOURLY;BYMINUTE=0,1", "FREQ=DAILY;BYSECOND=1,2")
ABSORBED = {  # what may be asked twice without a key, and why that publishes nothing twice
    "validatePublication": "it stores nothing",
    "resolveDelivery": "it is taken of a delivery in doubt alone, and then that is in doubt no more",
    "retryDelivery": "it is taken of a failed delivery alone, and then that has failed no more",
    "retryPublication": "as above, delivery by delivery",
    "cancelDelivery": "what is canceled stays so",
    "completeMedia": "asked again, the answer is the same",
    "fitMedia": "there is one copy for each platform",
    "redriveDeadLetters": "what is settled absorbs what comes again",
    "connectChannel": "a channel by itself publishes nothing; one too many is seen in the list, and deleted",
    "createApiKey": "a key by itself publishes nothing; one too many is seen in the list, and revoked",
}


class TestSensitiveFlows:
    """API6, unrestricted access to sensitive business flows: what publishes is done too often, or to too many.

    A submission goes to a hundred channels at most and each once; a series comes hourly at most; whatever puts
    something out is done once for a key, however often and at once it is asked; a sample takes an editor.
    """

    def test_whatever_is_posted_takes_a_key_or_absorbs_a_repetition(self) -> None:
        posts = {each.id for each in OURS_ALONE if each.method == "POST"}
        assert posts - {each.id for each in IDEMPOTENT} - ABSORBED.keys() == set()

    def test_of_whatever_takes_a_key_another_request_is_known(self) -> None:
        assert {each.id for each in IDEMPOTENT} == OTHER.keys() | UNBOUND

    @pytest.mark.parametrize("operation", IDEMPOTENT, ids=named)
    def test_with_one_key_it_is_done_once(self, ours: Ours, operation: Asked) -> None:
        first, again = (self._asked(ours, operation, ours.bodies[operation.id]) for _ in range(2))
        assert (first.status, again.status) == (operation.status, operation.status)
        assert self._made(first.json) == self._made(again.json)

    @pytest.mark.parametrize("operation", [each for each in IDEMPOTENT if each.id in OTHER], ids=named)
    def test_a_key_is_for_one_request_alone(self, ours: Ours, operation: Asked) -> None:
        self._asked(ours, operation, ours.bodies[operation.id])
        reply = self._asked(ours, operation, OTHER[operation.id](ours.names["channel"]))
        assert (reply.status, reply.problem) == (422, "idempotency-key-reused")

    def test_submitted_at_once_by_many_with_one_key_it_is_one(self, ours: Ours) -> None:
        body = ours.bodies[contract.SUBMIT.id]
        with ThreadPoolExecutor(8) as crowd:
            replies = list(crowd.map(lambda _: self._asked(ours, contract.SUBMIT, body), range(8)))
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
    def _asked(ours: Ours, operation: Asked, body: object) -> Any:
        path = operation.path.format(**ours.names)
        return ours.service.ask("POST", path, body=body, headers={"Idempotency-Key": "the-very-same"})

    @staticmethod
    def _made(answer: Any) -> Any:
        return answer.get("id") or answer["publication"]["id"]
