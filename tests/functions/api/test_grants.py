"""A choice among the accounts behind a consent: one, whoever makes it, however often."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

import pytest

from publishing import aws
from publishing.clock import now
from tests import cloud
from tests.functions.consenting import Consenting
from tests.functions.service import Service
from tests.sandbox.server import Sandbox
from tests.web.gateway import Reply


@pytest.fixture(scope="module")
def sandbox() -> Iterator[Sandbox]:
    with Sandbox() as running:
        yield running


@pytest.fixture
def pages(service: Service, sandbox: Sandbox) -> Consenting:
    made = Consenting(service, sandbox, "facebook", cloud.Watch(now()))
    made.set_app("bakery", "brewery")
    return made


@pytest.fixture
def offered(pages: Consenting) -> tuple[str, str, str]:
    """A grant that waits for a choice, and the two accounts there are."""
    grant, _ = pages.consented()
    one, other = (account["id"] for account in grant["accounts"])
    return grant["id"], one, other


@contextmanager
def before_the_first(call: str, then: Callable[[], Any]) -> Iterator[list[Any]]:
    """Has something done, this once, before the first of these calls to DynamoDB; yields what it came to."""
    done: list[Any] = []

    def between(**_: Any) -> None:
        events.unregister(f"before-call.dynamodb.{call}", between)
        done.append(then())

    events = aws.dynamodb().meta.events
    events.register(f"before-call.dynamodb.{call}", between)
    try:
        yield done
    finally:
        events.unregister(f"before-call.dynamodb.{call}", between)


def broken_off() -> None:
    raise RuntimeError("The function was ended.")


def listed(pages: Consenting) -> list[str]:
    """The ids of the channels there are."""
    return [each["id"] for each in pages.service.ask("GET", "/v1/channels").json["items"]]


def logged(pages: Consenting) -> list[Any]:
    """Which channels the log says were connected by consent."""
    entries = pages.service.ask("GET", "/v1/audit").json["items"]
    return [entry["ids"]["channel"] for entry in entries if entry["operation"] == "connectByConsent"]


def test_to_choose_the_same_again_changes_nothing(pages: Consenting, offered: tuple[str, str, str]) -> None:
    grant, one, _ = offered
    first = pages.chosen(grant, one, names={one: "Bread"}).json
    assert pages.chosen(grant, one).json == first
    assert pages.chosen(grant, one, names={one: "Bread"}).json == first
    assert listed(pages) == first["channels"]


@pytest.mark.parametrize("which", [[1], [0, 1]])
def test_what_was_chosen_is_chosen_for_good(pages: Consenting, offered: tuple[str, str, str], which: list[int]) -> None:
    grant, *accounts = offered
    first = pages.chosen(grant, accounts[0]).json
    reply = pages.chosen(grant, *(accounts[place] for place in which))
    assert (reply.status, reply.problem) == (409, "wrong-state")
    assert (pages.grant(grant)["channels"], listed(pages)) == (first["channels"], first["channels"])


def test_another_name_is_another_choice(pages: Consenting, offered: tuple[str, str, str]) -> None:
    grant, one, _ = offered
    pages.chosen(grant, one)
    assert pages.chosen(grant, one, names={one: "Bread"}).status == 409


def test_of_two_choices_at_once_one_is_made_and_the_other_makes_nothing(
    pages: Consenting, offered: tuple[str, str, str]
) -> None:
    grant, one, other = offered
    with before_the_first("UpdateItem", lambda: pages.chosen(grant, other)) as done:  # the choice is written
        late = pages.chosen(grant, one)
    assert isinstance(early := done[0], Reply)
    assert (early.status, late.status, late.problem) == (200, 409, "wrong-state")
    assert listed(pages) == early.json["channels"] == pages.grant(grant)["channels"]


def test_another_choice_while_channels_are_made_makes_none(pages: Consenting, offered: tuple[str, str, str]) -> None:
    grant, one, other = offered
    with before_the_first("PutItem", lambda: pages.chosen(grant, other)) as done:  # the channel is made
        mine = pages.chosen(grant, one)
    assert (mine.status, done[0].status) == (200, 409)
    assert listed(pages) == mine.json["channels"]


def test_a_double_click_makes_one_channel_and_both_are_told_of_it(
    pages: Consenting, offered: tuple[str, str, str]
) -> None:
    grant, one, _ = offered
    with before_the_first("PutItem", lambda: pages.chosen(grant, one)) as done:
        second = pages.chosen(grant, one)
    assert (done[0].status, second.status) == (200, 200)
    assert listed(pages) == second.json["channels"] == done[0].json["channels"]
    assert logged(pages) == listed(pages)


def test_a_choice_that_was_broken_off_is_finished_by_whoever_makes_it_again(
    pages: Consenting, offered: tuple[str, str, str]
) -> None:
    grant, one, other = offered
    with before_the_first("PutItem", broken_off):
        assert pages.chosen(grant, one, names={one: "Bread"}).status == 500
    found = pages.grant(grant)
    assert (found["state"], [each["id"] for each in found["accounts"]], found["channels"]) == ("chosen", [one], [])
    assert pages.chosen(grant, other).status == 409
    (channel,) = pages.chosen(grant, one).json["channels"]
    assert (listed(pages), pages.stored(channel).name) == ([channel], "Bread")


def test_a_choice_that_was_broken_off_after_a_channel_was_made_makes_no_other(
    pages: Consenting, offered: tuple[str, str, str]
) -> None:
    grant, one, other = offered
    writes: list[str] = []

    def broken(model: Any, **_: Any) -> None:
        writes.append(model.name)
        if len(writes) == 3:  # chosen, made, and then
            raise RuntimeError("The function was ended.")

    events = aws.dynamodb().meta.events
    for call in ("PutItem", "UpdateItem"):
        events.register(f"before-call.dynamodb.{call}", broken)
    try:
        assert pages.chosen(grant, one, other).status == 500
    finally:
        for call in ("PutItem", "UpdateItem"):
            events.unregister(f"before-call.dynamodb.{call}", broken)
    (made,) = listed(pages)
    chosen = pages.chosen(grant, other, one).json
    assert (chosen["state"], sorted(chosen["channels"])) == ("connected", sorted(listed(pages)))
    assert (len(chosen["channels"]), made in chosen["channels"]) == (2, True)


def test_who_began_the_consent_is_in_the_log_beside_who_chose(pages: Consenting, offered: tuple[str, str, str]) -> None:
    channels = pages.chosen(*offered).json["channels"]
    log = pages.service.ask("GET", "/v1/audit").json["items"]
    assert sorted(logged(pages)) == sorted(channels)
    assert [entry["operation"] for entry in log if entry["operation"] == "chooseAccounts"] == ["chooseAccounts"]
