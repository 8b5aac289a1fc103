from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime, timedelta

import httpx
import pytest

from functions.platforms.mastodon import Mastodon
from publishing.conversation import Conversations
from publishing.model import Channel, Content, Outcome, Post, Receipt
from tests.sandbox.server import Sandbox

PNG, GIF = b"\x89PNG\r\n\x1a\n...", b"GIF89a..."


@pytest.fixture
def fields(sandbox: Sandbox) -> dict[str, str]:
    opened = httpx.post(f"{sandbox.addresses['mastodon']}/_sandbox/accounts", json={"name": "ada"})
    given: dict[str, str] = opened.json()
    return given


@pytest.fixture
def instance(fields: dict[str, str]) -> Iterator[httpx.Client]:
    headers = {"Authorization": f"Bearer {fields['access_token']}"}
    with httpx.Client(base_url=fields["base_url"], headers=headers) as client:
        yield client


def created(instance: httpx.Client, key: str = "", **form: object) -> httpx.Response:
    return instance.post("/api/v1/statuses", json={"status": "Hello", **form}, headers={"Idempotency-Key": key})


def uploaded(instance: httpx.Client, data: bytes = PNG) -> httpx.Response:
    return instance.post("/api/v2/media", data={"description": "A river"}, files={"file": ("picture", data)})


def by_the_adapter(fields: dict[str, str], post: Post) -> Outcome:
    channel = Channel("chn_1", "wsp_1", "mastodon", settings=fields, secrets=fields)
    with httpx.HTTPTransport() as transport:
        conversations = Conversations(transport, transport, sign=lambda _request, _service: None, plain_http=True)
        published = conversations.hold(Mastodon().publish(post, channel), within_s=10)
        since = datetime.now(UTC) - timedelta(minutes=1)
        assert conversations.hold(Mastodon().find(post, channel, since), within_s=10) == published
        return published


def test_without_a_token_nobody_is_authorized(instance: httpx.Client) -> None:
    answer = instance.get("/api/v1/accounts/verify_credentials", headers={"Authorization": "Bearer wrong"})
    assert (answer.status_code, answer.json()) == (401, {"error": "The access token is invalid"})


def test_a_token_tells_its_user(instance: httpx.Client) -> None:
    assert instance.get("/api/v1/accounts/verify_credentials").json()["acct"] == "ada"


def test_a_post_is_shown_to_everybody_at_its_address(instance: httpx.Client) -> None:
    page = httpx.get(created(instance).json()["url"])
    assert (page.status_code, "Hello" in page.text) == (200, True)


def test_an_address_without_a_post_is_not_found(instance: httpx.Client) -> None:
    assert httpx.get(f"{instance.base_url}/@ada/99").status_code == 404


def test_a_key_creates_one_post_however_often_it_is_sent(instance: httpx.Client, sandbox: Sandbox) -> None:
    assert created(instance, "k1").json() == created(instance, "k1").json()
    (notice,) = sandbox.wall.notices("mastodon")
    assert notice.received == 2


def test_posts_are_listed_newest_first_in_pages(instance: httpx.Client) -> None:
    first, second = (created(instance, status=text).json() for text in ("One", "Two"))
    path = f"/api/v1/accounts/{first['account']['id']}/statuses"
    assert instance.get(path).json() == [second, first]
    assert instance.get(path, params={"max_id": second["id"]}).json() == [first]


def test_a_picture_is_shown_with_its_post(instance: httpx.Client) -> None:
    picture = uploaded(instance)
    assert picture.status_code == 200
    (shown,) = created(instance, media_ids=[picture.json()["id"]]).json()["media_attachments"]
    assert shown["description"] == "A river"


def test_an_animated_picture_is_worked_on_first(instance: httpx.Client) -> None:
    picture = uploaded(instance, GIF)
    path = f"/api/v1/media/{picture.json()['id']}"
    assert (picture.status_code, [instance.get(path).status_code for _ in range(2)]) == (202, [206, 200])


def test_a_picture_that_is_worked_on_cannot_be_attached(instance: httpx.Client) -> None:
    answer = created(instance, media_ids=[uploaded(instance, GIF).json()["id"]])
    assert (answer.status_code, "have not finished processing" in answer.json()["error"]) == (422, True)


def test_an_attached_picture_is_no_longer_found(instance: httpx.Client) -> None:
    picture = uploaded(instance).json()["id"]
    created(instance, media_ids=[picture])
    assert instance.get(f"/api/v1/media/{picture}").status_code == 404


@pytest.mark.parametrize("files", [{"picture": PNG}, {"file": b"%PDF-1.7"}])
def test_what_is_no_picture_is_not_taken(instance: httpx.Client, files: dict[str, bytes]) -> None:
    assert instance.post("/api/v2/media", files=files).status_code == 422


@pytest.mark.parametrize(
    ("form", "complaint"),
    [
        ({"status": ""}, "Text can't be blank"),
        ({"status": None, "text": "Hello"}, "Text can't be blank"),
        ({"status": "x" * 501}, "Text character limit of 500 exceeded"),
        ({"visibility": "secret"}, "Visibility is not included in the list"),
        ({"media_ids": ["99"]}, "not found"),
        ({"media_ids": ["1", "2", "3", "4", "5"]}, "more than 4 files"),
    ],
)
def test_what_breaks_a_rule_is_told(instance: httpx.Client, form: dict[str, object], complaint: str) -> None:
    answer = created(instance, "", **form)
    assert (answer.status_code, complaint in answer.json()["error"]) == (422, True)


def test_the_adapter_publishes_here_and_finds_what_it_published(fields: dict[str, str], sandbox: Sandbox) -> None:
    content = Content("Rivers", "All *rivers* & [leaves](https://example.org/a?b=1&c=2).", link="https://example.org/")
    post = Post("dlv_1", replace(content, tags=("rivers",)), datetime.now(UTC))
    outcome = by_the_adapter(fields, post)
    assert isinstance(outcome, Receipt)
    assert [notice.id for notice in sandbox.wall.notices("mastodon")] == [outcome.id]
    assert httpx.get(outcome.url).status_code == 200
