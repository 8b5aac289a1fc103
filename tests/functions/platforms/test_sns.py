"""What Amazon SNS signs, on messages written after its documentation (read 2026-11-21) and a key of our own."""

from __future__ import annotations

from datetime import timedelta

import httpx
import pytest

from functions.platforms._sns import Message, notified
from publishing.errors import PublishingError
from publishing.inbound import Call, Forged
from tests.functions.platforms.conversing import NOON, hold, outcome_of, recorded
from tests.functions.platforms.topics import (
    CERTIFICATE,
    CONFIRMATION,
    HOST,
    NOTIFICATION,
    SUBSCRIPTION,
    TOPIC,
    canonical,
    certificate,
    proof,
    sent,
)

# The two examples of AWS's page "Verifying the signatures of Amazon SNS messages"; the line end behind the last value
# is missing there, and is what SNS signs.
EXAMPLE = """Message
My Test Message
MessageId
4d4dc071-ddbf-465d-bba8-08f81c89da64
Subject
My subject
Timestamp
2019-01-31T04:37:04.321Z
TopicArn
arn:aws:sns:us-east-2:123456789012:s4-MySNSTopic-1G1WEFCOXTC0P
Type
Notification
"""
EXAMPLE_OF_A_SUBSCRIPTION = """Message
My Test Message
MessageId
3d891288-136d-417f-bc05-901c108273ee
SubscribeURL
https://sns.us-east-2.amazonaws.com/?Action=ConfirmSubscription&TopicArn=arn:aws:sns:us-east-2:123456789012:s4-MySNSTopic-1G1WEFCOXTC0P&Token=233...
Timestamp
2019-01-31T19:25:13.719Z
Token
233...
TopicArn
arn:aws:sns:us-east-2:123456789012:s4-MySNSTopic-1G1WEFCOXTC0P
Type
SubscriptionConfirmation
"""


def heard(call: Call, *answers: httpx.Response | Exception, late_s: float = 0, topic: str = TOPIC) -> Message | None:
    transport = recorded(*(answers or (certificate(),)))
    return hold(notified(call, topic=topic, now=NOON + timedelta(seconds=late_s)), transport)


def read(message: dict[str, str]) -> Message:
    return Message.model_validate_json(sent(message).body)


def test_the_string_to_sign_is_the_documented_one() -> None:
    message = NOTIFICATION | {"Subject": "My subject", "Timestamp": "2019-01-31T04:37:04.321Z"}
    assert read(message).canonical().decode() == canonical(message) == EXAMPLE


def test_the_string_to_sign_of_a_subscription_is_the_documented_one() -> None:
    changes = {"MessageId": "3d891288-136d-417f-bc05-901c108273ee", "Timestamp": "2019-01-31T19:25:13.719Z"}
    message = SUBSCRIPTION | changes
    assert read(message).canonical().decode() == canonical(message) == EXAMPLE_OF_A_SUBSCRIPTION


@pytest.mark.parametrize("version", ["1", "2"])
@pytest.mark.parametrize("more", [{}, {"Subject": "My subject"}, {"Subject": ""}, {"Message": 'Ä\n"ü"\t🍂'}])
def test_what_sns_signed_is_read(version: str, more: dict[str, str]) -> None:
    message = {**NOTIFICATION, "SignatureVersion": version, **more}
    found = heard(sent(message))
    assert found is not None
    assert (found.id, found.text) == (message["MessageId"], message["Message"])


def test_the_certificate_is_fetched_from_where_the_message_says() -> None:
    transport = recorded(certificate())
    hold(notified(sent(NOTIFICATION), topic=TOPIC, now=NOON), transport)
    assert [(request.method, str(request.url)) for request in transport.asked] == [("GET", CERTIFICATE)]


@pytest.mark.parametrize("version", ["1", "2"])
def test_a_subscription_is_confirmed(version: str) -> None:
    transport = recorded(certificate(), httpx.Response(200, text="<ConfirmSubscriptionResponse/>"))
    call = sent(SUBSCRIPTION | {"SignatureVersion": version})
    assert hold(notified(call, topic=TOPIC, now=NOON), transport) is None
    assert [str(request.url) for request in transport.asked] == [CERTIFICATE, CONFIRMATION]


def test_that_a_subscription_ended_needs_no_answer() -> None:
    assert heard(sent(SUBSCRIPTION | {"Type": "UnsubscribeConfirmation"})) is None


def test_china_has_hosts_of_its_own() -> None:
    address = "https://sns.cn-north-1.amazonaws.com.cn/SimpleNotificationService-f3ecfb7224c7.pem"
    assert heard(sent(NOTIFICATION | {"SigningCertURL": address}))


@pytest.mark.parametrize("late_s", [-3_600, 3_600])
def test_what_sns_tried_for_an_hour_is_heard(late_s: float) -> None:
    assert heard(sent(NOTIFICATION), late_s=late_s)


UNASKED = [
    sent(NOTIFICATION | {"SigningCertURL": address})
    for address in (
        CERTIFICATE.replace("https:", "http:"),
        CERTIFICATE.replace("sns.us-east-2.amazonaws.com", "example.org"),
        CERTIFICATE.replace("amazonaws.com", "amazonaws.com.example.org"),
        CERTIFICATE.replace("sns.us-east-2", "sns.us.east"),
        CERTIFICATE.replace("sns.us-east-2", "bucket"),
        CERTIFICATE.replace("https://sns.", "https://evil.example/sns."),
        CERTIFICATE.replace("https://", "https://example.org@"),
        CERTIFICATE.replace("https://", "https://example.org\\@"),
        CERTIFICATE.replace(".com/", ".com:8443/"),
        CERTIFICATE.replace(".com/", ".com/bucket/"),
        f"{HOST}/?Action=GetTopicAttributes&x=.pem",
        f"{CERTIFICATE}\n",
        f"{CERTIFICATE}#",
        "",
    )
] + [
    sent(NOTIFICATION | {"TopicArn": f"{TOPIC}2"}),
    sent(NOTIFICATION | {"TopicArn": ""}),
    sent(NOTIFICATION | {"Timestamp": "2026-11-20T12:00:00.000"}),
    sent(NOTIFICATION | {"Timestamp": "noon"}),
    sent(NOTIFICATION | {"Timestamp": "2026-11-20T10:59:59.999Z"}),
    sent(NOTIFICATION | {"Timestamp": "2026-11-20T13:00:00.001Z"}),
    Call("POST", "https://postroom.example.org/hear", body=b'{"eventType":"Reject"}'),  # "raw" delivery has no proof
    Call("POST", "https://postroom.example.org/hear", body=b"\xff"),
]


@pytest.mark.parametrize("call", UNASKED)
def test_what_sns_would_not_say_to_us_is_forged_before_anybody_is_asked(call: Call) -> None:
    transport = recorded()
    with pytest.raises(Forged):
        hold(notified(call, topic=TOPIC, now=NOON), transport)
    assert transport.asked == []


def test_without_a_topic_everything_is_forged() -> None:
    with pytest.raises(Forged):
        heard(sent(NOTIFICATION | {"TopicArn": ""}), topic="")


ANOTHERS = proof(canonical(NOTIFICATION), whose="another")


@pytest.mark.parametrize(
    "changes",
    [
        {"Signature": ANOTHERS},
        {"Signature": ""},
        {"Signature": "é"},
        {"Signature": proof(canonical(NOTIFICATION), "1")},
        {"SignatureVersion": "1", "Signature": proof(canonical(NOTIFICATION))},
        {"SignatureVersion": "3"},
        {"Signature": proof(canonical(NOTIFICATION)), "Message": "Another"},
        {"Signature": proof(canonical(NOTIFICATION)), "MessageId": "another"},
        {"Signature": proof(canonical(NOTIFICATION)), "Subject": "More"},
        {"Signature": proof(canonical(NOTIFICATION)), "Timestamp": "2026-11-20T12:00:01.000Z"},
        {"Signature": proof(canonical(NOTIFICATION)), "Type": "SubscriptionConfirmation", "SubscribeURL": CONFIRMATION},
    ],
)
def test_what_is_not_signed_so_is_forged(changes: dict[str, str]) -> None:
    with pytest.raises(Forged):
        heard(sent(NOTIFICATION | changes))


@pytest.mark.parametrize(
    "answer",
    [
        httpx.Response(403, text="<Error/>"),
        httpx.Response(404),
        httpx.Response(200, text="<html>"),
        httpx.Response(200, text="-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----\n"),
    ],
)
def test_where_there_is_no_certificate_it_is_forged(answer: httpx.Response) -> None:
    with pytest.raises(Forged):
        heard(sent(NOTIFICATION), answer)


@pytest.mark.parametrize("answer", [httpx.Response(500), httpx.Response(429), httpx.ConnectError("")])
def test_a_certificate_that_cannot_be_had_now_is_no_forgery(answer: httpx.Response | Exception) -> None:
    outcome = outcome_of(notified(sent(NOTIFICATION), topic=TOPIC, now=NOON), recorded(answer))
    assert isinstance(outcome, PublishingError)


@pytest.mark.parametrize(
    "address", ["", CONFIRMATION.replace("sns.us-east-2.amazonaws.com", "example.org"), f"{CONFIRMATION} ", HOST]
)
def test_a_subscription_is_confirmed_at_sns_alone(address: str) -> None:
    with pytest.raises(Forged):
        heard(sent(SUBSCRIPTION | {"SubscribeURL": address}))


def test_a_subscription_without_an_address_is_forged() -> None:
    message = {name: value for name, value in SUBSCRIPTION.items() if name != "SubscribeURL"}
    with pytest.raises(Forged):
        heard(sent(message))


def test_a_confirmation_that_failed_is_asked_for_again() -> None:
    outcome = outcome_of(
        notified(sent(SUBSCRIPTION), topic=TOPIC, now=NOON), recorded(certificate(), httpx.Response(500))
    )
    assert isinstance(outcome, PublishingError)
