"""The Mastodon adapter on replies written after Mastodon's documentation (read 2026-11-21), not recorded from it.

Contract by documentation: no machine-readable one is in a package that is pinned here.
"""

from __future__ import annotations

import json
from dataclasses import replace
from datetime import UTC, datetime, timedelta

import httpx
import pytest

from functions.platforms.mastodon import Mastodon
from publishing.errors import OutcomeUnknown, PublishingError, Refused, Throttled, Unauthorized, Unavailable
from publishing.model import Channel, Content, Identity, Media, Metric, Pending, Post, Problem, Receipt
from publishing.rehearsal import rehearse
from tests.functions.platforms.conversing import NOON, hold, outcome_of, recorded

TOKEN = "t0ken4711-t0ken4711-t0ken4711-t0ken4711"
CHANNEL = Channel(
    "chn_1", "wsp_1", "mastodon", settings={"base_url": "https://social.example.org"}, secrets={"access_token": TOKEN}
)
POST = Post("dlv_1", Content(text="All *rivers* carry leaves."), NOON)
FULL = Content(
    title="Rivers in autumn",
    text="All *rivers* carry [leaves](https://example.org/leaves).\n\nAsk @ann@example.org.",
    link="https://example.org/rivers",
    tags=("rivers", "autumn"),
)
FULL_TEXT = (
    "Rivers in autumn\n\nAll rivers carry leaves (https://example.org/leaves).\n\nAsk @ann@example.org.\n\n"
    "https://example.org/rivers\n\n#rivers #autumn"
)
FULL_HTML = (
    "<p>Rivers in autumn</p><p>All rivers carry leaves (<a href='https://example.org/leaves'><span class='invisible'>"
    "https://</span><span class=''>example.org/leaves</span></a>).</p><p>Ask <span class='h-card'><a href='#'>@<span>"
    "ann</span></a></span>.</p><p><a href='https://example.org/rivers'><span class='invisible'>https://</span><span>"
    "example.org/rivers</span></a></p><p><a href='#'>#<span>rivers</span></a> <a href='#'>#<span>autumn</span></a></p>"
)
PNG = httpx.Response(200, content=b"\x89PNG\r\n\x1a\n...")
GIF = httpx.Response(200, content=b"GIF89a...")
PICTURES = Content(
    text="Leaves", media=(Media("https://example.org/a.png", "A river"), Media("https://example.org/b.gif"))
)
PENDING = Pending({"media": "22 23"}, 5.0)
VIDEO = Media("https://example.org/river.webm", "A river", type="video/webm", size_bytes=8)
FILM = httpx.Response(206, content=b"12345678")


def status(number: int = 4711, **fields: object) -> dict[str, object]:
    return {
        "id": str(number),
        "created_at": "2026-11-20T12:00:01.137Z",
        "url": f"https://social.example.org/@ann/{number}",
        "uri": f"https://social.example.org/users/ann/statuses/{number}",
        "visibility": "public",
        "content": "<p>All rivers carry leaves.</p>",
        "media_attachments": [],
        **fields,
    }


def statuses(*found: dict[str, object]) -> httpx.Response:
    return httpx.Response(200, json=list(found))


def uploaded(number: int, code: int = 200) -> httpx.Response:
    return httpx.Response(code, json={"id": str(number), "type": "image", "url": None})


def trouble(code: int, error: object, **headers: str) -> httpx.Response:
    return httpx.Response(code, json={"error": error}, headers=headers)


CREATED = httpx.Response(200, json=status())
ACCOUNT = httpx.Response(
    200, json={"id": "42", "username": "ann", "acct": "ann", "url": "https://social.example.org/@ann"}
)
RECEIPT = Receipt("4711", "https://social.example.org/@ann/4711", "2026-11-20T12:00:01.137Z")
ACCEPTED = [CREATED]
VERIFIED = [ACCOUNT]


def with_content(content: Content) -> Post:
    return replace(POST, content=content)


def asked_for(post: Post = POST, channel: Channel = CHANNEL, *answers: httpx.Response) -> list[httpx.Request]:
    transport = recorded(*answers or ACCEPTED)
    hold(Mastodon().publish(post, channel), transport)
    return transport.asked


def form_of(post: Post = POST, channel: Channel = CHANNEL) -> object:
    return json.loads(asked_for(post, channel)[-1].content)


def published(*answers: httpx.Response, post: Post = POST, channel: Channel = CHANNEL) -> object:
    return outcome_of(Mastodon().publish(post, channel), recorded(*answers))


def resumed(*answers: httpx.Response, pending: Pending = PENDING) -> object:
    return outcome_of(Mastodon().resume(pending, with_content(PICTURES), CHANNEL), recorded(*answers))


def found(*answers: httpx.Response, post: Post = POST) -> object:
    return outcome_of(Mastodon().find(post, CHANNEL, NOON - timedelta(minutes=5)), recorded(*answers))


def problems_of(**content: object) -> list[Problem]:
    return list(Mastodon().check(with_content(replace(POST.content, **content))))  # type: ignore[arg-type]


def test_the_request_is_the_documented_one() -> None:
    (request,) = asked_for()
    assert (request.method, str(request.url)) == ("POST", "https://social.example.org/api/v1/statuses")
    assert request.headers["authorization"] == f"Bearer {TOKEN}"
    assert request.headers["idempotency-key"] == "dlv_1"
    assert json.loads(request.content) == {"status": "All rivers carry leaves."}


def test_title_link_and_tags_stand_in_the_text() -> None:
    assert form_of(with_content(FULL)) == {"status": FULL_TEXT}


def test_a_link_that_stands_in_the_text_is_not_said_again() -> None:
    content = Content(text="See https://example.org/rivers.", link="https://example.org/rivers")
    assert form_of(with_content(content)) == {"status": "See https://example.org/rivers."}


def test_a_longer_address_in_the_text_is_not_the_link() -> None:
    content = Content(text="See https://example.org/rivers2", link="https://example.org/rivers")
    assert form_of(with_content(content)) == {"status": "See https://example.org/rivers2\n\nhttps://example.org/rivers"}


def test_the_channels_visibility_and_language_are_sent() -> None:
    settings = {"visibility": "unlisted", "language": "en"}
    channel = replace(CHANNEL, settings={**CHANNEL.settings, **settings})
    assert form_of(channel=channel) == {"status": "All rivers carry leaves.", **settings}


def test_a_visibility_there_is_not_holds_the_channel() -> None:
    channel = replace(CHANNEL, settings={**CHANNEL.settings, "visibility": "secret"})
    assert isinstance(published(channel=channel), Unauthorized)


def test_a_token_http_cannot_carry_holds_the_channel() -> None:
    channel = replace(CHANNEL, secrets={"access_token": "schlüssel"})
    assert isinstance(published(channel=channel), Unauthorized)


def test_the_address_of_a_profile_tells_the_instance_too() -> None:
    channel = replace(CHANNEL, settings={"base_url": "https://social.example.org/@ann?x=1#y"})
    assert str(asked_for(channel=channel)[0].url) == "https://social.example.org/api/v1/statuses"


def test_a_receipt_has_the_posts_id_and_address() -> None:
    assert published(CREATED) == RECEIPT


def test_a_post_without_an_address_has_a_receipt_as_well() -> None:
    assert published(httpx.Response(200, json={"id": "1", "url": None})) == Receipt("1")


def test_pictures_are_fetched_and_uploaded_before_the_post_is_created() -> None:
    requests = asked_for(with_content(PICTURES), CHANNEL, PNG, uploaded(22), GIF, uploaded(23), CREATED)
    assert [(request.method, str(request.url)) for request in requests] == [
        ("GET", "https://example.org/a.png"),
        ("POST", "https://social.example.org/api/v2/media"),
        ("GET", "https://example.org/b.gif"),
        ("POST", "https://social.example.org/api/v2/media"),
        ("POST", "https://social.example.org/api/v1/statuses"),
    ]
    assert json.loads(requests[-1].content) == {"status": "Leaves", "media_ids": ["22", "23"]}


def test_no_token_goes_to_a_pictures_server() -> None:
    fetch, *_ = asked_for(with_content(PICTURES), CHANNEL, PNG, uploaded(22), GIF, uploaded(23), CREATED)
    assert "authorization" not in fetch.headers


def test_a_picture_is_uploaded_with_its_text() -> None:
    _, upload, *_ = asked_for(with_content(PICTURES), CHANNEL, PNG, uploaded(22), GIF, uploaded(23), CREATED)
    assert upload.headers["content-type"].startswith("multipart/form-data; boundary=")
    assert b'name="description"\r\n\r\nA river\r\n' in upload.content
    assert b'name="file"; filename="picture.png"\r\nContent-Type: image/png\r\n\r\n\x89PNG' in upload.content


def test_a_picture_that_is_worked_on_is_waited_for() -> None:
    outcome = published(PNG, uploaded(22), GIF, uploaded(23, 202), post=with_content(PICTURES))
    assert outcome == PENDING


def test_when_all_pictures_are_ready_the_post_is_created() -> None:
    transport = recorded(ACCOUNT, statuses(), uploaded(22), uploaded(23), CREATED)
    assert hold(Mastodon().resume(PENDING, with_content(PICTURES), CHANNEL), transport) == RECEIPT
    assert json.loads(transport.asked[-1].content) == {"status": "Leaves", "media_ids": ["22", "23"]}
    assert transport.asked[-1].headers["idempotency-key"] == "dlv_1"


def test_while_a_picture_is_not_ready_nothing_is_created() -> None:
    later = Pending({"media": "22 23", "looks": "1"}, 5.0)
    assert resumed(ACCOUNT, statuses(), uploaded(22), uploaded(23, 206)) == later


def test_media_that_are_never_ready_are_given_up() -> None:
    pending = Pending({"media": "22", "looks": "60"}, 0.0)
    assert isinstance(resumed(ACCOUNT, statuses(), uploaded(22, 206), pending=pending), Refused)


def test_what_is_out_is_not_created_again() -> None:
    mine = status(content="<p>Leaves</p>", media_attachments=[{"description": "A river"}, {"description": None}])
    assert resumed(ACCOUNT, statuses(mine)) == RECEIPT


def test_a_picture_that_could_not_be_worked_on_is_refused() -> None:
    answer = trouble(422, "Error processing thumbnail for uploaded media")
    assert isinstance(resumed(ACCOUNT, statuses(), answer), Refused)


def test_a_picture_that_is_used_already_leaves_open_what_is_out() -> None:
    assert isinstance(resumed(ACCOUNT, statuses(), trouble(404, "Record not found")), OutcomeUnknown)


def test_no_upload_that_fails_leaves_anything_open() -> None:
    answer = trouble(500, "Error processing thumbnail for uploaded media")
    assert isinstance(published(PNG, answer, post=with_content(PICTURES)), Unavailable)


def test_a_file_mastodon_does_not_know_is_refused() -> None:
    answer = trouble(422, "File type of uploaded media could not be verified")
    assert isinstance(published(PNG, answer, post=with_content(PICTURES)), Refused)


def test_a_video_is_sent_on_in_a_form_without_being_held() -> None:
    transport = recorded(FILM, uploaded(22, 202))
    post = with_content(Content(text="Leaves", media=(VIDEO,)))
    assert hold(Mastodon().publish(post, CHANNEL), transport) == Pending({"media": "22"}, 5.0)
    fetch, upload = transport.asked
    assert (str(fetch.url), fetch.headers["range"]) == ("https://example.org/river.webm", "bytes=0-7")
    assert "authorization" not in fetch.headers
    assert str(upload.url) == "https://social.example.org/api/v2/media"
    boundary = upload.headers["content-type"].removeprefix("multipart/form-data; boundary=")
    assert upload.content.decode() == (
        f'--{boundary}\r\nContent-Disposition: form-data; name="description"\r\n\r\nA river\r\n'
        f'--{boundary}\r\nContent-Disposition: form-data; name="file"; filename="video.webm"\r\n'
        f"Content-Type: video/webm\r\n\r\n12345678\r\n--{boundary}--\r\n"
    )


def test_a_video_nobody_knows_anything_of_is_measured_first() -> None:
    post = with_content(Content(text="Leaves", media=(Media("https://example.org/river.mp4"),)))
    large = httpx.Response(206, headers={"content-range": f"bytes 0-0/{2**27}", "content-type": "video/mp4"})
    error = published(large, post=post)
    assert isinstance(error, Refused)
    assert "the most here is 103.8 MB" in str(error)


LONG = Content(text="All rivers carry leaves. " * 45, thread=True)
TEXTS = [" ".join(["All rivers carry leaves."] * number) for number in (20, 20, 5)]
FIRST = Pending({"out": "1", "url": "https://social.example.org/@ann/1", "at": "2026-11-20T12:00:01.137Z"}, 0.0)
SECOND = Pending({**FIRST.state, "out": "1 2"}, 0.0)
WHOLE = Receipt("1,2,3", FIRST.state["url"], FIRST.state["at"])


def part(number: int, **fields: object) -> dict[str, object]:
    """A post of the thread, as its author's list shows it."""
    answered = str(number - 1) if number > 1 else None
    return status(number, **{"content": f"<p>{TEXTS[number - 1]}</p>", "in_reply_to_id": answered, **fields})


def made(number: int) -> httpx.Response:
    return httpx.Response(200, json=part(number))


def next_of(pending: Pending, *answers: httpx.Response | Exception) -> tuple[object, httpx.Request]:
    transport = recorded(ACCOUNT, *answers)
    outcome = outcome_of(Mastodon().resume(pending, with_content(LONG), CHANNEL), transport)
    return outcome, transport.asked[-1]


def test_a_text_that_is_too_long_becomes_a_thread_where_that_was_asked_for() -> None:
    transport = recorded(made(1))
    assert hold(Mastodon().publish(with_content(LONG), CHANNEL), transport) == FIRST
    assert json.loads(transport.asked[-1].content) == {"status": TEXTS[0]}


def test_each_post_of_a_thread_answers_the_one_before_under_a_key_of_its_own() -> None:
    outcome, request = next_of(FIRST, statuses(part(1)), made(2))
    assert outcome == SECOND
    assert json.loads(request.content) == {"status": TEXTS[1], "in_reply_to_id": "1"}
    assert request.headers["idempotency-key"] == "dlv_1-1"


def test_the_receipt_of_a_thread_names_all_its_posts() -> None:
    outcome, request = next_of(SECOND, statuses(part(2), part(1)), made(3))
    assert outcome == WHOLE
    assert json.loads(request.content) == {"status": TEXTS[2], "in_reply_to_id": "2"}


def test_what_is_out_of_a_thread_is_not_created_again() -> None:
    outcome, request = next_of(FIRST, statuses(part(2), part(1)), made(3))
    assert outcome == WHOLE
    assert json.loads(request.content)["status"] == TEXTS[2]
    assert next_of(SECOND, statuses(part(3), part(2), part(1)))[0] == WHOLE


@pytest.mark.parametrize("there", [[], [part(1)]])
def test_what_is_not_shown_yet_is_out_nevertheless(there: list[dict[str, object]]) -> None:
    outcome, request = next_of(SECOND, statuses(*there), made(3))
    assert outcome == WHOLE
    assert json.loads(request.content)["in_reply_to_id"] == "2"


@pytest.mark.parametrize("spoiler", [httpx.ReadTimeout(""), httpx.Response(502)])
def test_a_lost_answer_in_a_thread_is_unknown(spoiler: httpx.Response | Exception) -> None:
    assert isinstance(next_of(FIRST, statuses(part(1)), spoiler)[0], OutcomeUnknown)


def test_a_thread_may_begin_with_pictures() -> None:
    content = replace(LONG, media=PICTURES.media[:1])
    transport = recorded(PNG, uploaded(22), made(1))
    assert hold(Mastodon().publish(with_content(content), CHANNEL), transport) == FIRST
    assert json.loads(transport.asked[-1].content)["media_ids"] == ["22"]


@pytest.mark.parametrize(
    ("there", "outcome"),
    [
        ([], None),
        ([part(2), part(3)], None),
        ([part(1)], FIRST),
        ([part(3), part(1)], FIRST),
        ([part(2, in_reply_to_id="7"), part(1)], FIRST),
        ([part(2), part(1)], SECOND),
        ([part(3), part(2), part(1)], WHOLE),
    ],
)
def test_of_a_thread_is_found_how_much_is_out(there: list[dict[str, object]], outcome: object) -> None:
    assert found(ACCOUNT, statuses(*there), post=with_content(LONG)) == outcome


def test_a_short_text_is_no_thread() -> None:
    assert published(CREATED, post=with_content(replace(POST.content, thread=True))) == RECEIPT


@pytest.mark.parametrize("text", ["rivers " * 2_000, "x" * 60_000, "rivers " * 50 + "https://example.org/ " * 600])
def test_a_thread_without_end_is_a_problem(text: str) -> None:
    (problem,) = problems_of(text=text, thread=True)
    assert (problem.field, "more than 25 posts" in problem.message) == ("content.text", True)


def removed(receipt: Receipt, *answers: httpx.Response) -> tuple[object, list[tuple[str, str]]]:
    transport = recorded(*answers)
    outcome = outcome_of(Mastodon().remove(receipt, CHANNEL), transport)
    return outcome, [(request.method, request.url.path) for request in transport.asked]


def test_a_post_is_removed_by_its_id() -> None:
    assert removed(RECEIPT, CREATED) == (None, [("DELETE", "/api/v1/statuses/4711")])


def test_of_a_thread_the_last_post_is_removed_first_and_what_is_gone_is_removed() -> None:
    outcome, asked = removed(WHOLE, made(3), trouble(404, "Record not found"), trouble(410, "Gone"))
    assert outcome is None
    assert [path.rpartition("/")[2] for _, path in asked] == ["3", "2", "1"]


@pytest.mark.parametrize(
    ("answer", "kind"),
    [
        (trouble(401, "The access token is invalid"), Unauthorized),
        (trouble(429, "Too many requests"), Throttled),
        (httpx.Response(502), Unavailable),
    ],
)
def test_trouble_while_removing_is_told(answer: httpx.Response, kind: type[PublishingError]) -> None:
    assert isinstance(removed(RECEIPT, answer)[0], kind)


def counted(answer: httpx.Response, receipt: Receipt = RECEIPT) -> tuple[object, str]:
    transport = recorded(answer)
    outcome = outcome_of(Mastodon().metrics(receipt, CHANNEL), transport)
    return outcome, transport.asked[-1].url.path


def test_counts_are_those_of_the_first_post() -> None:
    answer = httpx.Response(200, json=status(favourites_count=3, reblogs_count=2, replies_count=0))
    expected = {Metric.LIKES: 3, Metric.SHARES: 2, Metric.COMMENTS: 0}
    assert counted(answer) == (expected, "/api/v1/statuses/4711")
    assert counted(answer, WHOLE) == (expected, "/api/v1/statuses/1")
    quoted = httpx.Response(200, json=answer.json() | {"quotes_count": 1})
    assert counted(quoted)[0] == {**expected, Metric.SHARES: 3}


@pytest.mark.parametrize(
    ("answer", "kind"),
    [(trouble(404, "Record not found"), Refused), (httpx.Response(200, json={}), Unavailable)],
)
def test_what_is_not_out_has_no_counts(answer: httpx.Response, kind: type[PublishingError]) -> None:
    assert isinstance(counted(answer)[0], kind)


@pytest.mark.parametrize(
    ("content", "field"),
    [
        ({"text": "x" * 501}, "content.text"),
        ({"title": "x" * 475}, "content.text"),
        ({"tags": ("web dev",)}, "content.tags[0]"),
        ({"tags": ("ok", "web-dev")}, "content.tags[1]"),
        ({"tags": ("2026",)}, "content.tags[0]"),
        ({"tags": ("",)}, "content.tags[0]"),
        ({"media": (Media("https://example.org/a.png"),) * 5}, "content.media"),
        ({"media": (Media("https://example.org/a.avi"), Media("https://example.org/b.png"))}, "content.media"),
        ({"media": (Media("https://example.org/a", type="video/x-msvideo"),)}, "content.media[0]"),
        ({"media": (replace(VIDEO, size_bytes=99 * 2**20 + 2**18),)}, "content.media[0]"),
        ({"media": (Media("https://example.org/a.png", type="image/heic"),)}, "content.media[0]"),
        ({"media": (Media("https://example.org/a.png", "x" * 1501),)}, "content.media[0].alt"),
        ({"link": "example.org"}, "content.link"),
    ],
)
def test_what_mastodon_cannot_take_is_a_problem(content: dict[str, object], field: str) -> None:
    assert [problem.field for problem in problems_of(**content)] == [field]


@pytest.mark.parametrize(
    "text",
    [
        "x" * 500,
        "https://example.org/" + "x" * 900,
        "x" * 476 + " https://example.org/" + "x" * 99,
        "x" * 495 + " @ann@example.org",
        "👩‍👩‍👧‍👦" * 500,
        "🏳️‍🌈🇩🇪👍🏽é" * 125,
        "e\u0301" * 500,
        "\u1112\u1161\u11ab" * 500,
    ],
)
def test_text_is_counted_as_a_reader_sees_it_with_short_addresses_and_mentions(text: str) -> None:
    assert problems_of(text=text) == []


@pytest.mark.parametrize("text", ["x" * 477 + " https://example.org/", "🇩🇪" * 501, "x" * 497 + " @ann"])
def test_what_is_one_more_is_too_much(text: str) -> None:
    assert [problem.field for problem in problems_of(text=text)] == ["content.text"]


@pytest.mark.parametrize("tag", ["rivers", "日本語", "हिन्दी", "web_dev", "2026x"])
def test_a_word_is_a_tag_in_every_script(tag: str) -> None:
    assert problems_of(tags=(tag,)) == []


@pytest.mark.parametrize(
    ("answer", "kind", "message"),
    [
        (trouble(401, "The access token is invalid"), Unauthorized, "Mastodon answered: The access token is invalid"),
        (trouble(403, "Your login is disabled"), Unauthorized, "Mastodon answered: Your login is disabled"),
        (trouble(404, "Record not found"), Refused, "Mastodon answered: Record not found"),
        (trouble(422, "Text can't be blank"), Refused, "Mastodon answered: Text can't be blank"),
        (trouble(422, "Cannot attach files that have not finished processing. Try again in a moment!"), Unavailable,
         "Mastodon answered: Cannot attach files that have not finished processing. Try again in a moment!"),
        (trouble(422, {"odd": 1}), Refused, "The platform answered 422."),
        (httpx.Response(301, headers={"Location": "/x"}), Refused, "The platform answered 301."),
        (trouble(500, "oops"), OutcomeUnknown, "Mastodon answered: oops"),
        (trouble(503, "A temporary problem"), OutcomeUnknown, "Mastodon answered: A temporary problem"),
        (httpx.Response(502, text="<html>"), OutcomeUnknown, "The answer was lost; the post may be out."),
    ],
)  # fmt: skip
def test_an_error_is_sorted(answer: httpx.Response, kind: type[PublishingError], message: str) -> None:
    error = published(answer)
    assert isinstance(error, kind)
    assert str(error) == message


def test_the_wait_lasts_until_the_moment_the_limit_is_reset() -> None:
    reset = (datetime.now(UTC) + timedelta(seconds=100)).isoformat().replace("+00:00", "Z")
    error = published(trouble(429, "Too many requests", **{"X-RateLimit-Reset": reset}))
    assert isinstance(error, Throttled)
    assert 90 < error.retry_after_s <= 100


@pytest.mark.parametrize("reset", ["", "soon"])
def test_a_limit_without_a_moment_is_a_minutes_wait(reset: str) -> None:
    error = published(trouble(429, "Too many requests", **{"X-RateLimit-Reset": reset}))
    assert isinstance(error, Throttled)
    assert error.retry_after_s == 60.0


def test_the_token_is_blotted_out_of_mastodons_words() -> None:
    assert str(published(trouble(422, f"No {TOKEN}"))) == "Mastodon answered: No …"


@pytest.mark.parametrize("body", [b"", b"<html>", b"{}", b'{"id": 1}', b'{"id": "a/b"}', b"[]"])
def test_a_200_without_a_post_is_unknown(body: bytes) -> None:
    assert isinstance(published(httpx.Response(200, content=body)), OutcomeUnknown)


def test_what_is_out_is_found_by_its_words() -> None:
    assert found(ACCOUNT, statuses(status(1, content="<p>Other</p>"), status())) == RECEIPT


def test_what_is_out_is_found_in_the_html_mastodon_makes_of_it() -> None:
    assert found(ACCOUNT, statuses(status(content=FULL_HTML)), post=with_content(FULL)) == RECEIPT


@pytest.mark.parametrize(
    "there",
    [
        [],
        [status(content="<p>All rivers carry leaves. Always.</p>")],
        [status(created_at="2026-11-20T11:54:59Z")],
        [status(media_attachments=[{"description": "A river"}])],
    ],
)
def test_what_is_not_among_the_recent_posts_is_not_found(there: list[dict[str, object]]) -> None:
    assert found(ACCOUNT, statuses(*there)) is None


def test_a_look_that_cannot_come_to_an_end_does_not_say_no() -> None:
    assert isinstance(found(ACCOUNT, statuses(*[status(content="<p>Other</p>")] * 40)), OutcomeUnknown)


def test_a_look_ends_at_the_first_post_from_before() -> None:
    others = [status(content="<p>Other</p>")] * 39
    assert found(ACCOUNT, statuses(*others, status(content="", created_at="2026-11-19T12:00:00Z"))) is None


def test_a_look_reads_the_accounts_own_posts() -> None:
    transport = recorded(ACCOUNT, statuses())
    hold(Mastodon().find(POST, CHANNEL, NOON), transport)
    assert str(transport.asked[-1].url) == (
        "https://social.example.org/api/v1/accounts/42/statuses?limit=40&exclude_reblogs=true"
    )


def test_a_token_that_may_not_read_is_unauthorized() -> None:
    assert isinstance(found(trouble(403, "This action is outside the authorized scopes")), Unauthorized)


def test_publishing_with_pictures_can_be_rehearsed() -> None:
    rehearsed = rehearse(Mastodon(), with_content(PICTURES), replace(CHANNEL, secrets={}), {"access_token"})
    assert rehearsed is not None
    assert (rehearsed.publishes, rehearsed.body) == (True, {"status": "Leaves", "media_ids": ["0", "0"]})


def test_publishing_a_video_nobody_knows_anything_of_can_be_rehearsed() -> None:
    post = with_content(Content(text="Leaves", media=(Media("https://example.org/river.mp4"),)))
    assert rehearse(Mastodon(), post, replace(CHANNEL, secrets={}), {"access_token"}) is not None


def test_verifying_asks_whose_token_it_is() -> None:
    assert hold(Mastodon().verify(CHANNEL), recorded(*VERIFIED)) == Identity(
        "42", "ann", "https://social.example.org/@ann"
    )
