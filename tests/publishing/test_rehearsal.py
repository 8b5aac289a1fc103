from __future__ import annotations

from collections.abc import Sequence

import httpx
import pytest

from publishing.adapter import PUBLISHES, Conversation, Credentials, Field, Kind
from publishing.errors import Refused
from publishing.model import Channel, Content, Outcome, Pending, Post, Receipt
from publishing.rehearsal import Rehearsed, rehearse
from tests.cloud import START
from tests.publishing.workbench import Alpha

POST = Post("dlv_1", Content(text="Hello"), START)
CHANNEL = Channel("chn_1", "ws_1", "alpha", settings={"name": "News"})


class Careful(Alpha):
    """Asks first, and publishes to an address that is secret."""

    credentials = Credentials(
        (Field("url", Kind.URL, secret=True), Field("name"), Field("note", secret=True, required=False))
    )

    def publish(self, post: Post, channel: Channel) -> Conversation[Outcome]:
        """Two requests."""
        reply = yield httpx.Request("GET", channel.secrets["url"])
        body = {"text": post.content.text, "as": channel.settings["name"], "secrets": sorted(channel.secrets)}
        yield httpx.Request("POST", f"{channel.secrets['url']}{reply.text}", json=body, extensions=PUBLISHES)
        return Receipt("1")


class Foreseeing(Careful):
    """Knows what it might be answered."""

    def stand_in(self, request: httpx.Request) -> httpx.Response:
        """Where to publish."""
        return httpx.Response(200, text="posts", request=request)


class Preparing(Foreseeing):
    """Makes something that is to be published later."""

    def publish(self, post: Post, channel: Channel) -> Conversation[Outcome]:
        """Two requests, of which none publishes."""
        yield httpx.Request("GET", channel.secrets["url"])
        yield httpx.Request("POST", channel.secrets["url"], json={"text": post.content.text})
        return Pending({"made": "1"}, 5.0)


class Endless(Foreseeing):
    """Never comes to an end."""

    def publish(self, _post: Post, channel: Channel) -> Conversation[Outcome]:
        """Requests without end."""
        while True:
            yield httpx.Request("GET", channel.secrets["url"])


class Refusing(Alpha):
    """Refuses."""

    def publish(self, _post: Post, _channel: Channel) -> Conversation[Outcome]:
        """No request."""
        raise Refused
        yield


class OnAws(Alpha):
    """Publishes by way of AWS, and not in JSON."""

    def publish(self, _post: Post, channel: Channel) -> Conversation[Outcome]:
        """One request."""
        yield httpx.Request("PUT", channel.aws["feeds"], content=b"<feed/>", extensions={"aws": "s3", **PUBLISHES})
        return Receipt("1")


def rehearsed(adapter: Alpha, secret_fields: Sequence[str] = ("url",)) -> Rehearsed | None:
    return rehearse(adapter, POST, CHANNEL, secret_fields)


def test_the_publishing_request_is_told() -> None:
    assert rehearsed(Alpha()) == Rehearsed("POST", "alpha.test", publishes=True, body={"id": "dlv_1"})


def test_what_comes_before_it_is_told_where_the_answer_is_not_known() -> None:
    assert rehearsed(Careful()) == Rehearsed("GET", "hidden.invalid", publishes=False, body=None)


def test_what_follows_an_answer_that_can_be_foreseen_is_told_with_stand_ins_for_the_secrets_there_are() -> None:
    body = {"text": "Hello", "as": "News", "secrets": ["url"]}
    assert rehearsed(Foreseeing()) == Rehearsed("POST", "hidden.invalid", publishes=True, body=body)


def test_what_is_prepared_for_a_later_publishing_is_told() -> None:
    expected = Rehearsed("POST", "hidden.invalid", publishes=False, body={"text": "Hello"})
    assert rehearsed(Preparing()) == expected


def test_a_request_to_aws_is_told_by_its_service() -> None:
    assert rehearsed(OnAws()) == Rehearsed("PUT", "aws:s3", publishes=True, body=None)


def test_an_adapter_without_end_is_stopped() -> None:
    assert rehearsed(Endless()) == Rehearsed("GET", "hidden.invalid", publishes=False, body=None)


@pytest.mark.parametrize(("adapter", "secret_fields"), [(Refusing(), ("url",)), (Careful(), ())])
def test_what_cannot_be_rehearsed_is_not_told(adapter: Alpha, secret_fields: Sequence[str]) -> None:
    assert rehearsed(adapter, secret_fields) is None


def test_the_body_is_in_no_representation() -> None:
    assert "Hello" not in repr(rehearsed(Foreseeing()))
