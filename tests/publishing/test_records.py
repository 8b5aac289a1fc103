from __future__ import annotations

from dataclasses import MISSING, fields

import pytest

from publishing import records
from publishing.model import Target
from publishing.publication import Trouble

PUBLICATION = {
    "id": "pub_1",
    "targets": [],
    "created_at": "2026-11-20T12:00:00.000Z",
    "publish_at": "2026-11-20T12:00:00.000Z",
    "version": 1,
}

FULL = {
    "sk": "DELIVERY#chn_1",
    "platform": "alpha",
    "state": "held",
    **dict.fromkeys(("attempt", "waits", "looks", "fence"), 1),
    **dict.fromkeys(("lease_until", "next_at", "updated_at", "written_by"), "text"),
    "delayed": True,
    "receipt": {"id": "p-1"},
    "trouble": {"kind": "paused", "message": "It is paused."},
    "pending": {"job": "j"},
    "history": [{"at": "t", "state": "held"}],
}


def test_fields_a_later_version_adds_are_passed_over() -> None:
    later = {
        **FULL,
        "receipt": {"id": "p-1", "shown_as": "x"},
        "trouble": {"kind": "paused", "message": "It is paused.", "severity": "high"},
    }
    assert records.delivery_of({**later, "mood": "good"}) == records.delivery_of(FULL)
    stored = {**PUBLICATION, "targets": [{"channel": "chn_1", "platform": "alpha", "weight": 2}]}
    assert records.publication_of({**stored, "mood": "good"}).targets == (Target("chn_1", "alpha"),)


def test_what_an_older_item_lacks_of_a_trouble_is_supplied() -> None:
    assert records.delivery_of({**FULL, "trouble": {"kind": "paused"}}).trouble == Trouble("paused", "")


def test_content_is_never_read_in_part() -> None:
    with pytest.raises(TypeError):
        records.publication_of({**PUBLICATION, "content": {"text": "Vote!", "poll": ["yes", "no"]}})


def test_no_field_of_a_stored_delivery_is_passed_over() -> None:
    read = records.delivery_of(FULL)
    unread = [
        field.name
        for field in fields(read)
        if field.default is not MISSING and getattr(read, field.name) == field.default
    ]
    assert unread == []
