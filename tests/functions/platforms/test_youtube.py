"""The YouTube adapter on replies written after YouTube's documentation (read 2026-11-21), not recorded from it.

Where google-api-python-client is installed, the requests are held against the discovery document that comes with it.
"""

from __future__ import annotations

import hashlib
import hmac
import importlib.resources
import importlib.util
import json
from collections.abc import Mapping
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from functools import partial
from typing import Any

import httpx
import jsonschema
import pytest

from functions.platforms import _google
from functions.platforms.youtube import YouTube
from publishing.abilities import Finds, Hears, Measures, Refreshes, Rehearses, Removes, Resumes
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
from publishing.inbound import Call, Forged, Heard
from publishing.model import Channel, Content, Fresh, Identity, Media, Metric, Pending, Post, Problem, Receipt
from publishing.rehearsal import rehearse
from tests.functions.platforms.conversing import NOON, Answer, Signed, hold, outcome_of, recorded

FILE = b"hello world"
VIDEO = Media("https://example.org/river.mp4", "A river", type="video/mp4", size_bytes=len(FILE))
LARGE = replace(VIDEO, size_bytes=200 * 2**20)
CONTENT = Content(title="Rivers in autumn", text="All *rivers* carry leaves.", tags=("rivers",), media=(VIDEO,))
POST = Post("dlv_1", CONTENT, NOON)
TOKENS = {"access_token": "ya29.t0ken4711", "refresh_token": "1//r3fresh4711", "client_secret": "GOCSPX-s3cret4711"}
CHANNEL = Channel(
    "chn_1",
    "wsp_1",
    "youtube",
    settings={"client_id": "4711.apps.example.org"},
    secrets={**TOKENS, "hub_secret": "hub-s3cret"},
)
UPLOAD = "https://www.googleapis.com/upload/youtube/v3/videos"
ADDRESS = f"{UPLOAD}?uploadType=resumable&upload_id=AbC-4711"
STATE = {"session": ADDRESS, "size": "11", "type": "video/mp4", "round": "1"}
PENDING = Pending(STATE, 0.0)
WATCH = "https://www.youtube.com/watch?v=dQw4w9WgXcQ"
MADE = Pending({"video": "dQw4w9WgXcQ"}, 10.0, "dQw4w9WgXcQ")

SESSION = httpx.Response(200, headers={"location": ADDRESS})
NOTHING = httpx.Response(308)
SOURCE = httpx.Response(206, content=FILE)
TAKEN = httpx.Response(200, json={"kind": "youtube#video", "id": "dQw4w9WgXcQ", "status": {"uploadStatus": "uploaded"}})
MINE = httpx.Response(
    200,
    json={
        "items": [
            {
                "id": "UC4711",
                "snippet": {"title": "Ann"},
                "contentDetails": {"relatedPlaylists": {"uploads": "UU4711"}},
            }
        ]
    },
)
ACCEPTED = [SESSION, NOTHING, SOURCE, TAKEN]
VERIFIED = [MINE]


def trouble(status: int, reason: str, message: str = "No.") -> httpx.Response:
    error = {"code": status, "message": message, "errors": [{"domain": "youtube", "reason": reason}]}
    return httpx.Response(status, json={"error": error})


def stored(number: int) -> httpx.Response:
    return httpx.Response(308, headers={"range": f"bytes=0-{number - 1}"})


def listed(title: str = "Rivers in autumn", at: str = "2026-11-20T12:00:03Z", more: str = "") -> httpx.Response:
    snippet = {
        "title": title,
        "description": "All rivers carry leaves.",
        "publishedAt": at,
        "resourceId": {"videoId": "dQw4w9WgXcQ"},
    }
    return httpx.Response(200, json={"items": [{"snippet": snippet}], **({"nextPageToken": more} if more else {})})


def shown(upload: str, **status: str) -> httpx.Response:
    snippet = {"publishedAt": "2026-11-20T12:00:03Z"}
    item = {"id": "dQw4w9WgXcQ", "snippet": snippet, "status": {"uploadStatus": upload, **status}}
    return httpx.Response(200, json={"items": [item]})


def with_media(*media: Media) -> Post:
    return replace(POST, content=replace(CONTENT, media=media))


def asked_for(post: Post = POST, channel: Channel = CHANNEL, *answers: Answer) -> list[httpx.Request]:
    transport = recorded(*answers or [SESSION])
    hold(YouTube().publish(post, channel), transport)
    return transport.asked


def published(*answers: Answer, post: Post = POST, channel: Channel = CHANNEL) -> object:
    return outcome_of(YouTube().publish(post, channel), recorded(*answers))


def resumed(*answers: Answer, state: Mapping[str, str] = STATE, post: Post = POST) -> object:
    return outcome_of(YouTube().resume(Pending(state, 0.0), post, CHANNEL), recorded(*answers))


def state_after(*answers: Answer, state: Mapping[str, str] = STATE, post: Post = POST) -> Mapping[str, str]:
    outcome = resumed(*answers, state=state, post=post)
    assert isinstance(outcome, Pending)
    return outcome.state


def piece_of(start: int, media: Media = LARGE) -> httpx.Request:
    """The request that goes on at `start`, as the engine would be given it: nothing is read or sent."""
    state = {**STATE, "size": str(media.size_bytes)}
    conversation = YouTube().resume(Pending(state, 0.0), with_media(media), CHANNEL)
    probe = next(conversation)
    answer = stored(start) if start else NOTHING
    answer.request = probe
    return conversation.send(answer)


def found(*answers: Answer) -> object:
    return outcome_of(YouTube().find(POST, CHANNEL, NOON - timedelta(minutes=5)), recorded(*answers))


def looked_with() -> httpx.Request:
    """The request that lists the channel's uploads."""
    transport = recorded(MINE, listed())
    hold(YouTube().find(POST, CHANNEL, NOON), transport)
    return transport.asked[-1]


def problems_of(**content: object) -> list[Problem]:
    return list(YouTube().check(replace(POST, content=replace(CONTENT, **content))))  # type: ignore[arg-type]


def heard(body: bytes, signature: str) -> object:
    call = Call("POST", "https://example.org/in", headers={"x-hub-signature": signature}, body=body)
    return YouTube().hear(call, CHANNEL, NOON)


def signed(body: bytes, digest: str = "sha1") -> str:
    return f"{digest}={hmac.new(b'hub-s3cret', body, digest).hexdigest()}"


def asked_by_the_hub(**query: str) -> object:
    named = {f"hub.{name}": value for name, value in query.items()}
    return YouTube().hear(Call("GET", "https://example.org/in", named), CHANNEL, NOON)


def test_its_abilities_are_what_youtube_has() -> None:
    abilities = (Finds, Hears, Measures, Refreshes, Rehearses, Removes, Resumes)
    assert [isinstance(YouTube(), ability) for ability in abilities] == [True] * 7


def test_a_session_is_opened_with_the_documented_request() -> None:
    (request,) = asked_for()
    assert (request.method, str(request.url)) == ("POST", f"{UPLOAD}?uploadType=resumable&part=snippet%2Cstatus")
    assert request.headers["authorization"] == "Bearer ya29.t0ken4711"
    assert request.headers["content-type"] == "application/json; charset=UTF-8"
    assert request.headers["x-upload-content-length"] == "11"
    assert request.headers["x-upload-content-type"] == "video/mp4"
    assert json.loads(request.content) == {
        "snippet": {
            "title": "Rivers in autumn",
            "description": "All rivers carry leaves.",
            "tags": ["rivers"],
        },
        "status": {"privacyStatus": "public"},
    }


def test_to_open_a_session_publishes_nothing() -> None:
    assert [bool(request.extensions.get("publishes")) for request in asked_for()] == [False]


def test_a_session_is_written_down_before_anything_is_sent_there() -> None:
    assert published(SESSION) == PENDING


def test_a_link_stands_below_the_description_unless_it_is_there_already() -> None:
    link = "https://example.org/rivers"
    without, within = (replace(CONTENT, text=text, link=link) for text in ("See", f"See {link}, or {link}2"))
    bodies = [json.loads(asked_for(replace(POST, content=content))[0].content) for content in (without, within)]
    assert [body["snippet"]["description"] for body in bodies] == [f"See\n\n{link}", f"See {link}, or {link}2"]


def test_what_the_channel_says_of_its_videos_is_sent() -> None:
    settings = {**CHANNEL.settings, "privacy": "unlisted", "category_id": "27", "made_for_kids": "no"}
    body = json.loads(asked_for(POST, replace(CHANNEL, settings=settings))[0].content)
    assert body["status"] == {"privacyStatus": "unlisted", "selfDeclaredMadeForKids": False}
    assert body["snippet"]["categoryId"] == "27"


@pytest.mark.parametrize("setting", [{"privacy": "secret"}, {"made_for_kids": "perhaps"}])
def test_a_setting_there_is_not_holds_the_channel(setting: dict[str, str]) -> None:
    channel = replace(CHANNEL, settings={**CHANNEL.settings, **setting})
    assert isinstance(published(channel=channel), Unauthorized)


@pytest.mark.parametrize("token", ["", "schlüssel", "a\nb"])
def test_without_an_access_token_nothing_is_asked(token: str) -> None:
    channel = replace(CHANNEL, secrets={**CHANNEL.secrets, "access_token": token})
    assert isinstance(published(channel=channel), Unauthorized)
    assert isinstance(published(channel=replace(CHANNEL, secrets={})), Unauthorized)


def test_a_video_that_is_only_an_address_is_measured_first() -> None:
    told = httpx.Response(206, headers={"content-range": "bytes 0-0/11", "content-type": "video/webm"})
    measure, begin = asked_for(with_media(Media("https://example.org/river.mp4")), CHANNEL, told, SESSION)
    assert (measure.method, measure.headers["range"]) == ("GET", "bytes=0-0")
    assert "authorization" not in measure.headers
    assert (begin.headers["x-upload-content-type"], begin.headers["x-upload-content-length"]) == ("video/webm", "11")


def test_a_video_of_an_unknown_type_is_any() -> None:
    (request,) = asked_for(with_media(replace(VIDEO, type="")))
    assert request.headers["x-upload-content-type"] == "application/octet-stream"


@pytest.mark.parametrize(
    "address", ["", "http://www.googleapis.com/x", "https://googleapis.com.example.org/x", "https://a:b"]
)
def test_a_session_anywhere_else_is_none(address: str) -> None:
    assert isinstance(published(httpx.Response(200, headers={"location": address})), Unavailable)


def test_the_session_is_asked_where_it_stands_before_the_first_piece_too() -> None:
    transport = recorded(*ACCEPTED[1:])
    assert hold(YouTube().resume(PENDING, POST, CHANNEL), transport) == MADE
    probe, _, piece = transport.asked
    assert (probe.method, str(probe.url), probe.headers["content-range"]) == ("PUT", ADDRESS, "bytes */11")
    assert (probe.content, probe.headers["content-length"]) == (b"", "0")
    assert (piece.method, str(piece.url), piece.headers["content-range"]) == ("PUT", ADDRESS, "bytes 0-10/11")
    assert (piece.content, piece.headers["content-type"]) == (FILE, "video/mp4")


@pytest.mark.parametrize(
    ("start", "span", "last"),
    [
        (0, "bytes 0-67108863/209715200", False),
        (67108864, "bytes 67108864-134217727/209715200", False),
        (134217728, "bytes 134217728-201326591/209715200", False),
        (150994944, "bytes 150994944-209715199/209715200", True),
    ],
)
def test_a_large_video_goes_in_pieces_of_which_the_last_publishes(start: int, span: str, last: bool) -> None:  # noqa: FBT001
    piece = piece_of(start)
    assert piece.headers["content-range"] == span
    assert piece.extensions.get("publishes", False) is last
    assert piece.extensions["piped"].start == start


def test_a_piece_is_a_multiple_of_256_kib() -> None:
    piped: Piped = piece_of(0).extensions["piped"]
    assert piped.size_bytes % (256 * 2**10) == 0


def test_where_more_is_wanted_it_is_gone_on_with_at_once() -> None:
    post = with_media(replace(VIDEO, size_bytes=2**26 + 4))
    state = {**STATE, "size": str(2**26 + 4)}
    answers = (NOTHING, httpx.Response(206, content=bytes(2**26)), stored(2**26))
    assert resumed(*answers, state=state, post=post) == Pending({**state, "at": "0", "tries": "0", "misses": "0"}, 0.0)


def test_what_youtube_kept_of_a_piece_counts_and_nothing_else() -> None:
    transport = recorded(stored(6), httpx.Response(206, content=FILE[6:]), TAKEN)
    assert hold(YouTube().resume(PENDING, POST, CHANNEL), transport) == MADE
    assert transport.asked[1].headers["range"] == "bytes=6-10"
    assert transport.asked[2].headers["content-range"] == "bytes 6-10/11"


def test_a_lost_answer_to_the_last_piece_is_told_by_the_session() -> None:
    assert isinstance(resumed(NOTHING, SOURCE, httpx.ReadTimeout("")), OutcomeUnknown)
    assert resumed(TAKEN) == MADE


def test_a_worker_that_died_after_the_last_piece_sends_none_again() -> None:
    transport = recorded(TAKEN)
    assert hold(YouTube().resume(PENDING, POST, CHANNEL), transport) == MADE
    assert len(transport.asked) == 1


def test_a_lost_answer_to_any_other_piece_is_merely_unavailable() -> None:
    post, state = with_media(replace(VIDEO, size_bytes=2**26 + 4)), {**STATE, "size": str(2**26 + 4)}
    answers = (NOTHING, httpx.Response(206, content=bytes(2**26)), httpx.ReadTimeout(""))
    assert isinstance(resumed(*answers, state=state, post=post), Unavailable)


def test_a_308_to_the_last_piece_is_asked_about() -> None:
    assert resumed(NOTHING, SOURCE, stored(11)) == Pending({**STATE, "at": "0", "tries": "0", "misses": "0"}, 10.0)


def test_a_session_that_has_all_and_says_nothing_is_looked_past() -> None:
    assert resumed(stored(11), MINE, listed()) == Receipt("dQw4w9WgXcQ", WATCH, "2026-11-20T12:00:03.000Z")
    assert resumed(stored(11), MINE, listed("Other")) == Pending(
        {**STATE, "at": "11", "tries": "0", "misses": "0"}, 10.0
    )


def test_a_session_that_stays_where_it_is_is_asked_less_often_and_then_doubted() -> None:
    stuck = {**STATE, "at": "0", "tries": "5"}
    assert resumed(NOTHING, SOURCE, NOTHING, state=stuck) == Pending({**stuck, "tries": "6", "misses": "0"}, 640.0)
    assert isinstance(resumed(NOTHING, state={**stuck, "tries": "6"}), OutcomeUnknown)


@pytest.mark.parametrize("status", [404, 410])
def test_a_session_that_is_gone_may_have_made_its_video(status: int) -> None:
    receipt = Receipt("dQw4w9WgXcQ", WATCH, "2026-11-20T12:00:03.000Z")
    assert resumed(httpx.Response(status), MINE, listed()) == receipt


def test_another_session_is_opened_only_after_the_video_was_missing_three_times() -> None:
    gone, other = httpx.Response(404), listed("Other")
    first = state_after(gone, MINE, other)
    second = state_after(gone, MINE, other, state=first)
    assert (first["misses"], second["misses"], second["session"]) == ("1", "2", ADDRESS)
    assert state_after(gone, MINE, other, SESSION, state=second) == {**STATE, "round": "2"}


def test_a_session_that_is_gone_is_not_replaced_where_nobody_can_look() -> None:
    assert isinstance(resumed(httpx.Response(404), trouble(403, "insufficientPermissions")), OutcomeUnknown)


def test_not_more_than_three_sessions_are_opened_for_a_post() -> None:
    state = {**STATE, "round": "3", "misses": "2"}
    assert isinstance(resumed(httpx.Response(404), MINE, listed("Other"), state=state), Refused)


@pytest.mark.parametrize("status", [404, 410])
def test_a_session_that_ends_while_it_is_sent_to_is_asked_again(status: int) -> None:
    assert isinstance(resumed(NOTHING, SOURCE, httpx.Response(status)), Unavailable)


def test_a_channel_that_may_upload_no_more_today_gets_another_session_tomorrow() -> None:
    outcome = resumed(NOTHING, SOURCE, trouble(400, "uploadLimitExceeded"))
    assert isinstance(outcome, Pending)
    assert outcome.state == {"size": "11", "type": "video/mp4", "round": "1"}
    assert 86_000 < outcome.after_s <= 86_400
    assert resumed(SESSION, state=outcome.state) == Pending({**STATE, "round": "2"}, 0.0)


def test_a_spent_quota_keeps_a_session_that_was_only_asked() -> None:
    outcome = resumed(trouble(403, "quotaExceeded"))
    assert isinstance(outcome, Pending)
    assert (outcome.state, 0 < outcome.after_s <= 90_000) == (STATE, True)


def test_too_many_requests_keep_what_was_handed_over() -> None:
    slow = httpx.Response(429, headers={"retry-after": "7"})
    assert [resumed(slow), resumed(NOTHING, SOURCE, slow)] == [Pending(STATE, 7.0)] * 2


@pytest.mark.parametrize(
    ("status", "reason", "error"),
    [
        (401, "authError", Unauthorized),
        (403, "quotaExceeded", QuotaSpent),
        (403, "dailyLimitExceeded", QuotaSpent),
        (403, "rateLimitExceeded", Throttled),
        (429, "rateLimitExceeded", Throttled),
        (403, "userRateLimitExceeded", Throttled),
        (400, "uploadLimitExceeded", QuotaSpent),
        (401, "youtubeSignupRequired", Unauthorized),
        (403, "insufficientPermissions", Unauthorized),
        (403, "forbidden", Unauthorized),
        (403, "accountClosed", Unauthorized),
        (403, "accountSuspended", Unauthorized),
        (403, "forbiddenPrivacySetting", Refused),
        (400, "invalidTitle", Refused),
        (400, "invalidDescription", Refused),
        (400, "invalidTags", Refused),
        (400, "invalidCategoryId", Refused),
        (400, "invalidPublishAt", Refused),
        (400, "invalidVideoMetadata", Refused),
        (400, "invalidFilename", Refused),
        (400, "invalidRecordingDetails", Refused),
        (400, "invalidVideoGameRating", Refused),
        (400, "defaultLanguageNotSet", Refused),
        (400, "mediaBodyRequired", Refused),
        (400, "failedPrecondition", Refused),
        (503, "backendError", Unavailable),
        (500, "internalError", Unavailable),
        (400, "backendError", Unavailable),
    ],
)
def test_every_documented_reason_is_known(status: int, reason: str, error: type[PublishingError]) -> None:
    outcome = published(trouble(status, reason))
    assert type(outcome) is error
    assert isinstance(outcome, PublishingError)
    assert outcome.code == reason


@pytest.mark.parametrize(("status", "reason"), [(503, "backendError"), (400, "internalError"), (500, "")])
def test_a_failure_of_youtubes_on_the_last_piece_leaves_it_open(status: int, reason: str) -> None:
    assert isinstance(resumed(NOTHING, SOURCE, trouble(status, reason)), OutcomeUnknown)


def test_youtubes_own_words_are_told() -> None:
    outcome = published(trouble(400, "invalidTitle", "The title of ya29.t0ken4711 is invalid."))
    assert str(outcome) == "Google answered: The title of … is invalid."


@pytest.mark.parametrize(
    ("now", "midnight"),
    [
        (datetime(2026, 11, 20, 7, 59, tzinfo=UTC), datetime(2026, 11, 20, 8, tzinfo=UTC)),
        (datetime(2026, 11, 20, 8, 0, tzinfo=UTC), datetime(2026, 11, 21, 8, tzinfo=UTC)),
        (datetime(2026, 7, 1, 12, 0, tzinfo=UTC), datetime(2026, 7, 2, 7, tzinfo=UTC)),
        (datetime(2026, 11, 1, 7, 30, tzinfo=UTC), datetime(2026, 11, 2, 8, tzinfo=UTC)),
    ],
)
def test_a_quota_is_spent_until_midnight_in_california(now: datetime, midnight: datetime) -> None:
    assert _google._midnight(now) == midnight


def test_a_video_is_out_once_it_is_processed() -> None:
    assert resumed(shown("processed"), state=MADE.state) == Receipt("dQw4w9WgXcQ", WATCH, "2026-11-20T12:00:03Z")


@pytest.mark.parametrize("answer", [shown("uploaded"), httpx.Response(200, json={"items": []})])
def test_a_video_that_is_worked_on_is_asked_about_less_and_less_often(answer: httpx.Response) -> None:
    first = resumed(answer, state=MADE.state)
    assert first == Pending({"video": "dQw4w9WgXcQ", "looks": "1"}, 10.0)
    ninth = resumed(answer, state={**MADE.state, "looks": "9"})
    assert ninth == Pending({"video": "dQw4w9WgXcQ", "looks": "10"}, 900.0)


@pytest.mark.parametrize(
    "answer",
    [
        shown("deleted"),
        trouble(403, "insufficientPermissions"),
    ],
)
def test_a_video_of_which_no_more_can_be_known_is_out(answer: httpx.Response) -> None:
    outcome = resumed(answer, state=MADE.state)
    assert isinstance(outcome, Receipt)
    assert (outcome.id, outcome.url) == ("dQw4w9WgXcQ", WATCH)


def test_a_video_is_out_even_if_it_is_worked_on_for_ever() -> None:
    assert isinstance(resumed(shown("uploaded"), state={**MADE.state, "looks": "60"}), Receipt)


@pytest.mark.parametrize(
    ("upload", "reason"),
    [
        ("failed", "codec"),
        ("failed", "invalidFile"),
        ("rejected", "duplicate"),
        ("rejected", "uploaderAccountSuspended"),
    ],
)
def test_a_video_youtube_does_not_want_is_refused_with_the_reason(upload: str, reason: str) -> None:
    name = "failureReason" if upload == "failed" else "rejectionReason"
    outcome = resumed(shown(upload, **{name: reason}), state=MADE.state)
    assert isinstance(outcome, Refused)
    assert (outcome.code, str(outcome)) == (reason, f"YouTube {upload} the video: {reason}.")


def test_to_ask_about_a_video_takes_credentials_that_last() -> None:
    assert isinstance(resumed(trouble(401, "authError"), state=MADE.state), Unauthorized)
    waiting = resumed(trouble(403, "quotaExceeded"), state=MADE.state)
    assert isinstance(waiting, Pending)
    assert waiting.state == MADE.state


def test_an_upload_is_found_by_its_title_and_description() -> None:
    transport = recorded(MINE, listed())
    receipt = hold(YouTube().find(POST, CHANNEL, NOON), transport)
    assert receipt == Receipt("dQw4w9WgXcQ", WATCH, "2026-11-20T12:00:03.000Z")
    assert [str(request.url).partition("/v3/")[2] for request in transport.asked] == [
        "channels?part=contentDetails&mine=true",
        "playlistItems?part=snippet&playlistId=UU4711&maxResults=50",
    ]


@pytest.mark.parametrize("answer", [listed("Other"), listed(at="2026-11-20T11:54:59Z"), httpx.Response(404)])
def test_what_is_not_there_is_not_found(answer: httpx.Response) -> None:
    assert found(MINE, answer) is None


def test_older_pages_are_looked_through_while_they_are_recent() -> None:
    assert found(MINE, listed("Other", more="p2"), listed()) == Receipt(
        "dQw4w9WgXcQ", WATCH, "2026-11-20T12:00:03.000Z"
    )
    assert found(MINE, listed("Other", more="p2"), listed(at="2026-11-19T00:00:00Z", more="p3")) is None


@pytest.mark.parametrize(
    "answers",
    [
        [MINE, *[listed("Other", more="p")] * 4],
        [trouble(403, "insufficientPermissions")],
        [httpx.Response(200, json={"items": []})],
        [httpx.Response(200, json={"items": [{"id": "UC4711"}]})],
    ],
)
def test_what_cannot_be_looked_for_stays_unknown(answers: list[httpx.Response]) -> None:
    assert isinstance(found(*answers), OutcomeUnknown)


def test_an_access_token_that_ended_while_looking_is_renewed_first() -> None:
    assert isinstance(found(trouble(401, "authError")), Unauthorized)


def test_a_refresh_token_brings_an_access_token() -> None:
    transport = recorded(httpx.Response(200, json={"access_token": "ya29.n3w", "expires_in": 3599, "scope": "x"}))
    assert hold(YouTube().refresh(CHANNEL), transport) == Fresh({"access_token": "ya29.n3w"}, 3599.0)
    (request,) = transport.asked
    assert (request.method, str(request.url)) == ("POST", "https://oauth2.googleapis.com/token")
    assert dict(httpx.QueryParams(request.content.decode())) == {
        "grant_type": "refresh_token",
        "client_id": "4711.apps.example.org",
        "client_secret": "GOCSPX-s3cret4711",
        "refresh_token": "1//r3fresh4711",
    }


def test_a_refresh_token_that_comes_along_is_kept() -> None:
    answer = httpx.Response(200, json={"access_token": "ya29.n3w", "refresh_token": "1//n3w"})
    fresh = hold(YouTube().refresh(CHANNEL), recorded(answer))
    assert fresh == Fresh({"access_token": "ya29.n3w", "refresh_token": "1//n3w"}, 0.0)


@pytest.mark.parametrize(
    ("answer", "error"),
    [
        (
            httpx.Response(400, json={"error": "invalid_grant", "error_description": "Token has been expired"}),
            Unauthorized,
        ),
        (httpx.Response(401, json={"error": "invalid_client"}), AppRefused),
        (httpx.Response(401, json={"error": "deleted_client"}), AppRefused),
        (httpx.Response(400, json={"error": "invalid_request"}), Unavailable),
        (httpx.Response(403, text="<html>blocked</html>"), Unavailable),
        (httpx.Response(429), Unavailable),
        (httpx.Response(503, text="<html>"), Unavailable),
        (httpx.Response(200, json={}), Unavailable),
        (httpx.ReadTimeout(""), Unavailable),
    ],
)
def test_what_comes_of_renewing_is_what_is_to_be_done(answer: Answer, error: type[PublishingError]) -> None:
    assert type(outcome_of(YouTube().refresh(CHANNEL), recorded(answer))) is error


@pytest.mark.parametrize("answer", [httpx.Response(204), trouble(404, "videoNotFound")])
def test_what_is_removed_or_gone_is_removed(answer: httpx.Response) -> None:
    transport = recorded(answer)
    hold(YouTube().remove(Receipt("dQw4w9WgXcQ"), CHANNEL), transport)
    (request,) = transport.asked
    assert (request.method, str(request.url)) == (
        "DELETE",
        "https://www.googleapis.com/youtube/v3/videos?id=dQw4w9WgXcQ",
    )


def test_what_may_not_be_removed_is_told() -> None:
    outcome = outcome_of(YouTube().remove(Receipt("x"), CHANNEL), recorded(trouble(403, "forbidden")))
    assert isinstance(outcome, Unauthorized)


def test_counts_are_what_the_channel_shows() -> None:
    statistics = {"viewCount": "4711", "likeCount": "12", "favoriteCount": "0"}
    answer = httpx.Response(200, json={"items": [{"id": "dQw4w9WgXcQ", "statistics": statistics}]})
    counts = hold(YouTube().metrics(Receipt("dQw4w9WgXcQ"), CHANNEL), recorded(answer))
    assert counts == {Metric.VIEWS: 4711, Metric.LIKES: 12}


def test_a_video_that_is_gone_has_no_counts() -> None:
    answer = httpx.Response(200, json={"items": []})
    assert isinstance(outcome_of(YouTube().metrics(Receipt("x"), CHANNEL), recorded(answer)), Refused)


def test_whose_channel_it_is_is_told() -> None:
    identity = hold(YouTube().verify(CHANNEL), recorded(MINE))
    assert identity == Identity("UC4711", "Ann", "https://www.youtube.com/channel/UC4711")


def test_an_account_without_a_channel_cannot_publish() -> None:
    answer = httpx.Response(200, json={"items": []})
    assert isinstance(outcome_of(YouTube().verify(CHANNEL), recorded(answer)), Unauthorized)


FEED = b"""<?xml version='1.0' encoding='UTF-8'?>
<feed xmlns:yt="http://www.youtube.com/xml/schemas/2015" xmlns="http://www.w3.org/2005/Atom">
  <title>YouTube video feed</title><updated>2026-11-20T12:00:09.000000000+00:00</updated>
  <entry>
    <id>yt:video:dQw4w9WgXcQ</id><yt:videoId>dQw4w9WgXcQ</yt:videoId><yt:channelId>UC4711</yt:channelId>
    <title>Rivers</title><published>2026-11-20T12:00:03+00:00</published>
    <updated>2026-11-20T12:00:08+00:00</updated>
  </entry>
  <entry><yt:videoId>abc</yt:videoId></entry>
  <entry><title>No video</title></entry>
</feed>"""
NEWS = [
    Heard(
        "dQw4w9WgXcQ",
        "dQw4w9WgXcQ@2026-11-20T12:00:08+00:00",
        Receipt("dQw4w9WgXcQ", WATCH, "2026-11-20T12:00:03+00:00"),
    ),
    Heard("abc", "", Receipt("abc", "https://www.youtube.com/watch?v=abc")),
]


@pytest.mark.parametrize("digest", ["sha1", "sha256"])
def test_the_videos_of_a_signed_feed_are_out(digest: str) -> None:
    assert heard(FEED, signed(FEED, digest)) == NEWS


@pytest.mark.parametrize(
    "signature",
    ["", "sha1=", f"sha1={'0' * 40}", f"md5={hashlib.md5(FEED).hexdigest()}", "sha1=ä"],  # noqa: S324
)
def test_what_is_not_signed_with_the_channels_secret_is_forged(signature: str) -> None:
    with pytest.raises(Forged):
        heard(FEED, signature)


def test_without_a_secret_everything_is_forged() -> None:
    signature = f"sha1={hmac.new(b'', FEED, 'sha1').hexdigest()}"
    call = Call("POST", "https://example.org/in", headers={"x-hub-signature": signature}, body=FEED)
    with pytest.raises(Forged):
        YouTube().hear(call, replace(CHANNEL, secrets=TOKENS), NOON)


def test_a_video_that_was_deleted_is_no_news() -> None:
    feed = b'<feed><at:deleted-entry ref="yt:video:dQw4w9WgXcQ" when="2026-11-20T12:00:08+00:00"/></feed>'
    assert heard(feed, signed(feed)) == []


TOPIC = "https://www.youtube.com/feeds/videos.xml?channel_id=UC4711"


def test_a_hub_that_asks_whether_it_was_meant_is_answered() -> None:
    assert asked_by_the_hub(mode="subscribe", topic=TOPIC, challenge="c4711", lease_seconds="432000") == "c4711"


def test_a_hub_that_will_not_tell_us_anything_needs_no_answer() -> None:
    assert asked_by_the_hub(mode="denied", topic=TOPIC) == []


@pytest.mark.parametrize(
    "query",
    [
        {"mode": "unsubscribe", "topic": TOPIC, "challenge": "c"},
        {"mode": "subscribe", "topic": "https://example.org/feeds/videos.xml", "challenge": "c"},
        {"mode": "subscribe", "topic": "https://www.youtube.com/other", "challenge": "c"},
        {"mode": "subscribe", "topic": TOPIC},
        {},
    ],
)
def test_what_was_not_asked_for_is_not_agreed_to(query: dict[str, str]) -> None:
    with pytest.raises(Forged):
        asked_by_the_hub(**query)


@pytest.mark.parametrize(
    ("content", "field"),
    [
        ({"title": ""}, "content.title"),
        ({"title": "x" * 101}, "content.title"),
        ({"title": "a < b"}, "content.title"),
        ({"text": "a > b"}, "content.text"),
        ({"text": "ä" * 2_501}, "content.text"),
        ({"text": "x" * 4_990, "link": "https://example.org/"}, "content.text"),
        ({"tags": ("<b>",)}, "content.tags"),
        ({"tags": ("x" * 249, "y" * 251)}, "content.tags"),
        ({"tags": ("x" * 248, f"y {'y' * 248}")}, "content.tags"),
        ({"media": ()}, "content.media"),
        ({"media": (VIDEO, VIDEO)}, "content.media"),
        ({"media": (Media("https://example.org/river.png"),)}, "content.media[0]"),
        ({"media": (replace(VIDEO, seconds=43_300.0),)}, "content.media[0]"),
        ({"media": (replace(VIDEO, size_bytes=2**39),)}, "content.media[0]"),
    ],
)
def test_what_youtube_would_not_take_is_a_problem_with_a_remedy(content: dict[str, object], field: str) -> None:
    (problem,) = problems_of(**content)
    assert (problem.field, bool(problem.remedy)) == (field, True)


@pytest.mark.parametrize(
    "content",
    [
        {"title": "x" * 100, "text": ""},
        {"text": "ä" * 2_500},
        {"tags": ("x" * 249, "y" * 250)},
        {"tags": ("x" * 248, f"y {'y' * 247}")},
        {"text": "<https://example.org/>"},
    ],
)
def test_what_youtube_takes_is_no_problem(content: dict[str, object]) -> None:
    assert problems_of(**content) == []


def test_a_rehearsal_shows_how_the_video_will_be_called() -> None:
    shown_first = rehearse(YouTube(), with_media(Media("https://example.org/a.mp4")), CHANNEL, TOKENS)
    assert shown_first is not None
    assert (shown_first.host, shown_first.publishes) == ("www.googleapis.com", False)
    assert shown_first.body is not None
    assert shown_first.body["snippet"]["title"] == "Rivers in autumn"


discovered = pytest.mark.skipif(
    importlib.util.find_spec("googleapiclient") is None, reason="google-api-python-client is not pinned here"
)


def document() -> dict[str, Any]:
    path = importlib.resources.files("googleapiclient") / "discovery_cache" / "documents" / "youtube.v3.json"
    found: dict[str, Any] = json.loads(path.read_text())
    return found


def schema_of(name: str) -> dict[str, Any]:
    """A schema of the discovery document's as JSON schema that knows its own properties alone."""
    properties = {key: schema_at(value) for key, value in document()["schemas"][name]["properties"].items()}
    return {"type": "object", "properties": properties, "additionalProperties": False}


def schema_at(value: dict[str, Any]) -> dict[str, Any]:
    if "$ref" in value:
        return schema_of(value["$ref"]) if value["$ref"] in {"VideoSnippet", "VideoStatus"} else {}
    return {key: value[key] for key in ("type", "enum") if key in value}


@discovered
@pytest.mark.parametrize(
    ("resource", "method", "request_"),
    [
        ("videos", "insert", asked_for()[0]),
        ("videos", "list", next(YouTube().metrics(Receipt("x"), CHANNEL))),
        ("videos", "delete", next(YouTube().remove(Receipt("x"), CHANNEL))),
        ("channels", "list", next(YouTube().verify(CHANNEL))),
        ("playlistItems", "list", looked_with()),
    ],
)
def test_the_discovery_document_knows_the_request(resource: str, method: str, request_: httpx.Request) -> None:
    described = document()["resources"][resource]["methods"][method]
    path = request_.url.path.removeprefix("/upload").lstrip("/")
    assert (request_.method, path) == (described["httpMethod"], described["path"])
    assert set(request_.url.params) <= {*described["parameters"], "uploadType"}
    assert {*described["parameterOrder"]} <= set(request_.url.params)


@discovered
def test_the_discovery_document_knows_everything_that_is_said_of_a_video() -> None:
    settings = {**CHANNEL.settings, "privacy": "unlisted", "category_id": "27", "made_for_kids": "no"}
    body = json.loads(asked_for(POST, replace(CHANNEL, settings=settings))[0].content)
    jsonschema.validate(body, schema_of("Video"))


def called_by_the_hub(body: bytes, secret: str, digest: str) -> Call:
    proof = f"{digest}={hmac.new(secret.encode(), body, digest).hexdigest()}"
    return Call("POST", "https://example.org/in", headers={"x-hub-signature": proof}, body=body)


SIGNED = [
    Signed(
        CHANNEL, "hub_secret", FEED, partial(called_by_the_hub, digest=digest), "x-hub-signature", f"{digest}={proof}"
    )
    for digest, proof in (
        ("sha1", "80322cef71db10172583bb58c8fa383acc74fee8"),
        ("sha256", "484d855344b58293d1a5cf4c69ad7f9786df5670992ea7b7bfd746574c73a0b3"),
    )
]
