from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from typing import Any

import httpx
import pytest

from functions.platforms.hashnode import Hashnode
from publishing.conversation import Conversations
from publishing.errors import Refused, Unauthorized
from publishing.model import Channel, Content, Media, Metric, Post
from publishing.transport import Detoured, plain_transport
from tests.sandbox.server import Sandbox

PUBLISH = "mutation ($input: PublishPostInput!) { publishPost(input: $input) { post { id slug url } } }"
NOW = datetime(2026, 11, 21, 9, tzinfo=UTC)
POST = Post(
    "dlv_1",
    Content(
        title="Rivers in autumn",
        text="All *rivers* carry leaves.",
        summary="On leaves",
        link="https://example.org/rivers",
        tags=("rivers", "Web Dev"),
        media=(Media("https://example.org/a.png", "A river"),),
    ),
    NOW,
)


def opened(sandbox: Sandbox, name: str) -> dict[str, str]:
    answer = httpx.post(f"{sandbox.addresses['hashnode']}/_sandbox/accounts", json={"name": name})
    fields: dict[str, str] = answer.raise_for_status().json()
    return fields


@pytest.fixture
def fields(sandbox: Sandbox) -> dict[str, str]:
    return opened(sandbox, "ada")


@pytest.fixture
def blog(sandbox: Sandbox, fields: dict[str, str]) -> Iterator[httpx.Client]:
    headers = {"authorization": f"Bearer {fields['token']}"}
    with httpx.Client(base_url=sandbox.addresses["hashnode"], headers=headers) as client:
        yield client


@pytest.fixture
def driver(sandbox: Sandbox) -> Iterator[Conversations]:
    """Holds an adapter's conversations as stage local does: the vendor's host is led to its stand-in."""
    transport = Detoured(plain_transport(), sandbox.hosts)
    yield Conversations(transport, transport, sign=lambda _request, _service: None)
    transport.close()


def channel(fields: dict[str, str], **changes: str) -> Channel:
    given = {**fields, **changes}
    settings = {"publication": given["publication"]}
    return Channel("chn_1", "wsp_1", "hashnode", settings=settings, secrets={"token": given["token"]})


def asked(blog: httpx.Client, document: str, **variables: object) -> httpx.Response:
    return blog.post("/", json={"query": document, "variables": variables})


def published(blog: httpx.Client, fields: dict[str, str], **changes: object) -> dict[str, Any]:
    article = {"publicationId": fields["publication"], "title": "Hello", "contentMarkdown": "World", **changes}
    answer: dict[str, Any] = asked(blog, PUBLISH, input=article).json()
    return answer


def code_of(answer: dict[str, Any]) -> object:
    return answer["errors"][0]["extensions"]["code"]


def test_without_a_token_nobody_is_authenticated(blog: httpx.Client) -> None:
    answer = blog.post("/", json={"query": "{ me { id } }"}, headers={"authorization": "wrong"})
    assert (answer.status_code, code_of(answer.json())) == (200, "UNAUTHENTICATED")


def test_a_token_tells_its_user(blog: httpx.Client) -> None:
    assert asked(blog, "{ me { username } }").json() == {"data": {"me": {"username": "ada"}}}


def test_a_published_article_has_its_title_as_slug(blog: httpx.Client, fields: dict[str, str]) -> None:
    assert published(blog, fields)["data"]["publishPost"]["post"]["slug"] == "hello"


def test_a_slug_is_given_once(blog: httpx.Client, fields: dict[str, str]) -> None:
    published(blog, fields, slug="mine")
    assert published(blog, fields, slug="mine")["data"]["publishPost"]["post"]["slug"] == "mine-1"


def test_articles_are_listed_newest_first(blog: httpx.Client, fields: dict[str, str]) -> None:
    for title in ("One", "Two"):
        published(blog, fields, title=title)
    listed = "query ($id: ObjectId) { publication(id: $id) { posts(first: 1) { edges { node { title } } } } }"
    answer = asked(blog, listed, id=fields["publication"]).json()
    assert answer["data"]["publication"]["posts"]["edges"] == [{"node": {"title": "Two"}}]


def test_a_publication_that_is_not_there_is_null(blog: httpx.Client) -> None:
    answer = asked(blog, 'query { publication(host: "nobody.hashnode.dev") { id } }').json()
    assert answer == {"data": {"publication": None}}


@pytest.mark.parametrize(
    ("changes", "code"),
    [
        ({"publicationId": "0" * 24}, "NOT_FOUND"),
        ({"title": " "}, "BAD_USER_INPUT"),
        ({"contentMarkdown": ""}, "BAD_USER_INPUT"),
        ({"tags": [{"slug": "a"}] * 16}, "BAD_USER_INPUT"),
        ({"tags": [{"slug": "Web Dev"}]}, "BAD_USER_INPUT"),
        ({"coverImage": "a.png"}, "BAD_USER_INPUT"),
    ],
)
def test_what_breaks_a_rule_is_told_with_status_200(
    blog: httpx.Client, fields: dict[str, str], changes: dict[str, object], code: str
) -> None:
    answer = published(blog, fields, **changes)
    assert (code_of(answer), answer["data"]) == (code, None)


def test_nobody_publishes_in_anothers_publication(sandbox: Sandbox, blog: httpx.Client) -> None:
    assert code_of(published(blog, opened(sandbox, "bob"))) == "FORBIDDEN"


@pytest.mark.parametrize("changes", [{"coverImageOptions": {}}, {"tags": [{"id": "1"}]}, {"title": None}])
def test_fields_that_are_not_in_the_schema_are_refused(
    blog: httpx.Client, fields: dict[str, str], changes: dict[str, object]
) -> None:
    article = {"publicationId": fields["publication"], "title": "Hello", "contentMarkdown": "World", **changes}
    answer = asked(blog, PUBLISH, input=article)
    assert (answer.status_code, code_of(answer.json())) == (400, "BAD_USER_INPUT")


def test_a_request_of_more_than_100_kb_is_not_read(blog: httpx.Client, fields: dict[str, str]) -> None:
    article = {"publicationId": fields["publication"], "title": "Hello", "contentMarkdown": "x" * 102_400}
    assert asked(blog, PUBLISH, input=article).status_code == 413


def test_an_address_without_an_article_is_not_found(blog: httpx.Client) -> None:
    assert blog.get("/nothing").status_code == 404


def test_the_adapters_article_hangs_on_the_wall_and_has_a_page(
    sandbox: Sandbox, fields: dict[str, str], driver: Conversations
) -> None:
    receipt = driver.hold(Hashnode().publish(POST, channel(fields)), within_s=20)
    (notice,) = sandbox.wall.notices("hashnode", "ada")
    assert (notice.id, notice.document["contentMarkdown"]) == (receipt.id, "All *rivers* carry leaves.")
    assert "rivers" in httpx.get(receipt.url).text


def test_the_adapter_finds_what_it_published(fields: dict[str, str], driver: Conversations) -> None:
    home = channel(fields, publication="https://ada.hashnode.dev/")
    receipt = driver.hold(Hashnode().publish(POST, home), within_s=20)
    found = driver.hold(Hashnode().find(POST, home, NOW - timedelta(days=9)), within_s=20)
    assert found is not None
    assert found.id == receipt.id


def test_the_adapter_finds_nothing_where_nothing_is(fields: dict[str, str], driver: Conversations) -> None:
    assert driver.hold(Hashnode().find(POST, channel(fields), NOW - timedelta(days=9)), within_s=20) is None


def test_the_adapter_verifies_the_publication(fields: dict[str, str], driver: Conversations) -> None:
    identity = driver.hold(Hashnode().verify(channel(fields)), within_s=20)
    assert (identity.id, identity.name) == (fields["publication"], "ada writes")


def test_the_adapter_is_told_of_a_wrong_token(fields: dict[str, str], driver: Conversations) -> None:
    with pytest.raises(Unauthorized, match="You must be authenticated"):
        driver.hold(Hashnode().publish(POST, channel(fields, token="wrong")), within_s=20)


def test_the_adapter_is_told_what_is_refused(sandbox: Sandbox, fields: dict[str, str], driver: Conversations) -> None:
    fault = {"platform": "hashnode", "account": "ada", "kind": "refuse"}
    httpx.post(f"{sandbox.addresses['hashnode']}/_sandbox/faults", json=fault).raise_for_status()
    with pytest.raises(Refused, match="more than 15"):
        driver.hold(Hashnode().publish(POST, channel(fields)), within_s=20)


def test_the_adapter_is_told_how_an_article_does(fields: dict[str, str], driver: Conversations) -> None:
    receipt = driver.hold(Hashnode().publish(POST, channel(fields)), within_s=20)
    told = driver.hold(Hashnode().metrics(receipt, channel(fields)), within_s=20)
    assert told == {Metric.VIEWS: 12, Metric.LIKES: 3, Metric.COMMENTS: 3}
    with pytest.raises(Refused, match="no such article"):
        driver.hold(Hashnode().metrics(replace(receipt, id="0" * 24), channel(fields)), within_s=20)


@dataclass(frozen=True)
class Storing(httpx.BaseTransport):
    """The web of stage local, and what was uploaded to us at its own host."""

    web: httpx.BaseTransport

    def handle_request(self, request: httpx.Request) -> httpx.Response:
        if request.url.host == "uploads.example.org":
            return httpx.Response(206, content=b"data")
        return self.web.handle_request(request)


def test_the_adapters_uploaded_cover_is_shown_from_hashnode(
    sandbox: Sandbox, fields: dict[str, str], driver: Conversations
) -> None:
    covers = [Media("https://uploads.example.org/1", "A", "med_1", kind, 4) for kind in ("image/png", "image/gif")]
    storing = replace(driver, outside=Storing(driver.outside))
    for cover in covers:
        post = replace(POST, content=replace(POST.content, media=(cover,)))
        storing.hold(Hashnode().publish(post, channel(fields)), within_s=20)
    shown = [notice.document["coverImage"] for notice in sandbox.wall.notices("hashnode", "ada")]
    assert [each.startswith("https://cdn.hashnode.com/res/hashnode/") for each in shown] == [True, True]


def test_the_store_takes_what_was_asked_for_alone(sandbox: Sandbox, blog: httpx.Client) -> None:
    place = """mutation ($input: CreateImageUploadInput!) {
      createImageUploadURL(input: $input) { presignedPost { fields } }
    }"""
    assert code_of(asked(blog, place, input={"contentType": "image/svg+xml"}).json()) == "BAD_USER_INPUT"
    told = asked(blog, place, input={"contentType": "image/png"}).json()["data"]["createImageUploadURL"]
    given, address = told["presignedPost"]["fields"], f"{sandbox.addresses['hashnode']}/upload"
    assert httpx.post(address, data=given).status_code == 403
    assert httpx.post(address, data=given, files={"file": ("x", b"x", "image/gif")}).status_code == 403
    assert httpx.post(address, data=given, files={"file": ("x", b"x", "image/png")}).status_code == 204
