"""How people look at what lies on a queue, take it off and put it back."""

from __future__ import annotations

from typing import Any

from tests.simulation.contract.services import Services


def looked(services: Services) -> list[Any]:
    """What can be taken up now, as our walk through dead letters takes it up."""
    answer = services.sqs.receive_message(
        QueueUrl=services.url,
        MaxNumberOfMessages=10,
        VisibilityTimeout=60,
        WaitTimeSeconds=0,
        MessageSystemAttributeNames=["SentTimestamp", "ApproximateReceiveCount"],
    )
    return list(answer.get("Messages", ()))


def entries(messages: list[Any], **more: Any) -> list[Any]:
    """These in a batch."""
    return [{"Id": each["MessageId"], "ReceiptHandle": each["ReceiptHandle"], **more} for each in messages]


class DeadLetters:
    """Cases for every implementation."""

    def test_a_letter_tells_when_it_was_sent_and_how_often_it_was_received(self, services: Services) -> None:
        services.send({"MessageBody": "b"})
        assert looked(services)[0]["Attributes"].keys() == {"SentTimestamp", "ApproximateReceiveCount"}

    def test_letters_that_are_put_back_are_seen_at_once(self, services: Services) -> None:
        services.send({"MessageBody": "1"}, {"MessageBody": "2"})
        taken = looked(services)
        services.sqs.change_message_visibility_batch(QueueUrl=services.url, Entries=entries(taken, VisibilityTimeout=0))
        assert sorted(each["Body"] for each in looked(services)) == ["1", "2"]

    def test_letters_that_are_taken_off_are_gone(self, services: Services) -> None:
        services.send({"MessageBody": "1"}, {"MessageBody": "2"})
        services.sqs.delete_message_batch(QueueUrl=services.url, Entries=entries(looked(services)))
        told = services.sqs.get_queue_attributes(QueueUrl=services.url, AttributeNames=["All"])["Attributes"]
        assert (told["ApproximateNumberOfMessages"], told["ApproximateNumberOfMessagesNotVisible"]) == ("0", "0")

    def test_letters_that_can_be_seen_are_counted(self, services: Services) -> None:
        services.send({"MessageBody": "1"}, {"MessageBody": "2"})
        told = services.sqs.get_queue_attributes(QueueUrl=services.url, AttributeNames=["ApproximateNumberOfMessages"])
        assert told["Attributes"] == {"ApproximateNumberOfMessages": "2"}
