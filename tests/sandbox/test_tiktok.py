from __future__ import annotations

import re
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from typing import Any, TypeVar

import httpx
import pytest

from functions.platforms.tiktok import TikTok
from publishing.adapter import Conversation
from publishing.conversation import Conversations
from publishing.errors import OutcomeUnknown, Refused, Unauthorized, Unavailable
from publishing.model import Channel, Content, Handoff, Media, Metric, Outcome, Pending, Post, Receipt
from tests.sandbox.application import Application
from tests.sandbox.faults import Faults
from tests.sandbox.platforms import tiktok
from tests.sandbox.rough import Rougher
from tests.sandbox.wall import Wall

API = "https://open.tiktokapis.com"
SMALL = Media("https://media.example.org/river.mp4", type="video/mp4", size_bytes=300_000)
LARGE = replace(SMALL, size_bytes=60_000_001)
PHOTOS = (Media("https://media.example.org/a.jpg"), Media("https://media.example.org/b.webp"))
NOW = datetime.now(UTC)
INFO = {"title": "Rivers", "privacy_level": "SELF_ONLY"}
FILE = {"source": "FILE_UPLOAD", "video_size": 300_000, "chunk_size": 300_000, "total_chunk_count": 1}
PULLED = {"source": "PULL_FROM_URL", "photo_images": ["https://media.example.org/a.jpg"]}

T = TypeVar("T")


@dataclass
class Internet(httpx.BaseTransport):
    """TikTok, and a server of videos, which has as many zeros as it is asked for; `losing` answers are lost."""

    tiktok: httpx.BaseTransport
    losing: int = 0
    sent: list[httpx.Request] = field(default_factory=list)

    def handle_request(self, request: httpx.Request) -> httpx.Response:
        if request.url.host == "media.example.org":
            first, last = re.findall(r"\d+", request.headers["range"])
            return httpx.Response(206, content=bytes(int(last) - int(first) + 1))
        self.sent.append(request)
        answer = self.tiktok.handle_request(request)
        if request.extensions.get("publishes") and self.losing:
            self.losing -= 1
            raise httpx.ReadTimeout("")
        return answer


@dataclass(frozen=True)
class Site:
    """The stand-in without a network: nothing here is about connections."""

    wall: Wall
    internet: Internet
    fields: dict[str, str]

    def channel(self, **settings: str) -> Channel:
        return Channel("chn_1", "wsp_1", "tiktok", settings={**self.fields, **settings}, secrets=self.fields)

    def hold(self, conversation: Conversation[T]) -> T:
        return Conversations(self.internet, self.internet, lambda *_: None).hold(conversation, within_s=60)

    def posted(self, post: Post, **settings: str) -> Outcome:
        """What comes of it, gone on with as the engine does: what is unknown is asked again."""
        outcome: Outcome = self.hold(TikTok().publish(post, self.channel(**settings)))
        for _ in range(9):
            outcome = self._gone_on(outcome, post, self.channel(**settings))
        return outcome

    def _gone_on(self, outcome: Outcome, post: Post, channel: Channel) -> Outcome:
        if not isinstance(outcome, Pending):
            return outcome
        try:
            return self.hold(TikTok().resume(outcome, post, channel))
        except (OutcomeUnknown, Unavailable):
            return outcome

    def ask(self, path: str, body: object = None, *, token: str = "") -> httpx.Response:
        headers = {"authorization": f"Bearer {token or self.fields['access_token']}"}
        with httpx.Client(transport=self.internet, base_url=API) as client:
            return client.post(f"/v2/{path}", json=body, headers=headers)

    def put(self, address: str, span: str, data: bytes, kind: str = "video/mp4") -> httpx.Response:
        with httpx.Client(transport=self.internet) as client:
            return client.put(address, content=data, headers={"content-range": span, "content-type": kind})

    def begun(self, **source: object) -> Any:
        body = {"post_info": INFO, "source_info": {**FILE, **source}}
        return self.ask("post/publish/video/init/", body).json()["data"]


def opened(name: str) -> Site:
    wall = Wall()
    transport = httpx.WSGITransport(app=Application(tiktok.STAND_IN(wall), wall, Faults()))
    with httpx.Client(transport=transport, base_url=API) as client:
        fields: dict[str, str] = client.post("/_sandbox/accounts", json={"name": name}).json()
    return Site(wall, Internet(transport), fields)


@pytest.fixture
def site() -> Site:
    return opened("ada")


def post(*media: Media, title: str = "") -> Post:
    return Post("dlv_1", Content(title, "All *rivers* carry leaves.", tags=("rivers",), media=media or (SMALL,)), NOW)


def code_of(answer: httpx.Response) -> tuple[int, str]:
    return answer.status_code, answer.json()["error"]["code"]


def test_the_adapters_video_is_taken_processed_and_shown(site: Site) -> None:
    receipt = site.posted(post())
    assert isinstance(receipt, Receipt)
    (notice,) = site.wall.notices("tiktok", "ada")
    assert (notice.id, notice.document["title"]) == (receipt.id, "All rivers carry leaves.\n\n#rivers")
    with httpx.Client(transport=site.internet) as client:
        assert "All rivers carry leaves." in client.get(receipt.url).text


def test_a_large_video_goes_there_in_chunks(site: Site) -> None:
    assert isinstance(site.posted(post(LARGE)), Receipt)
    spans = [request.headers["content-range"] for request in site.internet.sent if request.method == "PUT"]
    assert spans == ["bytes 0-29999999/60000001", "bytes 30000000-60000000/60000001"]


def test_a_lost_answer_never_makes_a_second_post(site: Site) -> None:
    site.internet.losing = 1
    receipt = site.posted(post())
    assert [notice.id for notice in site.wall.notices()] == [getattr(receipt, "id", "")]


@pytest.mark.parametrize("seed", range(20))
def test_whatever_is_lost_on_the_way_there_is_one_post(site: Site, seed: int) -> None:
    receipt = Rougher(TikTok(), site.internet, seed).published(post(), site.channel())
    assert [notice.id for notice in site.wall.notices()] == [getattr(receipt, "id", "")]


def test_photos_are_posted_and_a_lost_answer_is_found_again(site: Site) -> None:
    site.internet.losing = 1
    with pytest.raises(OutcomeUnknown):
        site.hold(TikTok().publish(post(*PHOTOS, title="Rivers"), site.channel()))
    found = site.hold(TikTok().find(post(*PHOTOS), site.channel(), NOW - timedelta(minutes=5)))
    (notice,) = site.wall.notices()
    assert found is not None
    assert found.id == notice.id


def test_photos_that_are_out_have_a_page(site: Site) -> None:
    receipt = site.posted(post(*PHOTOS))
    assert isinstance(receipt, Receipt)
    with httpx.Client(transport=site.internet) as client:
        assert client.get(receipt.url).status_code == 200


def test_what_is_not_for_everybody_is_out_without_a_link_of_its_own(site: Site) -> None:
    receipt = site.posted(post(), privacy="SELF_ONLY")
    assert isinstance(receipt, Receipt)
    assert (receipt.url, len(site.wall.notices())) == ("https://www.tiktok.com/@ada", 1)
    with pytest.raises(OutcomeUnknown):
        site.hold(TikTok().find(post(), site.channel(), NOW - timedelta(minutes=5)))


@pytest.mark.parametrize("name", ["draft-ada", "ada"])
@pytest.mark.parametrize("media", [(SMALL,), PHOTOS])
def test_a_hand_off_ends_in_the_inbox(name: str, media: tuple[Media, ...]) -> None:
    site = opened(name)
    outcome = site.posted(post(*media), mode="" if name.startswith("draft") else "inbox")
    assert isinstance(outcome, Handoff)
    (notice,) = site.wall.notices()
    assert (notice.document["inbox"], outcome.reference) == (True, notice.document["publish_id"])


def test_a_video_is_fetched_from_a_verified_address(site: Site) -> None:
    assert isinstance(site.posted(post(), pull_from="https://media.example.org/"), Receipt)
    assert [request.method for request in site.internet.sent if request.method == "PUT"] == []


def test_a_video_that_cannot_be_fetched_is_handed_over(site: Site) -> None:
    missing = replace(SMALL, url="https://media.example.org/missing.mp4")
    assert isinstance(site.posted(post(missing), pull_from="https://media.example.org/"), Receipt)
    assert len(site.wall.notices()) == 1


def test_photos_that_cannot_be_fetched_are_refused(site: Site) -> None:
    with pytest.raises(Refused, match="photo_pull_failed"):
        site.posted(post(Media("https://media.example.org/missing.jpg")))
    with pytest.raises(Refused, match="ownership"):
        site.posted(post(Media("https://unverified.example.org/a.jpg")))


def test_a_post_is_counted(site: Site) -> None:
    receipt = site.posted(post())
    assert isinstance(receipt, Receipt)
    counts = site.hold(TikTok().metrics(receipt, site.channel()))
    assert counts == {Metric.VIEWS: 47, Metric.LIKES: 11, Metric.COMMENTS: 3, Metric.SHARES: 2}


def test_the_adapter_renews_its_tokens_and_the_old_ones_are_no_good(site: Site) -> None:
    fresh = site.hold(TikTok().refresh(site.channel()))
    assert code_of(site.ask("post/publish/creator_info/query/")) == (401, "access_token_invalid")
    channel = replace(site.channel(), secrets={**site.fields, **fresh.secrets})
    assert site.hold(TikTok().verify(channel)).name == "ada"
    with pytest.raises(Unauthorized):
        site.hold(TikTok().refresh(site.channel()))


@pytest.mark.parametrize(
    ("info", "source", "code"),
    [
        ({"privacy_level": "FOLLOWER_OF_CREATOR"}, {}, (403, "privacy_level_option_mismatch")),
        ({"title": "👩" * 1_101}, {}, (400, "invalid_params")),
        ({}, {"source": "PUSH"}, (400, "invalid_params")),
        ({}, {"video_size": 4_000_001_000}, (400, "invalid_params")),
        ({}, {"chunk_size": 100_000, "total_chunk_count": 3}, (400, "invalid_params")),
        ({}, {"video_size": 50_000_123, "chunk_size": 10_000_000, "total_chunk_count": 6}, (400, "invalid_params")),
        ({}, {"video_size": 70_000_000, "chunk_size": 64_000_000, "total_chunk_count": 1}, (400, "invalid_params")),
        ({}, {"video_size": 50_000_123, "chunk_size": 10_000_000, "total_chunk_count": 5}, (200, "ok")),
        ({}, {"source": "PULL_FROM_URL", "video_url": "http://example.org/a"}, (403, "url_ownership_unverified")),
    ],
)
def test_what_breaks_a_rule_is_told(
    site: Site, info: dict[str, Any], source: dict[str, Any], code: tuple[int, str]
) -> None:
    body = {"post_info": {**INFO, **info}, "source_info": {**FILE, **source}}
    assert code_of(site.ask("post/publish/video/init/", body)) == code


@pytest.mark.parametrize(
    ("changes", "code"),
    [
        ({"media_type": "VIDEO"}, (400, "invalid_params")),
        ({"post_info": None}, (400, "invalid_params")),
        ({"post_info": {**INFO, "title": "x" * 91}}, (400, "invalid_params")),
        ({"post_info": {**INFO, "description": "x" * 4_001}}, (400, "invalid_params")),
        ({"source_info": {**PULLED, "source": "FILE_UPLOAD"}}, (400, "invalid_params")),
        ({"source_info": {**PULLED, "photo_cover_index": 1}}, (400, "invalid_params")),
        ({"source_info": {**PULLED, "photo_images": ["https://example.org/a.png"]}}, (400, "file_format_check_failed")),
        ({}, (200, "ok")),
    ],
)
def test_what_breaks_a_rule_for_photos_is_told(site: Site, changes: dict[str, Any], code: tuple[int, str]) -> None:
    body = {"media_type": "PHOTO", "post_mode": "DIRECT_POST", "post_info": INFO, "source_info": PULLED}
    assert code_of(site.ask("post/publish/content/init/", {**body, **changes})) == code


@pytest.mark.parametrize(
    ("span", "length", "kind", "status"),
    [
        ("bytes 0-299999/300000", 300_000, "video/mp4", 201),
        ("bytes 0-9/300000", 10, "video/mp4", 416),
        ("bytes 1-300000/300001", 300_000, "video/mp4", 416),
        ("bytes 0-299999/300000", 10, "video/mp4", 400),
        ("bytes 0-299999/300000", 300_000, "image/png", 400),
        ("0-299999", 300_000, "video/mp4", 400),
    ],
)
def test_a_chunk_that_is_none_is_not_taken(site: Site, span: str, length: int, kind: str, status: int) -> None:
    assert site.put(site.begun()["upload_url"], span, bytes(length), kind).status_code == status


def test_an_address_nobody_gave_takes_no_chunk(site: Site) -> None:
    address = f"{site.begun()['upload_url']}x"
    assert site.put(address, "bytes 0-299999/300000", bytes(300_000)).status_code == 404


def test_a_post_is_told_of_to_its_creator_alone(site: Site) -> None:
    asked = {"publish_id": site.begun()["publish_id"]}
    assert site.ask("post/publish/status/fetch/", asked).json()["data"]["status"] == "PROCESSING_UPLOAD"
    assert code_of(site.ask("post/publish/status/fetch/", {"publish_id": "x"})) == (400, "invalid_publish_id")


def test_posts_are_listed_last_first_in_pages(site: Site) -> None:
    first, second = (site.posted(post()) for _ in range(2))
    pages = [site.ask("video/list/?fields=id", {"max_count": 1, "cursor": cursor}).json()["data"] for cursor in (0, 1)]
    ids = [page["videos"][0]["id"] for page in pages]
    assert ids == [getattr(second, "id", ""), getattr(first, "id", "")]
    assert [page["has_more"] for page in pages] == [True, False]
    assert code_of(site.ask("video/list/?fields=id", {"max_count": 21})) == (400, "invalid_params")
