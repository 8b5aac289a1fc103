"""What becomes of messages on a queue."""

from __future__ import annotations

import pytest
from botocore.exceptions import ClientError

from tests.simulation.contract.services import Received, Services, Values


def taken(services: Services, *entries: Values) -> int:
    """How many of these the queue takes; it may refuse one, or the batch."""
    try:
        return len(services.send(*entries).get("Successful", ()))
    except ClientError:
        return 0


class Messages:
    """Cases for every implementation."""

    def test_a_batch_of_messages_is_taken_and_received(self, services: Services) -> None:
        answer = services.send(*({"MessageBody": f"body {number}"} for number in range(3)))
        assert ([each["Id"] for each in answer["Successful"]], answer.get("Failed", [])) == (["0", "1", "2"], [])
        assert sorted(each.body for each in services.receive()) == ["body 0", "body 1", "body 2"]

    def test_ten_messages_are_received_at_once_and_no_more(self, services: Services) -> None:
        for count in (10, 2):
            services.send(*({"MessageBody": "b"} for _ in range(count)))
        assert [len(services.receive()) for _ in range(3)] == [10, 2, 0]

    def test_more_than_ten_messages_at_once_are_refused(self, services: Services) -> None:
        assert taken(services, *({"MessageBody": "b"} for _ in range(11))) == 0

    def test_no_messages_at_all_are_refused(self, services: Services) -> None:
        with pytest.raises(ClientError):
            services.send()

    def test_messages_of_one_number_are_refused(self, services: Services) -> None:
        assert taken(services, {"MessageBody": "b"}, {"MessageBody": "b", "Id": "0"}) == 0

    def test_messages_of_a_group_are_received_like_any_others(self, services: Services) -> None:
        services.send(*({"MessageBody": "b", "MessageGroupId": group} for group in ("ws_1", "ws_1", "ws_2")))
        assert len(services.receive()) == 3

    def test_what_was_received_is_hidden_and_comes_back(self, services: Services) -> None:
        services.send({"MessageBody": "b"})
        assert services.receive() == [Received("b", 1)]
        assert services.receive() == []
        services.come_back()
        assert services.receive() == [Received("b", 2)]

    def test_what_was_worked_does_not_come_back(self, services: Services) -> None:
        services.send({"MessageBody": "1"}, {"MessageBody": "2"})
        done, left = services.receive()
        services.delete(done)
        services.come_back()
        assert services.receive() == [Received(left.body, 2)]

    def test_what_was_received_in_vain_too_often_is_a_dead_letter(self, services: Services) -> None:
        services.send({"MessageBody": "poison"})
        for receives in range(1, 9):
            assert services.receive() == [Received("poison", receives)]
            services.come_back()
        assert services.receive() == []
        assert services.dead() == ["poison"]

    def test_a_delayed_message_is_not_received_before(self, services: Services) -> None:
        services.send({"MessageBody": "b", "DelaySeconds": 900})
        assert services.receive() == []

    def test_a_delayed_message_is_received_then(self, services: Services) -> None:
        services.send({"MessageBody": "b", "DelaySeconds": 1})
        services.wait(1.1)
        assert services.receive() == [Received("b", 1)]

    def test_a_delay_of_more_than_a_quarter_of_an_hour_is_refused(self, services: Services) -> None:
        assert taken(services, {"MessageBody": "b", "DelaySeconds": 901}) == 0
