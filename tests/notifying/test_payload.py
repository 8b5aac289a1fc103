from __future__ import annotations

import json

from notifying import payload
from notifying.model import EventKind, Notice
from tests.notifying import samples

AT = "2026-11-20T12:00:00.000Z"


def test_a_document_has_a_type_a_time_and_data() -> None:
    notice = Notice(EventKind.DELIVERY_PUBLISHED, "ws_1", "dlv_1", AT, 2, {"url": "https://example.org/ü"})
    body = payload.body(notice)
    assert json.loads(body) == {
        "type": "delivery.published",
        "timestamp": AT,
        "data": {"workspace": "ws_1", "sequence": 2, "url": "https://example.org/ü"},
    }
    assert "\\u" not in body


def test_a_list_that_is_too_long_is_cut_and_says_so() -> None:
    one = {"delivery": samples.DELIVERY, "error": {"kind": "refused", "code": "", "message": "ü" * 500}}
    data = {"deliveries": [one] * 100, "complete": True}
    body = payload.body(Notice(EventKind.PUBLICATION_SETTLED, "ws_1", "pub_1", AT, 2, data))
    told = json.loads(body)["data"]
    assert len(body.encode()) <= 20_000
    assert (told["complete"], 5 < len(told["deliveries"]) < 100) == (False, True)


def test_what_fits_is_whole() -> None:
    data = {"deliveries": [{"delivery": samples.DELIVERY}] * 100, "complete": True}
    told = json.loads(payload.body(Notice(EventKind.PUBLICATION_ACCEPTED, "ws_1", "pub_1", AT, 1, data)))["data"]
    assert (told["complete"], len(told["deliveries"])) == (True, 100)


def test_the_log_keeps_what_is_sent() -> None:
    notice = Notice(EventKind.WEBHOOK_TEST, "ws_1", "whk_1", AT, 1)
    entry = payload.entry(notice, "whk_1")
    assert (entry.event, entry.body, entry.kind) == (notice.id, payload.body(notice), "webhook.test")
