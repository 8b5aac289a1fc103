"""The X adapter on replies written after X's documentation (read 2026-11-21), not recorded from it.

Contract by documentation: X's OpenAPI document is in no package that is pinned here.
"""

from __future__ import annotations

import json
import time
from dataclasses import replace
from datetime import UTC, datetime, timedelta

import httpx
import pytest

from functions.platforms._x_media import PIECE_BYTES, PIECES
from functions.platforms.x import X
from publishing.adapter import PUBLISHES, Piped
from publishing.errors import (
    AppRefused,
    OutcomeUnknown,
    PublishingError,
    QuotaSpent,
    Refused,
    Throttled,
    Unauthorized,
    Unavailable,
)
from publishing.model import Channel, Content, Fresh, Identity, Media, Metric, Pending, Post, Problem, Receipt
from publishing.rehearsal import rehearse
from tests.functions.platforms.conversing import NOON, hold, outcome_of, publishes, recorded

TOKEN = "dDBrZW40NzExdDBrZW40NzExdDBrZW40NzExOjE6YXQ6MQ"
SECRETS = {"access_token": TOKEN, "refresh_token": "cmVmcmVzaDQ3MTE6MTpydDox", "client_secret": "s3cret4711s3cret"}
CHANNEL = Channel("chn_1", "wsp_1", "x", settings={"client_id": "b3VyYXBw"}, secrets=SECRETS)
POST = Post("dlv_1", Content(text="All *rivers* carry leaves."), NOON)
FULL = Content(
    title="Rivers in autumn",
    text="All *rivers* carry [leaves](https://example.org/leaves).",
    link="https://example.org/rivers",
    tags=("rivers", "autumn"),
)
FULL_TEXT = (
    "Rivers in autumn\n\nAll rivers carry leaves (https://example.org/leaves).\n\nhttps://example.org/rivers\n\n"
    "#rivers #autumn"
)
PART = "All rivers carry leaves, each of them as many as there are trees that stand beside it in autumn. "
LONG = Content(title="Rivers", text=f"{PART * 2}\n\nFish swim. {PART * 2}", thread=True)
FIRST = f"Rivers\n\n{(PART * 2).strip()}"
SECOND = f"Fish swim. {PART * 2}".strip()
PICTURES = Content(
    text="Leaves", media=(Media("https://example.org/a.png", "A river"), Media("https://example.org/b.jpg"))
)
MB = 1_000_000
FILM = Media("https://example.org/a.mp4", type="video/mp4", size_bytes=42 * MB + 1)
VIDEO = Content(text="Leaves", media=(FILM,))
PNG = httpx.Response(200, content=b"\x89PNG\r\n\x1a\n...")
JPEG = httpx.Response(200, content=b"\xff\xd8\xff...")
ME = httpx.Response(200, json={"data": {"id": "42", "name": "Ann", "username": "ann"}})
OK = httpx.Response(200, json={"data": {"expires_at": 1}})


def made(number: int) -> httpx.Response:
    return httpx.Response(201, json={"data": {"id": str(number), "text": "…", "edit_history_tweet_ids": [str(number)]}})


def uploaded(number: int, **data: object) -> httpx.Response:
    return httpx.Response(200, json={"data": {"id": str(number), "media_key": f"3_{number}", **data}})


def processing(state: str, **info: object) -> httpx.Response:
    return uploaded(9, processing_info={"state": state, **info})


def tweet(number: int, text: str, conversation: int = 0, **fields: object) -> dict[str, object]:
    return {"id": str(number), "text": text, "conversation_id": str(conversation or number), **fields}


def listed(*tweets: dict[str, object], **meta: object) -> httpx.Response:
    return httpx.Response(200, json={"data": list(tweets), "meta": {"result_count": len(tweets), **meta}})


def problem(status: int, detail: str = "", kind: str = "", **headers: str) -> httpx.Response:
    said = {"title": "Title", "detail": detail, "type": kind and f"https://api.x.com/2/problems/{kind}"}
    return httpx.Response(status, json=said, headers={name.replace("_", "-"): text for name, text in headers.items()})


NONE = httpx.Response(200, json={"meta": {"result_count": 0}})
DUPLICATE = problem(403, "You are not allowed to create a Tweet with duplicate content.", "about:blank")
RECEIPT = Receipt("4711", "https://x.com/i/web/status/4711")
ACCEPTED = [made(4711)]
VERIFIED = [ME]


def with_content(content: Content) -> Post:
    return replace(POST, content=content)


def asked_for(post: Post, *answers: httpx.Response) -> list[httpx.Request]:
    transport = recorded(*answers)
    hold(X().publish(post, CHANNEL), transport)
    return transport.asked


def body_of(post: Post = POST) -> object:
    return json.loads(asked_for(post, made(1))[-1].content)


def published(*answers: httpx.Response, post: Post = POST, channel: Channel = CHANNEL) -> object:
    return outcome_of(X().publish(post, channel), recorded(*answers))


def resumed(content: Content, state: dict[str, str], *answers: httpx.Response) -> tuple[object, list[httpx.Request]]:
    transport = recorded(*answers)
    outcome = outcome_of(X().resume(Pending(state, 0.0), with_content(content), CHANNEL), transport)
    return outcome, transport.asked


def found(*answers: httpx.Response, content: Content = POST.content) -> object:
    return outcome_of(X().find(with_content(content), CHANNEL, NOON), recorded(*answers))


def problems_of(**content: object) -> list[Problem]:
    return list(X().check(with_content(replace(POST.content, **content))))  # type: ignore[arg-type]


def test_the_request_is_the_documented_one() -> None:
    (request,) = asked_for(POST, made(1))
    assert (request.method, str(request.url)) == ("POST", "https://api.x.com/2/tweets")
    assert request.headers["authorization"] == f"Bearer {TOKEN}"
    assert json.loads(request.content) == {"text": "All rivers carry leaves."}


def test_title_link_and_tags_stand_in_the_text() -> None:
    assert body_of(with_content(FULL)) == {"text": FULL_TEXT}


def test_a_link_that_stands_in_the_text_is_not_said_again() -> None:
    content = Content(text="See [it](https://example.org/rivers).", link="https://example.org/rivers")
    assert body_of(with_content(content)) == {"text": "See it (https://example.org/rivers)."}


def test_a_receipt_has_the_posts_id_and_address() -> None:
    assert published(made(4711)) == RECEIPT


@pytest.mark.parametrize("token", ["", "schlüssel"])
def test_without_an_access_token_it_is_unauthorized_at_once(token: str) -> None:
    channel = replace(CHANNEL, secrets={**SECRETS, "access_token": token})
    assert isinstance(published(channel=channel), Unauthorized)


def test_pictures_are_uploaded_with_their_texts_before_the_post() -> None:
    answers = (PNG, uploaded(7), uploaded(7), JPEG, uploaded(8), made(1))
    requests = asked_for(with_content(PICTURES), *answers)
    assert [(request.method, str(request.url)) for request in requests] == [
        ("GET", "https://example.org/a.png"),
        ("POST", "https://api.x.com/2/media/upload"),
        ("POST", "https://api.x.com/2/media/metadata"),
        ("GET", "https://example.org/b.jpg"),
        ("POST", "https://api.x.com/2/media/upload"),
        ("POST", "https://api.x.com/2/tweets"),
    ]
    assert b'name="media_category"\r\n\r\ntweet_image\r\n' in requests[1].content
    assert b'name="media"; filename="picture.png"\r\nContent-Type: image/png\r\n\r\n\x89PNG' in requests[1].content
    assert json.loads(requests[2].content) == {"id": "7", "metadata": {"alt_text": {"text": "A river"}}}
    assert json.loads(requests[5].content) == {"text": "Leaves", "media": {"media_ids": ["7", "8"]}}


def test_no_token_goes_to_a_pictures_server() -> None:
    fetch, *_ = asked_for(with_content(PICTURES), PNG, uploaded(7), uploaded(7), JPEG, uploaded(8), made(1))
    assert "authorization" not in fetch.headers


def test_an_upload_that_fails_leaves_nothing_open() -> None:
    assert isinstance(published(PNG, problem(503), post=with_content(PICTURES)), Unavailable)


@pytest.mark.parametrize(
    ("media", "category"),
    [
        (FILM, "tweet_video"),
        (Media("https://example.org/a", type="image/gif", size_bytes=9), "tweet_gif"),
    ],
)
def test_a_video_or_gif_is_announced(media: Media, category: str) -> None:
    transport = recorded(uploaded(9))
    outcome = hold(X().publish(with_content(Content(media=(media,))), CHANNEL), transport)
    assert outcome == Pending({"upload": "9", "at": "0", "size": str(media.size_bytes), "type": media.type}, 0.0)
    (request,) = transport.asked
    assert str(request.url) == "https://api.x.com/2/media/upload/initialize"
    assert json.loads(request.content) == {
        "media_type": media.type,
        "total_bytes": media.size_bytes,
        "media_category": category,
    }


def test_a_gif_that_is_only_an_address_is_measured() -> None:
    content = Content(media=(Media("https://example.org/a.GIF?x=1"),))
    length = httpx.Response(206, headers={"content-range": "bytes 0-0/5", "content-type": "image/gif"})
    outcome = published(length, uploaded(9), post=with_content(content))
    assert outcome == Pending({"upload": "9", "at": "0", "size": "5", "type": "image/gif"}, 0.0)


def conversed(state: dict[str, str]) -> tuple[object, list[httpx.Request]]:
    """Hold the conversation by hand: its pieces are never fetched."""
    conversation, asked = X().resume(Pending(state, 0.0), with_content(VIDEO), CHANNEL), list[httpx.Request]()
    try:
        asked.append(next(conversation))
        while True:
            asked.append(conversation.send(httpx.Response(200, json={"data": {}}, request=asked[-1])))
    except StopIteration as end:
        return end.value, asked


UPLOAD = {"upload": "9", "at": "0", "size": str(FILM.size_bytes), "type": "video/mp4"}


def test_a_video_is_handed_over_in_pieces_some_at_a_time() -> None:
    outcome, asked = conversed(UPLOAD)
    assert outcome == Pending({**UPLOAD, "at": str(PIECES * PIECE_BYTES)}, 0.0)
    assert {str(request.url) for request in asked} == {"https://api.x.com/2/media/upload/9/append"}
    third: Piped = asked[2].extensions["piped"]
    assert (len(asked), third.url, third.start, third.size_bytes) == (PIECES, FILM.url, 2 * MB, MB)
    assert b'name="segment_index"\r\n\r\n2\r\n' in third.before
    assert b'name="media"; filename="piece"\r\nContent-Type: video/mp4' in third.before


def test_the_last_piece_is_as_long_as_what_is_left() -> None:
    outcome, asked = conversed({**UPLOAD, "at": str(40 * MB)})
    assert outcome == Pending({**UPLOAD, "at": str(FILM.size_bytes)}, 0.0)
    assert [request.extensions["piped"].size_bytes for request in asked] == [MB, MB, 1]


WHOLE = {**UPLOAD, "at": UPLOAD["size"]}
PREPARED = Pending({"media": "9"}, 0.0)


def test_after_the_last_piece_x_is_told_so() -> None:
    outcome, (request,) = resumed(VIDEO, WHOLE, processing("pending", check_after_secs=3))
    assert (request.method, str(request.url)) == ("POST", "https://api.x.com/2/media/upload/9/finalize")
    assert outcome == Pending({"upload": "9"}, 3.0)


def test_x_is_asked_until_it_is_done() -> None:
    outcome, (request,) = resumed(VIDEO, {"upload": "9"}, processing("in_progress"))
    assert str(request.url) == "https://api.x.com/2/media/upload?command=STATUS&media_id=9"
    assert outcome == Pending({"upload": "9"}, 5.0)


@pytest.mark.parametrize("answer", [processing("succeeded"), uploaded(9)])
def test_what_is_ready_is_written_down_before_it_is_posted(answer: httpx.Response) -> None:
    assert resumed(VIDEO, {"upload": "9"}, answer)[0] == PREPARED
    assert resumed(VIDEO, WHOLE, answer)[0] == PREPARED


def test_a_gif_gets_its_text_when_it_is_ready() -> None:
    content = Content(media=(Media("https://example.org/a.gif", "A river", type="image/gif"),))
    outcome, (_, described) = resumed(content, {"upload": "9"}, processing("succeeded"), uploaded(9))
    assert outcome == PREPARED
    assert json.loads(described.content) == {"id": "9", "metadata": {"alt_text": {"text": "A river"}}}


def test_a_video_x_cannot_process_is_refused() -> None:
    assert isinstance(resumed(VIDEO, {"upload": "9"}, processing("failed"))[0], Refused)


def test_an_end_that_was_told_before_is_no_trouble() -> None:
    assert resumed(VIDEO, WHOLE, problem(400, "No upload"), processing("succeeded"))[0] == PREPARED


def test_an_end_x_does_not_take_is_refused() -> None:
    error, _ = resumed(VIDEO, WHOLE, problem(400, "Segments do not add up"), problem(404, "No media"))
    assert isinstance(error, Refused)
    assert str(error) == "X answered: Segments do not add up"


def test_what_was_prepared_is_posted_if_it_is_not_out() -> None:
    outcome, asked = resumed(VIDEO, {"media": "9"}, ME, NONE, made(4711))
    assert outcome == RECEIPT
    assert json.loads(asked[-1].content) == {"text": "Leaves", "media": {"media_ids": ["9"]}}


def test_what_was_prepared_is_not_posted_if_it_is_out() -> None:
    shown = tweet(4711, "Leaves https://t.co/m", entities={"urls": [{"url": "https://t.co/m", "media_key": "7_9"}]})
    outcome, asked = resumed(VIDEO, {"media": "9"}, ME, listed(shown))
    assert outcome == RECEIPT
    assert not any(map(publishes, asked))


def test_a_long_text_becomes_a_thread() -> None:
    transport = recorded(made(1))
    assert hold(X().publish(with_content(LONG), CHANNEL), transport) == Pending({"ids": "1"}, 0.0)
    assert json.loads(transport.asked[0].content) == {"text": FIRST}


def test_each_post_of_a_thread_answers_the_one_before() -> None:
    outcome, asked = resumed(LONG, {"ids": "1"}, ME, NONE, made(2))
    assert str(asked[1].url) == (
        "https://api.x.com/2/users/42/tweets?max_results=100&tweet.fields=conversation_id%2Centities"
        "&exclude=retweets&since_id=1"
    )
    assert json.loads(asked[2].content) == {"text": SECOND, "reply": {"in_reply_to_tweet_id": "1"}}
    assert outcome == Receipt("1,2", "https://x.com/i/web/status/1")


def test_whose_account_it_is_is_asked_once() -> None:
    longer = replace(LONG, text=f"{PART * 2}\n\n{PART * 2}\n\n{PART.upper() * 2}")
    outcome, _ = resumed(longer, {"ids": "1"}, ME, NONE, made(2))
    assert outcome == Pending({"ids": "1,2", "user": "42"}, 0.0)
    assert resumed(longer, {"ids": "1,2", "user": "42"}, NONE, made(3))[0] == Receipt(
        "1,2,3", "https://x.com/i/web/status/1"
    )


def test_a_part_of_a_thread_that_is_out_is_not_posted_again() -> None:
    outcome, asked = resumed(LONG, {"ids": "1", "user": "42"}, listed(tweet(2, SECOND, 1)))
    assert outcome == Receipt("1,2", "https://x.com/i/web/status/1")
    assert not any(map(publishes, asked))


def test_a_thread_carries_its_pictures_in_its_first_post() -> None:
    content = replace(LONG, media=(Media("https://example.org/b.jpg"),))
    transport = recorded(JPEG, uploaded(8), made(1))
    hold(X().publish(with_content(content), CHANNEL), transport)
    assert json.loads(transport.asked[-1].content) == {"text": FIRST, "media": {"media_ids": ["8"]}}


def test_a_refusal_in_a_thread_says_how_far_it_came() -> None:
    error, _ = resumed(LONG, {"ids": "1"}, ME, NONE, problem(403, "No."))
    assert isinstance(error, Refused)
    assert str(error) == "Only the first 1 of the thread's 2 posts are out. X answered: No."


def test_a_thread_waits_where_it_is_asked_to() -> None:
    error, _ = resumed(LONG, {"ids": "1"}, ME, NONE, problem(429, Retry_After="7"))
    assert error == Pending({"ids": "1"}, 7.0)


def test_a_thread_waits_for_its_quota() -> None:
    outcome, _ = resumed(LONG, {"ids": "1"}, ME, NONE, problem(402, "No credits"))
    assert isinstance(outcome, Pending)
    assert 86_000 < outcome.after_s <= 86_400


def test_what_x_has_already_but_does_not_show_yet_stays_in_doubt() -> None:
    assert isinstance(resumed(LONG, {"ids": "1"}, ME, NONE, DUPLICATE)[0], OutcomeUnknown)


def test_what_x_has_already_is_looked_for() -> None:
    assert published(DUPLICATE, ME, listed(tweet(4711, "All rivers carry leaves."))) == RECEIPT


def test_what_x_has_from_long_ago_is_refused() -> None:
    error = published(DUPLICATE, ME, NONE)
    assert isinstance(error, Refused)
    assert "duplicate content" in str(error)


@pytest.mark.parametrize(
    ("answer", "kind", "message"),
    [
        (problem(400, "One or more parameters to your request was invalid.", "invalid-request"), Refused,
         "X answered: One or more parameters to your request was invalid."),
        (httpx.Response(400, json={"errors": [{"message": "Your media IDs are invalid."}], "title": "Invalid Request",
         "detail": "One or more parameters to your request was invalid."}), Refused,
         "X answered: Your media IDs are invalid."),
        (problem(401, "Unauthorized", "about:blank"), Unauthorized, "X answered: Unauthorized"),
        (problem(403, "You are not permitted to perform this action.", "about:blank"), Refused,
         "X answered: You are not permitted to perform this action."),
        (problem(403, "Not enrolled", "client-forbidden"), Unauthorized, "X answered: Not enrolled"),
        (problem(403, "Not yours", "not-authorized-for-resource"), Unauthorized, "X answered: Not yours"),
        (problem(403, "Application-Only", "unsupported-authentication"), Unauthorized, "X answered: Application-Only"),
        (problem(403, "Suspended", "user-suspended"), Unauthorized, "X answered: Suspended"),
        (httpx.Response(403, text="<html>"), Unauthorized,
         "The platform no longer accepts this channel's credentials."),
        (problem(402, "No credits", "credits"), QuotaSpent, "X answered: No credits"),
        (problem(403, "Usage cap exceeded: Monthly product cap", "usage-capped"), QuotaSpent,
         "X answered: Usage cap exceeded: Monthly product cap"),
        (problem(429, "Usage cap exceeded: Monthly product cap", "usage-capped"), QuotaSpent,
         "X answered: Usage cap exceeded: Monthly product cap"),
        (problem(429, "Too Many Requests", "rate-limit-exceeded"), Throttled, "X answered: Too Many Requests"),
        (problem(503, "Service Unavailable"), OutcomeUnknown, "X answered: Service Unavailable"),
        (httpx.Response(502, text="<html>"), OutcomeUnknown, "The answer was lost; the post may be out."),
    ],
)  # fmt: skip
def test_an_error_is_sorted(answer: httpx.Response, kind: type[PublishingError], message: str) -> None:
    error = published(answer)
    assert isinstance(error, kind)
    assert str(error) == message


def test_the_wait_lasts_until_the_limit_is_reset() -> None:
    error = published(problem(429, x_rate_limit_reset=str(int(time.time()) + 100)))
    assert isinstance(error, Throttled)
    assert 90 < error.retry_after_s <= 100


@pytest.mark.parametrize("limit", ["user", "app"])
def test_a_daily_limit_is_a_quota(limit: str) -> None:
    headers = {f"x_{limit}_limit_24hour_remaining": "0", f"x_{limit}_limit_24hour_reset": str(int(time.time()) + 9000)}
    error = published(problem(429, **headers))
    assert isinstance(error, QuotaSpent)
    assert timedelta(hours=2) < error.until - datetime.now(UTC) < timedelta(hours=3)


def test_no_secret_stands_in_xs_words() -> None:
    assert str(published(problem(400, f"No {TOKEN}"))) == "X answered: No …"


def test_what_is_out_is_found_by_its_words() -> None:
    assert found(ME, listed(tweet(9, "Other"), tweet(4711, "All rivers carry leaves."))) == RECEIPT


def test_what_is_out_is_found_by_what_its_short_addresses_stand_for() -> None:
    content = Content(
        text="Leaves & rivers: https://example.org/a?b=1&copy=2, example.org", link="https://example.org/b"
    )
    text = "Leaves &amp; rivers: https://t.co/1, https://t.co/2\n\nhttps://t.co/3"
    said = ("https://example.org/a?b=1&copy=2", "http://example.org", "https://example.org/b")
    urls = [{"url": f"https://t.co/{place}", "expanded_url": url} for place, url in enumerate(said, 1)]
    assert found(ME, listed(tweet(4711, text, entities={"urls": urls})), content=content) == RECEIPT


@pytest.mark.parametrize(
    "there",
    [tweet(9, "All rivers carry leaves. Always."), tweet(9, "All rivers carry leaves.", 8)],
)
def test_what_has_other_words_or_is_an_answer_is_not_found(there: dict[str, object]) -> None:
    assert found(ME, listed(there)) is None


def test_what_links_elsewhere_is_another_post() -> None:
    urls = [{"url": "https://t.co/1", "expanded_url": "https://example.org/other"}]
    content = Content(text="Leaves", link="https://example.org/leaves")
    assert found(ME, listed(tweet(9, "Leaves https://t.co/1", entities={"urls": urls})), content=content) is None


def test_a_look_begins_at_its_moment_and_goes_on_to_the_last_page() -> None:
    transport = recorded(ME, listed(tweet(9, "Other"), next_token="p2"), NONE)
    assert hold(X().find(POST, CHANNEL, NOON), transport) is None
    assert transport.asked[1].url.params["start_time"] == "2026-11-20T12:00:00Z"
    assert transport.asked[2].url.params["pagination_token"] == "p2"


def test_a_look_that_cannot_come_to_an_end_does_not_say_no() -> None:
    assert isinstance(found(ME, *[listed(tweet(9, "Other"), next_token="p")] * 5), OutcomeUnknown)


def test_a_picture_alone_cannot_be_told_from_another() -> None:
    content = Content(media=(Media("https://example.org/b.jpg"),))
    assert isinstance(found(ME, listed(tweet(9, "")), content=content), OutcomeUnknown)


def test_a_thread_is_found_with_what_is_out_of_it() -> None:
    there = [tweet(3, "Other", 1), tweet(2, SECOND, 1), tweet(1, FIRST)]
    assert found(ME, listed(*there), content=LONG) == Receipt("1,2", "https://x.com/i/web/status/1")
    assert found(ME, listed(there[0], there[2]), content=LONG) == Pending({"ids": "1", "user": "42"}, 0.0)
    assert found(ME, listed(there[1]), content=LONG) is None


@pytest.mark.parametrize(
    ("content", "field"),
    [
        ({"text": "x" * 281}, "content.text"),
        ({"text": "葉" * 141}, "content.text"),
        ({"title": "x" * 255}, "content.text"),
        ({"title": "x" * 281, "thread": True}, "content.title"),
        ({"text": "葉 " * 3_000, "thread": True}, "content.text"),
        ({"tags": ("web-dev",)}, "content.tags[0]"),
        ({"media": (Media("https://example.org/a.png"),) * 5}, "content.media"),
        ({"media": (Media("https://example.org/a.png"), FILM)}, "content.media"),
        ({"media": (Media("https://example.org/a.png", "x" * 1001),)}, "content.media[0].alt"),
        ({"media": (Media("https://example.org/a.png", type="image/png", size_bytes=6 * MB),)}, "content.media[0]"),
        ({"media": (replace(FILM, seconds=141.0),)}, "content.media[0]"),
        ({"link": "example.org"}, "content.link"),
    ],
)
def test_what_x_cannot_take_is_a_problem(content: dict[str, object], field: str) -> None:
    assert [problem.field for problem in problems_of(**content)] == [field]


@pytest.mark.parametrize(
    "content",
    [
        {"text": "葉" * 140},
        {"text": "https://example.org/" + "x" * 900},
        {"text": "Leaves. " * 500, "thread": True},
        {"media": (Media("https://example.org/a.gif", type="image/gif", size_bytes=14 * MB),)},
        {"media": (FILM,)},
    ],
)
def test_what_x_can_take_is_no_problem(content: dict[str, object]) -> None:
    assert problems_of(**content) == []


def test_a_spent_limit_foretells_a_pause() -> None:
    headers = {"x-rate-limit-remaining": "0", "x-rate-limit-reset": str(int(time.time()) + 100)}
    request = httpx.Request("POST", "https://api.x.com/2/tweets", extensions=PUBLISHES)
    assert 90 < X().pause_s(httpx.Response(201, headers=headers, request=request)) <= 100


@pytest.mark.parametrize(
    "headers", [{}, {"x-rate-limit-remaining": "1"}, {"x-rate-limit-remaining": "0", "x-rate-limit-reset": "soon"}]
)
def test_nothing_else_foretells_a_pause(headers: dict[str, str]) -> None:
    request = httpx.Request("POST", "https://api.x.com/2/tweets", extensions=PUBLISHES)
    assert X().pause_s(httpx.Response(201, headers=headers, request=request)) == 0.0


GRANTED = {"token_type": "bearer", "expires_in": 7200, "access_token": "new", "refresh_token": "next", "scope": "…"}


def refreshed(*answers: httpx.Response, secrets: dict[str, str] = SECRETS) -> object:
    return outcome_of(X().refresh(replace(CHANNEL, secrets=secrets)), recorded(*answers))


def test_both_tokens_are_renewed() -> None:
    transport = recorded(httpx.Response(200, json=GRANTED))
    assert hold(X().refresh(CHANNEL), transport) == Fresh({"access_token": "new", "refresh_token": "next"}, 7200.0)
    (request,) = transport.asked
    assert (request.method, str(request.url)) == ("POST", "https://api.x.com/2/oauth2/token")
    assert request.headers["authorization"] == "Basic YjNWeVlYQnc6czNjcmV0NDcxMXMzY3JldA=="
    assert request.content == b"grant_type=refresh_token&refresh_token=cmVmcmVzaDQ3MTE6MTpydDox"


def test_an_app_without_a_secret_names_itself() -> None:
    transport = recorded(httpx.Response(200, json=GRANTED))
    hold(X().refresh(replace(CHANNEL, secrets={"refresh_token": "r"})), transport)
    assert transport.asked[0].content == b"grant_type=refresh_token&refresh_token=r&client_id=b3VyYXBw"
    assert "authorization" not in transport.asked[0].headers


def test_a_refresh_token_that_is_not_replaced_stays() -> None:
    assert refreshed(httpx.Response(200, json={"access_token": "new"})) == Fresh({"access_token": "new"})


@pytest.mark.parametrize(
    ("answer", "kind"),
    [
        (
            httpx.Response(400, json={"error": "invalid_request", "error_description": "The token was invalid."}),
            Unauthorized,
        ),
        (httpx.Response(401, json={"error": "invalid_client"}), AppRefused),
        (httpx.Response(401, json={"error": "unauthorized_client"}), AppRefused),
        (httpx.Response(503, json={"error": "invalid_grant"}), Unavailable),
        (httpx.Response(403, text="<html>blocked</html>"), Unavailable),
        (httpx.Response(200, json={"error": "invalid_grant"}), Unauthorized),
        (httpx.Response(200, text="<html>"), Unavailable),
        (httpx.Response(429), Unavailable),
        (httpx.Response(503), Unavailable),
    ],
)
def test_a_refresh_that_fails_says_whether_it_may_work_later(answer: httpx.Response, kind: type[Exception]) -> None:
    assert type(refreshed(answer)) is kind


def test_without_a_refresh_token_a_person_must_connect_again() -> None:
    assert isinstance(refreshed(secrets={}), Unauthorized)


def removed(receipt: Receipt, *answers: httpx.Response) -> tuple[object, list[str]]:
    transport = recorded(*answers)
    outcome = outcome_of(X().remove(receipt, CHANNEL), transport)
    return outcome, [f"{request.method} {request.url}" for request in transport.asked]


DELETED = httpx.Response(200, json={"data": {"deleted": True}})


def test_a_thread_is_removed_from_its_end() -> None:
    assert removed(Receipt("1,2"), DELETED, DELETED) == (
        None,
        ["DELETE https://api.x.com/2/tweets/2", "DELETE https://api.x.com/2/tweets/1"],
    )


def test_what_is_gone_is_removed() -> None:
    assert removed(RECEIPT, problem(404, "Could not find tweet"))[0] is None


def test_what_may_not_be_removed_says_so() -> None:
    assert isinstance(removed(RECEIPT, problem(403, "No."))[0], Refused)


@pytest.mark.parametrize("reposts", ["retweet_count", "repost_count"])
def test_the_public_counts_are_told(reposts: str) -> None:
    counts = {reposts: 1, "quote_count": 2, "reply_count": 3, "like_count": 4, "bookmark_count": 5}
    transport = recorded(listed(tweet(1, "", public_metrics={**counts, "impression_count": 6})))
    assert hold(X().metrics(Receipt("1,2"), CHANNEL), transport) == {
        Metric.VIEWS: 6,
        Metric.LIKES: 4,
        Metric.COMMENTS: 3,
        Metric.SHARES: 3,
        Metric.SAVES: 5,
    }
    assert str(transport.asked[0].url) == "https://api.x.com/2/tweets?ids=1&tweet.fields=public_metrics"


def test_what_is_gone_has_no_counts() -> None:
    answer = httpx.Response(200, json={"errors": [{"type": "https://api.x.com/2/problems/resource-not-found"}]})
    assert isinstance(outcome_of(X().metrics(RECEIPT, CHANNEL), recorded(answer)), Refused)


def test_verifying_asks_whose_token_it_is() -> None:
    assert hold(X().verify(CHANNEL), recorded(ME)) == Identity("42", "ann", "https://x.com/ann")


def test_publishing_with_pictures_can_be_rehearsed() -> None:
    rehearsed = rehearse(X(), with_content(PICTURES), replace(CHANNEL, secrets={}), SECRETS)
    assert rehearsed is not None
    assert (rehearsed.publishes, rehearsed.body) == (True, {"text": "Leaves", "media": {"media_ids": ["0", "0"]}})


def test_announcing_a_video_can_be_rehearsed() -> None:
    rehearsed = rehearse(X(), with_content(VIDEO), replace(CHANNEL, secrets={}), SECRETS)
    assert rehearsed is not None
    assert (rehearsed.publishes, rehearsed.host) == (False, "api.x.com")
