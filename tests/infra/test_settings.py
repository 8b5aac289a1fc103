from __future__ import annotations

import pytest

from functions import platforms
from publishing.adapter import Resource
from publishing.settings import (
    Accepting,
    Authorizing,
    Calling,
    Examining,
    Limiting,
    Noticing,
    Notifying,
    Publishing,
    Sending,
    Serving,
    Settings,
    Storing,
)
from tests.infra.synthesis import Synthesised

TOLD: dict[str, type[Settings]] = {
    "Submit": Accepting,
    "Rest": Serving,
    "Media": Storing,
    "Health": Examining,
    "Authorize": Authorizing,
    "Dispatch": Sending,
    "Sweep": Limiting,
    "Plan": Sending,
    "Renew": Sending,
    "Notice": Noticing,
    "Notify": Notifying,
    "Call": Calling,
    **{f"Lanes/{name}/Publish": Publishing for name in platforms.names()},
}
NOT_OURS = {"log_level", "res_options"}  # Powertools reads one, the C library's resolver the other


def told(stage: Synthesised, function: str) -> dict[str, str]:
    """A function's environment, references as construct paths."""
    variables = stage.at(f"{function}/Function", "Function").properties["Environment"]["Variables"]
    return {name: stage.text(value) for name, value in variables.items()}


@pytest.mark.parametrize("function", list(TOLD))
def test_a_function_is_told_what_it_reads_and_nothing_else(stage: Synthesised, function: str) -> None:
    model = TOLD[function]
    environment = told(stage, function)
    read = {name.lower(): value for name, value in environment.items() if name.lower() not in NOT_OURS}
    assert set(read) <= set(model.model_fields)
    assert model.model_validate(read).stage == stage.stage


@pytest.mark.parametrize("function", ["Submit", "Sweep"])
def test_who_limits_the_backlog_is_told_how_far(stage: Synthesised, function: str) -> None:
    assert told(stage, function)["BACKLOG_LIMIT"] == "50000"


@pytest.mark.parametrize("function", ["Submit", "Rest", "Media"])
def test_who_answers_callers_is_told_how_much_they_may_ask(stage: Synthesised, function: str) -> None:
    environment = told(stage, function)
    assert (environment["CALLER_LIMIT"], environment["WORKSPACE_LIMIT"]) == ("1200", "6000")


@pytest.mark.parametrize("platform", [name for name in platforms.names() if platforms.load(name).limits.embeds])
def test_who_tells_readers_where_media_are_has_an_address_that_lasts(aws: Synthesised, platform: str) -> None:
    assert told(aws, f"Lanes/{platform}/Publish")["FILES_URL"] == "Api/Http.ApiEndpoint/v1/files"


def test_every_queue_is_reached_by_its_name(stage: Synthesised) -> None:
    template = told(stage, "Submit")["QUEUE_URL_TEMPLATE"]
    expected = {
        "local": "http://127.0.0.1:1/<AccountId>/postroom-local-{queue}",
        "dev": "https://sqs.<Region>.<URLSuffix>/<AccountId>/postroom-dev-{queue}",
        "prod": "https://sqs.<Region>.<URLSuffix>/<AccountId>/postroom-prod-{queue}",
    }
    assert template == expected[stage.stage]


@pytest.mark.parametrize(
    "platform", [name for name in platforms.names() if Resource.FEEDS in platforms.load(name).uses]
)
def test_who_declares_feeds_is_told_where_they_are(synthesised: dict[str, Synthesised], platform: str) -> None:
    function = f"Lanes/{platform}/Publish"
    local, dev = told(synthesised["local"], function), told(synthesised["dev"], function)
    assert local["FEEDS_URL"] == "http://127.0.0.1:1/Store/Feeds"
    assert local["FEEDS_PUBLIC_URL"] == "http://127.0.0.1:1/_aws/execute-api/Api/Http/v1/feeds"
    assert dev["FEEDS_URL"] == "https://Store/Feeds.RegionalDomainName"
    assert dev["FEEDS_PUBLIC_URL"] == "Api/Http.ApiEndpoint/v1/feeds"


@pytest.mark.parametrize("platform", [name for name in platforms.names() if Resource.MAIL in platforms.load(name).uses])
def test_who_declares_mail_is_told_how_it_goes_out(synthesised: dict[str, Synthesised], platform: str) -> None:
    function = f"Lanes/{platform}/Publish"
    local, dev = told(synthesised["local"], function), told(synthesised["dev"], function)
    assert (local["MAIL_URL"], dev["MAIL_URL"]) == ("http://127.0.0.1:1", "https://email.<Region>.amazonaws.com")
    assert local["MAIL_CONFIGURATION_SET"] == dev["MAIL_CONFIGURATION_SET"] == "Mail/Outgoing"


@pytest.mark.parametrize("function", ["Lanes/webhook/Publish", "Call", "Rest"])
def test_the_network_is_open_on_the_laptop_alone(synthesised: dict[str, Synthesised], function: str) -> None:
    opened = {name: told(stage, function)["OPEN_NETWORK"] for name, stage in synthesised.items()}
    assert opened == {"local": "true", "dev": "false", "prod": "false"}


def test_an_environment_leaves_room_below_lambdas_four_kilobytes(stage: Synthesised) -> None:
    sizes = {function: sum(map(len, [*told(stage, function), *told(stage, function).values()])) for function in TOLD}
    assert max(sizes.values()) < 2_000
