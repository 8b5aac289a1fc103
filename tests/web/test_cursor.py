from __future__ import annotations

import base64
import json
import string

import pytest

from web import cursor
from web.problems import Refusal

PATTERNS = [r"[0-9-]+", r"pub_\w+"]
PLACE = ["2026-11-20", "pub_1"]


def placed(text: str, *, listing: str = "publications", workspace: str = "ws_1") -> list[str]:
    return cursor.place(text, listing=listing, workspace=workspace, patterns=PATTERNS)


def test_a_cursor_leads_back_to_its_place() -> None:
    assert placed(cursor.text(PLACE, listing="publications", workspace="ws_1")) == PLACE


def test_no_cursor_is_no_place() -> None:
    assert placed("") == []


def test_a_cursor_needs_no_escaping_in_an_address() -> None:
    assert set(cursor.text(PLACE, listing="publications", workspace="ws_1")) <= {
        *string.ascii_letters,
        *string.digits,
        *"-_",
    }


@pytest.mark.parametrize(("listing", "workspace"), [("publications", "ws_2"), ("channels", "ws_1")])
def test_a_cursor_from_elsewhere_is_refused(listing: str, workspace: str) -> None:
    with pytest.raises(Refusal) as caught:
        placed(cursor.text(PLACE, listing=listing, workspace=workspace))
    assert (caught.value.kind.status, caught.value.errors[0].field) == (422, "cursor")


@pytest.mark.parametrize("position", range(0, 40, 4))
def test_a_cursor_that_was_changed_is_refused(position: int) -> None:
    good = cursor.text(PLACE, listing="publications", workspace="ws_1")
    other = "B" if good[position] == "A" else "A"
    with pytest.raises(Refusal):
        placed(good[:position] + other + good[position + 1 :])


@pytest.mark.parametrize("text", ["x", "====", "é", "not a cursor", "AAAAAAAAAAAA", "\ud800"])
def test_what_is_no_cursor_is_refused(text: str) -> None:
    with pytest.raises(Refusal):
        placed(text)


@pytest.mark.parametrize(
    "content", ["", "{", "{}", "[1, 2]", '["2026-11-20"]', '["2026-11-20", "pub_1#x"]', '["x", "pub_1"]']
)
def test_a_cursor_forged_with_the_right_digest_leads_nowhere_else(content: str) -> None:
    digest = cursor._digest(content.encode(), "publications", "ws_1")
    with pytest.raises(Refusal):
        placed(base64.urlsafe_b64encode(digest + content.encode()).decode())


def test_a_cursor_does_not_name_its_workspace() -> None:
    content = base64.urlsafe_b64decode(cursor.text(PLACE, listing="publications", workspace="ws_1") + "==")
    assert json.loads(content[cursor.DIGEST_BYTES :]) == PLACE
