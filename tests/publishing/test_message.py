from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import ValidationError

from publishing import message

IDS = st.from_regex(r"[A-Za-z0-9_.\-]{1,60}", fullmatch=True)


@given(IDS, IDS, IDS, st.integers(0, 10**6), st.text(max_size=100))
def test_what_is_sent_is_read_back_and_is_plain_ascii(
    workspace: str, publication: str, channel: str, version: int, correlation_id: str
) -> None:
    sent = message.Deliver(
        workspace=workspace, publication=publication, channel=channel, version=version, correlation_id=correlation_id
    )
    assert message.body(sent).isascii()
    assert message.work(message.body(sent)) == sent


def test_a_message_of_a_version_to_come_is_not_read() -> None:
    body = message.body(message.Verify(workspace="ws_1", channel="chn_1")).replace('"v":1', '"v":2')
    with pytest.raises(ValidationError):
        message.work(body)


def test_a_message_with_a_field_we_do_not_know_is_not_read() -> None:
    body = message.body(message.Verify(workspace="ws_1", channel="chn_1")).replace('"v":1', '"v":1,"text":"hi"')
    with pytest.raises(ValidationError):
        message.work(body)
