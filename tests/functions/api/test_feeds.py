from __future__ import annotations

import json
from datetime import timedelta
from email.utils import parsedate_to_datetime
from typing import Any

import boto3
import feedparser  # type: ignore[import-untyped]
import pytest

from functions.api import handler
from publishing import ids
from publishing.clock import now
from tests import cloud
from tests.functions.service import BUCKET, FEEDS_URL, Service
from tests.web import conformance, gateway
from tests.web.gateway import Reply

FORMS = {"rss.xml": "application/rss+xml", "atom.xml": "application/atom+xml", "feed.json": "application/feed+json"}


@pytest.fixture
def token(service: Service) -> str:
    made = ids.new("chn")
    service.feed(made)
    return made


def fetch(service: Service, token: str, form: str = "rss.xml", method: str = "GET", **request: Any) -> Reply:
    return service.ask(method, f"/v1/feeds/{token}/{form}", role=None, **request)


@pytest.mark.parametrize(("form", "content_type"), FORMS.items())
def test_a_feed_is_served_in_each_of_its_forms(service: Service, token: str, form: str, content_type: str) -> None:
    reply = fetch(service, token, form)
    assert (reply.status, reply.headers["Content-Type"].partition(";")[0]) == (200, content_type)
    assert reply.headers["Cache-Control"] == "public, max-age=60"
    written = parsedate_to_datetime(reply.headers["Last-Modified"])
    assert timedelta(0) <= now() - written < timedelta(minutes=1)


@pytest.mark.parametrize("form", ["rss.xml", "atom.xml"])
def test_a_feed_is_read_by_readers(service: Service, token: str, form: str) -> None:
    parsed = feedparser.parse(fetch(service, token, form).text)
    assert not parsed.bozo
    assert (parsed.feed.title, [entry.title for entry in parsed.entries]) == ("News", ["Hello"])


def test_a_feed_knows_its_own_address(service: Service, token: str) -> None:
    reply = fetch(service, token, "feed.json")
    assert reply.json["feed_url"] == f"{FEEDS_URL}/{token}/feed.json"


def test_each_form_has_a_tag_of_its_own(service: Service, token: str) -> None:
    tags = {fetch(service, token, form).headers["ETag"] for form in FORMS}
    assert len(tags) == 3


@pytest.mark.parametrize("form", FORMS)
def test_a_feed_that_is_known_already_is_not_sent_again(service: Service, token: str, form: str) -> None:
    tag = fetch(service, token, form).headers["ETag"]
    reply = fetch(service, token, form, headers={"if-none-match": tag})
    assert (reply.status, reply.text, reply.headers["Cache-Control"]) == (304, "", "public, max-age=60")


def test_a_head_tells_the_same_without_the_feed(service: Service, token: str) -> None:
    head, get = fetch(service, token, method="HEAD"), fetch(service, token)
    assert (head.status, head.text, head.headers) == (200, "", get.headers)


def test_readers_may_add_to_the_address_what_they_like(service: Service, token: str) -> None:
    assert fetch(service, token, query={"utm_source": "reader"}).status == 200


@pytest.mark.parametrize(
    ("token", "form"),
    [
        ("chn_01kagwz9r3a1b2c3d4e5f6g7h8", "rss.xml"),
        ("..", "rss.xml"),
        ("a b", "rss.xml"),
        ("%2e%2e", "rss.xml"),
        ("x" * 201, "rss.xml"),
    ],
)
def test_a_feed_that_is_not_there_is_not_found(service: Service, token: str, form: str) -> None:
    reply = fetch(service, token, form)
    assert (reply.status, reply.problem) == (404, "not-found")


@pytest.mark.parametrize("form", ["rss", "feed.xml", "index.html", "feed.json.bak"])
def test_a_form_that_a_feed_has_not_is_not_found(service: Service, token: str, form: str) -> None:
    assert fetch(service, token, form).status == 404


def test_a_damaged_feed_is_our_failure(service: Service) -> None:
    token = ids.new("chn")
    s3 = boto3.client("s3", region_name=cloud.REGION)
    s3.put_object(Bucket=BUCKET, Key=f"feeds/{token}/feed.json", Body=json.dumps({"title": "canary"}))
    reply = fetch(service, token)
    assert (reply.status, "canary" in reply.text) == (500, False)


def test_the_event_document_is_served(service: Service) -> None:
    event = gateway.document("api_feed")
    service.feed(event["pathParameters"]["token"])
    reply = gateway.reply(handler.handle(event, None))
    conformance.insist("GET", event["rawPath"], reply)
    assert (reply.status, reply.headers["Content-Type"]) == (200, "application/rss+xml; charset=utf-8")
