from __future__ import annotations

import pytest
from aws_cdk import App

from infra.stage import Issuer, Stage, stage_of


def test_detours_are_for_stage_local_alone() -> None:
    with pytest.raises(ValueError, match="only stage local"):
        Stage("prod", detours='{"slack.com": "http://127.0.0.1:1"}')


def test_the_stage_comes_from_the_context() -> None:
    issuer = {"jwt_issuer": "https://id.test", "jwt_audience": "us", "jwt_jwks_url": "https://id.test/keys"}
    asked = {"stage": "local", "endpoint": "http://127.0.0.1:1/", **issuer}
    expected = Stage("local", endpoint="http://127.0.0.1:1", issuer=Issuer(*issuer.values()))
    assert stage_of(App(context=asked)) == expected


def test_no_stage_is_the_default() -> None:
    with pytest.raises(ValueError, match=r"-c stage=local\|dev\|prod"):
        stage_of(App())


def test_an_unknown_stage_is_refused() -> None:
    with pytest.raises(ValueError, match="No stage 'production'"):
        Stage("production")


def test_stage_local_needs_the_emulators_address() -> None:
    with pytest.raises(ValueError, match="-c endpoint="):
        Stage("local")


def test_no_other_stage_takes_one() -> None:
    with pytest.raises(ValueError, match="-c endpoint="):
        Stage("prod", endpoint="http://127.0.0.1:1")


@pytest.mark.parametrize("given", [("https://issuer.test/", "", ""), ("", "postroom", ""), ("a", "b", "")])
def test_half_an_issuer_is_refused(given: tuple[str, str, str]) -> None:
    with pytest.raises(ValueError, match="give all three"):
        Issuer(*given)


def test_how_much_may_wait_comes_from_the_context() -> None:
    assert stage_of(App(context={"stage": "dev", "backlog_limit": "200"})) == Stage("dev", backlog_limit=200)


def test_who_may_ask_how_much_comes_from_the_context() -> None:
    context = {
        "stage": "dev",
        "caller_limit": "60",
        "workspace_limit": "0",
        "cors": "https://app.example.org, https://b.example.org:8443",
    }
    origins = ("https://app.example.org", "https://b.example.org:8443")
    assert stage_of(App(context=context)) == Stage("dev", caller_limit=60, workspace_limit=0, cors=origins)


def test_fewer_requests_than_none_are_refused() -> None:
    with pytest.raises(ValueError, match="caller_limit"):
        Stage("dev", caller_limit=-1)


@pytest.mark.parametrize("origin", ["app.example.org", "https://app.example.org/", "https://a b", "null"])
def test_what_is_no_origin_is_refused(origin: str) -> None:
    with pytest.raises(ValueError, match="-c cors="):
        Stage("dev", cors=(origin,))


def test_a_stage_that_could_accept_nothing_is_refused() -> None:
    with pytest.raises(ValueError, match="backlog_limit"):
        Stage("dev", backlog_limit=0)


@pytest.mark.parametrize(
    "origin", ["http://app.example.org", "https://app.example.org/", "example.org", "*", "https://*"]
)
def test_people_are_sent_back_to_origins_alone(origin: str) -> None:
    with pytest.raises(ValueError, match="origin"):
        Stage("dev", return_to=origin)


def test_people_may_be_sent_back_to_several_origins() -> None:
    assert Stage("dev", return_to="https://app.example.org, https://two.example.org:8443").return_to
