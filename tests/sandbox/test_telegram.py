from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import httpx
import pytest

from functions.platforms.telegram import ADAPTER, Telegram
from publishing.model import Channel, Content, Media, Post, Receipt
from publishing.transport import Detoured, plain_transport
from tests.functions.platforms.conversing import NOON, hold
from tests.sandbox.application import Application
from tests.sandbox.faults import Faults
from tests.sandbox.films import FILM, URL, Films
from tests.sandbox.platforms import telegram
from tests.sandbox.server import Sandbox
from tests.sandbox.wall import Wall

PICTURE = "https://example.org/a.png"


@pytest.fixture
def detoured(sandbox: Sandbox) -> Iterator[httpx.BaseTransport]:
    with plain_transport() as transport:
        yield Detoured(transport, {"api.telegram.org": sandbox.addresses["telegram"]})


@pytest.fixture
def fields(sandbox: Sandbox) -> dict[str, str]:
    opened = httpx.post(f"{sandbox.addresses['telegram']}/_sandbox/accounts", json={"name": "news"})
    fields: dict[str, str] = opened.json()
    return fields


@pytest.fixture
def bot(sandbox: Sandbox, fields: dict[str, str]) -> str:
    return f"{sandbox.addresses['telegram']}/bot{fields['bot_token']}"


@pytest.fixture
def channel(fields: dict[str, str]) -> Channel:
    settings, secrets = {"chat_id": fields["chat_id"]}, {"bot_token": fields["bot_token"]}
    return Channel("chn_1", "wsp_1", "telegram", settings=settings, secrets=secrets)


def sent(bot: str, method: str = "sendMessage", **asked: Any) -> httpx.Response:
    return httpx.post(f"{bot}/{method}", json={"chat_id": "@news_channel", **asked})


def published(detoured: httpx.BaseTransport, channel: Channel, content: Content) -> Receipt:
    receipt = hold(ADAPTER.publish(Post("dlv_1", content, NOON), channel), detoured)
    assert isinstance(receipt, Receipt)
    return receipt


@pytest.mark.parametrize("pictures", [0, 1, 2, 10])
def test_what_the_adapter_sends_hangs_on_the_wall_under_the_receipts_id(
    sandbox: Sandbox, detoured: httpx.BaseTransport, channel: Channel, pictures: int
) -> None:
    text = "# Rivers\n\n> *a* **b** ~~c~~ `d<` [e](https://e.org/?a&b)\n\n```py\nx < y\n```\n\n- f & g"
    content = Content(title="<Rivers>", text=text, tags=("a",), media=(Media(PICTURE),) * pictures)
    receipt = published(detoured, channel, content)
    (notice,) = sandbox.wall.notices("telegram", "news")
    assert notice.id == receipt.id
    first = notice.id.partition(",")[0]
    assert receipt.url == f"https://t.me/news_channel/{first}"
    page = httpx.get(f"{sandbox.addresses['telegram']}/news_channel/{first}")
    assert (page.status_code, "Rivers" in page.text) == (200, True)


def test_the_adapter_knows_the_chat(detoured: httpx.BaseTransport, channel: Channel) -> None:
    assert hold(ADAPTER.verify(channel), detoured).name == "news"


@pytest.mark.parametrize("pictures", [0, 1, 2])
def test_a_text_as_long_as_the_adapter_lets_through_is_taken(
    detoured: httpx.BaseTransport, channel: Channel, pictures: int
) -> None:
    content = Content(text=f"**{'<' * (1024 if pictures else 4096)}**", media=(Media(PICTURE),) * pictures)
    assert published(detoured, channel, content).id


def test_without_the_right_token_nobody_is_authorized(bot: str) -> None:
    answer = sent(f"{bot}x", text="Hello")
    assert (answer.status_code, answer.json()["description"]) == (401, "Unauthorized")


def test_a_chat_is_known_by_its_number_too(bot: str) -> None:
    chat = httpx.get(f"{bot}/getChat", params={"chat_id": "@news_channel"}).json()["result"]
    assert sent(bot, chat_id=chat["id"], text="Hello").json()["result"]["chat"] == chat


@pytest.mark.parametrize(
    ("method", "asked", "description"),
    [
        ("sendMessage", {"chat_id": "@others", "text": "x"}, "chat not found"),
        ("sendMessage", {"message": "x"}, "message text is empty"),
        ("sendMessage", {"text": "x" * 4_097}, "message is too long"),
        ("sendMessage", {"text": "<p>x</p>", "parse_mode": "HTML"}, "can't parse entities"),
        ("sendMessage", {"text": "a < b", "parse_mode": "HTML"}, "can't parse entities"),
        ("sendMessage", {"text": "<b>x", "parse_mode": "HTML"}, "can't parse entities"),
        ("sendMessage", {"text": "<b>x</i>", "parse_mode": "HTML"}, "can't parse entities"),
        ("sendMessage", {"text": "x</b>", "parse_mode": "HTML"}, "can't parse entities"),
        ("sendPhoto", {"photo_url": PICTURE}, "wrong file identifier/HTTP URL specified"),
        ("sendPhoto", {"photo": PICTURE, "caption": "x" * 1_025}, "message caption is too long"),
        ("sendMediaGroup", {"media": [{"type": "photo", "media": PICTURE}]}, "expected from 2 to 10 media"),
        ("sendMediaGroup", {"media": [{"type": "photo", "media": PICTURE}] * 11}, "expected from 2 to 10 media"),
        ("sendMediaGroup", {"media": [{"type": "image", "media": PICTURE}] * 2}, "unknown media type"),
        ("sendMediaGroup", {"media": [{"type": "photo", "url": PICTURE}] * 2}, "wrong file identifier/HTTP URL"),
        ("sendMediaGroup", {"media": [{"type": "video", "media": "attach://x"}] * 2}, "wrong file identifier/HTTP URL"),
        ("sendVideo", {"photo": PICTURE}, "wrong file identifier/HTTP URL specified"),
        ("deleteMessages", {"message_id": 1}, "message identifiers are not specified"),
        ("deleteMessages", {"message_ids": ["1"]}, "message identifiers are not specified"),
    ],
)
def test_what_breaks_a_rule_is_told_and_not_published(
    sandbox: Sandbox, bot: str, method: str, asked: dict[str, Any], description: str
) -> None:
    answer = sent(bot, method, **asked)
    assert (answer.status_code, answer.json()["error_code"]) == (400, 400)
    assert description in answer.json()["description"]
    assert sandbox.wall.notices() == []


def test_what_is_no_json_is_told(bot: str) -> None:
    assert httpx.post(f"{bot}/sendMessage", content=b"{").json()["error_code"] == 400


def test_an_address_without_a_message_is_not_found(sandbox: Sandbox) -> None:
    assert httpx.get(f"{sandbox.addresses['telegram']}/news_channel/1").status_code == 404


@dataclass(frozen=True)
class Chat:
    """The stand-in without a network: nothing here is about connections."""

    wall: Wall
    transport: httpx.BaseTransport
    channel: Channel

    def published(self, *media: Media) -> Receipt:
        content = Content(text="*Rivers*", media=media)
        receipt = hold(ADAPTER.publish(Post("dlv_1", content, NOON), self.channel), self.transport)
        assert isinstance(receipt, Receipt)
        return receipt


@pytest.fixture
def chat(monkeypatch: pytest.MonkeyPatch) -> Chat:
    monkeypatch.setattr("functions.platforms._telegram_message.FETCHED_BYTES", len(FILM) - 1)
    wall = Wall()
    transport = Films(httpx.WSGITransport(app=Application(telegram.STAND_IN(wall), wall, Faults())))
    with httpx.Client(transport=transport, base_url="https://api.telegram.org") as client:
        fields = client.post("/_sandbox/accounts", json={"name": "news"}).json()
    return Chat(wall, transport, Channel("chn_1", "wsp_1", "telegram", settings=fields, secrets=fields))


FETCHED = Media("https://films.example.org/small.mp4", type="video/mp4", size_bytes=4)


@pytest.mark.parametrize("media", [(Media(URL),), (FETCHED,), (Media(PICTURE), Media(URL), FETCHED)])
def test_videos_are_fetched_or_sent_on(chat: Chat, media: tuple[Media, ...]) -> None:
    receipt = chat.published(*media)
    (notice,) = chat.wall.notices("telegram", "news")
    assert notice.id == receipt.id
    assert receipt.id.count(",") == len(media) - 1


@pytest.mark.parametrize("media", [(), (Media(PICTURE),) * 2])
def test_what_was_published_is_removed_and_removed_again(chat: Chat, media: tuple[Media, ...]) -> None:
    receipt = chat.published(*media)
    for _ in range(2):
        hold(Telegram().remove(receipt, chat.channel), chat.transport)
        assert chat.wall.notices() == []


def test_a_file_is_not_larger_than_may_be(bot: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("tests.sandbox.platforms.telegram.FILE_BYTES", 3)
    answer = httpx.post(f"{bot}/sendVideo", data={"chat_id": "@news_channel"}, files={"video": b"1234"})
    assert answer.json()["error_code"] == 413
