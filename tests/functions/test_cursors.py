"""Every listing, walked page by page while things are added and deleted."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from identity.model import Denial, Role, person_of
from publishing import ids
from tests.cloud import Cloud
from tests.functions.service import Service
from web import contract, media, people, series
from web.contract import OPERATIONS
from web.operation import Operation
from web.schemas.base import Paging

LISTINGS = [operation for operation in OPERATIONS if issubclass(operation.takes, Paging)]
TURNS = st.lists(st.sampled_from(["add", "delete", "nothing"]), min_size=1, max_size=4)


@dataclass(frozen=True)
class Shelf:
    """How a listing's things are made and, where they can be, deleted."""

    make: Callable[[Service, str], str]
    delete: str = ""
    key: str = "id"


def _of_person(service: Service, _: str) -> str:
    """One workspace more that the same person is a member of."""
    another = Service(service.cloud)
    another.founded()
    return another.joined(Role.AUTHOR, person=_person(service)).workspace


def _person(service: Service) -> str:
    return person_of("https://issuer.example/", service.ours)


def _member(service: Service, _: str) -> str:
    return service.joined(Role.AUTHOR).id


SHELVES = {
    contract.LIST_PUBLICATIONS.id: Shelf(lambda service, channel: str(service.submitted(channel)["id"])),
    series.LIST_SERIES.id: Shelf(lambda service, channel: str(service.series(channel)["id"])),
    contract.LIST_CHANNELS.id: Shelf(lambda service, _: str(service.connected()["id"]), "/v1/channels/{}"),
    contract.LIST_KEYS.id: Shelf(lambda service, _: str(service.key()["id"])),
    people.LIST_WORKSPACES.id: Shelf(_of_person),
    people.LIST_MEMBERS.id: Shelf(_member, "/v1/members/{}"),
    people.LIST_INVITATIONS.id: Shelf(lambda service, _: str(service.invited()["id"]), "/v1/invitations/{}"),
    people.LIST_ENTRIES.id: Shelf(lambda service, _: f"/v1/api-keys/{service.key()['id']}", key="made"),
    media.LIST_MEDIA.id: Shelf(lambda service, _: str(service.uploaded(b"x")["id"]), "/v1/media/{}"),
}


@dataclass
class Walk:
    """One reader of a listing, and others who add to it and delete from it between the pages."""

    service: Service
    listing: Operation[Any, Any]

    def __post_init__(self) -> None:
        self.service.founded()
        self.shelf, self.channel = SHELVES[self.listing.id], self.service.connected()["id"]
        self.stay = [self._made() for _ in range(4)]
        self.go = [self._made() for _ in range(4)]
        if self.listing is contract.LIST_CHANNELS:
            self.stay.append(self.channel)

    def _made(self) -> str:
        return self.shelf.make(self.service, self.channel)

    def turn(self, what: str) -> None:
        """Change the list."""
        if what == "add":
            self._made()
        if what == "delete" and self.shelf.delete and self.go:
            self.service.ask("DELETE", self.shelf.delete.format(self.go.pop(len(self.go) // 2)))

    def page(self, limit: int, cursor: str) -> tuple[list[str], str]:
        """The ids of a page, and the cursor of the next."""
        query = {"limit": str(limit), "cursor": cursor}
        person = {"problem": Denial.NO_MEMBER.value, "person": _person(self.service)}
        context = person if self.listing is people.LIST_WORKSPACES else None
        reply = self.service.ask("GET", self.listing.path, query=query, context=context)
        assert reply.status == 200
        return [item[self.shelf.key] for item in reply.json["items"]], reply.json["next"] or ""

    def seen(self, limit: int, turns: list[str]) -> list[str]:
        """All that a reader sees, page by page, with a turn of others between the pages."""
        found, cursor = self.page(limit, "")
        waiting = iter(turns * 10)
        while cursor:
            self.turn(next(waiting, "nothing"))
            page, cursor = self.page(limit, cursor)
            found += page
        return found


def test_every_listing_is_walked() -> None:
    assert set(SHELVES) == {listing.id for listing in LISTINGS}


@pytest.mark.parametrize("listing", LISTINGS, ids=lambda listing: listing.id)
@settings(max_examples=4, suppress_health_check=[HealthCheck.function_scoped_fixture], database=None)
@given(limit=st.integers(1, 4), turns=TURNS)
def test_what_was_there_all_along_is_seen_once_whatever_comes_and_goes(
    deployment: Cloud, listing: Operation[Any, Any], limit: int, turns: list[str]
) -> None:
    walk = Walk(Service(deployment, ours=ids.new("ws")), listing)
    seen = walk.seen(limit, turns)
    assert len(set(seen)) == len(seen)
    assert set(walk.stay) <= set(seen)


@pytest.mark.parametrize("listing", LISTINGS, ids=lambda listing: listing.id)
def test_a_cursor_leads_on_even_where_the_thing_it_stands_at_was_deleted(
    deployment: Cloud, listing: Operation[Any, Any]
) -> None:
    walk = Walk(Service(deployment, ours=ids.new("ws")), listing)
    first, cursor = walk.page(1, "")
    if walk.shelf.delete:
        assert walk.service.ask("DELETE", walk.shelf.delete.format(first[0])).status in {200, 204}
    rest: list[str] = []
    while cursor:
        page, cursor = walk.page(3, cursor)
        rest += page
    assert first[0] not in rest
    assert set(walk.stay) - set(first) <= set(rest)
