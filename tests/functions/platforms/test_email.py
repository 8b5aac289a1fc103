"""The e-mail adapter against botocore's model of SES v2; its replies are written after that model."""

from __future__ import annotations

import json
import re
from collections.abc import Sequence
from dataclasses import replace
from typing import Any

import botocore.session
import httpx
import pytest
from botocore.model import OperationModel
from botocore.validate import ParamValidator
from hypothesis import given
from hypothesis import strategies as st

from functions.platforms.email import ADAPTER, Email
from publishing.abilities import Finds
from publishing.errors import OutcomeUnknown, QuotaSpent, Refused, Throttled, Unauthorized, Unavailable
from publishing.inbound import Call, Forged, Heard
from publishing.model import Channel, Content, Identity, Media, Post, Receipt
from tests.functions.platforms import topics
from tests.functions.platforms.conversing import NOON, Signed, hold, outcome_of, recorded

ENDPOINT = "https://email.eu-west-1.amazonaws.com"
CHANNEL = Channel(
    "chn_1",
    "wsp_1",
    "email",
    name="River notes",
    settings={
        "from_address": "notes@news.example.org",
        "from_name": "Ann Lee",
        "reply_to": "ann@example.org",
        "unsubscribe": "https://example.org/leave?list=1",
        "language": "en",
    },
    secrets={"recipients": "bob@example.com\ncho@example.net"},
    aws={"mail": ENDPOINT, "mail_configuration_set": "postroom-prod"},
)
BARE = replace(CHANNEL, name="", settings={"from_address": "notes@news.example.org"})
POST = Post(
    "dlv_1",
    Content(
        title="Rivers in autumn",
        text="All *rivers* carry leaves — 🍂.",
        link="https://example.org/rivers",
        media=(Media("https://example.org/river.png", "A river"),),
    ),
    NOON,
)
SENT = httpx.Response(200, json={"MessageId": "0102018f-4711"})
UNKNOWN = httpx.Response(404, headers={"x-amzn-ErrorType": "NotFoundException"}, json={"message": "Not found"})
ACCEPTED = [SENT]
VERIFIED = [httpx.Response(200, json={"IdentityType": "EMAIL_ADDRESS", "VerifiedForSendingStatus": True})]


def asked_to_send(post: Post = POST, channel: Channel = CHANNEL) -> httpx.Request:
    transport = recorded(SENT)
    hold(ADAPTER.publish(post, channel), transport)
    (request,) = transport.asked
    return request


def sent(post: Post = POST, channel: Channel = CHANNEL) -> Any:
    return json.loads(asked_to_send(post, channel).content)


def headers(channel: Channel = CHANNEL, post: Post = POST) -> dict[str, str]:
    return {each["Name"]: each["Value"] for each in sent(post, channel)["Content"]["Simple"]["Headers"]}


def configured(**settings: str) -> Channel:
    return replace(CHANNEL, settings={**CHANNEL.settings, **settings})


def to(recipients: str) -> Channel:
    return replace(CHANNEL, secrets={"recipients": recipients})


def titled(title: str) -> Post:
    return replace(POST, content=replace(POST.content, title=title))


def operation(name: str) -> OperationModel:
    return botocore.session.get_session().get_service_model("sesv2").operation_model(name)


def complaints(post: Post = POST, channel: Channel = CHANNEL) -> str:
    """What botocore has against the body by its model of SES: missing, unknown and mistyped fields."""
    shape = operation("SendEmail").input_shape
    assert shape is not None
    report: str = ParamValidator().validate(sent(post, channel), shape).generate_report()
    return report


def test_the_request_is_the_operation_of_the_model() -> None:
    request = asked_to_send()
    assert operation("SendEmail").http == {"method": "POST", "requestUri": "/v2/email/outbound-emails"}
    assert (request.method, str(request.url)) == ("POST", f"{ENDPOINT}/v2/email/outbound-emails")
    assert request.headers["content-type"] == "application/json"


def test_the_request_is_signed_for_ses_and_publishes() -> None:
    extensions = asked_to_send().extensions
    assert (extensions["aws"], extensions["publishes"]) == ("ses", True)


@pytest.mark.parametrize("channel", [CHANNEL, BARE, to("bob@example.com")])
def test_the_body_is_valid_by_the_model(channel: Channel) -> None:
    assert complaints(channel=channel) == ""


def test_the_message_is_what_the_post_and_the_channel_say() -> None:
    body = sent()
    parts = body["Content"]["Simple"].pop("Body")
    assert body == {
        "FromEmailAddress": '"Ann Lee" <notes@news.example.org>',
        "ReplyToAddresses": ["ann@example.org"],
        "Destination": {"BccAddresses": ["bob@example.com", "cho@example.net"]},
        "Content": {
            "Simple": {
                "Subject": {"Data": "Rivers in autumn", "Charset": "UTF-8"},
                "Headers": [
                    {"Name": "List-Id", "Value": '"River notes" <chn_1.news.example.org>'},
                    {"Name": "List-Unsubscribe", "Value": "<https://example.org/leave?list=1>"},
                    {"Name": "List-Unsubscribe-Post", "Value": "List-Unsubscribe=One-Click"},
                    {"Name": "X-Postroom-Delivery", "Value": "dlv_1"},
                ],
            }
        },
        "ConfigurationSetName": "postroom-prod",
        "EmailTags": [
            {"Name": "delivery", "Value": "dlv_1"},
            {"Name": "workspace", "Value": "wsp_1"},
            {"Name": "channel", "Value": "chn_1"},
        ],
    }
    assert (parts["Text"]["Charset"], parts["Html"]["Charset"]) == ("UTF-8", "UTF-8")
    assert parts["Text"]["Data"].startswith("All rivers carry leaves — 🍂.\n\nA river\nhttps://example.org/river.png\n")
    assert "<p>All <em>rivers</em> carry leaves — 🍂.</p>" in parts["Html"]["Data"]


def test_a_channel_needs_no_more_than_a_sender_and_recipients() -> None:
    body = sent(channel=BARE)
    assert body["FromEmailAddress"] == "notes@news.example.org"
    assert body["ReplyToAddresses"] == []
    assert headers(BARE) == {
        "List-Id": "<chn_1.news.example.org>",
        "List-Unsubscribe": "<mailto:notes@news.example.org?subject=unsubscribe>",
        "X-Postroom-Delivery": "dlv_1",
    }


def test_a_single_recipient_is_addressed_openly() -> None:
    assert sent(channel=to("bob@example.com"))["Destination"] == {"ToAddresses": ["bob@example.com"]}


def test_fifty_recipients_are_sent_to() -> None:
    addresses = [f"reader{number}@example.com" for number in range(50)]
    assert sent(channel=to(",".join(addresses)))["Destination"] == {"BccAddresses": addresses}


def test_one_click_is_promised_for_https_alone() -> None:
    found = headers(configured(unsubscribe="mailto:leave@example.org?subject=leave"))
    assert found["List-Unsubscribe"] == "<mailto:leave@example.org?subject=leave>"
    assert "List-Unsubscribe-Post" not in found


def test_a_way_out_stands_in_both_parts() -> None:
    parts = sent()["Content"]["Simple"]["Body"]
    assert 'href="https://example.org/leave?list=1"' in parts["Html"]["Data"]
    assert "Unsubscribe: https://example.org/leave?list=1" in parts["Text"]["Data"]


def test_a_senders_address_with_a_plus_is_a_way_out_too() -> None:
    found = headers(replace(BARE, settings={"from_address": "notes+a@example.org"}))
    assert found["List-Unsubscribe"] == "<mailto:notes%2Ba@example.org?subject=unsubscribe>"


def test_a_title_cannot_write_headers() -> None:
    body = sent(titled("Rivers\r\nBcc: eve@example.com"))
    assert body["Content"]["Simple"]["Subject"]["Data"] == "Rivers Bcc: eve@example.com"


@given(title=st.text(st.characters(codec="utf-8"), min_size=1, max_size=250), name=st.text(), channel_name=st.text())
def test_no_text_whatever_breaks_the_rules_of_headers(title: str, name: str, channel_name: str) -> None:
    post = titled("T" + title.replace("\0", ""))
    channel = replace(configured(from_name=name), name=channel_name)
    body = sent(post, channel)
    assert complaints(post, channel) == ""
    assert len(body["Content"]["Simple"]["Subject"]["Data"].splitlines()) == 1
    assert re.fullmatch(r"[ -~]{1,995}", body["FromEmailAddress"])
    assert all(re.fullmatch(r"[ -~]{1,995}", value) for value in headers(channel, post).values())


def test_tags_hold_only_what_tags_may_hold() -> None:
    channel = replace(CHANNEL, workspace="wsp 1/é" * 100)
    assert sent(channel=channel)["EmailTags"][1] == {"Name": "workspace", "Value": ("wsp-1--" * 100)[:256]}


def test_the_receipt_is_the_messages_id() -> None:
    assert hold(ADAPTER.publish(POST, CHANNEL), recorded(SENT)) == Receipt("0102018f-4711")


@pytest.mark.parametrize("answer", [httpx.Response(200), httpx.Response(200, json={}), httpx.Response(500)])
def test_an_unreadable_answer_is_an_unknown_outcome(answer: httpx.Response) -> None:
    assert isinstance(outcome_of(ADAPTER.publish(POST, CHANNEL), recorded(answer)), OutcomeUnknown)


def test_a_lost_answer_is_an_unknown_outcome() -> None:
    outcome = outcome_of(ADAPTER.publish(POST, CHANNEL), recorded(httpx.ReadTimeout("lost")))
    assert isinstance(outcome, OutcomeUnknown)


def test_nobody_claims_that_ses_could_be_searched() -> None:
    assert not isinstance(ADAPTER, Finds)
    assert not ADAPTER.idempotent


@pytest.mark.parametrize(
    ("message", "error"),
    [("Maximum sending rate exceeded.", Throttled), ("Daily message quota exceeded.", QuotaSpent)],
)
def test_a_refused_message_means_what_ses_says(message: str, error: type[Exception]) -> None:
    headers_ = {"x-amzn-ErrorType": "TooManyRequestsException"}
    answer = httpx.Response(429, headers=headers_, json={"message": message})
    assert isinstance(outcome_of(ADAPTER.publish(POST, CHANNEL), recorded(answer)), error)


@pytest.mark.parametrize("title", ["", "  \n", "\x07"])
def test_a_post_without_title_has_no_subject(title: str) -> None:
    assert [problem.field for problem in ADAPTER.check(titled(title))] == ["content.title"]


def test_a_post_as_people_write_them_has_no_problems() -> None:
    assert not ADAPTER.check(POST)


def test_what_cannot_be_sent_is_refused_before_anything_is_asked() -> None:
    assert isinstance(outcome_of(ADAPTER.publish(titled(""), CHANNEL), recorded()), Refused)


WRONG = [
    (configured(from_address="notes at example.org"), "address"),
    (configured(from_address="notes@example.org\r\nBcc: eve@example.com"), "address"),
    (configured(reply_to="nobody"), "address"),
    (to("bob@example.com, nobody"), "recipients"),
    (to(" ,\n"), "recipients"),
    (to(",".join(f"reader{number}@example.com" for number in range(51))), "recipients"),
    (configured(unsubscribe="http://example.org/leave"), "unsubscribe"),
    (configured(unsubscribe="javascript:alert(1)"), "unsubscribe"),
    (configured(unsubscribe="https://example.org/a>, <https://example.com"), "unsubscribe"),
    (configured(unsubscribe="https://example.org/ä"), "unsubscribe"),
    (configured(unsubscribe="mailto:leave@example.org\r\nBcc: eve@example.com"), "unsubscribe"),
    (configured(unsubscribe="mailto:nobody"), "unsubscribe"),
]


@pytest.mark.parametrize(("channel", "code"), WRONG)
def test_a_wrong_channel_holds_the_post_and_repeats_no_address(channel: Channel, code: str) -> None:
    outcome = outcome_of(ADAPTER.publish(POST, channel), recorded())
    assert isinstance(outcome, Unauthorized)
    assert outcome.code == code
    assert "@" not in str(outcome)


@pytest.mark.parametrize(("channel", "code"), WRONG)
def test_a_wrong_channel_does_not_verify(channel: Channel, code: str) -> None:
    outcome = outcome_of(ADAPTER.verify(channel), recorded())
    assert isinstance(outcome, Unauthorized)
    assert outcome.code == code


def test_a_verified_address_may_send() -> None:
    transport = recorded(*VERIFIED)
    assert hold(ADAPTER.verify(CHANNEL), transport) == Identity("notes@news.example.org", "Ann Lee")
    assert str(transport.asked[0].url) == f"{ENDPOINT}/v2/email/identities/notes%40news.example.org"
    assert operation("GetEmailIdentity").http["requestUri"] == "/v2/email/identities/{EmailIdentity}"
    assert transport.asked[0].extensions["aws"] == "ses"


def test_an_address_below_a_verified_domain_may_send() -> None:
    pending = httpx.Response(200, json={"VerifiedForSendingStatus": False})
    transport = recorded(pending, UNKNOWN, httpx.Response(200, json={"VerifiedForSendingStatus": True}))
    assert hold(ADAPTER.verify(CHANNEL), transport) == Identity("notes@news.example.org", "Ann Lee")
    assert [request.url.path.rpartition("/")[2] for request in transport.asked] == [
        "notes@news.example.org",
        "news.example.org",
        "example.org",
    ]


def test_an_address_nobody_verified_may_not_send() -> None:
    outcome = outcome_of(ADAPTER.verify(CHANNEL), recorded(UNKNOWN, UNKNOWN, UNKNOWN))
    assert isinstance(outcome, Unauthorized)
    assert outcome.code == "unverified"


@pytest.mark.parametrize(
    ("answer", "error"),
    [
        (httpx.Response(403, headers={"x-amzn-ErrorType": "AccessDeniedException"}), Unauthorized),
        (httpx.Response(429, headers={"x-amzn-ErrorType": "TooManyRequestsException"}), Throttled),
        (httpx.Response(500), Unavailable),
        (httpx.Response(200, text="<html>"), Unavailable),
    ],
)
def test_a_verification_that_failed_is_no_verdict(answer: httpx.Response, error: type[Exception]) -> None:
    assert isinstance(outcome_of(ADAPTER.verify(CHANNEL), recorded(answer)), error)


TOPICAL = configured(sns_topic_arn=f" {topics.TOPIC} ")


def told(text: str) -> str | Sequence[Heard]:
    call = topics.sent({**topics.NOTIFICATION, "Message": text})
    return hold(Email().hear(call, TOPICAL, NOON), recorded(topics.certificate()))


def event(kind: str, **more: object) -> str:
    mail = {"messageId": "0102018f-4711", "destination": ["bob@example.com"], "tags": {"delivery": ["dlv_1"]}}
    return json.dumps({"eventType": kind, "mail": mail, **more})


FAILURE = {"templateName": "T", "errorMessage": "Attribute 'x' is missing for bob@example.com"}


@pytest.mark.parametrize(
    ("said", "why"),
    [
        (event("Reject", reject={"reason": "Bad content"}), "Bad content"),
        (event("Rendering Failure", failure=FAILURE), "Attribute 'x' is missing for …"),
        (event("Reject"), "Reject"),
    ],
)
def test_what_ses_took_and_did_not_send_is_refused_and_names_nobody(said: str, why: str) -> None:
    refused = f"Amazon SES did not send it: {why}"
    assert told(said) == (Heard("0102018f-4711", topics.NOTIFICATION["MessageId"], refused=refused),)


BOUNCE = {"bounceType": "Permanent", "bouncedRecipients": [{"emailAddress": "bob@example.com"}]}


@pytest.mark.parametrize(
    "said",
    [
        event("Send", send={}),
        event("Delivery", delivery={"recipients": ["bob@example.com"], "smtpResponse": "250 ok"}),
        event("Bounce", bounce=BOUNCE),
        event("Complaint", complaint={"complainedRecipients": [{"emailAddress": "bob@example.com"}]}),
        json.dumps({"notificationType": "Delivery", "mail": {"messageId": "0102018f-4711"}}),
        json.dumps({"eventType": "Reject", "mail": {}}),
        "Successfully validated SNS topic for Amazon SES event publishing.",
        "",
        "[]",
    ],
)
def test_what_became_of_single_copies_says_nothing_of_the_message(said: str) -> None:
    assert told(said) == ()


def test_a_subscription_to_the_channels_topic_is_agreed_to() -> None:
    transport = recorded(topics.certificate(), httpx.Response(200))
    assert hold(Email().hear(topics.sent(topics.SUBSCRIPTION), TOPICAL, NOON), transport) == ""
    assert str(transport.asked[-1].url) == topics.CONFIRMATION


@pytest.mark.parametrize("channel", [CHANNEL, configured(sns_topic_arn=f"{topics.TOPIC}2")])
def test_a_topic_that_is_not_the_channels_is_not_agreed_to(channel: Channel) -> None:
    with pytest.raises(Forged):
        hold(Email().hear(topics.sent(topics.SUBSCRIPTION), channel, NOON), recorded())


def notified(body: bytes, topic: str) -> Call:
    return topics.sent({**topics.NOTIFICATION, "TopicArn": topic, "Message": body.decode(errors="replace")})


SIGNED = [
    Signed(
        configured(sns_topic_arn=topics.TOPIC),
        "sns_topic_arn",
        event("Reject", reject={"reason": "Bad content"}).encode(),
        notified,
        timed=True,
        answers=(topics.certificate(),),
    )
]
