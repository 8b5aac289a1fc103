from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from publishing.model import Content, IfLate, Late, Priority
from publishing.submission import Submission
from tests.cloud import START


def submission(**changes: Any) -> Submission:
    base: dict[str, Any] = {
        "workspace": "ws_1",
        "subject": "t",
        "content": Content(text="Hello"),
        "overrides": {"chn_1": {}},
    }
    return Submission(**{**base, **changes})


@pytest.mark.parametrize(
    "change",
    [
        lambda: {"content": Content(text="Other")},
        lambda: {"overrides": {"chn_1": {"text": "Other"}}},
        lambda: {"publish_at": START},
        lambda: {"priority": Priority.URGENT},
        lambda: {"expires_at": START},
        lambda: {"zone": "Europe/Zurich"},
        lambda: {"late": Late(900, IfLate.HOLD)},
        lambda: {"next_slot_of": "chn_1"},
    ],
)
def test_every_part_of_a_request_is_in_its_fingerprint(change: Callable[[], dict[str, Any]]) -> None:
    assert submission().fingerprint != submission(**change()).fingerprint


def test_a_request_without_what_came_later_has_the_fingerprint_it_had() -> None:
    assert submission().fingerprint == "b6c33a206d4810c831ae9efa6793eb052b8372379d51bb4002a6021f55228d1a"
