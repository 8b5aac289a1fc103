from __future__ import annotations

import io
from collections.abc import Callable

import httpx
import pytest

from infra import dead_letters

Asked = list[tuple[str, str, str]]


@pytest.fixture(autouse=True)
def key(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("sys.stdin", io.StringIO("pr_key\n"))


def answering(asked: Asked, *documents: object) -> Callable[[httpx.Request], httpx.Response]:
    left = list(documents)

    def answer(request: httpx.Request) -> httpx.Response:
        asked.append((request.method, request.url.path, request.headers["authorization"]))
        return httpx.Response(200, json=left.pop(0))

    return answer


def told(capsys: pytest.CaptureFixture[str], *arguments: str, by: Callable[[httpx.Request], httpx.Response]) -> str:
    dead_letters.main([*arguments, "--api", "https://api.test"], transport=httpx.MockTransport(by))
    return capsys.readouterr().out


def test_every_platforms_letters_are_told(capsys: pytest.CaptureFixture[str]) -> None:
    asked: Asked = []
    queues = [
        {"platform": "discord", "count": 3, "oldest_at": "2026-11-20T12:00:00.000Z", "complete": True},
        {"platform": "due", "count": 0, "oldest_at": None, "complete": True},
    ]
    assert told(capsys, "count", by=answering(asked, {"items": queues})) == (
        "discord           3  2026-11-20T12:00:00.000Z\ndue               0\n"
    )
    assert asked == [("GET", "/v1/dead-letters", "Bearer pr_key")]


def test_letters_are_sent_once_more_until_none_are_left(capsys: pytest.CaptureFixture[str]) -> None:
    asked: Asked = []
    answers = [{"moved": 100, "left": 20, "complete": True}, {"moved": 20, "left": 0, "complete": True}]
    assert told(capsys, "redrive", "--platform", "discord", by=answering(asked, *answers)) == (
        "100 sent once more, 20 left\n120 sent once more, 0 left\n"
    )
    assert [path for _, path, _ in asked] == ["/v1/dead-letters/discord/redrive"] * 2


def test_what_cannot_be_moved_is_not_tried_for_ever(capsys: pytest.CaptureFixture[str]) -> None:
    answers = [{"moved": 0, "left": 20, "complete": False}]
    assert told(capsys, "redrive", "--platform", "discord", by=answering([], *answers)) == "0 sent once more, 20 left\n"


def test_letters_are_looked_at(capsys: pytest.CaptureFixture[str]) -> None:
    letter = {
        "id": "1",
        "kind": "deliver",
        "publication": "pub_1",
        "channel": "chn_1",
        "delivery": "dlv_1",
        "state": "failed",
        "why": "refused",
        "receives": 9,
        "sent_at": "2026-11-20T12:00:00.000Z",
        "correlation_id": "",
    }
    answer = {"items": [letter, {**letter, "delivery": None, "state": None, "why": ""}], "complete": False}
    assert told(capsys, "look", "--platform", "discord", by=answering([], answer)).splitlines() == [
        "2026-11-20T12:00:00.000Z  deliver  failed     refused      dlv_1",
        "2026-11-20T12:00:00.000Z  deliver                          pub_1",
        "2 seen, and there may be more",
    ]


def test_letters_are_thrown_away_until_none_are_left(capsys: pytest.CaptureFixture[str]) -> None:
    asked: Asked = []
    answers = [{"deleted": 10, "left": 2, "complete": True}, {"deleted": 2, "left": 0, "complete": True}]
    assert told(capsys, "purge", "--platform", "discord", by=answering(asked, *answers)).splitlines() == [
        "10 thrown away, 2 left",
        "12 thrown away, 0 left",
    ]
    assert [(method, path) for method, path, _ in asked] == [("DELETE", "/v1/dead-letters/discord")] * 2


@pytest.mark.parametrize("action", ["look", "redrive", "purge"])
def test_without_a_platform_nothing_is_asked(capsys: pytest.CaptureFixture[str], action: str) -> None:
    asked: Asked = []
    with pytest.raises(SystemExit, match="2"):
        told(capsys, action, by=answering(asked))
    assert (asked, "PLATFORM= is missing" in capsys.readouterr().err) == ([], True)


def test_a_refusal_is_told(capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit, match="403"):
        told(capsys, "count", by=lambda _: httpx.Response(403, text="No."))


def test_without_a_key_nothing_is_asked(capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("sys.stdin", io.StringIO(""))
    asked: Asked = []
    with pytest.raises(SystemExit):
        told(capsys, "count", by=answering(asked))
    assert asked == []
