"""The feed adapter on a bucket that keeps S3's promises about conditional requests."""

from __future__ import annotations

import hashlib
import random
from dataclasses import dataclass, field
from datetime import timedelta

import httpx
import pytest
from hypothesis import given
from hypothesis import strategies as st

from functions.platforms import _feeds
from functions.platforms._feeds import Document
from functions.platforms.rss import ADAPTER, RSS
from publishing.errors import OutcomeUnknown, PublishingError, Refused, Throttled, Unavailable
from publishing.model import Channel, Content, Identity, Media, Outcome, Post, Receipt
from tests.functions.platforms.conversing import NOON, hold

BUCKET = "https://feeds.s3.eu-west-1.amazonaws.com"
PLACE = f"{BUCKET}/feeds/chn_1/feed.json"
PUBLIC = "https://api.example.org/v1/feeds"
FINDER = RSS()
CHANNEL = Channel(
    "chn_1",
    "wsp_1",
    "rss",
    settings={
        "title": "Notes",
        "home_page_url": "https://example.org/",
        "description": "On food",
        "language": "en",
        "author": "Ann",
    },
    aws={"feeds": BUCKET, "feeds_public": PUBLIC},
)


def post(number: int = 1, **content: object) -> Post:
    fields: dict[str, object] = {"title": f"Title {number}", "text": "It is *hot*.", **content}
    return Post(f"dlv_{number}", Content(**fields), NOON + timedelta(minutes=number))  # type: ignore[arg-type]


@dataclass
class Bucket(httpx.BaseTransport):
    """An S3 bucket: reads, and writes under `If-Match` or `If-None-Match: *` only."""

    objects: dict[str, bytes] = field(default_factory=dict)
    requests: list[httpx.Request] = field(default_factory=list)

    def handle_request(self, request: httpx.Request) -> httpx.Response:
        self.requests.append(request)
        there = self.objects.get(request.url.path)
        if request.method == "GET":
            return answer(404, "NoSuchKey") if there is None else found(there)
        return self._put(request, there)

    def _put(self, request: httpx.Request, there: bytes | None) -> httpx.Response:
        if "if-match" in request.headers and there is None:
            return answer(404, "NoSuchKey")
        condition = request.headers.get("if-match") or request.headers["if-none-match"]
        if condition != ("*" if there is None else etag(there)):
            return answer(412, "PreconditionFailed")
        self.objects[request.url.path] = request.read()
        return httpx.Response(200, headers={"ETag": etag(request.content)})

    @property
    def feed(self) -> Document:
        return _feeds.read(self.objects["/feeds/chn_1/feed.json"])

    @property
    def log(self) -> list[str]:
        return [request.method for request in self.requests]


def etag(content: bytes) -> str:
    return f'"{hashlib.md5(content, usedforsecurity=False).hexdigest()}"'


def found(content: bytes) -> httpx.Response:
    return httpx.Response(
        200, content=content, headers={"ETag": etag(content), "Content-Type": "application/feed+json"}
    )


def answer(status: int, code: str) -> httpx.Response:
    body = f'<?xml version="1.0" encoding="UTF-8"?>\n<Error><Code>{code}</Code><RequestId>1</RequestId></Error>'
    return httpx.Response(status, text=body, headers={"Content-Type": "application/xml"})


def first(bucket: Bucket, *answers: httpx.Response) -> httpx.BaseTransport:
    """These answers, and from then on the bucket's."""
    script = iter(answers)

    def serve(request: httpx.Request) -> httpx.Response:
        scripted = next(script, None)
        return bucket.handle_request(request) if scripted is None else scripted

    return httpx.MockTransport(serve)


def losing_answers_to(method: str, bucket: Bucket) -> httpx.BaseTransport:
    def serve(request: httpx.Request) -> httpx.Response:
        reply = bucket.handle_request(request)
        if request.method == method:
            raise httpx.ReadTimeout("lost", request=request)
        return reply

    return httpx.MockTransport(serve)


def interleaved(posts: list[Post], bucket: Bucket, dice: random.Random, losing: float = 0.0) -> list[Outcome]:
    """Publish all of them at once, in whatever order the dice say; who loses an answer to a write begins again."""
    talks = [(piece, ADAPTER.publish(piece, CHANNEL)) for piece in posts]
    asking = [(piece, talk, next(talk)) for piece, talk in talks]
    outcomes: list[Outcome] = []
    while asking:
        piece, talk, request = asking.pop(dice.randrange(len(asking)))
        reply = bucket.handle_request(request)
        reply.request = request
        if request.method == "PUT" and dice.random() < losing:
            again = ADAPTER.publish(piece, CHANNEL)
            asking.append((piece, again, next(again)))
            continue
        try:
            asking.append((piece, talk, talk.send(reply)))
        except StopIteration as end:
            outcomes.append(end.value)
    return outcomes


ACCEPTED = [answer(404, "NoSuchKey"), httpx.Response(200, headers={"ETag": etag(b"")})]
VERIFIED = [answer(404, "NoSuchKey")]
ANY_2XX = True


def publish(bucket: httpx.BaseTransport, piece: Post | None = None) -> Outcome:
    return hold(ADAPTER.publish(piece or post(), CHANNEL), bucket)


def holding(*posts: Post) -> Bucket:
    bucket = Bucket()
    for piece in posts:
        publish(bucket, piece)
    bucket.requests.clear()
    return bucket


def test_the_first_item_founds_the_feed() -> None:
    bucket = Bucket()
    publish(bucket)
    assert [(request.method, str(request.url)) for request in bucket.requests] == [("GET", PLACE), ("PUT", PLACE)]
    assert bucket.requests[1].headers["if-none-match"] == "*"
    assert "if-match" not in bucket.requests[1].headers
    assert bucket.requests[1].headers["content-type"] == "application/feed+json"


def test_a_later_item_replaces_the_very_document_that_was_read() -> None:
    bucket = holding(post(1))
    read = etag(bucket.objects["/feeds/chn_1/feed.json"])
    publish(bucket, post(2))
    assert bucket.requests[1].headers["if-match"] == read
    assert "if-none-match" not in bucket.requests[1].headers
    assert [item.title for item in bucket.feed.items] == ["Title 2", "Title 1"]


def test_every_request_is_signed_for_s3() -> None:
    bucket = Bucket()
    publish(bucket)
    assert [request.extensions["aws"] for request in bucket.requests] == ["s3", "s3"]


def test_only_the_write_makes_the_item_visible() -> None:
    bucket = Bucket()
    publish(bucket)
    assert [bool(request.extensions.get("publishes")) for request in bucket.requests] == [False, True]


def test_the_feed_says_what_the_channel_says() -> None:
    bucket = Bucket()
    publish(bucket)
    feed = bucket.feed
    assert (feed.title, feed.home_page_url, feed.description) == ("Notes", "https://example.org/", "On food")
    assert (feed.language, [author.name for author in feed.authors]) == ("en", ["Ann"])


def test_a_channel_needs_no_more_than_a_title_and_a_website() -> None:
    bucket = Bucket()
    channel = Channel(
        "chn_1", "wsp_1", "rss", settings={"title": "N", "home_page_url": "https://n.org"}, aws=CHANNEL.aws
    )
    hold(ADAPTER.publish(post(), channel), bucket)
    assert (bucket.feed.description, bucket.feed.language, bucket.feed.authors) == ("", "", ())


def test_an_item_says_what_the_post_says() -> None:
    bucket = Bucket()
    media = (
        Media("https://example.org/b.mp4"),
        Media("https://example.org/a.JPG?w=1", "A plate"),
        Media("https://example.org/c"),
    )
    publish(bucket, post(summary="Hot.", link="https://example.org/1", tags=("food",), media=media))
    item = bucket.feed.items[0]
    assert (item.title, item.summary, item.url, item.tags) == ("Title 1", "Hot.", "https://example.org/1", ("food",))
    assert (item.content_html, item.content_text) == ("<p>It is <em>hot</em>.</p>\n", "It is hot.")
    assert item.date_published == NOON + timedelta(minutes=1)
    assert item.image == "https://example.org/a.JPG?w=1"
    assert [(each.mime_type, each.title) for each in item.attachments] == [
        ("video/mp4", ""),
        ("image/jpeg", "A plate"),
        ("application/octet-stream", ""),
    ]


@pytest.mark.parametrize(
    ("content", "text"),
    [
        (Content(title="Only a title"), "Only a title"),
        (Content(title="T", summary="A summary", text="  "), "A summary"),
        (Content(link="https://example.org/1"), "https://example.org/1"),
        (Content(media=(Media("https://example.org/a.png"),)), "https://example.org/a.png"),
    ],
)
def test_an_item_without_text_still_says_something(content: Content, text: str) -> None:
    bucket = Bucket()
    publish(bucket, Post("dlv_1", content, NOON))
    assert bucket.feed.items[0].content_text == text


def test_an_items_id_is_a_permanent_urn_of_its_delivery() -> None:
    assert publish(Bucket(), post(1)) == publish(holding(post(3)), post(1))
    assert publish(Bucket(), post(1)) == Receipt(
        "urn:uuid:b79480b1-8edd-5b77-8468-9834bbb4af59",
        f"{PUBLIC}/chn_1/rss.xml#urn:uuid:b79480b1-8edd-5b77-8468-9834bbb4af59",
        "2026-11-20T12:01:00.000Z",
    )


def test_the_feeds_own_id_is_a_permanent_urn_of_its_channel() -> None:
    assert holding(post(1)).feed.postroom.id == "urn:uuid:4b3686c7-d966-51a4-a87b-a37d4cdbdcff"


def test_the_receipt_leads_to_the_piece_where_it_has_an_address() -> None:
    outcome = publish(Bucket(), post(link="https://example.org/1"))
    assert isinstance(outcome, Receipt)
    assert outcome.url == "https://example.org/1"


def test_publishing_again_changes_nothing() -> None:
    bucket = holding(post(1), post(2))
    first = publish(holding(), post(1))
    assert publish(bucket, post(1)) == first
    assert bucket.log == ["GET"]


@pytest.mark.parametrize(
    "slower",
    [answer(412, "PreconditionFailed"), answer(409, "ConditionalRequestConflict"), answer(404, "NoSuchKey")],
)
def test_whoever_was_slower_reads_again(slower: httpx.Response) -> None:
    bucket = holding(post(1))
    stale = found(_feeds.write(bucket.feed.model_copy(update={"items": ()})))
    publish(first(bucket, stale, slower), post(2))
    assert bucket.log == ["GET", "PUT"]
    assert [item.title for item in bucket.feed.items] == ["Title 2", "Title 1"]


def test_whoever_was_slower_than_itself_finds_its_item_there() -> None:
    bucket = holding(post(1))
    publish(first(bucket, answer(404, "NoSuchKey"), answer(412, "PreconditionFailed")), post(1))
    assert bucket.log == ["GET"]


def test_a_crowd_that_never_thins_is_left_for_later() -> None:
    with pytest.raises(Unavailable, match="at once"):
        publish(first(Bucket(), *[answer(404, "NoSuchKey"), answer(412, "PreconditionFailed")] * 12))


@given(dice=st.randoms(use_true_random=False), writers=st.integers(2, 10))
def test_publications_at_the_same_moment_lose_nothing(dice: random.Random, writers: int) -> None:
    bucket, posts = Bucket(), [post(number) for number in range(writers)]
    outcomes = interleaved(posts, bucket, dice)
    assert set(outcomes) == {publish(bucket, piece) for piece in posts}
    assert {item.title for item in bucket.feed.items} == {piece.content.title for piece in posts}


@given(dice=st.randoms(use_true_random=False), writers=st.integers(2, 6))
def test_lost_answers_and_second_sendings_double_nothing(dice: random.Random, writers: int) -> None:
    bucket, posts = Bucket(), [post(number) for number in range(writers)]
    interleaved(posts, bucket, dice, losing=0.3)
    assert sorted(item.title for item in bucket.feed.items) == sorted(piece.content.title for piece in posts)


def test_a_lost_answer_to_the_write_is_unknown_and_sending_again_settles_it() -> None:
    bucket = Bucket()
    with pytest.raises(OutcomeUnknown):
        publish(losing_answers_to("PUT", bucket))
    assert isinstance(publish(bucket), Receipt)
    assert len(bucket.feed.items) == 1


def test_a_lost_answer_to_the_reading_published_nothing() -> None:
    with pytest.raises(Unavailable):
        publish(losing_answers_to("GET", Bucket()))


@pytest.mark.parametrize(
    ("read", "error"),
    [
        (answer(403, "AccessDenied"), Unavailable),
        (answer(404, "NoSuchBucket"), Unavailable),
        (answer(301, "PermanentRedirect"), Unavailable),
        (answer(400, "ExpiredToken"), Unavailable),
        (answer(429, "SlowDown"), Throttled),
        (answer(503, "SlowDown"), Unavailable),
        (httpx.Response(200, content=b"{}"), Unavailable),
    ],
)
def test_a_feed_that_cannot_be_read_is_left_alone(read: httpx.Response, error: type[PublishingError]) -> None:
    with pytest.raises(error):
        publish(first(Bucket(), read))


@pytest.mark.parametrize(
    ("written", "error"),
    [
        (answer(403, "AccessDenied"), Unavailable),
        (answer(404, "NoSuchBucket"), Unavailable),
        (answer(400, "RequestTimeout"), Unavailable),
        (answer(429, "SlowDown"), Throttled),
        (answer(500, "InternalError"), OutcomeUnknown),
        (answer(503, "SlowDown"), OutcomeUnknown),
    ],
)
def test_a_refused_write_is_told_from_an_unclear_one(written: httpx.Response, error: type[PublishingError]) -> None:
    with pytest.raises(error) as caught:
        publish(first(Bucket(), answer(404, "NoSuchKey"), written))
    assert caught.value.status == written.status_code


@pytest.mark.parametrize("damage", [b"garbage", b"{}", b"[]", b""])
def test_a_damaged_feed_is_never_overwritten(damage: bytes) -> None:
    bucket = Bucket({"/feeds/chn_1/feed.json": damage})
    with pytest.raises(Refused, match="damaged"):
        publish(bucket)
    assert bucket.log == ["GET"]


def test_a_deleted_feed_does_not_come_back() -> None:
    bucket, gone = Bucket(), answer(404, "NoSuchKey")
    gone.headers["x-amz-delete-marker"] = "true"
    with pytest.raises(Refused, match="deleted"):
        hold(ADAPTER.publish(post(), CHANNEL), first(bucket, gone))
    assert bucket.objects == {}


def test_an_item_that_would_not_be_shown_is_not_called_published() -> None:
    bucket = holding(*[post(number) for number in range(2, 52)])
    with pytest.raises(Refused, match="newer items"):
        publish(bucket, post(1))


def test_the_oldest_item_makes_room() -> None:
    bucket = holding(*[post(number) for number in range(1, 51)])
    publish(bucket, post(51))
    assert [item.title for item in bucket.feed.items[:1] + bucket.feed.items[-1:]] == ["Title 51", "Title 2"]


def test_a_piece_too_large_for_any_feed_is_refused() -> None:
    bucket = holding(post(1))
    with pytest.raises(Refused, match="too long"):
        publish(bucket, post(2, summary="x" * 900_000))
    assert bucket.log == ["GET"]


def test_what_cannot_be_published_is_refused_before_anything_is_asked() -> None:
    bucket = Bucket()
    with pytest.raises(Refused, match="1 too many"):
        publish(bucket, post(text="x" * 100_001))
    assert bucket.log == []


def test_a_post_as_people_write_them_has_no_problems() -> None:
    assert not ADAPTER.check(post(link="https://example.org/1", tags=("food",)))


def test_a_published_item_is_found() -> None:
    bucket = holding(post(1), post(2))
    assert hold(FINDER.find(post(1), CHANNEL, NOON), bucket) == publish(Bucket(), post(1))
    assert bucket.log == ["GET"]


@pytest.mark.parametrize("there", [(), (post(2),)])
def test_an_unpublished_item_is_not_found(there: tuple[Post, ...]) -> None:
    assert hold(FINDER.find(post(1), CHANNEL, NOON), holding(*there)) is None


@pytest.mark.parametrize("there", [(), (post(1),)])
def test_a_channel_is_good_where_its_feed_can_be_read_or_founded(there: tuple[Post, ...]) -> None:
    identity = hold(ADAPTER.verify(CHANNEL), holding(*there))
    assert identity == Identity("chn_1", "Notes", "https://api.example.org/v1/feeds/chn_1/rss.xml")


def test_a_channel_is_not_good_where_the_store_refuses() -> None:
    with pytest.raises(Unavailable):
        hold(ADAPTER.verify(CHANNEL), first(Bucket(), answer(403, "AccessDenied")))


def test_what_is_known_of_a_media_is_told() -> None:
    bucket = Bucket()
    publish(bucket, post(media=(Media("https://example.org/b", type="video/mp4", size_bytes=4_711),)))
    (item,) = bucket.feed.items
    assert item.image == ""
    assert [(each.mime_type, each.size_in_bytes) for each in item.attachments] == [("video/mp4", 4_711)]


def receipt_of(piece: Post) -> Receipt:
    receipt = publish(Bucket(), piece)
    assert isinstance(receipt, Receipt)
    return receipt


def test_a_removed_item_is_no_longer_in_the_feed() -> None:
    bucket = holding(post(1), post(2))
    hold(FINDER.remove(receipt_of(post(1)), CHANNEL), bucket)
    assert [item.title for item in bucket.feed.items] == ["Title 2"]
    assert bucket.log == ["GET", "PUT"]
    assert "if-match" in bucket.requests[1].headers
    assert "publishes" not in bucket.requests[1].extensions


@pytest.mark.parametrize("there", [(), (post(2),)])
def test_what_is_not_in_the_feed_counts_as_removed(there: tuple[Post, ...]) -> None:
    bucket = holding(*there)
    hold(FINDER.remove(receipt_of(post(1)), CHANNEL), bucket)
    assert bucket.log == ["GET"]


def test_a_feed_that_was_deleted_holds_nothing_to_remove() -> None:
    deleted = httpx.Response(404, text="<Code>NoSuchKey</Code>", headers={"x-amz-delete-marker": "true"})
    hold(FINDER.remove(receipt_of(post(1)), CHANNEL), first(Bucket(), deleted))


def test_removing_loses_nothing_that_is_published_at_the_moment() -> None:
    bucket = holding(post(1), post(2))
    hold(FINDER.remove(receipt_of(post(1)), CHANNEL), first(bucket, found(_feeds.write(bucket.feed)), answer(412, "X")))
    assert [item.title for item in bucket.feed.items] == ["Title 2"]


def test_nothing_is_removed_from_a_feed_that_is_damaged() -> None:
    with pytest.raises(Refused, match="damaged"):
        hold(FINDER.remove(receipt_of(post(1)), CHANNEL), first(Bucket(), found(b"{")))


def test_a_removal_gives_up_where_the_feed_never_rests() -> None:
    bucket = holding(post(1))
    answers = [found(_feeds.write(bucket.feed)), answer(412, "PreconditionFailed")] * 12
    with pytest.raises(Unavailable):
        hold(FINDER.remove(receipt_of(post(1)), CHANNEL), first(bucket, *answers))
