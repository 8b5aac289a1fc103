"""What a caller names with If-Match and another changes in the very moment between our look and our write."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from typing import TYPE_CHECKING

import pytest
from botocore.exceptions import ClientError

from channels.model import Connection
from channels.registry import Registry
from media import aws as media_aws
from media.depot import Depot
from publishing import aws
from tests.functions.service import MEDIA, Service
from tests.media.test_looking import picture
from tests.web.gateway import Reply
from web import aws as web_aws

if TYPE_CHECKING:
    from mypy_boto3_s3 import S3Client

FEED = {"title": "News", "home_page_url": "https://example.org"}


@dataclass(frozen=True)
class Thing:
    """Something of ours, where it is read, and how somebody changes it."""

    service: Service
    path: str
    change: Callable[[], Reply]

    @property
    def tag(self) -> str:
        return self.service.ask("GET", self.path).headers["ETag"]

    @property
    def is_there(self) -> bool:
        return self.service.ask("GET", self.path).status == 200

    def deleted(self, headers: Mapping[str, str], *, meanwhile: Callable[[], object]) -> Reply:
        """Ask for its deletion; something happens just before that is written."""
        with before_deleting(meanwhile):
            return self.service.ask("DELETE", self.path, headers=headers)


@contextmanager
def before_deleting(act: Callable[[], object]) -> Iterator[None]:
    """Have something happen once, as a function sends its delete."""
    left, events = [act], aws.dynamodb().meta.events

    def happen(**_: object) -> None:
        if left:
            left.pop()()

    events.register("before-call.dynamodb.DeleteItem", happen, unique_id="meanwhile")
    yield
    events.unregister("before-call.dynamodb.DeleteItem", unique_id="meanwhile")
    assert not left


@contextmanager
def nothing_deleted_by(s3: S3Client) -> Iterator[None]:
    """S3 deletes nothing for a while."""

    def fail(**_: object) -> None:
        raise ClientError({"Error": {"Code": "InternalError", "Message": "canary"}}, "DeleteObject")

    s3.meta.events.register("before-call.s3.DeleteObject", fail, unique_id="out-of-order")
    yield
    s3.meta.events.unregister("before-call.s3.DeleteObject", unique_id="out-of-order")


def channel(service: Service) -> Thing:
    path = f"/v1/channels/{service.connected()['id']}"
    return Thing(service, path, lambda: service.ask("PATCH", path, body={"name": "Kept, please"}))


def feed(service: Service) -> Thing:
    made = service.connected(platform="rss", credentials=FEED)["id"]
    service.feed(made)
    path = f"/v1/channels/{made}"
    return Thing(service, path, lambda: service.ask("PATCH", path, body={"name": "Kept, please"}))


def webhook(service: Service) -> Thing:
    path = f"/v1/webhooks/{service.webhook()['id']}"
    return Thing(service, path, lambda: service.ask("PATCH", path, body={"name": "Kept, please"}))


def upload(service: Service) -> Thing:
    path = f"/v1/media/{service.uploaded(picture('PNG'))['id']}"
    return Thing(service, path, lambda: service.ask("POST", f"{path}/complete", body={}))


def is_served(service: Service, thing: Thing) -> bool:
    """Whether the channel's feed is."""
    return service.ask("GET", f"/v1/feeds/{thing.path.split('/')[-1]}/rss.xml", role=None).status == 200


def has_file(service: Service, thing: Thing) -> bool:
    return Depot(MEDIA).size(f"{service.ours}/{thing.path.split('/')[-1]}") is not None


THINGS = (channel, feed, webhook, upload)


@pytest.mark.parametrize("make", THINGS)
def test_what_somebody_changes_in_that_moment_is_not_deleted(
    service: Service, make: Callable[[Service], Thing]
) -> None:
    thing, changed = make(service), list[Reply]()
    reply = thing.deleted({"if-match": thing.tag}, meanwhile=lambda: changed.append(thing.change()))
    assert (reply.status, reply.problem, changed[0].status) == (412, "precondition-failed", 200)
    assert thing.tag == changed[0].headers.get("ETag", thing.tag)
    assert thing.is_there


def test_a_feed_and_a_file_stay_with_what_is_not_deleted(service: Service) -> None:
    news, photo = feed(service), upload(service)
    for thing in (news, photo):
        assert thing.deleted({"if-match": thing.tag}, meanwhile=thing.change).status == 412
    assert (is_served(service, news), has_file(service, photo)) == (True, True)


@pytest.mark.parametrize("headers", [{}, {"if-match": "*"}])
@pytest.mark.parametrize("make", THINGS)
def test_who_names_nothing_deletes_whatever_is_there(
    service: Service, make: Callable[[Service], Thing], headers: Mapping[str, str]
) -> None:
    thing = make(service)
    assert thing.deleted(headers, meanwhile=thing.change).status == 204
    assert not thing.is_there


@pytest.mark.parametrize("named", ["what was seen", "nothing"])
@pytest.mark.parametrize("make", THINGS)
def test_what_somebody_else_deletes_in_that_moment_is_deleted(
    service: Service, make: Callable[[Service], Thing], named: str
) -> None:
    thing = make(service)
    headers = {"if-match": thing.tag} if named == "what was seen" else {}
    assert thing.deleted(headers, meanwhile=lambda: service.ask("DELETE", thing.path)).status == 204
    assert not thing.is_there


def test_a_channel_of_which_the_platform_says_something_else_in_that_moment_is_not_deleted(service: Service) -> None:
    thing, registry = channel(service), Registry("channels")
    stored = registry.find(service.ours, thing.path.split("/")[-1], consistent=True)
    assert stored is not None
    reply = thing.deleted({"if-match": thing.tag}, meanwhile=lambda: registry.settle(stored, Connection.CONNECTED))
    assert (reply.status, reply.problem) == (412, "precondition-failed")
    assert service.ask("GET", thing.path).json["connection"] == "connected"


@pytest.mark.parametrize(
    ("make", "s3", "has_it"), [(feed, web_aws.s3, is_served), (upload, media_aws.s3, has_file)], ids=["feed", "file"]
)
def test_what_s3_does_not_delete_is_there_to_be_deleted_again(
    service: Service,
    make: Callable[[Service], Thing],
    s3: Callable[[], S3Client],
    has_it: Callable[[Service, Thing], bool],
) -> None:
    thing = make(service)
    tag, before = thing.tag, service.ask("GET", thing.path).json
    with nothing_deleted_by(s3()):
        assert service.ask("DELETE", thing.path, headers={"if-match": tag}).status == 503
    assert has_it(service, thing)
    assert service.ask("GET", thing.path).json == before
    assert service.ask("DELETE", thing.path, headers={"if-match": tag}).status == 204
    assert (thing.is_there, has_it(service, thing)) == (False, False)
