from __future__ import annotations

from tests.functions.service import Service


def test_the_page_is_html_that_runs_nothing(service: Service) -> None:
    reply = service.ask("GET", "/v1/docs", role=None)
    assert (reply.status, reply.headers["Content-Type"]) == (200, "text/html; charset=utf-8")
    assert reply.headers["Content-Security-Policy"].startswith("default-src 'none'; style-src 'sha256-")
    assert reply.text.startswith("<!doctype html><html")


def test_who_has_the_page_is_not_sent_it_again(service: Service) -> None:
    tag = service.ask("GET", "/v1/docs", role=None).headers["ETag"]
    assert service.ask("GET", "/v1/docs", role=None, headers={"if-none-match": tag}).status == 304
