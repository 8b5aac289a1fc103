from __future__ import annotations

import re
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from typing import Any, TypeVar

import httpx
import pytest

from functions.platforms.youtube import YouTube
from publishing.adapter import Conversation
from publishing.conversation import Conversations
from publishing.errors import OutcomeUnknown, Unauthorized, Unavailable
from publishing.model import Channel, Content, Media, Metric, Outcome, Pending, Post, Receipt
from tests.sandbox.application import Application
from tests.sandbox.faults import Faults
from tests.sandbox.platforms import youtube
from tests.sandbox.rough import Rougher
from tests.sandbox.wall import Wall

API = "https://www.googleapis.com"
PIECE = 64 * 2**20
SMALL = Media("https://media.example.org/river.mp4", type="video/mp4", size_bytes=300_000)
LARGE = replace(SMALL, size_bytes=PIECE + 5)
NOW = datetime.now(UTC)
VIDEO = {"snippet": {"title": "Rivers"}, "status": {"privacyStatus": "public"}}

T = TypeVar("T")


@dataclass
class Internet(httpx.BaseTransport):
    """YouTube, and a server of videos, which has as many zeros as it is asked for; `losing` answers are lost."""

    youtube: httpx.BaseTransport
    losing: int = 0
    sent: list[httpx.Request] = field(default_factory=list)

    def handle_request(self, request: httpx.Request) -> httpx.Response:
        if request.url.host == "media.example.org":
            first, last = re.findall(r"\d+", request.headers["range"])
            return httpx.Response(206, content=bytes(int(last) - int(first) + 1))
        self.sent.append(request)
        answer = self.youtube.handle_request(request)
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

    @property
    def channel(self) -> Channel:
        return Channel("chn_1", "wsp_1", "youtube", settings=self.fields, secrets=self.fields)

    def hold(self, conversation: Conversation[T]) -> T:
        return Conversations(self.internet, self.internet, lambda *_: None).hold(conversation, within_s=60)

    def uploaded(self, post: Post) -> Outcome:
        """What comes of it, gone on with as the engine does: what is unknown is asked again."""
        outcome: Outcome = self.hold(YouTube().publish(post, self.channel))
        for _ in range(9):
            outcome = self._gone_on(outcome, post)
        return outcome

    def _gone_on(self, outcome: Outcome, post: Post) -> Outcome:
        if not isinstance(outcome, Pending):
            return outcome
        try:
            return self.hold(YouTube().resume(outcome, post, self.channel))
        except (OutcomeUnknown, Unavailable):
            return outcome

    def ask(self, method: str, path: str, **content: Any) -> httpx.Response:
        headers = {"authorization": f"Bearer {self.fields['access_token']}", **content.pop("headers", {})}
        with httpx.Client(transport=self.internet, base_url=API) as client:
            return client.request(method, path, headers=headers, **content)

    def begun(
        self, video: dict[str, Any] | None = None, size: str = "300000", kind: str = "video/mp4"
    ) -> httpx.Response:
        headers = {"x-upload-content-length": size, "x-upload-content-type": kind}
        params = {"uploadType": "resumable", "part": "snippet,status"}
        return self.ask("POST", "/upload/youtube/v3/videos", json=video or VIDEO, headers=headers, params=params)

    def put(self, address: str, span: str, data: bytes = b"") -> httpx.Response:
        return self.ask("PUT", address, content=data, headers={"content-range": span})


def opened(name: str) -> Site:
    wall = Wall()
    transport = httpx.WSGITransport(app=Application(youtube.STAND_IN(wall), wall, Faults()))
    with httpx.Client(transport=transport, base_url=API) as client:
        fields: dict[str, str] = client.post("/_sandbox/accounts", json={"name": name}).json()
    return Site(wall, Internet(transport), fields)


@pytest.fixture
def site() -> Site:
    return opened("ada")


def post(media: Media = SMALL, title: str = "Rivers") -> Post:
    return Post("dlv_1", Content(title, "All *rivers* carry leaves.", tags=("rivers",), media=(media,)), NOW)


def reason_of(answer: httpx.Response) -> tuple[int, str]:
    return answer.status_code, answer.json()["error"]["errors"][0]["reason"]


def test_the_adapters_video_is_taken_processed_found_and_shown(site: Site) -> None:
    receipt = site.uploaded(post())
    assert isinstance(receipt, Receipt)
    (notice,) = site.wall.notices("youtube", "ada")
    assert (notice.id, notice.document["bytes"]) == (receipt.id, 300_000)
    found = site.hold(YouTube().find(post(), site.channel, NOW - timedelta(minutes=5)))
    assert found is not None
    assert (found.id, found.url) == (receipt.id, receipt.url)
    assert "All rivers carry leaves." in site.ask("GET", receipt.url).text


def test_a_large_video_goes_there_in_pieces(site: Site) -> None:
    assert isinstance(site.uploaded(post(LARGE)), Receipt)
    spans = [request.headers["content-range"] for request in site.internet.sent if "content-range" in request.headers]
    whole = f"{PIECE + 5}"
    assert spans == [
        f"bytes */{whole}",
        f"bytes 0-{PIECE - 1}/{whole}",
        f"bytes */{whole}",
        f"bytes {PIECE}-{PIECE + 4}/{whole}",
    ]


def test_a_lost_answer_never_makes_a_second_video(site: Site) -> None:
    site.internet.losing = 1
    receipt = site.uploaded(post())
    assert [notice.id for notice in site.wall.notices()] == [getattr(receipt, "id", "")]


@pytest.mark.parametrize("seed", range(20))
def test_whatever_is_lost_on_the_way_there_is_one_video(site: Site, seed: int) -> None:
    receipt = Rougher(YouTube(), site.internet, seed).published(post(), site.channel)
    assert [notice.id for notice in site.wall.notices()] == [getattr(receipt, "id", "")]


def test_a_video_is_counted_and_removed_once_for_all(site: Site) -> None:
    receipt = site.uploaded(post())
    assert isinstance(receipt, Receipt)
    counts = site.hold(YouTube().metrics(receipt, site.channel))
    assert counts == {Metric.VIEWS: 47, Metric.LIKES: 11, Metric.COMMENTS: 3}
    for _ in range(2):
        site.hold(YouTube().remove(receipt, site.channel))
    assert site.ask("GET", receipt.url).status_code == 404
    assert site.hold(YouTube().find(post(), site.channel, NOW - timedelta(minutes=5))) is None


def test_the_adapter_renews_its_token_and_the_old_one_is_no_good(site: Site) -> None:
    fresh = site.hold(YouTube().refresh(site.channel))
    assert site.ask("GET", "/youtube/v3/channels?mine=true&part=snippet").status_code == 401
    channel = replace(site.channel, secrets={**site.fields, **fresh.secrets})
    assert site.hold(YouTube().verify(channel)).name == "ada"


def test_a_refresh_token_nobody_gave_is_refused(site: Site) -> None:
    channel = replace(site.channel, secrets={**site.fields, "refresh_token": "1//other"})
    with pytest.raises(Unauthorized):
        site.hold(YouTube().refresh(channel))


def test_a_channel_that_uploads_no_more_today_waits() -> None:
    busy = opened("busy-ada")
    outcome = busy.hold(YouTube().publish(post(), busy.channel))
    assert isinstance(outcome, Pending)
    waiting = busy.hold(YouTube().resume(outcome, post(), busy.channel))
    assert isinstance(waiting, Pending)
    assert waiting.after_s > 86_000
    assert busy.wall.notices() == []


def test_a_session_that_is_gone_is_replaced_after_looking(site: Site) -> None:
    outcome = site.hold(YouTube().publish(post(), site.channel))
    assert isinstance(outcome, Pending)
    gone = {**outcome.state, "session": f"{outcome.state['session']}x", "misses": "2"}
    other = site.hold(YouTube().resume(Pending(gone, 0.0), post(), site.channel))
    assert isinstance(other, Pending)
    assert other.state["round"] == "2"


def test_without_a_token_nobody_is_served(site: Site) -> None:
    answer = site.ask("GET", "/youtube/v3/channels?mine=true&part=snippet", headers={"authorization": "Bearer x"})
    assert reason_of(answer) == (401, "authError")


@pytest.mark.parametrize(
    ("part", "said", "reason"),
    [
        ("snippet", {"title": ""}, "invalidTitle"),
        ("snippet", {"title": "x" * 101}, "invalidTitle"),
        ("snippet", {"title": "a<b"}, "invalidTitle"),
        ("snippet", {"title": "x", "description": "ä" * 2_501}, "invalidDescription"),
        ("snippet", {"title": "x", "description": "a > b"}, "invalidDescription"),
        ("snippet", {"title": "x", "tags": ["x" * 248, f"y {'y' * 248}"]}, "invalidTags"),
        ("snippet", {"title": "x", "categoryId": "music"}, "invalidCategoryId"),
        ("snippet", {"title": "x", "colour": "red"}, "invalidVideoMetadata"),
        ("status", {"privacyStatus": "secret"}, "invalidVideoMetadata"),
        ("player", {}, "invalidVideoMetadata"),
    ],
)
def test_what_breaks_a_rule_is_told(site: Site, part: str, said: dict[str, Any], reason: str) -> None:
    assert reason_of(site.begun({**VIDEO, part: said})) == (400, reason)


@pytest.mark.parametrize(("size", "kind"), [("", "video/mp4"), ("0", "video/mp4"), ("9", "image/png")])
def test_what_is_no_video_is_not_begun(site: Site, size: str, kind: str) -> None:
    assert site.begun(size=size, kind=kind).status_code == 400


def test_a_session_tells_where_it_stands_and_at_last_its_video(site: Site) -> None:
    address = site.begun(size=str(2**18 + 1)).headers["location"]
    nothing = site.put(address, f"bytes */{2**18 + 1}")
    assert (nothing.status_code, "range" in nothing.headers) == (308, False)
    some = site.put(address, f"bytes 0-{2**18 - 1}/{2**18 + 1}", bytes(2**18))
    assert (some.status_code, some.headers["range"]) == (308, f"bytes=0-{2**18 - 1}")
    made = site.put(address, f"bytes {2**18}-{2**18}/{2**18 + 1}", b"0")
    again = site.put(address, f"bytes */{2**18 + 1}")
    assert (made.status_code, again.json()["id"]) == (200, made.json()["id"])
    assert len(site.wall.notices()) == 1


@pytest.mark.parametrize(
    ("span", "length", "status"),
    [
        ("bytes 0-9/300000", 10, 400),
        ("bytes 0-299999/300000", 10, 400),
        ("bytes 10-299999/300000", 299_990, 503),
        ("bytes 0-299999/300001", 300_000, 400),
        ("0-299999", 300_000, 400),
    ],
)
def test_a_piece_that_is_none_is_not_taken(site: Site, span: str, length: int, status: int) -> None:
    assert site.put(site.begun().headers["location"], span, bytes(length)).status_code == status


def test_what_is_not_there_is_told(site: Site) -> None:
    assert site.put("/upload/youtube/v3/videos?upload_id=x", "bytes */9").status_code == 404
    assert reason_of(site.ask("DELETE", "/youtube/v3/videos?id=x")) == (404, "videoNotFound")
    assert site.ask("GET", "/youtube/v3/videos?part=status&id=x").json()["items"] == []
    assert reason_of(site.ask("GET", "/youtube/v3/playlistItems?playlistId=UUada")) == (404, "playlistNotFound")
    assert reason_of(site.ask("GET", "/youtube/v3/channels?part=snippet")) == (400, "missingRequiredParameter")


def test_uploads_are_listed_last_first_in_pages(site: Site) -> None:
    first, second = (site.uploaded(post(title=title)) for title in ("One", "Two"))
    path = "/youtube/v3/playlistItems?part=snippet&playlistId=UUada&maxResults=1"
    page = site.ask("GET", path).json()
    rest = site.ask("GET", f"{path}&pageToken={page['nextPageToken']}").json()
    ids = [each["items"][0]["snippet"]["resourceId"]["videoId"] for each in (page, rest)]
    assert ids == [getattr(second, "id", ""), getattr(first, "id", "")]
    assert "nextPageToken" not in rest
