from __future__ import annotations

import pytest

from postroom_client import Postroom, Unanswered, correlation_id_of, etag_of
from postroom_client.calling import path
from tests.client.talk import ok, talk


@pytest.mark.parametrize("url", ["http://api.test", "ftp://api.test", "api.test", "http://localhost.evil.test"])
def test_a_key_does_not_travel_in_the_clear(url: str) -> None:
    with pytest.raises(ValueError, match="https://"):
        Postroom(url, "pr_key")


@pytest.mark.parametrize("url", ["https://api.test/", "http://127.0.0.1:4566", "http://abc.execute-api.localhost:4566"])
def test_it_may_stay_on_this_machine(url: str) -> None:
    Postroom(url, "pr_key").close()


def test_a_listing_goes_over_all_pages() -> None:
    pages = [ok({"items": [{"id": "1"}, {"id": "2"}], "next": "c1"}), ok({"items": [{"id": "3"}], "next": None})]
    api = talk(*pages)
    assert [each["id"] for each in api.client().list_channels(limit=2)] == ["1", "2", "3"]
    assert [str(each.url.query, "ascii") for each in api.asked] == ["limit=2", "limit=2&cursor=c1"]


def test_an_empty_page_is_not_the_end() -> None:
    api = talk(ok({"items": [], "next": "c1"}), ok({"items": [{"id": "3"}], "next": None}))
    assert [each["id"] for each in api.client().list_channels()] == ["3"]


def test_a_listing_asks_only_for_what_is_read() -> None:
    api = talk(ok({"items": [{"id": "1"}], "next": "c1"}))
    assert next(api.client().list_channels())["id"] == "1"
    assert len(api.asked) == 1


def test_what_was_read_is_changed_only_if_it_is_still_so() -> None:
    api = talk(ok({"id": "pub_1"}, headers={"ETag": '"7"'}))
    seen = api.client().read_publication("pub_1")
    api.client().change_publication("pub_1", {"content": {"title": "New"}}, if_match=etag_of(seen))
    assert api.asked[-1].headers["If-Match"] == '"7"'


def test_what_is_no_answer_has_no_tag() -> None:
    with pytest.raises(ValueError, match="no ETag"):
        etag_of({"id": "pub_1"})


def test_an_answer_names_its_request() -> None:
    answer = talk(ok(headers={"X-Correlation-Id": "c-9"})).client().read_publication("pub_1")
    assert (correlation_id_of(answer), correlation_id_of({})) == ("c-9", "")


def test_an_answer_that_is_no_json_is_none() -> None:
    garbled = ok()
    garbled._content = b"<html>"
    with pytest.raises(Unanswered, match="was answered 200 with what is no JSON"):
        talk(garbled).client().read_publication("pub_1")


@pytest.mark.parametrize("part", ["a/b", "a?b", "a#b", "a b", "ä", "%2e", "{x}"])
def test_a_part_of_an_address_stays_one(part: str) -> None:
    api = talk(ok())
    api.client().read_publication(part)
    assert len(api.asked[0].url.raw_path.split(b"/")) == 4
    assert api.asked[0].url.query == b""


@pytest.mark.parametrize("part", ["", ".", ".."])
def test_a_part_of_an_address_leads_nowhere_else(part: str) -> None:
    with pytest.raises(ValueError, match="no part of an address"):
        path("/v1/publications/{}", part)


def test_a_dry_run_is_no_publication() -> None:
    api = talk(ok())
    with pytest.raises(ValueError, match="validate_publication"):
        api.client().publish({"content": {}, "targets": [], "dry_run": True})
    assert api.asked == []


def test_connections_are_closed_at_the_end() -> None:
    with talk(ok()).client() as postroom:
        postroom.read_health()
    assert postroom._asking.http.is_closed
