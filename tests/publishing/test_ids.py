from __future__ import annotations

import re

from hypothesis import given
from hypothesis import strategies as st

from publishing import ids


def test_a_new_identifier_is_26_letters_and_digits_behind_its_prefix() -> None:
    assert re.fullmatch(r"pub_[0-9a-hjkmnp-tv-z]{26}", ids.new("pub"))


def test_no_two_new_identifiers_are_the_same() -> None:
    assert len({ids.new("pub") for _ in range(1_000)}) == 1_000


@given(st.text(), st.text())
def test_the_same_parts_lead_to_the_same_identifier_and_others_to_others(workspace: str, key: str) -> None:
    assert ids.derived("pub", workspace, key) == ids.derived("pub", workspace, key)
    assert ids.derived("pub", workspace, key) != ids.derived("pub", workspace, key + "x")


def test_a_deliverys_identifier_tells_its_publication_and_channel() -> None:
    publication, channel = ids.derived("pub", "w", "k"), ids.new("chn")
    assert ids.delivery_parts(ids.delivery(publication, channel)) == (publication, channel)


def test_what_is_no_deliverys_identifier_tells_nothing() -> None:
    assert [ids.delivery_parts(text) for text in ("", "dlv_1_2", "pub_" + "0" * 26, "dlv_" + "u" * 26)] == [None] * 4
