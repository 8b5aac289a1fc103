from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from typing import TypeVar

import httpx
import pytest

from functions.platforms.weibo import Weibo
from publishing.adapter import Conversation
from publishing.conversation import Conversations
from publishing.errors import Refused, Throttled, Unauthorized
from publishing.model import Channel, Content, Media, Metric, Post, Receipt
from tests.sandbox.application import Application
from tests.sandbox.faults import Fault, Faults, Kind
from tests.sandbox.platforms import weibo
from tests.sandbox.wall import Wall

API = "http://api.weibo.com"
PNG = b"\x89PNG\r\n\x1a\n..."
LINK = "https://www.example.com/rivers"
POST = Post("dlv_1", Content(text="河流 carry *leaves*.", link=LINK), datetime.now(UTC))
FORM = {"status": f"Hello {LINK}", "rip": "211.156.0.1"}

T = TypeVar("T")


class Pictures(httpx.BaseTransport):
    """Weibo's host leads to the stand-in, every other to a picture."""

    def __init__(self, inner: httpx.BaseTransport) -> None:
        self._inner = inner

    def handle_request(self, request: httpx.Request) -> httpx.Response:
        if request.url.host == "api.weibo.com":
            return self._inner.handle_request(request)
        return httpx.Response(200, content=PNG)


@dataclass(frozen=True)
class App:
    """The stand-in without a network."""

    wall: Wall
    faults: Faults
    client: httpx.Client
    fields: dict[str, str]

    @property
    def channel(self) -> Channel:
        secrets = {"access_token": self.fields["access_token"]}
        return Channel("chn_1", "wsp_1", "weibo", settings=self.fields, secrets=secrets)

    def hold(self, conversation: Conversation[T]) -> T:
        transport = Pictures(self.client._transport)
        conversations = Conversations(transport, transport, lambda _request, _service: None, plain_http=True)
        return conversations.hold(conversation, within_s=10)

    def shared(self, files: dict[str, bytes] | None = None, **form: str) -> httpx.Response:
        data = {"access_token": self.fields["access_token"], **FORM, **form}
        return self.client.post("/2/statuses/share.json", data=data, files=files)


@pytest.fixture
def app() -> Iterator[App]:
    wall, faults = Wall(), Faults()
    transport = httpx.WSGITransport(app=Application(weibo.STAND_IN(wall), wall, faults))
    with httpx.Client(transport=transport, base_url=API) as client:
        fields: dict[str, str] = client.post("/_sandbox/accounts", json={"name": "ada"}).json()
        yield App(wall, faults, client, fields)


def code_of(answer: httpx.Response) -> tuple[int, int]:
    return answer.status_code, answer.json()["error_code"]


def test_without_a_token_nothing_is_answered(app: App) -> None:
    assert code_of(app.shared(access_token="wrong")) == (403, 21332)


def test_a_post_has_its_number_as_text(app: App) -> None:
    shown = app.shared().json()
    assert shown["idstr"] == app.wall.notices("weibo", "ada")[0].id
    assert shown["text"] == "Hello http://t.cn/A6StandIn"


@pytest.mark.parametrize(
    ("form", "code"),
    [
        ({"rip": ""}, 10016),
        ({"status": " "}, 20008),
        ({"status": "河" * 130 + LINK}, 20012),
        ({"status": "Hello https://example.org/"}, 10017),
        ({"status": f"#Hello# {LINK}"}, 10017),
    ],
)
def test_what_breaks_a_rule_is_told(app: App, form: dict[str, str], code: int) -> None:
    assert code_of(app.shared(None, **form)) == (400, code)


@pytest.mark.parametrize(("data", "code"), [(b"RIFF....WEBP", 20005), (PNG + bytes(5 * 2**20), 20006)])
def test_a_picture_weibo_does_not_take_is_refused(app: App, data: bytes, code: int) -> None:
    assert code_of(app.shared(files={"pic": data})) == (400, code)


def test_the_same_again_is_refused(app: App) -> None:
    app.shared()
    assert code_of(app.shared()) == (400, 20019)


def test_thirty_posts_an_hour_are_enough(app: App) -> None:
    assert [app.shared(status=f"{number} {LINK}").status_code for number in range(31)] == [200] * 30 + [403]


def test_a_hundred_questions_a_day_are_enough(app: App) -> None:
    headers = {"authorization": f"OAuth2 {app.fields['access_token']}"}
    answers = [app.client.get("/2/statuses/count.json?ids=1", headers=headers) for _ in range(101)]
    assert [answer.status_code for answer in answers] == [200] * 100 + [403]


def test_a_user_sees_only_themselves(app: App) -> None:
    headers = {"authorization": f"OAuth2 {app.fields['access_token']}"}
    assert code_of(app.client.get("/2/users/show.json?uid=1", headers=headers)) == (400, 20003)


def test_the_adapters_post_is_taken_and_found(app: App) -> None:
    media = (Media("https://images.example.com/a.png", "A"),)
    post = replace(POST, content=replace(POST.content, title="Rivers", media=media))
    receipt = app.hold(Weibo().publish(post, app.channel))
    assert isinstance(receipt, Receipt)
    (notice,) = app.wall.notices("weibo", "ada")
    assert notice.id == receipt.id
    assert notice.document == {"text": f"Rivers\n\n河流 carry leaves.\n\n{LINK}", "picture": True}
    assert app.hold(Weibo().find(post, app.channel, datetime.now(UTC) - timedelta(minutes=1))) == receipt


def test_what_was_not_published_is_not_found(app: App) -> None:
    assert app.hold(Weibo().find(POST, app.channel, datetime.now(UTC))) is None


def test_the_adapter_does_not_post_the_same_twice(app: App) -> None:
    assert app.hold(Weibo().publish(POST, app.channel)) == app.hold(Weibo().publish(POST, app.channel))
    assert len(app.wall.notices("weibo")) == 1


def test_the_adapter_measures_and_removes_what_it_published(app: App) -> None:
    receipt = app.hold(Weibo().publish(POST, app.channel))
    assert isinstance(receipt, Receipt)
    assert app.hold(Weibo().metrics(receipt, app.channel))[Metric.LIKES] == 0
    app.hold(Weibo().remove(receipt, app.channel))
    app.hold(Weibo().remove(receipt, app.channel))
    assert app.hold(Weibo().metrics(receipt, app.channel)) == {}
    assert app.hold(Weibo().find(POST, app.channel, datetime.now(UTC) - timedelta(minutes=1))) is None


def test_the_adapter_learns_whose_token_it_has(app: App) -> None:
    assert app.hold(Weibo().verify(app.channel)).name == "ada"


@pytest.mark.parametrize(
    ("kind", "error"), [(Kind.THROTTLE, Throttled), (Kind.REFUSE, Refused), (Kind.EXPIRE, Unauthorized)]
)
def test_the_adapter_learns_what_was_wrong(app: App, kind: Kind, error: type[Exception]) -> None:
    app.faults.switch_on(Fault(platform="weibo", account="ada", kind=kind))
    with pytest.raises(error):
        app.hold(Weibo().publish(POST, app.channel))
