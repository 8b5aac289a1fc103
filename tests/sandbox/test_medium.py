from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime

import httpx
import pytest

from functions.platforms.medium import Medium
from publishing.conversation import Conversations
from publishing.errors import QuotaSpent, Refused, Unauthorized
from publishing.model import Channel, Content, Media, Post
from publishing.transport import Detoured, plain_transport
from tests.sandbox.server import Sandbox

STORY = {"title": "Hello", "contentFormat": "html", "content": "<h1>Hello</h1><p>World</p>"}
POST = Post(
    "dlv_1",
    Content(
        title="Rivers in autumn",
        text="All *rivers* carry leaves.",
        link="https://example.org/rivers",
        tags=("rivers",),
        media=(Media("https://example.org/a.png", "A river"),),
    ),
    datetime(2026, 11, 21, 9, tzinfo=UTC),
)


@pytest.fixture
def token(sandbox: Sandbox) -> str:
    answer = httpx.post(f"{sandbox.addresses['medium']}/_sandbox/accounts", json={"name": "ada"})
    return str(answer.raise_for_status().json()["token"])


@pytest.fixture
def site(sandbox: Sandbox, token: str) -> Iterator[httpx.Client]:
    headers = {"authorization": f"Bearer {token}"}
    with httpx.Client(base_url=f"{sandbox.addresses['medium']}/v1", headers=headers) as client:
        yield client


@pytest.fixture
def user(site: httpx.Client) -> str:
    return str(site.get("me").json()["data"]["id"])


@pytest.fixture
def driver(sandbox: Sandbox) -> Iterator[Conversations]:
    """Holds an adapter's conversations as stage local does: the vendor's host is led to its stand-in."""
    transport = Detoured(plain_transport(), sandbox.hosts)
    yield Conversations(transport, transport, sign=lambda _request, _service: None)
    transport.close()


def channel(token: str, **settings: str) -> Channel:
    return Channel("chn_1", "wsp_1", "medium", settings=settings, secrets={"token": token})


def faulty(sandbox: Sandbox, kind: str) -> None:
    fault = {"platform": "medium", "account": "ada", "kind": kind, "seconds": 7}
    httpx.post(f"{sandbox.addresses['medium']}/_sandbox/faults", json=fault).raise_for_status()


@pytest.mark.parametrize(("given", "code"), [("", 6000), ("Basic x", 6000), ("Bearer wrong", 6003)])
def test_without_a_token_nobody_is_authorized(site: httpx.Client, given: str, code: int) -> None:
    answer = site.get("me", headers={"authorization": given})
    assert (answer.status_code, answer.json()["errors"][0]["code"]) == (401, code)


def test_a_token_tells_its_user(site: httpx.Client) -> None:
    assert site.get("me").json()["data"]["username"] == "ada"


def test_a_user_edits_a_publication(site: httpx.Client, user: str) -> None:
    assert [each["name"] for each in site.get(f"users/{user}/publications").json()["data"]] == ["Ada's"]


def test_a_created_story_is_answered_and_has_a_page(site: httpx.Client, user: str) -> None:
    answer = site.post(f"users/{user}/posts", json=STORY)
    story = answer.json()["data"]
    assert (answer.status_code, story["authorId"], story["publishStatus"]) == (201, user, "public")
    assert "World" in httpx.get(story["url"]).text


def test_a_story_in_a_publication_names_it(site: httpx.Client, user: str) -> None:
    assert site.post(f"publications/{user[:12]}/posts", json=STORY).json()["data"]["publicationId"] == user[:12]


def test_what_is_too_much_is_ignored_without_a_word(site: httpx.Client, user: str) -> None:
    story = site.post(
        f"users/{user}/posts", json={**STORY, "title": "x" * 101, "tags": ["a", "b" * 26, "c", "d", "e"]}
    ).json()["data"]
    assert (story["title"], story["tags"]) == ("A title made of the content", ["a", "c", "d"])


@pytest.mark.parametrize("path", ["users/other/publications", "users/other/posts", "publications/other/posts"])
def test_what_is_anothers_is_forbidden(site: httpx.Client, path: str) -> None:
    method = "POST" if path.endswith("posts") else "GET"
    assert site.request(method, path, json=STORY).status_code == 403


@pytest.mark.parametrize(
    ("changes", "complaint"),
    [
        ({"title": ""}, "Field title is required."),
        ({"content": ""}, "Field content is required."),
        ({"contentFormat": "text"}, "Content format was invalid."),
        ({"publishStatus": "later"}, "Publish status was invalid."),
        ({"canonical_url": "https://example.org"}, "Unexpected field (canonical_url) specified"),
        ({"tags": "news"}, "Unexpected field (tags) specified"),
    ],
)
def test_what_breaks_a_rule_is_told(site: httpx.Client, user: str, changes: dict[str, object], complaint: str) -> None:
    answer = site.post(f"users/{user}/posts", json={**STORY, **changes})
    assert (answer.status_code, answer.json()["errors"][0]["message"]) == (400, complaint)


def test_a_body_that_is_no_object_is_refused(site: httpx.Client, user: str) -> None:
    assert site.post(f"users/{user}/posts", content="[]").status_code == 400


def test_an_address_without_a_story_is_not_found(sandbox: Sandbox) -> None:
    assert httpx.get(f"{sandbox.addresses['medium']}/@ada/nothing-1").status_code == 404


def test_the_adapters_story_hangs_on_the_wall_and_has_a_page(
    sandbox: Sandbox, token: str, driver: Conversations
) -> None:
    receipt = driver.hold(Medium().publish(POST, channel(token)), within_s=20)
    (notice,) = sandbox.wall.notices("medium", "ada")
    assert notice.id == receipt.id
    assert "rivers" in httpx.get(receipt.url).text


def test_the_adapter_publishes_in_a_publication(sandbox: Sandbox, token: str, user: str, driver: Conversations) -> None:
    driver.hold(Medium().publish(POST, channel(token, publication_id=user[:12])), within_s=20)
    assert len(sandbox.wall.notices("medium", "ada")) == 1


def test_the_adapter_verifies_the_user_and_the_publication(token: str, user: str, driver: Conversations) -> None:
    assert driver.hold(Medium().verify(channel(token)), within_s=20).name == "ada"
    assert driver.hold(Medium().verify(channel(token, publication_id=user[:12])), within_s=20).name == "Ada's"


def test_the_adapter_is_told_of_a_wrong_token(sandbox: Sandbox, driver: Conversations) -> None:
    with pytest.raises(Unauthorized, match="Token was invalid"):
        driver.hold(Medium().publish(POST, channel("wrong")), within_s=20)
    assert sandbox.wall.notices("medium") == []


def test_the_adapter_is_told_what_is_refused(sandbox: Sandbox, token: str, driver: Conversations) -> None:
    faulty(sandbox, "refuse")
    with pytest.raises(Refused, match="Publish status was invalid"):
        driver.hold(Medium().publish(POST, channel(token)), within_s=20)


def test_the_adapter_is_told_that_the_day_is_spent(sandbox: Sandbox, token: str, driver: Conversations) -> None:
    faulty(sandbox, "throttle")
    with pytest.raises(QuotaSpent, match="rate limit for publishing today"):
        driver.hold(Medium().publish(POST, channel(token)), within_s=20)
