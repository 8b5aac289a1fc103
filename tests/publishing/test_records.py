from __future__ import annotations

from dataclasses import MISSING, fields

from publishing import records

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


def test_no_field_of_a_stored_delivery_is_passed_over() -> None:
    read = records.delivery_of(FULL)
    unread = [
        field.name
        for field in fields(read)
        if field.default is not MISSING and getattr(read, field.name) == field.default
    ]
    assert unread == []
