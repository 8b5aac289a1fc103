from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any

import httpx
import pytest

from functions.platforms.slack import Slack
from publishing.model import Channel, Content, Media, Outcome, Pending, Post, Receipt
from publishing.transport import Detoured, plain_transport
from tests.functions.platforms.conversing import NOON, hold
from tests.sandbox.application import Application
from tests.sandbox.faults import Faults
from tests.sandbox.films import URL, Films
from tests.sandbox.platforms import slack
from tests.sandbox.server import Sandbox
from tests.sandbox.wall import Wall

PICTURE = "https://example.org/a.png"
POST = Post("dlv_1", Content(title="Rivers", text="*a* & <b>", link="https://e.org", media=(Media(PICTURE),)), NOON)
IMAGE = {"type": "image", "image_url": PICTURE, "alt_text": "A river"}


@pytest.fixture
def fields(sandbox: Sandbox) -> dict[str, str]:
    opened = httpx.post(f"{sandbox.addresses['slack']}/_sandbox/accounts", json={"name": "news"})
    fields: dict[str, str] = opened.json()
    return fields


@pytest.fixture
def app(sandbox: Sandbox, fields: dict[str, str]) -> Iterator[httpx.Client]:
    headers = {"authorization": f"Bearer {fields['bot_token']}"}
    with httpx.Client(base_url=f"{sandbox.addresses['slack']}/api/", headers=headers) as client:
        yield client


@pytest.fixture
def channel(fields: dict[str, str]) -> Channel:
    settings, secrets = {"channel": fields["channel"]}, {"bot_token": fields["bot_token"]}
    return Channel("chn_1", "wsp_1", "slack", settings=settings, secrets=secrets)


@pytest.fixture
def detoured(sandbox: Sandbox) -> Iterator[httpx.BaseTransport]:
    with plain_transport() as transport:
        yield Detoured(transport, {"slack.com": sandbox.addresses["slack"]})


def ago() -> datetime:
    return datetime.now(UTC) - timedelta(minutes=1)


def posted(app: httpx.Client, asked: dict[str, Any]) -> dict[str, Any]:
    answer = app.post("chat.postMessage", json=asked)
    assert answer.status_code == 200
    body: dict[str, Any] = answer.json()
    return body


def section(text: str) -> dict[str, Any]:
    return {"type": "section", "text": {"type": "mrkdwn", "text": text}}


def test_what_the_adapter_posts_hangs_on_the_wall_under_the_receipts_id(
    sandbox: Sandbox, detoured: httpx.BaseTransport, channel: Channel
) -> None:
    receipt = hold(Slack().publish(POST, channel), detoured)
    assert isinstance(receipt, Receipt)
    (notice,) = sandbox.wall.notices("slack", "news")
    assert notice.id == receipt.id
    page = httpx.get(receipt.url)
    assert (page.status_code, "Rivers" in page.text) == (200, True)


def test_what_the_adapter_posted_it_finds_behind_many_others(detoured: httpx.BaseTransport, channel: Channel) -> None:
    receipts = [hold(Slack().publish(Post(f"dlv_{at}", POST.content, NOON), channel), detoured) for at in range(1, 19)]
    assert hold(Slack().find(POST, channel, ago()), detoured) == receipts[0]


def test_what_was_never_posted_is_not_found(detoured: httpx.BaseTransport, channel: Channel) -> None:
    hold(Slack().publish(POST, channel), detoured)
    assert hold(Slack().find(Post("dlv_2", POST.content, NOON), channel, ago()), detoured) is None


def test_what_was_posted_before_is_not_looked_at(detoured: httpx.BaseTransport, channel: Channel) -> None:
    hold(Slack().publish(POST, channel), detoured)
    assert hold(Slack().find(POST, channel, datetime.now(UTC) + timedelta(minutes=1)), detoured) is None


def test_metadata_is_shown_only_where_it_is_asked_for(
    app: httpx.Client, detoured: httpx.BaseTransport, channel: Channel
) -> None:
    hold(Slack().publish(POST, channel), detoured)
    (message,) = app.get("conversations.history", params=channel.settings).json()["messages"]
    assert "metadata" not in message


def test_the_adapter_knows_the_workspace(detoured: httpx.BaseTransport, channel: Channel) -> None:
    assert hold(Slack().verify(channel), detoured).name == "news at Sandbox"


@pytest.mark.parametrize("text", ["x" * 10_000, "word " * 2_000, "*a*\n\n" * 2_000, f"**{'y ' * 4_990}**"])
def test_a_text_as_long_as_the_adapter_lets_through_is_taken(
    detoured: httpx.BaseTransport, channel: Channel, text: str
) -> None:
    content = Content(title="x" * 150, text=text, link="https://e.org", media=(Media(PICTURE, "A river"),) * 10)
    post = Post("dlv_1", content, NOON)
    assert Slack().check(post) == []
    assert isinstance(hold(Slack().publish(post, channel), detoured), Receipt)


@pytest.mark.parametrize(
    ("authorization", "error"),
    [("", "not_authed"), ("Basic eDp5", "not_authed"), ("Bearer xoxb-wrong", "invalid_auth")],
)
def test_without_the_right_token_nobody_is_authorized(app: httpx.Client, authorization: str, error: str) -> None:
    answer = app.post("auth.test", headers={"authorization": authorization})
    assert (answer.status_code, answer.json()) == (200, {"ok": False, "error": error})


@pytest.mark.parametrize(
    ("asked", "error"),
    [
        ({"channel": "C0OTHERS", "text": "x"}, "channel_not_found"),
        ({"message": "x"}, "no_text"),
        ({"text": "x" * 40_001}, "msg_too_long"),
        ({"blocks": {"type": "section"}}, "invalid_blocks_format"),
        ({"blocks": [{"type": "section", "text": "x"}]}, "invalid_blocks"),
        ({"blocks": [section("")]}, "invalid_blocks"),
        ({"blocks": [section("x" * 3_001)]}, "invalid_blocks"),
        ({"blocks": [{"type": "header", "text": {"type": "mrkdwn", "text": "x"}}]}, "invalid_blocks"),
        ({"blocks": [{"type": "header", "text": {"type": "plain_text", "text": "x" * 151}}]}, "invalid_blocks"),
        ({"blocks": [{"type": "image", "image_url": PICTURE}]}, "invalid_blocks"),
        ({"blocks": [{**IMAGE, "image_url": "a.png"}]}, "invalid_blocks"),
        ({"blocks": [{**IMAGE, "alt_text": "x" * 2_001}]}, "invalid_blocks"),
        ({"blocks": [section("x")] * 51}, "invalid_blocks"),
        ({"blocks": [section("x" * 3_000)] * 5}, "msg_blocks_too_long"),
        ({"text": "x", "metadata": {"post_id": "dlv_1"}}, "invalid_metadata_format"),
        ({"text": "x", "metadata": {"event_type": "a", "event_payload": {}, "b": 1}}, "invalid_metadata_format"),
    ],
)
def test_what_breaks_a_rule_is_told_in_a_200_and_not_posted(
    sandbox: Sandbox, app: httpx.Client, channel: Channel, asked: dict[str, Any], error: str
) -> None:
    body = posted(app, {**channel.settings, **asked})
    assert (body["ok"], body["error"]) == (False, error)
    assert sandbox.wall.notices() == []


def test_what_is_no_json_is_told(app: httpx.Client) -> None:
    assert app.post("chat.postMessage", content=b"{").json()["error"] == "invalid_json"


def test_only_ones_own_channel_can_be_read(app: httpx.Client) -> None:
    answer = app.get("conversations.history", params={"channel": "C0OTHERS"})
    assert answer.json()["error"] == "channel_not_found"


def test_an_address_without_a_message_is_not_found(sandbox: Sandbox) -> None:
    assert httpx.get(f"{sandbox.addresses['slack']}/archives/C0/p1").status_code == 404


@dataclass(frozen=True)
class Workspace:
    """The stand-in without a network: nothing here is about connections."""

    wall: Wall
    transport: httpx.BaseTransport
    channel: Channel

    def published(self, post: Post) -> Outcome:
        """What it comes to in the end."""
        outcome = hold(Slack().publish(post, self.channel), self.transport)
        while isinstance(outcome, Pending):
            outcome = hold(Slack().resume(outcome, post, self.channel), self.transport)
        return outcome


@pytest.fixture
def workspace() -> Workspace:
    wall = Wall()
    transport = Films(httpx.WSGITransport(app=Application(slack.STAND_IN(wall), wall, Faults())))
    with httpx.Client(transport=transport, base_url="https://slack.com") as client:
        fields = client.post("/_sandbox/accounts", json={"name": "news"}).json()
    return Workspace(wall, transport, Channel("chn_1", "wsp_1", "slack", settings=fields, secrets=fields))


FILMED = Post(
    "dlv_1", Content(title="Rivers", text="*a*", media=(Media(URL, "A river"), Media(PICTURE))), datetime.now(UTC)
)


def test_a_video_is_uploaded_shared_found_and_removed(workspace: Workspace) -> None:
    receipt = workspace.published(FILMED)
    assert isinstance(receipt, Receipt)
    (notice,) = workspace.wall.notices("slack", "news")
    assert notice.id == receipt.id
    assert [block["type"] for block in notice.document["blocks"]] == ["header", "section", "image"]
    (file,) = notice.document["files"]
    assert (file["name"], file["title"]) == ("dlv_1.mp4", "Rivers")
    for _ in range(2):
        hold(Slack().remove(receipt, workspace.channel), workspace.transport)
        assert workspace.wall.notices() == []


def test_a_message_of_which_only_the_file_is_known_is_removed_with_it(workspace: Workspace) -> None:
    pending = hold(Slack().publish(FILMED, workspace.channel), workspace.transport)
    assert isinstance(pending, Pending)
    workspace.published(FILMED)
    for _ in range(2):
        hold(Slack().remove(Receipt(pending.state["file"]), workspace.channel), workspace.transport)
    assert len(workspace.wall.notices()) == 1


def test_without_a_name_and_a_length_there_is_no_place(app: httpx.Client) -> None:
    told = {"filename": "a.mp4", "length": "4"}
    assert app.post("files.getUploadURLExternal", json=told).json()["error"] == "invalid_arguments"


def test_a_description_has_an_end(app: httpx.Client) -> None:
    told = {"filename": "a.mp4", "length": "4", "alt_txt": "x" * 1_001}
    assert app.post("files.getUploadURLExternal", data=told).json()["error"] == "alt_txt_too_large"


@pytest.mark.parametrize("data", [b"", b"12345"])
def test_a_file_is_as_long_as_was_told(sandbox: Sandbox, app: httpx.Client, channel: Channel, data: bytes) -> None:
    place = app.post("files.getUploadURLExternal", data={"filename": "a.mp4", "length": "4"}).json()
    answer = httpx.post(f"{sandbox.addresses['slack']}/upload/v1/{place['file_id']}", content=data)
    shared = app.post(
        "files.completeUploadExternal",
        json={"files": [{"id": place["file_id"]}], "channel_id": channel.settings["channel"]},
    )
    assert (answer.status_code, shared.json()["error"]) == (400, "file_not_found")


@pytest.mark.parametrize(
    ("asked", "error"),
    [
        ({"channel_id": "C0OTHERS"}, "channel_not_found"),
        ({"blocks": [{"type": "section", "text": "x"}]}, "invalid_blocks"),
    ],
)
def test_what_breaks_a_rule_is_not_shared(
    sandbox: Sandbox, app: httpx.Client, channel: Channel, asked: dict[str, Any], error: str
) -> None:
    place = app.post("files.getUploadURLExternal", data={"filename": "a.mp4", "length": "4"}).json()
    httpx.post(f"{sandbox.addresses['slack']}/upload/v1/{place['file_id']}", content=b"1234")
    body = {"files": [{"id": place["file_id"]}], "channel_id": channel.settings["channel"], **asked}
    assert app.post("files.completeUploadExternal", json=body).json()["error"] == error
