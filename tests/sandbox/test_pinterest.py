from __future__ import annotations

import time
from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from typing import Any

import httpx
import pytest

from functions.platforms.pinterest import Pinterest
from publishing.errors import Refused, Unauthorized
from publishing.model import Channel, Content, Media, Metric, Outcome, Pending, Post, Receipt
from tests.functions.platforms.conversing import NOON, hold, outcome_of
from tests.sandbox.platforms.pinterest import Pinterest as Stand
from tests.sandbox.server import Sandbox

VIDEO = b"\0\0\0\x18ftypmp42" * 1_000
SOURCE = {"source_type": "image_url", "url": "https://example.org/a.png"}
RIVER, LAKE = Media("https://example.org/a.png", "A river"), Media("https://example.org/b.JPG?w=1", "A lake")


@dataclass
class Detoured(httpx.BaseTransport):
    """Sends what is meant for Pinterest to its stand-in, and has a video at every other address."""

    address: httpx.URL

    def handle_request(self, request: httpx.Request) -> httpx.Response:
        if request.url.host == "example.org":
            start, end = (int(each) for each in request.headers["range"].removeprefix("bytes=").split("-"))
            part = {"content-range": f"bytes {start}-{end}/{len(VIDEO)}", "content-type": "video/mp4"}
            return httpx.Response(206, headers=part, content=VIDEO[start : end + 1])
        assert request.url.host in Stand.hosts
        url = request.url.copy_with(scheme="http", host=self.address.host, port=self.address.port)
        headers = {name: value for name, value in request.headers.items() if name != "host"}
        answer = httpx.request(request.method, url, headers=headers, content=request.read())
        return httpx.Response(answer.status_code, headers=answer.headers, content=answer.content)


def opened(sandbox: Sandbox, name: str) -> dict[str, str]:
    return dict(httpx.post(f"{sandbox.addresses['pinterest']}/_sandbox/accounts", json={"name": name}).json())


def channel_of(fields: dict[str, str], **settings: str) -> Channel:
    secret = {name: fields[name] for name in ("access_token", "refresh_token", "client_secret")}
    public = {name: fields[name] for name in ("board_id", "client_id")}
    return Channel("chn_1", "wsp_1", "pinterest", settings={**public, **settings}, secrets=secret)


@pytest.fixture
def fields(sandbox: Sandbox) -> dict[str, str]:
    return opened(sandbox, "acme")


@pytest.fixture
def api(sandbox: Sandbox, fields: dict[str, str]) -> Iterator[httpx.Client]:
    headers = {"Authorization": f"Bearer {fields['access_token']}"}
    with httpx.Client(base_url=f"{sandbox.addresses['pinterest']}/v5", headers=headers) as client:
        yield client


@pytest.fixture
def detoured(sandbox: Sandbox) -> Detoured:
    return Detoured(httpx.URL(sandbox.addresses["pinterest"]))


def post_of(**content: object) -> Post:
    return Post("dlv_1", Content(**{"media": (RIVER,), **content}), NOON)  # type: ignore[arg-type]  # fields by name


def created(api: httpx.Client, fields: dict[str, str], **changes: object) -> httpx.Response:
    pin = {"board_id": fields["board_id"], "title": "Hello", "media_source": SOURCE, **changes}
    return api.post("/pins", json={name: value for name, value in pin.items() if value is not None})


@pytest.mark.parametrize("media", [(RIVER,), (RIVER, LAKE)])
@pytest.mark.parametrize("settings", [{}, {"board_section_id": "42"}])
def test_what_the_adapter_publishes_hangs_there_and_is_found(
    sandbox: Sandbox,
    detoured: Detoured,
    fields: dict[str, str],
    settings: dict[str, str],
    media: tuple[Media, ...],
) -> None:
    channel, since = channel_of(fields, **settings), datetime.now(UTC) - timedelta(minutes=1)
    post = post_of(title="T", text="*Hi*", link="https://example.org/x", media=media)
    receipt = hold(Pinterest().publish(post, channel), detoured)
    assert isinstance(receipt, Receipt)
    assert [notice.id for notice in sandbox.wall.notices("pinterest")] == [receipt.id]
    found = hold(Pinterest().find(post, channel, since), detoured)
    assert found is not None
    assert (found.id, found.url) == (receipt.id, receipt.url)


def test_the_adapter_looks_through_the_whole_board(
    detoured: Detoured, api: httpx.Client, fields: dict[str, str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("functions.platforms.pinterest.PAGE", 2)
    for title in ("First", "Second", "Third", "Fourth", "Fifth"):
        created(api, fields, title=title)
    since = datetime.now(UTC) - timedelta(minutes=1)
    first, none = (
        Pinterest().find(post_of(title=title, media=()), channel_of(fields), since) for title in ("First", "X")
    )
    assert hold(first, detoured) is not None
    assert hold(none, detoured) is None


def test_the_adapter_verifies_the_board(detoured: Detoured, fields: dict[str, str]) -> None:
    assert hold(Pinterest().verify(channel_of(fields)), detoured).id == fields["board_id"]


def test_the_adapter_hears_of_a_board_that_is_not_there(detoured: Detoured, fields: dict[str, str]) -> None:
    channel = channel_of({**fields, "board_id": "1"})
    assert isinstance(outcome_of(Pinterest().publish(post_of(), channel), detoured), Refused)
    assert isinstance(outcome_of(Pinterest().verify(channel), detoured), Refused)


def test_the_adapter_hears_of_trial_access(sandbox: Sandbox, detoured: Detoured) -> None:
    error = outcome_of(Pinterest().publish(post_of(), channel_of(opened(sandbox, "trial-app"))), detoured)
    assert isinstance(error, Unauthorized)
    assert "standard access" in str(error)


def test_a_created_pin_can_be_read_by_its_number(api: httpx.Client, fields: dict[str, str]) -> None:
    answer = created(api, fields)
    assert answer.status_code == 201
    assert answer.headers["X-RateLimit-Remaining"] == "99"
    assert api.get(f"/pins/{answer.json()['id']}").json() == answer.json()
    assert api.get("/pins/1").status_code == 404


def test_a_pins_own_address_shows_it_to_everybody(sandbox: Sandbox, api: httpx.Client, fields: dict[str, str]) -> None:
    pin = created(api, fields).json()["id"]
    assert "Hello" in httpx.get(f"{sandbox.addresses['pinterest']}/pin/{pin}/").text
    assert httpx.get(f"{sandbox.addresses['pinterest']}/pin/1/").status_code == 404


@pytest.mark.parametrize("authorization", ["", "Bearer x", "Basic x"])
def test_a_wrong_token_is_code_2(api: httpx.Client, authorization: str) -> None:
    answer = api.get("/user_account", headers={"Authorization": authorization})
    assert (answer.status_code, answer.json()["code"]) == (401, 2)


def test_a_token_tells_its_account(api: httpx.Client) -> None:
    assert api.get("/user_account").json()["username"] == "acme"


def test_another_board_is_code_40(api: httpx.Client, fields: dict[str, str]) -> None:
    answer = created(api, fields, board_id="1")
    assert (answer.status_code, answer.json()) == (404, {"code": 40, "message": "Board not found."})
    assert api.get("/boards/1").status_code == api.get("/boards/1/pins").status_code == 404


@pytest.mark.parametrize(
    ("changes", "code"),
    [
        ({"note": "Hello"}, 1),
        ({"title": "x" * 101}, 1),
        ({"description": "x" * 801}, 1),
        ({"alt_text": "x" * 501}, 1),
        ({"link": f"https://example.org/{'x' * 2_029}"}, 1),
        ({"link": "example.org"}, 1),
        ({"board_section_id": "one"}, 1),
        ({"media_source": None}, 1),
        ({"media_source": {"source_type": "picture", "url": "https://example.org/a.png"}}, 1),
        ({"media_source": {"source_type": "image_url"}}, 1),
        ({"media_source": {"source_type": "multiple_image_urls", "items": [{"url": "https://example.org/a.png"}]}}, 1),
        ({"media_source": {"source_type": "multiple_image_urls", "items": [{"src": "x"}] * 2}}, 1),
        ({"media_source": {**SOURCE, "url": "https://example.org/a.mp4"}}, 235),
        ({"media_source": {"source_type": "video_id", "media_id": "1"}}, 1),
        ({"media_source": {"source_type": "video_id", "media_id": "1", "cover_image_key_frame_time": 0}}, 1),
    ],
)
def test_what_breaks_a_rule_is_told(
    sandbox: Sandbox, api: httpx.Client, fields: dict[str, str], changes: dict[str, Any], code: int
) -> None:
    answer = created(api, fields, **changes)
    assert (answer.status_code, answer.json()["code"]) == (400, code)
    assert sandbox.wall.notices() == []


def test_what_is_no_json_is_code_1(api: httpx.Client) -> None:
    assert api.post("/pins", content=b"{").json()["code"] == 1


def test_pages_have_a_size(api: httpx.Client, fields: dict[str, str]) -> None:
    assert api.get(f"/boards/{fields['board_id']}/pins", params={"page_size": 251}).status_code == 400


def pinned(detoured: Detoured, post: Post, channel: Channel) -> Outcome:
    """What comes of a video in the end."""
    outcome = hold(Pinterest().publish(post, channel), detoured)
    for _ in range(20):
        if not isinstance(outcome, Pending):
            break
        time.sleep(0.05)
        outcome = hold(Pinterest().resume(outcome, post, channel), detoured)
    return outcome


def test_the_adapters_video_is_handed_over_processed_and_pinned_once(
    sandbox: Sandbox, detoured: Detoured, fields: dict[str, str]
) -> None:
    channel = channel_of(fields)
    post = replace(post_of(title="T", media=(Media("https://example.org/a.mp4"), RIVER)), at=datetime.now(UTC))
    receipt = pinned(detoured, post, channel)
    assert isinstance(receipt, Receipt)
    (notice,) = sandbox.wall.notices("pinterest")
    assert (notice.id, notice.document["media_source"]["cover_image_url"]) == (receipt.id, RIVER.url)
    again = hold(
        Pinterest().resume(Pending({"media": notice.document["media_source"]["media_id"]}, 0), post, channel), detoured
    )
    assert isinstance(again, Receipt)
    assert [each.id for each in sandbox.wall.notices("pinterest")] == [again.id]


def test_the_adapter_counts_and_removes_its_pin(sandbox: Sandbox, detoured: Detoured, fields: dict[str, str]) -> None:
    channel = channel_of(fields)
    receipt = hold(Pinterest().publish(post_of(title="T"), channel), detoured)
    assert isinstance(receipt, Receipt)
    counts = {Metric.VIEWS: 20, Metric.SAVES: 1, Metric.CLICKS: 2}
    assert hold(Pinterest().metrics(receipt, channel), detoured) == counts
    for _ in range(2):
        hold(Pinterest().remove(receipt, channel), detoured)
        assert sandbox.wall.notices() == []


def test_the_adapter_renews_its_token_once_with_each_refresh_token(detoured: Detoured, fields: dict[str, str]) -> None:
    channel = channel_of(fields)
    fresh = hold(Pinterest().refresh(channel), detoured)
    renewed = replace(channel, secrets={**channel.secrets, **fresh.secrets})
    assert hold(Pinterest().verify(renewed), detoured).id == fields["board_id"]
    assert isinstance(outcome_of(Pinterest().refresh(channel), detoured), Unauthorized)
    assert hold(Pinterest().refresh(renewed), detoured).lasts_s == 2_592_000


def test_a_store_that_is_not_given_its_parameters_takes_nothing(sandbox: Sandbox, api: httpx.Client) -> None:
    media = api.post("/media", json={"media_type": "video"}).json()
    place = f"{sandbox.addresses['pinterest']}{httpx.URL(media['upload_url']).path}"
    given = media["upload_parameters"]
    assert httpx.post(place, files={"file": VIDEO}).status_code == 403
    assert httpx.post(place, data=given, files={"file": b""}).status_code == 403
    assert api.get(f"/media/{media['media_id']}").json()["status"] == "registered"
    assert api.get("/media/1").status_code == 404
    assert api.post("/media", json={"media_type": "image"}).status_code == 400
