from __future__ import annotations

import json
import time
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from typing import TypeVar
from urllib.parse import urlsplit

import httpx
import pytest

from functions.platforms import _douyin_uploads
from functions.platforms.douyin import Douyin
from publishing.adapter import Conversation
from publishing.conversation import Conversations
from publishing.errors import OutcomeUnknown, Refused, Throttled, Unauthorized
from publishing.inbound import Call, Heard
from publishing.model import Channel, Content, Handoff, Media, Metric, Outcome, Pending, Post, Receipt
from tests.sandbox.application import Application
from tests.sandbox.faults import Fault, Faults, Kind
from tests.sandbox.platforms import douyin
from tests.sandbox.wall import Wall

BASE = "https://open.douyin.com"
MEDIA = {"/river.mp4": b"river" * 2_000, "/a.png": b"\x89PNG\r\n\x1a\n..."}
VIDEO = Media("https://example.org/river.mp4", type="video/mp4", size_bytes=10_000)
PICTURE = Media("https://example.org/a.png")
SECRETS = ("client_secret", "access_token", "refresh_token", "ticket")

T = TypeVar("T")


class Web(httpx.BaseTransport):
    """The stand-in without a network, and beside it a server of media."""

    def __init__(self, application: Application) -> None:
        self._stand_in = httpx.WSGITransport(app=application)

    def handle_request(self, request: httpx.Request) -> httpx.Response:
        """Whose host it is answers."""
        if request.url.host == "open.douyin.com":
            body = request.read()
            return self._stand_in.handle_request(
                httpx.Request(request.method, request.url, headers=request.headers, content=body)
            )
        data = MEDIA[request.url.path]
        if "range" not in request.headers:
            return httpx.Response(200, content=data)
        first, _, last = request.headers["range"].removeprefix("bytes=").partition("-")
        return httpx.Response(206, content=data[int(first) : int(last) + 1])


@dataclass(frozen=True)
class App:
    """An app with a grant."""

    wall: Wall
    faults: Faults
    transport: httpx.BaseTransport
    fields: dict[str, str]

    @property
    def channel(self) -> Channel:
        secrets = {name: value for name, value in self.fields.items() if name in SECRETS}
        return Channel("chn_1", "wsp_1", "douyin", settings=self.fields, secrets=secrets)

    @property
    def sharing(self) -> Channel:
        """The same without a grant, and with a ticket as the engine has fetched it."""
        settings = {"client_key": self.fields["client_key"]}
        channel = replace(self.channel, settings=settings)
        fresh = self.hold(Douyin().refresh(channel))
        return replace(channel, secrets={**channel.secrets, **fresh.secrets})

    def hold(self, conversation: Conversation[T]) -> T:
        conversations = Conversations(self.transport, self.transport, lambda _request, _service: None)
        return conversations.hold(conversation, within_s=20)

    def published(self, post: Post) -> Outcome:
        """Gone on with until it is out, without the waits."""
        outcome = self.hold(Douyin().publish(post, self.channel))
        end_s = time.monotonic() + 10
        while isinstance(outcome, Pending) and time.monotonic() < end_s:
            time.sleep(0.05)
            outcome = self.hold(Douyin().resume(outcome, post, self.channel))
        return outcome

    def ask(self, method: str, path: str, **content: object) -> httpx.Response:
        query = {"open_id": self.fields["open_id"]}
        headers = {"access-token": self.fields["access_token"]}
        with httpx.Client(transport=self.transport, base_url=BASE, headers=headers) as client:
            return client.request(method, path, params=query, **content)  # type: ignore[arg-type]

    def tapped(self, url: str) -> httpx.Response:
        """What comes of it when a person follows the link."""
        with httpx.Client(transport=self.transport, base_url=BASE) as client:
            return client.get(f"/openplatform/share?{urlsplit(url).query}")


@pytest.fixture
def app() -> App:
    wall, faults = Wall(), Faults()
    transport = Web(Application(douyin.STAND_IN(wall), wall, faults))
    with httpx.Client(transport=transport, base_url=BASE) as client:
        fields: dict[str, str] = client.post("/_sandbox/accounts", json={"name": "ada"}).json()
    return App(wall, faults, transport, fields)


def post(*media: Media, text: str = "All *rivers*") -> Post:
    return Post("dlv_1", Content("Rivers", text, tags=("rivers",), media=media or (VIDEO,)), datetime.now(UTC))


def code_of(answer: httpx.Response) -> int:
    return int(answer.json()["data"]["error_code"])


def uploaded(app: App) -> str:
    told = app.ask("POST", f"{douyin.VIDEO}/upload_video/", files={"video": ("v", b"river", "video/mp4")}).json()
    return str(told["data"]["video"]["video_id"])


def created(app: App, **body: object) -> httpx.Response:
    return app.ask("POST", f"{douyin.VIDEO}/create_video/", json=body)


def test_a_video_is_published_reviewed_found_and_counted(app: App) -> None:
    receipt = app.published(post())
    assert isinstance(receipt, Receipt)
    (notice,) = app.wall.notices("douyin", "ada")
    assert (notice.id, notice.document["text"]) == (receipt.id, "Rivers\n\nAll rivers\n\n#rivers")
    assert app.ask("GET", receipt.url).status_code == 200
    since = datetime.now(UTC) - timedelta(minutes=1)
    assert app.hold(Douyin().find(post(), app.channel, since)) == receipt
    assert app.hold(Douyin().metrics(receipt, app.channel))[Metric.VIEWS] == 7


def test_pictures_are_published(app: App) -> None:
    assert isinstance(app.published(post(PICTURE, PICTURE)), Receipt)
    assert len(app.wall.notices()[0].document["media"]) == 2


def test_a_large_video_is_published_in_parts(app: App, monkeypatch: pytest.MonkeyPatch) -> None:
    for name, size in {"WHOLE_BYTES": 3_000, "PART_BYTES": 1_500, "LAST_BYTES": 1_200}.items():
        monkeypatch.setattr(_douyin_uploads, name, size)
    monkeypatch.setattr(douyin, "LEAST_BYTES", 1_200)
    assert isinstance(app.published(post()), Receipt)


def test_a_work_that_was_made_before_the_worker_died_is_not_made_again(app: App) -> None:
    prepared = app.hold(Douyin().publish(post(), app.channel))
    assert isinstance(prepared, Pending)
    app.hold(Douyin().resume(prepared, post(), app.channel))
    assert isinstance(app.hold(Douyin().resume(prepared, post(), app.channel)), Receipt)
    assert len(app.wall.notices()) == 1


@pytest.mark.parametrize(
    ("kind", "error"), [(Kind.REFUSE, Refused), (Kind.EXPIRE, Unauthorized), (Kind.GARBAGE, OutcomeUnknown)]
)
def test_what_goes_wrong_is_told(app: App, kind: Kind, error: type[Exception]) -> None:
    prepared = app.hold(Douyin().publish(post(), app.channel))
    assert isinstance(prepared, Pending)
    app.faults.switch_on(Fault(platform="douyin", account="ada", kind=kind))
    with pytest.raises(error):
        app.hold(Douyin().resume(prepared, post(), app.channel))


def test_an_upload_can_be_too_fast(app: App) -> None:
    app.faults.switch_on(Fault(platform="douyin", account="ada", kind=Kind.THROTTLE, everywhere=True))
    with pytest.raises(Throttled):
        app.hold(Douyin().publish(post(), app.channel))


def test_the_adapter_learns_whose_grant_it_has(app: App) -> None:
    assert app.hold(Douyin().verify(app.channel)).name == "ada"


def test_a_renewed_grant_is_good_and_the_old_one_is_not(app: App) -> None:
    fresh = app.hold(Douyin().refresh(app.channel))
    assert set(fresh.secrets) == {"access_token", "refresh_token"}
    with pytest.raises(Unauthorized):
        app.hold(Douyin().verify(app.channel))
    renewed = replace(app.channel, secrets={**app.channel.secrets, **fresh.secrets})
    assert app.hold(Douyin().verify(renewed)).name == "ada"
    with pytest.raises(Unauthorized):
        app.hold(Douyin().refresh(app.channel))


def test_a_refresh_token_is_renewed_five_times(app: App) -> None:
    channel = app.channel
    for _ in range(5):
        fresh = app.hold(Douyin().refresh(channel))
        channel = replace(channel, secrets={**channel.secrets, **fresh.secrets})
    assert set(app.hold(Douyin().refresh(channel)).secrets) == {"access_token"}


def test_what_is_handed_off_is_published_by_a_tap_and_heard(app: App) -> None:
    channel = app.sharing
    handoff = app.hold(Douyin().publish(post(), channel))
    assert isinstance(handoff, Handoff)
    called = app.tapped(handoff.url).json()
    (notice,) = app.wall.notices("douyin", "ada")
    call = Call("POST", "https://example.org/in", headers=called["headers"], body=called["body"].encode())
    (heard,) = list(Douyin().hear(call, channel, datetime.now(UTC)))
    assert isinstance(heard, Heard)
    assert heard.reference == handoff.reference
    assert heard.receipt is not None
    assert heard.receipt.id == notice.id


def test_pictures_are_handed_off(app: App) -> None:
    handoff = app.hold(Douyin().publish(post(PICTURE, PICTURE), app.sharing))
    assert isinstance(handoff, Handoff)
    app.tapped(handoff.url)
    assert json.loads(app.wall.notices()[0].document["image_list_path"]) == [PICTURE.url] * 2


def test_a_link_that_was_changed_is_not_taken(app: App) -> None:
    handoff = app.hold(Douyin().publish(post(), app.sharing))
    assert isinstance(handoff, Handoff)
    assert code_of(app.tapped(handoff.url.replace("nonce_str=", "nonce_str=0"))) == 2100005


def test_an_app_with_a_wrong_secret_is_not_known(app: App) -> None:
    settings = {"client_key": app.fields["client_key"]}
    channel = replace(app.channel, settings=settings, secrets={"client_secret": "wrong"})
    with pytest.raises(Unauthorized, match="client_secret"):
        app.hold(Douyin().verify(channel))


def test_a_video_is_used_once(app: App) -> None:
    video = uploaded(app)
    assert [code_of(created(app, video_id=video, text="x")) for _ in range(2)] == [0, 2100005]


def test_what_breaks_a_rule_is_refused(app: App) -> None:
    upload = f"{douyin.VIDEO}/upload_video/"
    assert code_of(app.ask("POST", upload, files={"video": ("v", b"river", "text/plain")})) == 2100005
    assert code_of(app.ask("POST", upload, files={"file": ("v", b"river", "video/mp4")})) == 2100005
    assert code_of(created(app, video_id="unknown", text="x")) == 2100005
    assert code_of(created(app, video_id=uploaded(app), text="x" * 1001)) == 2100005
    assert code_of(app.ask("POST", f"{douyin.VIDEO}/create_image_text/", json={"image_list": []})) == 2100005
    assert code_of(app.ask("POST", f"{douyin.VIDEO}/upload_video_part/")) == 2100005
    assert code_of(app.ask("POST", f"{douyin.VIDEO}/complete_video_part_upload/")) == 2100005


def test_a_token_is_good_for_its_own_open_id(app: App) -> None:
    channel = replace(app.channel, settings={**app.channel.settings, "open_id": "another"})
    with pytest.raises(Unauthorized, match="不匹配"):
        app.hold(Douyin().publish(post(), channel))


def test_an_address_without_a_work_is_not_found(app: App) -> None:
    assert app.ask("GET", "/share/video/9").status_code == 404
