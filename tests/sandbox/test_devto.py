from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any, TypeVar

import httpx
import pytest

from functions.platforms.devto import DevTo
from publishing.adapter import Conversation
from publishing.conversation import Conversations
from publishing.model import Channel, Content, Metric, Post
from tests.sandbox.application import Application
from tests.sandbox.faults import Faults
from tests.sandbox.platforms import devto
from tests.sandbox.server import Sandbox
from tests.sandbox.wall import Wall

T = TypeVar("T")

ARTICLE = {"title": "Hello", "body_markdown": "World", "tags": ["news"], "canonical_url": "https://example.com/hello"}


@pytest.fixture
def site(sandbox: Sandbox) -> Iterator[httpx.Client]:
    fields = httpx.post(f"{sandbox.addresses['devto']}/_sandbox/accounts", json={"name": "ada"}).json()
    with httpx.Client(base_url=fields["base_url"], headers={"api-key": fields["api_key"]}) as client:
        yield client


def created(site: httpx.Client, **changes: object) -> httpx.Response:
    return site.post("/api/articles", json={"article": {**ARTICLE, **changes}})


def test_without_a_key_nobody_is_authorized(site: httpx.Client) -> None:
    answer = site.get("/api/users/me", headers={"api-key": "wrong"})
    assert (answer.status_code, answer.json()["error"]) == (401, "unauthorized")


def test_without_a_user_agent_nobody_is_listened_to(site: httpx.Client) -> None:
    assert site.get("/api/users/me", headers={"User-Agent": ""}).status_code == 403


def test_a_key_tells_its_user(site: httpx.Client) -> None:
    assert site.get("/api/users/me").json()["username"] == "ada"


def test_a_created_article_can_be_read_at_its_number(site: httpx.Client) -> None:
    article = created(site).json()
    assert site.get(f"/api/articles/{article['id']}").json() == article


def test_an_article_that_is_not_there_is_not_found(site: httpx.Client) -> None:
    assert site.get("/api/articles/1").status_code == 404


@pytest.mark.parametrize("path", ["me", "me/all", "me/published"])
def test_ones_own_articles_are_listed_newest_first(site: httpx.Client, path: str) -> None:
    created(site)
    created(site, title="Again", canonical_url="https://example.com/again")
    assert [article["title"] for article in site.get(f"/api/articles/{path}").json()] == ["Again", "Hello"]


def test_articles_are_listed_in_pages(site: httpx.Client) -> None:
    created(site)
    created(site, title="Again", canonical_url="https://example.com/again")
    (article,) = site.get("/api/articles/me/all?page=2&per_page=1").json()
    assert article["title"] == "Hello"


def test_a_canonical_url_is_taken_once(site: httpx.Client) -> None:
    created(site)
    answer = created(site, title="Other")
    assert (answer.status_code, answer.json()["status"]) == (422, 422)
    assert answer.json()["error"].startswith("Canonical url has already been taken")


def test_a_title_is_taken_once_in_five_minutes(site: httpx.Client) -> None:
    created(site)
    answer = created(site, canonical_url="https://example.com/other")
    assert answer.json()["error"] == "Title has already been used in the last five minutes"


@pytest.mark.parametrize(
    ("changes", "complaint"),
    [
        ({"title": ""}, "Title can't be blank"),
        ({"title": "x" * 129}, "Title is too long (maximum is 128 characters)"),
        ({"body_markdown": ""}, "Body markdown can't be blank"),
        ({"tags": list("abcde")}, "Tag list exceed the maximum of 4 tags"),
        ({"tags": ["c++"]}, 'Tag "c++" contains non-alphanumeric or prohibited unicode characters'),
    ],
)
def test_what_breaks_a_rule_is_told(site: httpx.Client, changes: dict[str, Any], complaint: str) -> None:
    answer = created(site, **changes)
    assert (answer.status_code, answer.json()["error"]) == (422, complaint)


def test_an_article_must_stand_under_its_name(site: httpx.Client) -> None:
    assert site.post("/api/articles", json=ARTICLE).status_code == 422


def test_an_articles_own_address_shows_it_to_everybody(site: httpx.Client) -> None:
    article = created(site).json()
    page = httpx.get(article["url"])
    assert (page.status_code, "World" in page.text) == (200, True)


def test_an_address_without_an_article_is_not_found(site: httpx.Client) -> None:
    assert httpx.get(f"{site.base_url}/ada/nothing-1").status_code == 404


@dataclass(frozen=True)
class Forem:
    """The stand-in without a network, for the adapter."""

    wall: Wall
    transport: httpx.BaseTransport
    channel: Channel

    def hold(self, conversation: Conversation[T]) -> T:
        conversations = Conversations(self.transport, self.transport, lambda _request, _service: None, plain_http=True)
        return conversations.hold(conversation, within_s=10)


@pytest.fixture
def forem() -> Forem:
    wall = Wall()
    transport = httpx.WSGITransport(app=Application(devto.STAND_IN(wall), wall, Faults()))
    with httpx.Client(transport=transport, base_url="http://dev.example.org") as client:
        fields = client.post("/_sandbox/accounts", json={"name": "ada"}).json()
    settings = {"base_url": fields["base_url"]}
    return Forem(
        wall, transport, Channel("chn_1", "wsp_1", "devto", settings=settings, secrets={"api_key": fields["api_key"]})
    )


def test_the_adapters_article_is_counted_and_unpublished(forem: Forem) -> None:
    post = Post("dlv_1", Content("Hello", "World", link="https://example.com/hello"), datetime.now(UTC))
    receipt = forem.hold(DevTo().publish(post, forem.channel))
    assert forem.hold(DevTo().metrics(receipt, forem.channel)) == {
        Metric.VIEWS: 0,
        Metric.LIKES: 0,
        Metric.COMMENTS: 0,
    }
    for _ in range(2):
        forem.hold(DevTo().remove(receipt, forem.channel))
        assert forem.wall.notices() == []


def test_another_change_than_unpublishing_is_not_taken(site: httpx.Client) -> None:
    number = created(site).json()["id"]
    assert site.put(f"/api/articles/{number}", json={"article": {"title": "x"}}).status_code == 422
