"""The Xiaohongshu adapter on replies written after what was read of its JS SDK (2026-11-21), not recorded from it.

Contract by documentation: no machine-readable one exists. What is signed is from a test of AiToEarn's
(…/rednote/offline-qr/rednote-offline-qr.service.spec.ts), its digests were made with `sha256sum`.
"""

from __future__ import annotations

import json
import time
from dataclasses import replace
from urllib.parse import unquote

import httpx
import pytest

from functions.platforms.xiaohongshu import Xiaohongshu, signature
from publishing.errors import OutcomeUnknown, PublishingError, Refused, Throttled, Unauthorized, Unavailable
from publishing.model import Channel, Content, Handoff, Identity, Media, Post
from publishing.rehearsal import rehearse
from tests.functions.platforms.conversing import NOON, hold, outcome_of, recorded

KEY, SECRET = "red.4711", "s3cret4711s3cret4711"
CHANNEL = Channel(
    "chn_1",
    "wsp_1",
    "xiaohongshu",
    settings={"app_key": KEY, "page": "https://example.org/share?from=us"},
    secrets={"app_secret": SECRET},
)
A, B = Media("https://example.org/a.png"), Media("https://example.org/b.png")
VIDEO = Media("https://example.org/river.mp4", type="video/mp4")
POST = Post("dlv_1", Content(text="All *rivers* carry leaves.", media=(A, B)), NOON)
TOKEN = httpx.Response(
    200, json={"success": True, "data": {"access_token": "token-1", "expires_in": 4_102_444_800_000}}
)
ACCEPTED = [TOKEN]
VERIFIED = [TOKEN]


def with_content(**content: object) -> Post:
    return replace(POST, content=replace(POST.content, **content))  # type: ignore[arg-type]


def published(answer: httpx.Response = TOKEN, post: Post = POST, channel: Channel = CHANNEL) -> object:
    return outcome_of(Xiaohongshu().publish(post, channel), recorded(answer))


def shared(post: Post = POST) -> tuple[str, dict[str, dict[str, object]]]:
    handoff = published(post=post)
    assert isinstance(handoff, Handoff)
    page, _, fragment = handoff.url.partition("#")
    return page, json.loads(unquote(fragment))


def refused(**fields: object) -> httpx.Response:
    return httpx.Response(200, json={"success": False, "data": {}, **fields})


def test_a_token_is_asked_for_with_the_secrets_signature() -> None:
    expected = "9ab507fcd550854ec3040168643bbeccab898f4dd99abe97ee8d384d2ee5f95f"
    assert signature("app-key", "nonce-1", "1780653600000", "app-secret") == expected


def test_a_share_is_signed_with_the_token() -> None:
    expected = "5ff3eefb8367eea4db578745ef498ffd83cdf0836fd153a5859c0c1c2f773ee6"
    assert signature("app-key", "nonce-1", "1780653600000", "access-token") == expected


def test_the_request_is_the_documented_one() -> None:
    transport = recorded(TOKEN)
    hold(Xiaohongshu().publish(POST, CHANNEL), transport)
    (request,) = transport.asked
    assert (request.method, str(request.url)) == ("POST", "https://edith.xiaohongshu.com/api/sns/v1/ext/access/token")
    body = json.loads(request.content)
    assert set(body) == {"app_key", "nonce", "timestamp", "signature"}
    assert body["signature"] == signature(KEY, body["nonce"], body["timestamp"], SECRET)
    assert body["nonce"].isalnum()
    assert len(body["nonce"]) <= 32
    assert 0 <= time.time() - int(body["timestamp"]) / 1000 <= 61


def test_a_post_becomes_a_link_to_the_page_that_shares_it() -> None:
    page, what = shared(with_content(title="Rivers", link="https://example.org/", tags=("rivers", "河流")))
    assert page == "https://example.org/share?from=us"
    text = "All rivers carry leaves.\n\nhttps://example.org/\n\n#rivers #河流"
    assert what["shareInfo"] == {"type": "normal", "title": "Rivers", "content": text, "images": [A.url, B.url]}


def test_the_link_is_signed_with_the_token() -> None:
    config = shared()[1]["verifyConfig"]
    nonce, timestamp = str(config["nonce"]), str(config["timestamp"])
    signed = signature(KEY, nonce, timestamp, "token-1")
    assert config == {"appKey": KEY, "nonce": nonce, "timestamp": timestamp, "signature": signed}


def test_a_video_is_shared_as_one() -> None:
    words = {"title": "", "content": "All rivers carry leaves."}
    assert shared(with_content(media=(VIDEO,)))[1]["shareInfo"] == {"type": "video", **words, "video": VIDEO.url}


def test_a_link_is_good_for_as_long_as_its_token() -> None:
    handoff = published()
    assert isinstance(handoff, Handoff)
    assert (handoff.expires_at, handoff.reference) == ("2100-01-01T00:00:00.000Z", "")


def test_of_a_token_without_an_end_nothing_is_said() -> None:
    handoff = published(httpx.Response(200, json={"success": True, "data": {"access_token": "token-1"}}))
    assert isinstance(handoff, Handoff)
    assert handoff.expires_at == ""


def test_the_secret_is_in_no_link() -> None:
    handoff = published()
    assert isinstance(handoff, Handoff)
    assert SECRET not in handoff.url
    assert "token-1" not in handoff.url


@pytest.mark.parametrize(
    ("answer", "kind", "message"),
    [
        (refused(code=-1, msg="invalid signature"), Unauthorized, "Xiaohongshu answered: invalid signature"),
        (refused(msg=f"no {SECRET}"), Unauthorized, "Xiaohongshu answered: no …"),
        (refused(), Unauthorized, "The platform no longer accepts this channel's credentials."),
        (httpx.Response(403, json={"msg": "no"}), Unauthorized, "Xiaohongshu answered: no"),
        (httpx.Response(404, text="<html>"), Refused, "The platform answered 404."),
        (httpx.Response(429, json={"msg": "slow"}), Throttled, "Xiaohongshu answered: slow"),
        (httpx.Response(500, json={"msg": "oops"}), OutcomeUnknown, "Xiaohongshu answered: oops"),
    ],
)
def test_an_error_is_sorted(answer: httpx.Response, kind: type[PublishingError], message: str) -> None:
    error = published(answer)
    assert type(error) is kind
    assert str(error) == message


def test_what_is_not_known_to_be_handed_off_can_be_handed_off_again() -> None:
    assert Xiaohongshu.idempotent


def test_verifying_asks_for_a_token() -> None:
    transport = recorded(TOKEN)
    assert hold(Xiaohongshu().verify(CHANNEL), transport) == Identity(KEY)
    body = json.loads(transport.asked[0].content)
    assert body["signature"] == signature(KEY, body["nonce"], body["timestamp"], SECRET)


def test_a_verification_that_is_lost_leaves_nothing_open() -> None:
    outcome = outcome_of(Xiaohongshu().verify(CHANNEL), recorded(httpx.Response(502)))
    assert isinstance(outcome, Unavailable)


def test_handing_off_can_be_rehearsed() -> None:
    rehearsed = rehearse(Xiaohongshu(), POST, replace(CHANNEL, secrets={}), {"app_secret"})
    assert rehearsed is not None
    assert rehearsed.host == "edith.xiaohongshu.com"
    assert rehearsed.body is not None
    assert rehearsed.body["app_key"] == KEY


@pytest.mark.parametrize(
    ("content", "field"),
    [
        ({"text": "x" * 1001}, "content.text"),
        ({"text": "x" * 990, "tags": ("rivers", "leaves")}, "content.text"),
        ({"title": "x" * 21}, "content.title"),
        ({"tags": tuple("abcdef")}, "content.tags"),
        ({"tags": ("a b",)}, "content.tags[0]"),
        ({"media": ()}, "content.media"),
        ({"media": (VIDEO, A)}, "content.media"),
        ({"media": (A,) * 19}, "content.media"),
        ({"media": (replace(A, type="image/gif"),)}, "content.media[0]"),
        ({"media": (replace(VIDEO, size_bytes=2**30 + 10**8),)}, "content.media[0]"),
    ],
)
def test_what_xiaohongshu_cannot_take_is_a_problem(content: dict[str, object], field: str) -> None:
    assert [problem.field for problem in Xiaohongshu().check(with_content(**content))] == [field]
