from __future__ import annotations

import io
from collections.abc import Iterator

from rich.console import Console

from infra.local import board
from infra.local.board import Board
from postroom_client.schemas import PublicationSummary
from tests.client.shown import TROUBLE, delivery, publication


def watched(readings: Iterator[PublicationSummary], *, terminal: bool = False) -> str:
    out = io.StringIO()
    console = Console(file=out, width=200, force_terminal=terminal)
    Board(console, {"chn_1": "News"}).watch(lambda: [next(readings)], within_s=5)
    return out.getvalue()


def test_a_settled_delivery_shows_how_long_it_took_from_its_time() -> None:
    settled = delivery("published", url="https://example.com/1")
    row = board.row_of(publication(settled), settled, "News")
    assert (row.seconds, row.link, row.channel) == ("2.5", "https://example.com/1", "News")


def test_a_delivery_under_way_shows_no_time() -> None:
    assert board.row_of(publication(), delivery("publishing"), "News").seconds == ""


def test_a_delivery_without_a_link_shows_its_post() -> None:
    assert board.row_of(publication(), delivery("published", post_id="42"), "News").link == "42"


def test_a_delivery_in_trouble_shows_why() -> None:
    failed = delivery("failed", trouble=TROUBLE)
    assert board.row_of(publication(), failed, "News").link == "Too long."


def test_what_is_not_published_is_told_in_a_sentence() -> None:
    failed = delivery("failed", trouble=TROUBLE)
    told = board.unpublished([publication(failed, delivery("published"))])
    assert told == ["“Hello” to discord is failed. Too long."]


def test_watching_ends_when_everything_has_settled() -> None:
    readings = iter([publication(delivery("queued")), publication(delivery("published"))])
    assert watched(readings).splitlines()[-1].startswith("  Hello → discord: published")


def test_watching_ends_where_only_a_person_can_help() -> None:
    assert "held" in watched(iter([publication(delivery("held"))]))


def test_watching_goes_on_while_something_will_happen_by_itself() -> None:
    doubtful = delivery("uncertain", next_at="2026-11-20T12:00:30.000Z")
    assert "published" in watched(iter([publication(doubtful), publication(delivery("published"))]))


def test_without_a_terminal_a_line_is_shown_once() -> None:
    same = publication(delivery("queued"))
    assert watched(iter([same, same, publication(delivery("published"))])).count("queued") == 1


def test_on_a_terminal_a_table_is_shown() -> None:
    shown = watched(iter([publication(delivery("published", url="https://example.com/1"))]), terminal=True)
    assert "attempts" in shown
    assert "https://example.com/1" in shown


def test_on_a_terminal_links_are_told_whole() -> None:
    out = io.StringIO()
    url = "https://example.com/" + "long/" * 30
    Board(Console(file=out, width=80, force_terminal=True), {}).links([publication(delivery("published", url=url))])
    assert url in out.getvalue()
