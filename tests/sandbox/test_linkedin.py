from __future__ import annotations

import time
from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from typing import Any

import httpx
import pytest

from functions.platforms.linkedin import LinkedIn
from publishing.errors import Refused, Unauthorized
from publishing.model import Channel, Content, Media, Metric, Pending, Post, Receipt
from tests.functions.platforms.conversing import NOON, hold, outcome_of
from tests.sandbox.server import Sandbox

HEADERS = {"LinkedIn-Version": "202607", "X-Restli-Protocol-Version": "2.0.0"}
FILM_BYTES = 5_000_000
PNG = b"\x89PNG\r\n\x1a\n"


@dataclass
class Detoured(httpx.BaseTransport):
    """Sends what is meant for LinkedIn to its stand-in, and has a picture or a video at every other address."""

    address: httpx.URL

    def handle_request(self, request: httpx.Request) -> httpx.Response:
        if not request.url.host.endswith(".linkedin.com"):
            return self._film(request) if request.url.path.endswith(".mp4") else httpx.Response(200, content=PNG)
        url = request.url.copy_with(scheme="http", host=self.address.host, port=self.address.port)
        headers = {name: value for name, value in request.headers.items() if name != "host"}
        answer = httpx.request(request.method, url, headers=headers, content=request.read())
        return httpx.Response(answer.status_code, headers=answer.headers, content=answer.content)

    @staticmethod
    def _film(request: httpx.Request) -> httpx.Response:
        start, end = (int(each) for each in request.headers["range"].removeprefix("bytes=").split("-"))
        told = {"content-range": f"bytes {start}-{end}/{FILM_BYTES}", "content-type": "video/mp4"}
        return httpx.Response(206, headers=told, content=b"v" * (end - start + 1))


@pytest.fixture
def fields(sandbox: Sandbox) -> dict[str, str]:
    answer = httpx.post(f"{sandbox.addresses['linkedin']}/_sandbox/accounts", json={"name": "acme"})
    return dict(answer.json())


@pytest.fixture
def api(sandbox: Sandbox, fields: dict[str, str]) -> Iterator[httpx.Client]:
    headers = {**HEADERS, "Authorization": f"Bearer {fields['access_token']}"}
    with httpx.Client(base_url=sandbox.addresses["linkedin"], headers=headers) as client:
        yield client


@pytest.fixture
def detoured(sandbox: Sandbox) -> Detoured:
    return Detoured(httpx.URL(sandbox.addresses["linkedin"]))


@pytest.fixture
def channel(fields: dict[str, str]) -> Channel:
    secret = {name: fields[name] for name in ("access_token", "refresh_token", "client_secret")}
    public = {name: fields[name] for name in ("author", "client_id")}
    return Channel("chn_1", "wsp_1", "linkedin", settings=public, secrets=secret)


def post_of(**content: object) -> Post:
    return Post("dlv_1", Content(**content), NOON)  # type: ignore[arg-type]  # fields by name


def created(api: httpx.Client, fields: dict[str, str], **changes: object) -> httpx.Response:
    post = {
        "author": fields["author"],
        "commentary": "Hello",
        "visibility": "PUBLIC",
        "distribution": {"feedDistribution": "MAIN_FEED"},
        "lifecycleState": "PUBLISHED",
        **changes,
    }
    return api.post("/rest/posts", json={name: value for name, value in post.items() if value is not None})


def test_what_the_adapter_publishes_hangs_there_and_is_found(
    sandbox: Sandbox, detoured: Detoured, channel: Channel
) -> None:
    pictures = (Media("https://example.org/a.png", "A"), Media("https://example.org/b.png"))
    post = post_of(title="T (1)", text="*Hi* @all", link="https://example.org/a_b", tags=("x1",), media=pictures)
    receipt = hold(LinkedIn().publish(post, channel), detoured)
    assert isinstance(receipt, Receipt)
    (notice,) = sandbox.wall.notices("linkedin")
    assert notice.id == receipt.id
    assert len(notice.document["content"]["multiImage"]["images"]) == 2
    assert hold(LinkedIn().find(post, channel, NOON), detoured) == receipt


def test_the_adapter_publishes_articles_and_single_pictures_too(detoured: Detoured, channel: Channel) -> None:
    article = post_of(title="T", text="x", link="https://example.org/a", summary="s")
    picture = post_of(media=(Media("https://example.org/a.png"),))
    receipts = [hold(LinkedIn().publish(post, channel), detoured) for post in (article, picture)]
    assert [hold(LinkedIn().find(post, channel, NOON), detoured) for post in (article, picture)] == receipts


def test_the_adapter_hears_that_the_text_is_out_already(detoured: Detoured, channel: Channel) -> None:
    receipt = hold(LinkedIn().publish(post_of(text="x"), channel), detoured)
    assert hold(LinkedIn().publish(post_of(text="x"), channel), detoured) == receipt
    later = replace(post_of(text="x"), at=datetime.now(UTC) + timedelta(days=1))
    again = outcome_of(LinkedIn().publish(later, channel), detoured)
    assert isinstance(receipt, Receipt)
    assert isinstance(again, Refused)
    assert receipt.id in str(again)


def test_the_adapter_verifies_a_page(detoured: Detoured, channel: Channel, fields: dict[str, str]) -> None:
    assert hold(LinkedIn().verify(channel), detoured).id == fields["author"]


def test_the_adapter_verifies_a_member(sandbox: Sandbox, detoured: Detoured, channel: Channel) -> None:
    answer = httpx.post(f"{sandbox.addresses['linkedin']}/_sandbox/accounts", json={"name": "member-ann"}).json()
    token = {"access_token": answer["access_token"]}
    ann = Channel("chn_2", "wsp_1", "linkedin", settings={"author": answer["author"]}, secrets=token)
    assert hold(LinkedIn().verify(ann), detoured).name == "Member-Ann"
    other = Channel("chn_3", "wsp_1", "linkedin", settings=channel.settings, secrets=token)
    assert isinstance(outcome_of(LinkedIn().publish(post_of(text="x"), other), detoured), Unauthorized)


def test_a_created_post_is_named_in_a_header_alone(api: httpx.Client, fields: dict[str, str]) -> None:
    answer = created(api, fields)
    assert (answer.status_code, answer.content) == (201, b"")
    assert answer.headers["x-restli-id"].startswith("urn:li:share:")


def test_a_post_can_be_read_by_its_urn(api: httpx.Client, fields: dict[str, str]) -> None:
    urn = created(api, fields).headers["x-restli-id"]
    assert api.get(f"/rest/posts/{urn.replace(':', '%3A')}").json()["commentary"] == "Hello"
    assert api.get("/rest/posts/urn%3Ali%3Ashare%3A1").status_code == 404


def test_a_posts_own_address_shows_it_to_everybody(api: httpx.Client, fields: dict[str, str]) -> None:
    urn = created(api, fields).headers["x-restli-id"]
    assert "Hello" in httpx.get(f"{api.base_url}/feed/update/{urn}").text
    assert httpx.get(f"{api.base_url}/feed/update/urn:li:share:1").status_code == 404


def test_a_wrong_token_is_65600(api: httpx.Client) -> None:
    answer = api.get("/v2/userinfo", headers={"Authorization": "Bearer x"})
    assert (answer.status_code, answer.json()["serviceErrorCode"]) == (401, 65600)


@pytest.mark.parametrize("version", ["", "202511", "209901"])
def test_a_version_that_does_not_live_is_426(api: httpx.Client, fields: dict[str, str], version: str) -> None:
    api.headers["LinkedIn-Version"] = version
    answer = created(api, fields)
    assert (answer.status_code, answer.json()["code"]) == (426, "NONEXISTENT_VERSION")


def test_the_protocols_version_is_required(api: httpx.Client, fields: dict[str, str]) -> None:
    api.headers["X-Restli-Protocol-Version"] = "1.0.0"
    assert created(api, fields).status_code == 400


def test_nobody_posts_for_another(api: httpx.Client, fields: dict[str, str]) -> None:
    answer = created(api, fields, author="urn:li:organization:1")
    assert (answer.status_code, answer.json()["code"]) == (403, "ACCESS_DENIED")


def test_what_is_no_json_is_400(api: httpx.Client) -> None:
    assert api.post("/rest/posts", content=b"{").status_code == 400


@pytest.mark.parametrize(
    "changes",
    [
        {"commentary": None},
        {"commentary": " "},
        {"commentary": "x" * 3_001},
        {"commentary": "Hello (there)"},
        {"commentary": r"Hello \\(there\)"},
        {"commentary": "#hello {hashtag|x}"},
        {"text": "Hello"},
        {"visibility": "ALL"},
        {"lifecycleState": "DRAFT"},
        {"distribution": {}},
        {"content": {"article": {"source": "https://example.org"}}},
        {"content": {"article": {"source": "https://example.org", "title": "T"}, "media": {"id": "x"}}},
        {"content": {"media": {"id": "urn:li:image:x"}}},
        {"content": {"multiImage": {"images": [{"id": "urn:li:image:x"}]}}},
    ],
)
def test_what_breaks_a_rule_is_422(
    sandbox: Sandbox, api: httpx.Client, fields: dict[str, str], changes: dict[str, Any]
) -> None:
    assert created(api, fields, **changes).status_code == 422
    assert sandbox.wall.notices() == []


def test_hashtags_and_mentions_need_no_escape(api: httpx.Client, fields: dict[str, str]) -> None:
    text = r"{hashtag|\#|rivers} of @[Acme](urn:li:organization:1) \(and more\)"
    assert created(api, fields, commentary=text).status_code == 201


def test_an_image_is_used_only_after_it_has_arrived(api: httpx.Client, fields: dict[str, str]) -> None:
    asked = {"initializeUploadRequest": {"owner": fields["author"]}}
    slot = api.post("/rest/images?action=initializeUpload", json=asked).json()["value"]
    content = {"media": {"id": slot["image"]}}
    assert created(api, fields, content=content).status_code == 422
    path = httpx.URL(slot["uploadUrl"]).path
    assert [api.put(path, content=data).status_code for data in (b"", PNG)] == [400, 201]
    assert created(api, fields, content=content).status_code == 201


def test_an_upload_must_be_asked_for_by_its_owner(api: httpx.Client) -> None:
    asked = {"initializeUploadRequest": {"owner": "urn:li:organization:1"}}
    assert api.post("/rest/images?action=initializeUpload", json=asked).status_code == 400


def test_posts_are_listed_by_their_author_newest_first(api: httpx.Client, fields: dict[str, str]) -> None:
    created(api, fields)
    created(api, fields, commentary="Again")
    found = api.get("/rest/posts", params={"q": "author", "author": fields["author"], "start": 0, "count": 1}).json()
    assert [post["commentary"] for post in found["elements"]] == ["Again"]
    assert api.get("/rest/posts", params={"q": "author", "author": "urn:li:organization:1"}).status_code == 400


def test_a_members_posts_cannot_be_read(sandbox: Sandbox) -> None:
    address = sandbox.addresses["linkedin"]
    answer = httpx.post(f"{address}/_sandbox/accounts", json={"name": "member-ann"}).json()
    headers = {**HEADERS, "Authorization": f"Bearer {answer['access_token']}"}
    params = {"q": "author", "author": answer["author"]}
    assert httpx.get(f"{address}/rest/posts", params=params, headers=headers).json()["code"] == "ACCESS_DENIED"


def test_the_adapters_video_is_handed_over_processed_and_posted_once(
    sandbox: Sandbox, detoured: Detoured, channel: Channel
) -> None:
    post = post_of(text="Leaves", media=(Media("https://example.org/a.mp4", "A river"),))
    outcome = hold(LinkedIn().publish(post, channel), detoured)
    for _ in range(20):
        if not isinstance(outcome, Pending):
            break
        written = outcome
        time.sleep(0.05)
        outcome = hold(LinkedIn().resume(written, post, channel), detoured)
    assert isinstance(outcome, Receipt)
    (notice,) = sandbox.wall.notices("linkedin")
    assert (notice.id, notice.document["content"]["media"]["altText"]) == (outcome.id, "A river")
    assert hold(LinkedIn().resume(written, post, channel), detoured) == outcome
    assert len(sandbox.wall.notices("linkedin")) == 1


def test_a_video_is_not_ready_before_its_parts_are_there(api: httpx.Client, fields: dict[str, str]) -> None:
    asked = {"initializeUploadRequest": {"owner": fields["author"], "fileSizeBytes": 9}}
    value = api.post("/rest/videos?action=initializeUpload", json=asked).json()["value"]
    told = {"finalizeUploadRequest": {"video": value["video"], "uploadToken": "", "uploadedPartIds": ["x"]}}
    assert api.post("/rest/videos?action=finalizeUpload", json=told).status_code == 400
    assert api.get(f"/rest/videos/{value['video']}").json()["status"] == "WAITING_UPLOAD"
    assert api.put(httpx.URL(value["uploadInstructions"][0]["uploadUrl"]).path, content=b"x").status_code == 400
    assert created(api, fields, content={"media": {"id": value["video"]}}).status_code == 422
    assert api.get("/rest/videos/urn:li:video:x").status_code == 404
    assert api.post("/rest/videos?action=initializeUpload", json={}).status_code == 400
    assert api.post("/rest/videos?action=finalizeUpload", json={}).status_code == 400


def test_the_adapter_counts_and_removes_its_post(sandbox: Sandbox, detoured: Detoured, channel: Channel) -> None:
    receipt = hold(LinkedIn().publish(post_of(text="x"), channel), detoured)
    assert isinstance(receipt, Receipt)
    counts = {Metric.VIEWS: 20, Metric.LIKES: 3, Metric.SHARES: 0, Metric.CLICKS: 2}
    assert hold(LinkedIn().metrics(receipt, channel), detoured) == counts
    for _ in range(2):
        hold(LinkedIn().remove(receipt, channel), detoured)
        assert sandbox.wall.notices() == []


def test_of_a_members_post_nothing_may_be_read(sandbox: Sandbox, detoured: Detoured) -> None:
    answer = httpx.post(f"{sandbox.addresses['linkedin']}/_sandbox/accounts", json={"name": "member-ann"}).json()
    token = {"access_token": answer["access_token"]}
    ann = Channel("chn_2", "wsp_1", "linkedin", settings={"author": answer["author"]}, secrets=token)
    receipt = hold(LinkedIn().publish(post_of(text="x"), ann), detoured)
    assert isinstance(receipt, Receipt)
    assert isinstance(outcome_of(LinkedIn().metrics(receipt, ann), detoured), Refused)


def test_a_page_may_read_likes_and_comments_alone(api: httpx.Client, fields: dict[str, str]) -> None:
    urn = created(api, fields).headers["x-restli-id"]
    assert api.get(f"/rest/socialActions/{urn}").json()["likesSummary"] == {"totalLikes": 3}
    assert api.get("/rest/organizationalEntityShareStatistics").status_code == 400


def test_the_adapter_renews_its_token(detoured: Detoured, channel: Channel) -> None:
    fresh = hold(LinkedIn().refresh(channel), detoured)
    renewed = replace(channel, secrets={**channel.secrets, **fresh.secrets})
    assert hold(LinkedIn().verify(renewed), detoured).id == channel.settings["author"]
    wrong = replace(channel, secrets={**channel.secrets, "client_secret": "x"})
    assert isinstance(outcome_of(LinkedIn().refresh(wrong), detoured), Unauthorized)
