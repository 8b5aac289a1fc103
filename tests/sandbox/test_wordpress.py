from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import TypeVar

import httpx
import pytest

from functions.platforms.wordpress import WordPress
from publishing.adapter import Conversation
from publishing.conversation import Conversations
from publishing.errors import Refused, Unauthorized
from publishing.model import Channel, Content, Media, Post, Receipt
from tests.sandbox.application import Application
from tests.sandbox.faults import Faults
from tests.sandbox.platforms import wordpress
from tests.sandbox.wall import Wall

SITE = "http://blog.example.org"
NOW = datetime(2026, 11, 21, 12, tzinfo=UTC)
PNG = b"\x89PNG\r\n\x1a\n-and-so-on"
POST = {"title": "Hello", "content": "<p>World</p>", "slug": "hello", "status": "publish"}
UNREADABLE = [{"title": 7}, {"status": "published"}, {"tags": ["news"]}, {"tags": "news"}, {"featured_media": "x"}]

T = TypeVar("T")


@dataclass(frozen=True)
class Web(httpx.BaseTransport):
    """The stand-in without a network, and a picture at every https address."""

    site: httpx.BaseTransport

    def handle_request(self, request: httpx.Request) -> httpx.Response:
        if request.url.path.endswith(".mp4") and request.url.scheme == "https":
            return httpx.Response(206, content=b"\0\0\0movie!")
        if request.url.scheme == "https":
            return httpx.Response(200, content=PNG if request.url.path.endswith(".png") else PNG * 200_000)
        return self.site.handle_request(request)


@dataclass(frozen=True)
class Site:
    wall: Wall
    web: Web
    fields: dict[str, str]

    def channel(self, **changes: str) -> Channel:
        given = {**self.fields, **changes}
        secret = {"application_password": given.pop("application_password")}
        return Channel("chn_1", "wsp_1", "wordpress", settings=given, secrets=secret)

    def hold(self, conversation: Conversation[T]) -> T:
        conversations = Conversations(self.web, self.web, lambda _request, _service: None, plain_http=True)
        return conversations.hold(conversation, within_s=10)

    def published(self, content: Content) -> Receipt:
        receipt = self.hold(WordPress().publish(post(content), self.channel()))
        assert isinstance(receipt, Receipt)
        return receipt


@pytest.fixture
def site() -> Site:
    wall = Wall()
    web = Web(httpx.WSGITransport(app=Application(wordpress.STAND_IN(wall), wall, Faults())))
    with httpx.Client(transport=web, base_url=SITE) as client:
        fields: dict[str, str] = client.post("/_sandbox/accounts", json={"name": "ada"}).json()
    return Site(wall, web, fields)


@pytest.fixture
def author(site: Site) -> Iterator[httpx.Client]:
    login = (site.fields["username"], site.fields["application_password"])
    with httpx.Client(transport=site.web, base_url=f"{SITE}/wp-json/wp/v2", auth=login) as client:
        yield client


@pytest.fixture
def reader(site: Site) -> Iterator[httpx.Client]:
    with httpx.Client(transport=site.web, base_url=SITE) as client:
        yield client


def post(content: Content) -> Post:
    return Post("dlv_1", content, NOW)


def code_of(answer: httpx.Response) -> tuple[int, str]:
    return answer.status_code, answer.json()["code"]


def test_the_adapters_post_is_taken_found_and_read(site: Site, reader: httpx.Client) -> None:
    media = (Media("https://example.org/a.png", 'Ä "mouth"'), Media("https://example.org/b.png"))
    content = Content("Tom & Jerry", "*World*", "In short", "https://example.org/hello", ("R&D", "news"), media)
    receipt = site.published(content)
    (notice,) = site.wall.notices("wordpress", "ada")
    assert notice.id == receipt.id
    assert notice.document["tag_names"] == ["R&D", "news"]
    assert notice.document["pictures"][0]["alt_text"] == 'Ä "mouth"'
    assert "World" in reader.get(receipt.url).text
    assert site.hold(WordPress().find(post(content), site.channel(), NOW)) == receipt


def test_tags_and_pictures_that_are_there_are_used_again(site: Site) -> None:
    content = Content("Hello", "World", tags=("R&D", "C++", "C++ 20"), media=(Media("https://example.org/a.png"),))
    site.published(content)
    site.published(content)
    first, second = (notice.document for notice in site.wall.notices("wordpress"))
    assert (first["tags"], first["featured_media"]) == (second["tags"], second["featured_media"]) == ([1, 2, 3], 1)


def test_what_was_not_published_is_not_found(site: Site) -> None:
    assert site.hold(WordPress().find(post(Content("Hello", "World")), site.channel(), NOW)) is None


def test_the_adapter_learns_who_the_user_is(site: Site) -> None:
    assert site.hold(WordPress().verify(site.channel())).name == "ada"


@pytest.mark.parametrize("changes", [{"username": "bob"}, {"application_password": "abcd EFGH 1234"}])
def test_the_adapter_learns_that_its_login_is_not_good(site: Site, changes: dict[str, str]) -> None:
    with pytest.raises(Unauthorized, match="WordPress answered"):
        site.hold(WordPress().verify(site.channel(**changes)))


def test_the_adapter_learns_that_a_picture_is_too_big(site: Site) -> None:
    with pytest.raises(Refused, match="too big"):
        site.published(Content("Hello", media=(Media("https://example.org/big"),)))


def test_without_a_login_nobody_is_known(reader: httpx.Client) -> None:
    assert code_of(reader.get("/wp-json/wp/v2/users/me")) == (401, "rest_not_logged_in")


def test_capabilities_are_told_to_editors_alone(author: httpx.Client) -> None:
    assert "capabilities" not in author.get("/users/me").json()
    assert author.get("/users/me?context=edit&_fields=capabilities").json()["capabilities"]["publish_posts"]


@pytest.mark.parametrize("changes", UNREADABLE)
def test_what_is_of_a_wrong_type_is_an_invalid_param(author: httpx.Client, changes: dict[str, object]) -> None:
    assert code_of(author.post("/posts", json={**POST, **changes})) == (400, "rest_invalid_param")


def test_what_is_no_json_is_told(author: httpx.Client) -> None:
    assert code_of(author.post("/posts", content=b"{")) == (400, "rest_invalid_json")


def test_a_post_of_nothing_is_empty_content(author: httpx.Client) -> None:
    assert code_of(author.post("/posts", json={"status": "publish"})) == (400, "empty_content")


def test_a_slug_that_is_taken_gets_a_number(author: httpx.Client) -> None:
    assert [author.post("/posts", json=POST).json()["slug"] for _ in range(3)] == ["hello", "hello-2", "hello-3"]


def test_without_a_status_it_is_a_draft_that_is_not_published(site: Site, author: httpx.Client) -> None:
    assert author.post("/posts", json={"title": "x"}).status_code == 201
    assert site.wall.notices() == []


def test_a_tag_is_made_once(author: httpx.Client) -> None:
    number = author.post("/tags", json={"name": "News"}).json()["id"]
    again = author.post("/tags", json={"name": "news"})
    assert code_of(again) == (400, "term_exists")
    assert again.json()["data"]["term_id"] == number


def test_a_tag_of_markup_alone_has_no_name(author: httpx.Client) -> None:
    assert code_of(author.post("/tags", json={"name": "<b>"})) == (400, "empty_term_name")


@pytest.mark.parametrize(
    ("file", "status", "code"),
    [
        (("a.png", b"MZ", "image/png"), 500, "rest_upload_sideload_error"),
        (("a", PNG, "image/png"), 500, "rest_upload_sideload_error"),
        (("a.png", PNG * 200_000, "image/png"), 400, "rest_upload_file_too_big"),
    ],
)
def test_what_is_no_picture_is_not_taken(
    author: httpx.Client, file: tuple[str, bytes, str], status: int, code: str
) -> None:
    assert code_of(author.post("/media", files={"file": file})) == (status, code)


def test_an_upload_without_a_file_has_no_data(author: httpx.Client) -> None:
    assert code_of(author.post("/media", data={"slug": "x"})) == (400, "rest_upload_no_data")


def test_an_address_without_a_post_is_not_found(reader: httpx.Client) -> None:
    assert reader.get("/nothing/").status_code == 404


def test_the_adapter_removes_its_post_and_what_is_gone_too(site: Site) -> None:
    receipt = site.published(Content("Hello", "World"))
    for gone in (receipt, receipt, Receipt("4711")):
        site.hold(WordPress().remove(gone, site.channel()))
        assert site.wall.notices() == []


def test_what_was_uploaded_to_us_is_handed_over_to_the_site(site: Site) -> None:
    site.published(Content("Hello", media=(Media("https://x.org/a.mp4", "B", "med_2", "video/mp4", 9),)))
    assert f'<video src="{SITE}/wp-content/uploads/1/upload.mp4"' in site.wall.notices()[0].document["content"]


BACK = "https://api.example.org/v1/oauth/wordpress"
HOSTED = f"{SITE}/wp/v2/sites"


@dataclass(frozen=True)
class Led(httpx.BaseTransport):
    """WordPress.com's requests led to the stand-in."""

    web: Web

    def handle_request(self, request: httpx.Request) -> httpx.Response:
        if request.url.host != "public-api.wordpress.com":
            return self.web.handle_request(request)
        return self.web.site.handle_request(request)


def consented(reader: httpx.Client, scope: str = "users posts media taxonomy", account: str = "ada") -> dict[str, str]:
    """What the token endpoint tells when this account's owner has consented to this."""
    app = reader.post("/_sandbox/apps", json={"accounts": [account]}).json()
    asked = {"client_id": app["client_id"], "redirect_uri": BACK, "response_type": "code", "scope": scope}
    away = reader.get("/oauth2/authorize", params=asked).headers["location"]
    form = {**app, "redirect_uri": BACK, "grant_type": "authorization_code", "code": httpx.URL(away).params["code"]}
    told: dict[str, str] = reader.post("/oauth2/token", data=form).json()
    return told


def test_the_adapter_publishes_finds_and_removes_by_consent(site: Site, reader: httpx.Client) -> None:
    told, led = consented(reader), Led(site.web)
    settings = {"site_url": f"https://public-api.wordpress.com/wp/v2/sites/{told['blog_id']}"}
    channel = Channel("chn_1", "wsp_1", "wordpress", settings=settings, secrets={"access_token": told["access_token"]})
    hosted = Conversations(led, led, lambda _request, _service: None)
    media = (
        Media("https://example.org/a.png", "A river"),
        Media("https://x.org/a.mp4", "B", "med_2", "video/mp4", 9),
    )
    content = Content("Hello", "World", tags=("news",), media=media)
    receipt = hosted.hold(WordPress().publish(post(content), channel), within_s=10)
    (notice,) = site.wall.notices("wordpress", "ada")
    assert (notice.document["tag_names"], notice.document["pictures"][0]["alt_text"]) == (["news"], "A river")
    assert hosted.hold(WordPress().find(post(content), channel, NOW), within_s=10) == receipt
    assert hosted.hold(WordPress().verify(channel), within_s=10).id == told["blog_id"]
    assert isinstance(receipt, Receipt)
    hosted.hold(WordPress().remove(receipt, channel), within_s=10)
    assert site.wall.notices() == []


def test_a_token_is_good_for_one_site_and_what_was_allowed_there(reader: httpx.Client) -> None:
    ada, bob = consented(reader, "posts"), consented(reader, account="bob")
    mine = {"Authorization": f"Bearer {ada['access_token']}"}
    assert reader.get(f"{HOSTED}/{ada['blog_id']}/posts", headers=mine).status_code == 200
    assert code_of(reader.get(f"{HOSTED}/{ada['blog_id']}/users/me", headers=mine)) == (403, "rest_forbidden")
    assert code_of(reader.get(f"{HOSTED}/{bob['blog_id']}/posts", headers=mine)) == (403, "rest_forbidden")


def test_a_token_for_all_sites_names_none(reader: httpx.Client) -> None:
    assert consented(reader, "global")["blog_id"] == "0"


def test_neither_passwords_nor_made_up_tokens_are_good_on_wordpress_com(site: Site, reader: httpx.Client) -> None:
    number, login = consented(reader)["blog_id"], (site.fields["username"], site.fields["application_password"])
    answers = [
        reader.get(f"{HOSTED}/{number}/posts", auth=login),
        reader.get(f"{HOSTED}/{number}/posts", headers={"Authorization": "Bearer made-up"}),
        reader.get(f"{HOSTED}/{number}/posts"),
    ]
    assert [(each.status_code, each.json()["error"]) for each in answers] == [(400, "invalid_token")] * 3
