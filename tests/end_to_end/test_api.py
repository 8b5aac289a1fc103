"""What callers rely on beside the operations, asked of the deployed API."""

from __future__ import annotations

from collections.abc import Iterator

import httpx

from tests.end_to_end.world import World
from tests.web.counting import left_within_a_minute


def test_a_keyed_request_is_done_once_and_answered_alike(world: World) -> None:
    body = {"platform": "webhook", "name": "Once", "credentials": world.credentials("webhook", "once")}
    first, second = (
        world.http.post("/v1/channels", json=body, headers={"Idempotency-Key": "connect-once"}) for _ in range(2)
    )
    assert (first.status_code, second.status_code, first.json()) == (201, 201, second.json())
    assert second.headers["Idempotent-Replayed"] == "true"
    named = [each["id"] for each in world.http.get("/v1/channels").json()["items"] if each["name"] == "Once"]
    assert named == [first.json()["id"]]


def test_a_secret_is_shown_once(world: World) -> None:
    body, key = {"name": "Once", "role": "viewer"}, {"Idempotency-Key": "key-shown-once"}
    first, second = (world.http.post("/v1/api-keys", json=body, headers=key) for _ in range(2))
    assert (first.status_code, second.status_code) == (201, 409)
    assert second.headers["Location"] == first.headers["Location"]
    assert first.json()["key"] not in second.text


def test_requests_are_counted_over_all_functions(world: World) -> None:
    _, key = world.cloud.workspace("Counted")
    with httpx.Client(base_url=world.cloud.api_url, timeout=30, trust_env=False) as http:
        keys = _unused(http, key)
        assert left_within_a_minute(lambda: _asked(http, next(keys))) == [1199, 1198, 1197, 1196]


def _unused(http: httpx.Client, key: str) -> Iterator[str]:
    """Keys of one workspace, whose minute is the same, each of which has made no request."""
    yield key
    made = http.post("/v1/api-keys", json={"name": "Counted", "role": "admin"}, headers=_shown(key))
    yield made.json()["key"]


def _asked(http: httpx.Client, key: str) -> list[httpx.Response]:
    """Requests to several functions."""
    return [
        http.request(method, path, json=body, headers=_shown(key))
        for method, path, body in (
            ("GET", "/v1/channels", None),
            ("GET", "/v1/media", None),
            ("POST", "/v1/publications", {}),
            ("GET", "/v1/channels", None),
        )
    ]


def _shown(key: str) -> dict[str, str]:
    return {"Authorization": f"Bearer {key}"}


def test_a_long_answer_comes_packed_and_is_known_again(world: World) -> None:
    first = world.http.get("/v1/docs")
    assert (first.status_code, first.headers["Content-Encoding"], first.headers["Vary"]) == (
        200,
        "gzip",
        "Accept-Encoding",
    )
    assert first.text.startswith("<!doctype html>")
    assert "script" not in first.headers["Content-Security-Policy"]
    again = world.http.get("/v1/docs", headers={"If-None-Match": first.headers["ETag"]})
    assert (again.status_code, again.content) == (304, b"")
