from __future__ import annotations

import json
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from typing import Any, TypeVar
from urllib.parse import unquote

import httpx
import pytest

from functions.platforms.xiaohongshu import Xiaohongshu
from publishing.adapter import Conversation
from publishing.conversation import Conversations
from publishing.errors import OutcomeUnknown, PublishingError, Throttled, Unauthorized
from publishing.model import Channel, Content, Handoff, Media, Post
from tests.sandbox.application import Application
from tests.sandbox.faults import Fault, Faults, Kind
from tests.sandbox.platforms import xiaohongshu
from tests.sandbox.wall import Wall

BASE = "https://edith.xiaohongshu.com"
CONTENT = Content("Rivers", "All *rivers*", tags=("rivers",), media=(Media("https://example.org/a.png"),))
POST = Post("dlv_1", CONTENT, datetime(2026, 11, 21, 12, tzinfo=UTC))

T = TypeVar("T")


@dataclass(frozen=True)
class App:
    """The stand-in without a network."""

    wall: Wall
    faults: Faults
    transport: httpx.BaseTransport
    channel: Channel

    def hold(self, conversation: Conversation[T]) -> T:
        conversations = Conversations(self.transport, self.transport, lambda _request, _service: None)
        return conversations.hold(conversation, within_s=10)

    def shared(self, post: Post = POST) -> dict[str, Any]:
        """What the page that is handed off to would hand to the SDK."""
        handoff = self.hold(Xiaohongshu().publish(post, self.channel))
        assert isinstance(handoff, Handoff)
        page, _, fragment = handoff.url.partition("#")
        assert page == f"{BASE}/share"
        shared: dict[str, Any] = json.loads(unquote(fragment))
        return shared

    def opened(self, shared: object) -> dict[str, Any]:
        with httpx.Client(transport=self.transport, base_url=BASE) as client:
            answer: dict[str, Any] = client.post("/app", json=shared).json()
            return answer


@pytest.fixture
def app() -> App:
    wall, faults = Wall(), Faults()
    transport = httpx.WSGITransport(app=Application(xiaohongshu.STAND_IN(wall), wall, faults))
    with httpx.Client(transport=transport, base_url=BASE) as client:
        fields = client.post("/_sandbox/accounts", json={"name": "ada"}).json()
        assert client.get("/share").status_code == 200
    channel = Channel("chn_1", "wsp_1", "xiaohongshu", settings=fields, secrets={"app_secret": fields["app_secret"]})
    return App(wall, faults, transport, channel)


def test_what_is_handed_off_opens_the_app_with_the_note(app: App) -> None:
    opened = app.opened(app.shared())
    (notice,) = app.wall.notices("xiaohongshu", "ada")
    assert notice.id == opened["id"]
    told = {"type": "normal", "title": "Rivers", "content": "All rivers\n\n#rivers"}
    assert notice.document == {**told, "images": ["https://example.org/a.png"]}


def test_a_video_is_handed_off(app: App) -> None:
    video = replace(POST, content=replace(CONTENT, media=(Media("https://example.org/a.mp4"),)))
    app.opened(app.shared(video))
    assert app.wall.notices()[0].document["video"] == "https://example.org/a.mp4"


def test_a_second_hand_off_is_good_as_well(app: App) -> None:
    first, second = app.shared(), app.shared()
    assert [app.opened(each)["success"] for each in (first, second)] == [True, True]


def test_a_share_that_another_signed_is_not_taken(app: App) -> None:
    shared = app.shared()
    assert app.opened({**shared, "verifyConfig": {**shared["verifyConfig"], "nonce": "x"}})["success"] is False


@pytest.mark.parametrize("changes", [{"title": "x" * 21}, {"content": "x" * 1001}, {"images": []}, {"type": "video"}])
def test_a_note_the_app_does_not_take_is_refused(app: App, changes: dict[str, object]) -> None:
    shared = app.shared()
    assert app.opened({**shared, "shareInfo": {**shared["shareInfo"], **changes}})["msg"] == "invalid note"


def test_the_adapter_learns_whether_its_key_and_secret_are_good(app: App) -> None:
    assert app.hold(Xiaohongshu().verify(app.channel)).id == app.channel.settings["app_key"]
    with pytest.raises(Unauthorized, match="invalid signature"):
        app.hold(Xiaohongshu().verify(replace(app.channel, secrets={"app_secret": "wrong"})))


@pytest.mark.parametrize(
    ("kind", "error"),
    [
        (Kind.REFUSE, Unauthorized),
        (Kind.EXPIRE, Unauthorized),
        (Kind.THROTTLE, Throttled),
        (Kind.GARBAGE, OutcomeUnknown),
    ],
)
def test_what_goes_wrong_is_told(app: App, kind: Kind, error: type[PublishingError]) -> None:
    app.faults.switch_on(Fault(platform="xiaohongshu", account="ada", kind=kind))
    with pytest.raises(error):
        app.hold(Xiaohongshu().publish(POST, app.channel))
