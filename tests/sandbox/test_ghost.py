from __future__ import annotations

import time
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from typing import TypeVar

import httpx
import jwt
import pytest

from functions.platforms.ghost import Ghost
from publishing.adapter import Conversation
from publishing.conversation import Conversations
from publishing.errors import Refused, Unauthorized
from publishing.model import Channel, Content, Media, Post, Receipt
from tests.sandbox.application import Application
from tests.sandbox.faults import Faults
from tests.sandbox.platforms import ghost
from tests.sandbox.wall import Wall

SITE = "http://blog.example.org"
POSTS = "/ghost/api/admin/posts/"
NOW = datetime(2026, 11, 21, 12, tzinfo=UTC)
POST = {"title": "Hello", "slug": "hello", "html": "<p>World</p>", "status": "published", "tags": [{"name": "news"}]}

POSTED = Post("dlv_1", Content("Hello", "World"), NOW)

T = TypeVar("T")


@dataclass(frozen=True)
class Site:
    """The stand-in without a network: nothing here is about connections."""

    wall: Wall
    transport: httpx.BaseTransport
    fields: dict[str, str]

    @property
    def channel(self) -> Channel:
        return connected(self.fields["admin_key"])

    def hold(self, conversation: Conversation[T]) -> T:
        conversations = Conversations(self.transport, self.transport, lambda _request, _service: None, plain_http=True)
        return conversations.hold(conversation, within_s=10)

    def ask(self, method: str, path: str, *, json: object = None, authorization: str | None = None) -> httpx.Response:
        headers = {"authorization": f"Ghost {token(self.fields)}" if authorization is None else authorization}
        with httpx.Client(transport=self.transport, base_url=SITE) as client:
            return client.request(method, path, json=json, headers=headers if any(headers.values()) else {})

    def created(self, changes: dict[str, object] | None = None, query: str = "?source=html") -> httpx.Response:
        return self.ask("POST", f"{POSTS}{query}", json={"posts": [{**POST, **(changes or {})}]})


@pytest.fixture
def site() -> Site:
    wall = Wall()
    transport = httpx.WSGITransport(app=Application(ghost.STAND_IN(wall), wall, Faults()))
    with httpx.Client(transport=transport, base_url=SITE) as client:
        fields: dict[str, str] = client.post("/_sandbox/accounts", json={"name": "ada"}).json()
    return Site(wall, transport, fields)


def connected(key: str) -> Channel:
    return Channel("chn_1", "wsp_1", "ghost", settings={"admin_url": SITE}, secrets={"admin_key": key})


def token(fields: dict[str, str], **claims: object) -> str:
    key, _, secret = fields["admin_key"].partition(":")
    now_s = int(time.time())
    claims = {"iat": now_s, "exp": now_s + 300, "aud": "/admin/", **claims}
    return jwt.encode(claims, bytes.fromhex(secret), algorithm="HS256", headers={"kid": key})


def error_of(answer: httpx.Response) -> tuple[int, str, str | None]:
    (told,) = answer.json()["errors"]
    return answer.status_code, told["type"], told["code"]


def post(content: Content) -> Post:
    return Post("dlv_1", content, NOW)


def test_the_adapters_post_is_taken_found_and_read(site: Site) -> None:
    media = (Media("https://example.org/ä.png", "A"), Media("https://example.org/b.png"))
    content = Content("Hello", "*World*", "In short", "https://example.org/hello", ("news", "b"), media)
    receipt = site.hold(Ghost().publish(post(content), site.channel))
    assert isinstance(receipt, Receipt)
    (notice,) = site.wall.notices("ghost", "ada")
    assert notice.id == receipt.id
    assert notice.document["html"].startswith("<p><em>World</em></p>")
    assert "World" in site.ask("GET", receipt.url, authorization="").text
    assert site.hold(Ghost().find(post(content), site.channel, NOW)) == receipt


def test_what_was_not_published_is_not_found(site: Site) -> None:
    assert site.hold(Ghost().find(post(Content("Hello", "World")), site.channel, NOW)) is None


def test_the_adapter_learns_whose_site_it_is(site: Site) -> None:
    assert site.hold(Ghost().verify(site.channel)).name == "A stand-in"


def test_the_adapter_learns_that_its_key_is_not_known(site: Site) -> None:
    with pytest.raises(Unauthorized, match="Unknown Admin API Key"):
        site.hold(Ghost().verify(connected(f"{'0' * 24}:{'0' * 64}")))


def test_the_adapter_learns_what_was_wrong(site: Site) -> None:
    long = Media(f"https://example.org/{'ä' * 400}.png")  # longer than may be only when it is encoded
    with pytest.raises(Refused, match="failed for feature_image"):
        site.hold(Ghost().publish(post(Content("Hello", media=(long,))), site.channel))


def test_without_a_token_nothing_is_permitted(site: Site) -> None:
    assert error_of(site.ask("GET", POSTS, authorization="")) == (403, "NoPermissionError", None)


@pytest.mark.parametrize(
    ("authorization", "code"),
    [
        ("Bearer x", "INVALID_AUTH_HEADER"),
        ("Ghost", "INVALID_AUTH_HEADER"),
        ("Ghost x", "UNKNOWN_ADMIN_API_KEY"),
    ],
)
def test_a_header_ghost_does_not_know_is_unauthorized(site: Site, authorization: str, code: str) -> None:
    assert error_of(site.ask("GET", POSTS, authorization=authorization)) == (401, "UnauthorizedError", code)


@pytest.mark.parametrize("claims", [{"aud": "/content/"}, {"exp": 1}])
def test_a_token_that_is_not_good_is_an_invalid_jwt(site: Site, claims: dict[str, object]) -> None:
    answer = site.ask("GET", POSTS, authorization=f"Ghost {token(site.fields, **claims)}")
    assert error_of(answer) == (401, "UnauthorizedError", "INVALID_JWT")


def test_a_token_that_lasts_too_long_is_an_invalid_jwt(site: Site) -> None:
    answer = site.ask("GET", POSTS, authorization=f"Ghost {token(site.fields, exp=int(time.time()) + 900)}")
    assert error_of(answer) == (401, "UnauthorizedError", "INVALID_JWT")


def test_a_token_another_key_signed_is_an_invalid_jwt(site: Site) -> None:
    forged = {"admin_key": f"{site.fields['admin_key'][:24]}:{'0' * 64}"}
    answer = site.ask("GET", POSTS, authorization=f"Ghost {token(forged)}")
    assert error_of(answer) == (401, "UnauthorizedError", "INVALID_JWT")


@pytest.mark.parametrize(
    ("changes", "complaint"),
    [
        ({"markdown": "x"}, "AdditionalProperties) failed for markdown"),
        ({"title": ""}, "IsEmpty) failed for title"),
        ({"title": "x" * 256}, "MaxLength) failed for title"),
        ({"custom_excerpt": "x" * 301}, "MaxLength) failed for custom_excerpt"),
        ({"feature_image_alt": "x" * 192}, "MaxLength) failed for feature_image_alt"),
        ({"canonical_url": "https://example.org/ä"}, "Format) failed for canonical_url"),
        ({"status": "publish"}, "Enum) failed for status"),
        ({"tags": [{"name": ",x"}]}, "AnyOf) failed for tags"),
        ({"tags": [7]}, "AnyOf) failed for tags"),
    ],
)
def test_what_breaks_a_rule_is_told(site: Site, changes: dict[str, object], complaint: str) -> None:
    answer = site.created(changes)
    assert error_of(answer) == (422, "ValidationError", None)
    assert complaint in answer.json()["errors"][0]["context"]


def test_a_post_must_stand_in_a_list(site: Site) -> None:
    assert error_of(site.ask("POST", POSTS, json=POST)) == (422, "ValidationError", None)


def test_a_slug_that_is_taken_gets_a_number(site: Site) -> None:
    assert [site.created().json()["posts"][0]["slug"] for _ in range(3)] == ["hello", "hello-2", "hello-3"]


def test_html_is_read_only_where_it_is_named_as_the_source(site: Site) -> None:
    site.created(query="")
    assert site.wall.notices()[0].document["html"] == ""


def test_a_draft_is_not_published(site: Site) -> None:
    assert site.created({"status": "draft"}).status_code == 201
    assert site.wall.notices() == []


def test_posts_are_listed_with_the_fields_asked_for(site: Site) -> None:
    site.created()
    site.created({"slug": "again"})
    assert site.ask("GET", f"{POSTS}?fields=slug&limit=1").json()["posts"] == [{"slug": "again"}]
    assert {"id", "url", "html"} <= set(site.ask("GET", POSTS).json()["posts"][0])


def test_an_address_without_a_post_is_not_found(site: Site) -> None:
    assert site.ask("GET", "/nothing/", authorization="").status_code == 404


def test_the_adapter_removes_its_post_and_what_is_gone_too(site: Site) -> None:
    receipt = site.hold(Ghost().publish(post(Content("Hello", "World")), site.channel))
    assert isinstance(receipt, Receipt)
    for _ in range(2):
        site.hold(Ghost().remove(receipt, site.channel))
        assert site.wall.notices() == []


@dataclass(frozen=True)
class Storing(httpx.BaseTransport):
    """The site, and what was uploaded to us at every https address."""

    site: httpx.BaseTransport

    def handle_request(self, request: httpx.Request) -> httpx.Response:
        if request.url.scheme == "https":
            return httpx.Response(206, content=b"data")
        return self.site.handle_request(request)


def test_what_was_uploaded_to_us_is_handed_over_to_the_site(site: Site) -> None:
    media = (
        Media("https://uploads.example.org/1", "A", "med_1", "image/webp", 4),
        Media("https://uploads.example.org/2", "B", "med_2", "video/mp4", 4),
    )
    stored = replace(site, transport=Storing(site.transport))
    stored.hold(Ghost().publish(post(Content("Hello", "World", media=media)), site.channel))
    document = site.wall.notices()[0].document
    assert document["feature_image"].startswith(f"{SITE}/content/images/")
    assert f'<video src="{SITE}/content/media/' in document["html"]


def test_a_file_the_site_does_not_know_is_not_taken(site: Site) -> None:
    assert site.ask("POST", "/ghost/api/admin/images/upload/").status_code == 422
    wrong = replace(POSTED, content=Content("Hello", media=(Media("https://x.org/1", "", "med_1", "image/bmp", 4),)))
    with pytest.raises(Refused, match="valid file"):
        replace(site, transport=Storing(site.transport)).hold(Ghost().publish(wrong, site.channel))


def test_a_video_of_the_adapters_stays_in_its_card(site: Site) -> None:
    site.hold(Ghost().publish(post(Content("Hello", media=(Media("https://example.org/a.mp4"),))), site.channel))
    assert '<video src="https://example.org/a.mp4"' in site.wall.notices()[0].document["html"]
