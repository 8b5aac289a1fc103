from __future__ import annotations

import json
import shlex

from infra.local.closing import Closing
from tests.client.shown import channel

CHANNELS = (
    channel("chn_w", "webhook", "Webhook"),
    channel("chn_r", "rss", "Feed"),
)
LINES = tuple(Closing("http://127.0.0.1:1/api", "pr_key", CHANNELS, {"Mail": "http://127.0.0.1:1/mail"}).lines())
COMMANDS = [shlex.split(line) for line in LINES if line.startswith("curl")]


def test_every_command_is_one_line_for_a_shell() -> None:
    assert [command[0] for command in COMMANDS] == ["curl"] * 5


def test_a_submission_is_for_the_webhook_channel() -> None:
    assert json.loads(COMMANDS[1][-1])["targets"] == [{"channel": "chn_w"}]


def test_the_feed_needs_no_key() -> None:
    assert COMMANDS[2] == ["curl", "-s", "http://127.0.0.1:1/api/v1/feeds/chn_r/rss.xml"]


def test_ones_own_webhook_is_connected_with_a_secret_to_sign_with() -> None:
    body = json.loads(COMMANDS[3][-1])
    assert body["credentials"]["signing_secret"].startswith("whsec_")


def test_the_key_is_shown() -> None:
    assert "Key   pr_key" in LINES


def test_where_to_look_is_shown() -> None:
    assert "Mail  http://127.0.0.1:1/mail" in LINES
