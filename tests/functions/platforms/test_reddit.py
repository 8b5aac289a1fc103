"""The Reddit adapter on replies written after PRAW and Reddit's documentation (read 2026-11-21), not recorded from it.

Contract by documentation: there is no machine-readable one.
"""

from __future__ import annotations

import json
from dataclasses import replace
from datetime import timedelta
from urllib.parse import parse_qsl

import httpx
import pytest

from functions.platforms.reddit import Reddit
from publishing.adapter import Piped
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

TOKEN = "eyJhbGciOiJSUzI1NiIsImtpZCI6IlNIQTI1NiJ9.t0ken4711"
SECRETS = {"access_token": TOKEN, "refresh_token": "4711-refresh-4711refresh", "client_secret": "s3cret4711s3cret"}
SETTINGS = {"client_id": "cl13nt", "username": "ann", "subreddit": "rivers"}
CHANNEL = Channel("chn_1", "wsp_1", "reddit", settings=SETTINGS, secrets=SECRETS)
POST = Post("dlv_1", Content(title="Rivers in autumn", text="All *rivers* carry leaves."), NOON)
SUBMIT = "https://oauth.reddit.com/api/submit"
STORAGE = "https://reddit-uploaded-media.s3-accelerate.amazonaws.com"
COMMON = {
    "api_type": "json",
    "sr": "rivers",
    "title": "Rivers in autumn",
    "nsfw": "false",
    "spoiler": "false",
    "sendreplies": "true",
    "validate_on_submit": "true",
}
PICTURE = Media("https://example.org/a.png")
FILM = Media("https://example.org/a.mp4", type="video/mp4", size_bytes=999)
PNG = httpx.Response(200, content=b"\x89PNG\r\n\x1a\n...")
STORED = httpx.Response(201, text="<PostResponse/>")
EMPTY = httpx.Response(200, json={"kind": "Listing", "data": {"children": [], "after": None}})


def answered(*errors: object, **body: object) -> httpx.Response:
    return httpx.Response(200, json={"json": {"errors": list(errors), **body}})


def leased(number: int) -> httpx.Response:
    fields = [{"name": "acl", "value": "private"}, {"name": "key", "value": f"rte_images/{number}"}]
    args = {"action": "//reddit-uploaded-media.s3-accelerate.amazonaws.com", "fields": fields}
    return httpx.Response(200, json={"args": args, "asset": {"asset_id": f"a{number}", "websocket_url": "wss://x"}})


def submitted(**changes: object) -> dict[str, object]:
    return {
        "name": "t3_abc",
        "title": "Rivers in autumn",
        "subreddit": "Rivers",
        "permalink": "/r/rivers/comments/abc/rivers_in_autumn/",
        "created_utc": NOON.timestamp() + 1.0,
        "url": "https://example.org/rivers",
        "score": 7,
        "num_comments": 3,
        "num_crossposts": 1,
        **changes,
    }


def listed(*posts: dict[str, object]) -> httpx.Response:
    children = [{"kind": "t3", "data": each} for each in posts]
    return httpx.Response(200, json={"kind": "Listing", "data": {"children": children}})


URL = "https://www.reddit.com/r/rivers/comments/abc/rivers_in_autumn/"
MADE = answered(data={"url": URL, "drafts_count": 0, "id": "abc", "name": "t3_abc"})
TAKEN = answered(data={"user_submitted_page": "https://www.reddit.com/user/ann/submitted/", "websocket_url": "wss://x"})
RECEIPT = Receipt("t3_abc", URL)
FOUND = Receipt("t3_abc", URL, "2026-11-20T12:00:01.000Z")
ACCEPTED = [MADE]
VERIFIED = [httpx.Response(200, json={"id": "4x", "name": "Ann", "icon_img": ""})]


def with_content(**content: object) -> Post:
    return replace(POST, content=replace(POST.content, **content))  # type: ignore[arg-type]


def with_settings(**settings: str) -> Channel:
    return replace(CHANNEL, settings={**SETTINGS, **settings})


def asked_for(post: Post = POST, channel: Channel = CHANNEL) -> httpx.Request:
    transport = recorded(MADE)
    hold(Reddit().publish(post, channel), transport)
    return transport.asked[0]


def form_of(request: httpx.Request) -> dict[str, str]:
    return dict(parse_qsl(request.content.decode(), keep_blank_values=True))


def published(*answers: httpx.Response | Exception, post: Post = POST, channel: Channel = CHANNEL) -> object:
    return outcome_of(Reddit().publish(post, channel), recorded(*answers))


def resumed(post: Post, state: dict[str, str], *answers: httpx.Response) -> tuple[object, list[httpx.Request]]:
    transport = recorded(*answers)
    outcome = outcome_of(Reddit().resume(Pending(state, 0.0), post, CHANNEL), transport)
    return outcome, transport.asked


def found(*answers: httpx.Response, post: Post = POST) -> object:
    return outcome_of(Reddit().find(post, CHANNEL, NOON - timedelta(minutes=5)), recorded(*answers))


def problems_of(**content: object) -> list[Problem]:
    return list(Reddit().check(with_content(**content)))


def test_the_request_is_the_documented_one() -> None:
    request = asked_for()
    assert (request.method, str(request.url)) == ("POST", SUBMIT)
    assert request.headers["authorization"] == f"Bearer {TOKEN}"
    assert request.headers["user-agent"] == "server:cl13nt:v0.1 (by /u/ann)"
    text = {"kind": "self", "text": "All *rivers* carry leaves.", "resubmit": "false"}
    assert form_of(request) == {**COMMON, **text}


def test_a_link_alone_is_a_link() -> None:
    form = form_of(asked_for(with_content(text="", link="https://example.org/rivers")))
    assert form == {**COMMON, "kind": "link", "url": "https://example.org/rivers", "resubmit": "false"}


@pytest.mark.parametrize(
    ("text", "link", "body"),
    [
        ("Leaves.", "https://example.org/rivers", "Leaves.\n\nhttps://example.org/rivers"),
        ("See https://example.org/rivers.", "https://example.org/rivers", "See https://example.org/rivers."),
        ("", "", ""),
    ],
)
def test_a_link_stands_below_a_text(text: str, link: str, body: str) -> None:
    form = form_of(asked_for(with_content(text=text, link=link)))
    assert (form["kind"], form["text"]) == ("self", body)


def test_the_channels_settings_are_sent() -> None:
    settings = {"flair_id": "f1", "flair_text": "News", "nsfw": "yes", "spoiler": "True", "resubmit": "1"}
    form = form_of(asked_for(channel=with_settings(**settings, subreddit="r/Leaves", username="/u/ann")))
    ways = {"nsfw": "true", "spoiler": "true", "resubmit": "true"}
    assert {**form, **ways, "sr": "Leaves", "flair_id": "f1", "flair_text": "News"} == form


@pytest.mark.parametrize(
    "settings",
    [{"subreddit": "two words"}, {"username": ""}, {"client_id": "schlüssel"}],
)
def test_a_setting_that_cannot_be_holds_the_channel(settings: dict[str, str]) -> None:
    assert isinstance(published(channel=with_settings(**settings)), Unauthorized)


@pytest.mark.parametrize("token", ["", "schlüssel"])
def test_without_an_access_token_it_is_unauthorized_at_once(token: str) -> None:
    assert isinstance(published(channel=replace(CHANNEL, secrets={**SECRETS, "access_token": token})), Unauthorized)


def test_a_receipt_has_the_posts_id_and_address() -> None:
    assert published(MADE) == RECEIPT


PICTURED = with_content(media=(PICTURE,))
ONE = {"places": f"a1,{STORAGE}/rte_images/1"}
TWO = {"places": f"{ONE['places']} a2,{STORAGE}/rte_images/2"}


def test_a_picture_is_put_into_the_leased_place_and_written_down() -> None:
    transport = recorded(PNG, leased(1), STORED)
    assert hold(Reddit().publish(PICTURED, CHANNEL), transport) == Pending(ONE, 0.0)
    fetch, lease, store = transport.asked
    assert "authorization" not in fetch.headers
    assert (lease.method, str(lease.url)) == ("POST", "https://oauth.reddit.com/api/media/asset.json")
    assert form_of(lease) == {"filepath": "picture.png", "mimetype": "image/png"}
    assert (store.method, str(store.url)) == ("POST", STORAGE)
    assert "authorization" not in store.headers
    parts = [
        store.content.find(each) for each in (b'name="acl"\r\n\r\nprivate', b'name="key"', b'name="file"; filename=')
    ]
    assert 0 <= parts[0] < parts[1] < parts[2]


def test_what_is_there_is_submitted_if_it_is_not_out() -> None:
    outcome, asked = resumed(PICTURED, ONE, EMPTY, TAKEN)
    assert outcome == Pending({"sent": "1"}, 10.0)
    form = form_of(asked[-1])
    assert (form["kind"], form["url"], publishes(asked[-1])) == ("image", f"{STORAGE}/rte_images/1", True)
    assert form["text"] == "All *rivers* carry leaves."


def test_what_is_there_is_not_submitted_if_it_is_out() -> None:
    outcome, asked = resumed(PICTURED, ONE, listed(submitted()))
    assert outcome == FOUND
    assert not any(map(publishes, asked))


def test_what_was_submitted_is_looked_for_and_never_submitted_again() -> None:
    assert resumed(PICTURED, {"sent": "1"}, EMPTY)[0] == Pending({"sent": "2"}, 20.0)
    assert resumed(PICTURED, {"sent": "2"}, listed(submitted()))[0] == FOUND
    assert isinstance(resumed(PICTURED, {"sent": "8"}, EMPTY)[0], OutcomeUnknown)


@pytest.mark.parametrize("answer", [httpx.Response(502), httpx.Response(200, text="<html>")])
def test_what_may_have_been_submitted_is_only_looked_for(answer: httpx.Response) -> None:
    assert resumed(PICTURED, ONE, EMPTY, answer)[0] == Pending({"sent": "1"}, 10.0)


def test_a_look_that_does_not_say_no_submits_nothing() -> None:
    outcome, asked = resumed(PICTURED, ONE, listed(*[submitted(title="Other")] * 100))
    assert isinstance(outcome, OutcomeUnknown)
    assert not any(map(publishes, asked))


def test_several_pictures_are_a_gallery() -> None:
    post = with_content(media=(PICTURE,) * 2)
    assert published(PNG, leased(1), STORED, PNG, leased(2), STORED, post=post) == Pending(TWO, 0.0)
    made = answered(data={"url": "https://www.reddit.com/gallery/abc", "id": "t3_abc"})
    outcome, asked = resumed(post, TWO, EMPTY, made)
    assert outcome == Receipt("t3_abc", "https://www.reddit.com/gallery/abc")
    assert str(asked[-1].url) == "https://oauth.reddit.com/api/submit_gallery_post.json"
    assert json.loads(asked[-1].content) == {
        "api_type": "json",
        "sr": "rivers",
        "title": "Rivers in autumn",
        "nsfw": False,
        "spoiler": False,
        "sendreplies": True,
        "validate_on_submit": True,
        "show_error_list": True,
        "text": "All *rivers* carry leaves.",
        "items": [{"caption": "", "outbound_url": "", "media_id": asset} for asset in ("a1", "a2")],
    }


def test_many_pictures_are_handed_over_some_at_a_time() -> None:
    post = with_content(media=(PICTURE,) * 6)
    outcome = published(*[PNG, leased(1), STORED] * 5, post=post)
    assert outcome == Pending({"places": " ".join([ONE["places"]] * 5)}, 0.0)
    assert isinstance(outcome, Pending)
    assert resumed(post, dict(outcome.state), PNG, leased(1), STORED)[0] == Pending(
        {"places": " ".join([ONE["places"]] * 6)}, 0.0
    )


def conversed(post: Post, *answers: httpx.Response) -> tuple[object, list[httpx.Request]]:
    """Publish by hand: the video is never fetched."""
    conversation, asked, left = Reddit().publish(post, CHANNEL), list[httpx.Request](), list(answers)
    try:
        asked.append(next(conversation))
        while True:
            reply = left.pop(0)
            reply.request = asked[-1]
            asked.append(conversation.send(reply))
    except StopIteration as end:
        return end.value, asked


def test_a_video_is_piped_and_gets_a_plain_poster() -> None:
    outcome, asked = conversed(with_content(media=(FILM,)), leased(1), STORED, leased(2), STORED)
    assert outcome == Pending(TWO, 0.0)
    assert form_of(asked[0]) == {"filepath": "video.mp4", "mimetype": "video/mp4"}
    piped: Piped = asked[1].extensions["piped"]
    assert (piped.url, piped.size_bytes, b'name="key"\r\n\r\nrte_images/1' in piped.before) == (FILM.url, 999, True)
    assert b"\x89PNG\r\n\x1a\n" in asked[3].read()


def test_a_picture_beside_a_video_is_its_poster() -> None:
    outcome, asked = conversed(with_content(media=(FILM, PICTURE)), leased(1), STORED, PNG, leased(2), STORED)
    assert outcome == Pending(TWO, 0.0)
    assert [str(request.url) for request in asked].count(PICTURE.url) == 1


def test_a_video_is_submitted_with_its_poster() -> None:
    _, asked = resumed(with_content(media=(FILM,)), TWO, EMPTY, TAKEN)
    form = form_of(asked[-1])
    places = (f"{STORAGE}/rte_images/1", f"{STORAGE}/rte_images/2")
    assert (form["kind"], form["url"], form["video_poster_url"]) == ("video", *places)


@pytest.mark.parametrize(
    ("answer", "kind"),
    [
        (httpx.Response(400, text="<Error><Code>EntityTooLarge</Code></Error>"), Refused),
        (httpx.Response(403, text=""), Refused),
        (httpx.Response(503), Unavailable),
    ],
)
def test_storage_that_does_not_take_it_leaves_nothing_open(answer: httpx.Response, kind: type[Exception]) -> None:
    assert isinstance(published(PNG, leased(1), answer, post=PICTURED), kind)


def test_a_place_that_is_not_reddits_is_not_used() -> None:
    args = {"action": "//example.org", "fields": []}
    lease = httpx.Response(200, json={"args": args, "asset": {"asset_id": "a1"}})
    assert isinstance(published(PNG, lease, post=PICTURED), Unavailable)


def test_what_was_prepared_waits_where_it_is_asked_to() -> None:
    slow = answered(["RATELIMIT", "Take a break for 2 minutes before trying again.", "ratelimit"])
    assert resumed(PICTURED, ONE, EMPTY, slow)[0] == Pending(ONE, 180.0)
    full = answered(["QUOTA_FILLED", "You've submitted too many links recently.", None])
    outcome, _ = resumed(PICTURED, ONE, EMPTY, full)
    assert isinstance(outcome, Pending)
    assert 3_500 < outcome.after_s <= 3_600


@pytest.mark.parametrize(
    ("code", "kind"),
    [
        ("SUBREDDIT_NOEXIST", Refused),
        ("SUBREDDIT_NOTALLOWED", Refused),
        ("NO_SELFS", Refused),
        ("NO_LINKS", Refused),
        ("SUBMIT_VALIDATION_FLAIR_REQUIRED", Refused),
        ("BAD_URL", Refused),
        ("TOO_LONG", Refused),
        ("NO_TEXT", Refused),
        ("USER_REQUIRED", Unauthorized),
        ("QUOTA_FILLED", QuotaSpent),
        ("RATELIMIT", Throttled),
    ],
)
def test_an_error_inside_a_200_is_sorted(code: str, kind: type[PublishingError]) -> None:
    error = published(answered([code, "That is not possible.", "sr"]))
    assert type(error) is kind
    assert (str(error), error.code in {code, ""}) == (f"Reddit answered: {code}: That is not possible.", True)


@pytest.mark.parametrize(
    ("said", "more", "wait_s"),
    [
        ("Looks like you've been doing that a lot. Take a break for 14 minutes before trying again.", {}, 900.0),
        ("Take a break for 3 seconds before trying again.", {}, 4.0),
        ("Take a break for 1 hour before trying again.", {}, 7200.0),
        ("du tust das zu oft.", {}, 60.0),
        ("Take a break for 14 minutes before trying again.", {"ratelimit": 812.5}, 812.5),
    ],
)
def test_a_break_lasts_as_long_as_reddit_says(said: str, more: dict[str, object], wait_s: float) -> None:
    error = published(answered(["RATELIMIT", said, "ratelimit"], **more))
    assert isinstance(error, Throttled)
    assert error.retry_after_s == wait_s


LINK = with_content(text="", link="https://example.org/rivers")
TWICE = answered(["ALREADY_SUB", "that link has already been submitted", "url"])


def test_a_link_that_is_there_already_may_be_ours() -> None:
    assert published(TWICE, listed(submitted()), post=LINK) == FOUND


def test_a_link_that_is_there_already_may_be_somebody_elses() -> None:
    error = published(TWICE, EMPTY, post=LINK)
    assert isinstance(error, Refused)
    assert error.code == "ALREADY_SUB"


@pytest.mark.parametrize(
    ("answer", "kind", "message"),
    [
        (httpx.Response(401, json={"message": "Unauthorized", "error": 401}), Unauthorized,
         "Reddit answered: Unauthorized"),
        (httpx.Response(403, json={"message": "Forbidden", "error": 403, "explanation": "Private."}), Unauthorized,
         "Reddit answered: Private."),
        (httpx.Response(404, json={"message": "Not Found", "error": 404}), Refused, "Reddit answered: Not Found"),
        (httpx.Response(429, json={"message": "Too Many Requests", "error": 429}), Throttled,
         "Reddit answered: Too Many Requests"),
        (httpx.Response(500, json={"message": "Internal Server Error"}), OutcomeUnknown,
         "Reddit answered: Internal Server Error"),
        (httpx.Response(503, text="<html>"), OutcomeUnknown, "The answer was lost; the post may be out."),
    ],
)  # fmt: skip
def test_an_error_is_sorted(answer: httpx.Response, kind: type[PublishingError], message: str) -> None:
    error = published(answer)
    assert isinstance(error, kind)
    assert str(error) == message


def test_the_wait_lasts_until_the_limit_is_reset() -> None:
    error = published(httpx.Response(429, headers={"x-ratelimit-reset": "41"}))
    assert isinstance(error, Throttled)
    assert error.retry_after_s == 41.0


def test_no_secret_stands_in_reddits_words() -> None:
    assert TOKEN not in str(published(answered(["BAD", f"No {TOKEN}", None])))


def test_what_is_out_is_found_by_title_and_place() -> None:
    assert found(listed(submitted(title="Other"), submitted())) == FOUND


@pytest.mark.parametrize(
    "there",
    [
        submitted(title="Rivers in winter"),
        submitted(subreddit="leaves"),
        submitted(created_utc=NOON.timestamp() - 301),
    ],
)
def test_what_is_not_among_the_recent_posts_is_not_found(there: dict[str, object]) -> None:
    assert found(listed(there)) is None


def test_a_link_is_found_by_where_it_leads() -> None:
    assert found(listed(submitted(url="https://example.org/other")), post=LINK) is None
    assert found(listed(submitted()), post=LINK) == FOUND


def test_a_look_reads_the_accounts_own_posts() -> None:
    transport = recorded(EMPTY)
    hold(Reddit().find(POST, CHANNEL, NOON), transport)
    assert str(transport.asked[0].url) == ("https://oauth.reddit.com/user/ann/submitted?sort=new&limit=100&raw_json=1")


def test_a_look_that_cannot_come_to_an_end_does_not_say_no() -> None:
    assert isinstance(found(listed(*[submitted(title="Other")] * 100)), OutcomeUnknown)


@pytest.mark.parametrize(
    ("content", "field"),
    [
        ({"title": ""}, "content.title"),
        ({"title": "x" * 301}, "content.title"),
        ({"text": "x" * 40_001}, "content.text"),
        ({"text": "x" * 39_990, "link": "https://example.org/"}, "content.text"),
        ({"media": (PICTURE,) * 21}, "content.media"),
        ({"media": (FILM, FILM)}, "content.media"),
        ({"media": (PICTURE, FILM)}, "content.media"),
        ({"media": (FILM, PICTURE, PICTURE)}, "content.media"),
        ({"media": (replace(FILM, seconds=901.0),)}, "content.media[0]"),
        ({"link": "example.org"}, "content.link"),
    ],
)
def test_what_reddit_cannot_take_is_a_problem(content: dict[str, object], field: str) -> None:
    assert [problem.field for problem in problems_of(**content)] == [field]


@pytest.mark.parametrize("media", [(PICTURE,) * 20, (FILM,), (FILM, PICTURE)])
def test_what_reddit_can_take_is_no_problem(media: tuple[Media, ...]) -> None:
    assert problems_of(media=media) == []


@pytest.mark.parametrize(
    ("headers", "pause_s"),
    [
        ({"x-ratelimit-remaining": "0.0", "x-ratelimit-reset": "41"}, 41.0),
        ({"x-ratelimit-remaining": "99.0", "x-ratelimit-reset": "41"}, 0.0),
        ({"x-ratelimit-remaining": "0"}, 0.0),
        ({}, 0.0),
    ],
)
def test_a_spent_limit_foretells_a_pause(headers: dict[str, str], pause_s: float) -> None:
    assert Reddit().pause_s(httpx.Response(200, headers=headers)) == pause_s


def test_the_access_token_is_renewed() -> None:
    transport = recorded(httpx.Response(200, json={"access_token": "new", "expires_in": 86400, "scope": "submit"}))
    assert hold(Reddit().refresh(CHANNEL), transport) == Fresh({"access_token": "new"}, 86400.0)
    (request,) = transport.asked
    assert (request.method, str(request.url)) == ("POST", "https://www.reddit.com/api/v1/access_token")
    assert request.headers["authorization"] == "Basic Y2wxM250OnMzY3JldDQ3MTFzM2NyZXQ="
    assert request.headers["user-agent"] == "server:cl13nt:v0.1 (by /u/ann)"
    assert form_of(request) == {"grant_type": "refresh_token", "refresh_token": "4711-refresh-4711refresh"}


@pytest.mark.parametrize(
    ("answer", "kind"),
    [
        (httpx.Response(400, json={"message": "Bad Request", "error": 400}), Unauthorized),
        (httpx.Response(400, json={"error": "invalid_grant"}), Unauthorized),
        (httpx.Response(401, json={"message": "Unauthorized", "error": 401}), AppRefused),
        (httpx.Response(403, text="<html>blocked</html>"), Unavailable),
    ],
)
def test_a_token_that_is_not_renewed_is_sorted(answer: httpx.Response, kind: type[PublishingError]) -> None:
    assert isinstance(outcome_of(Reddit().refresh(CHANNEL), recorded(answer)), kind)


def test_a_post_is_deleted() -> None:
    transport = recorded(httpx.Response(200, json={}))
    assert hold(Reddit().remove(RECEIPT, CHANNEL), transport) is None
    assert str(transport.asked[0].url) == "https://oauth.reddit.com/api/del"
    assert form_of(transport.asked[0]) == {"id": "t3_abc"}


def test_the_counts_are_told() -> None:
    transport = recorded(listed(submitted()))
    assert hold(Reddit().metrics(RECEIPT, CHANNEL), transport) == {
        Metric.LIKES: 7,
        Metric.COMMENTS: 3,
        Metric.SHARES: 1,
    }
    assert str(transport.asked[0].url) == "https://oauth.reddit.com/api/info?id=t3_abc&raw_json=1"


def test_what_is_gone_has_no_counts() -> None:
    assert isinstance(outcome_of(Reddit().metrics(RECEIPT, CHANNEL), recorded(EMPTY)), Refused)


def test_verifying_asks_whose_token_it_is() -> None:
    assert hold(Reddit().verify(CHANNEL), recorded(*VERIFIED)) == Identity(
        "4x", "Ann", "https://www.reddit.com/user/Ann"
    )


def test_another_accounts_token_is_not_good() -> None:
    outcome = outcome_of(Reddit().verify(with_settings(username="bob")), recorded(*VERIFIED))
    assert isinstance(outcome, Unauthorized)


def test_a_text_can_be_rehearsed() -> None:
    rehearsed = rehearse(Reddit(), POST, replace(CHANNEL, secrets={}), SECRETS)
    assert rehearsed is not None
    assert (rehearsed.method, rehearsed.host, rehearsed.publishes) == ("POST", "oauth.reddit.com", True)
