from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from typing import Any

import pytest

from channels.model import Connection, Sealed, StoredChannel
from channels.registry import REMEMBER_S, Registry, Remembered
from channels.standing import Standing
from publishing import ids
from publishing.memory import Memory
from publishing.model import Identity
from publishing.planned import NOTHING
from tests.cloud import START, Cloud

WORKSPACE = "ws_01kagwz8w7e0f4h5j6k7m8n9pq"
OTHER = "ws_01kagwz8w7e0f4h5j6k7m8n9pr"


def channel(**changes: Any) -> StoredChannel:
    made = StoredChannel(
        id=ids.new("chn"),
        workspace=WORKSPACE,
        platform="webhook",
        name="Site",
        settings={"template": "{text}"},
        secret_fields=("signing_secret", "url"),
        sealed=Sealed(b"key", b"box"),
        created_at=START,
        created_by="tester",
        updated_at=START,
    )
    return replace(made, **changes)


@pytest.fixture
def registry(cloud_in_moto: Cloud) -> Registry:
    return Registry("channels", cloud_in_moto.watch)


def created(registry: Registry, **changes: Any) -> StoredChannel:
    made = channel(**changes)
    registry.create(made)
    return made


def test_a_channel_is_found_as_it_was_stored(registry: Registry) -> None:
    made = created(
        registry,
        paused=True,
        connection=Connection.RECONNECT,
        reason="Revoked.",
        identity=Identity("1", "Site", "https://example.org"),
        verified_at=START,
    )
    assert registry.find(WORKSPACE, made.id) == made


def test_a_channel_without_secrets_is_found_as_it_was_stored(registry: Registry) -> None:
    made = created(registry, sealed=None, secret_fields=(), settings={})
    assert registry.find(WORKSPACE, made.id, consistent=True) == made


def test_another_workspaces_channel_is_not_found(registry: Registry) -> None:
    made = created(registry)
    assert registry.find(OTHER, made.id) is None
    assert registry.find_many(OTHER, [made.id]) == {}


def test_many_are_found_in_one_call(registry: Registry) -> None:
    made = [created(registry) for _ in range(3)]
    asked: list[str] = []
    registry.client().meta.events.register("before-call.dynamodb", lambda model, **_: asked.append(model.name))
    assert registry.find_many(WORKSPACE, [each.id for each in made]) == {each.id: each for each in made}
    assert asked == ["BatchGetItem"]


def test_those_that_are_there_are_found_among_those_that_are_not(registry: Registry) -> None:
    made = created(registry)
    assert registry.find_many(WORKSPACE, ["chn_made_up", made.id, made.id]) == {made.id: made}


def test_more_than_a_batch_are_found(registry: Registry) -> None:
    made = [created(registry) for _ in range(101)]
    assert len(registry.find_many(WORKSPACE, [each.id for each in made])) == 101


def test_none_are_found_without_asking(registry: Registry) -> None:
    assert registry.find_many(WORKSPACE, []) == {}


def test_channels_are_listed_page_by_page_newest_first(registry: Registry) -> None:
    made = [created(registry).id for _ in range(3)]
    created(registry, workspace=OTHER)
    first, after = registry.page(WORKSPACE, limit=2)
    second, end = registry.page(WORKSPACE, limit=2, after=after)
    assert [each.id for each in (*first, *second)] == sorted(made, reverse=True)
    assert end == ""


def test_an_edit_is_stored_and_counted(registry: Registry, cloud_in_moto: Cloud) -> None:
    made = created(registry)
    cloud_in_moto.watch.forward(60)
    edited = registry.edit(made, replace(made, name="New", paused=True))
    assert edited == registry.find(WORKSPACE, made.id)
    assert edited is not None
    assert (edited.name, edited.paused, edited.version) == ("New", True, 2)
    assert edited.updated_at > made.updated_at


def test_an_edit_of_what_changed_meanwhile_is_not_stored(registry: Registry) -> None:
    made = created(registry)
    registry.edit(made, replace(made, name="First"))
    assert registry.edit(made, replace(made, name="Second")) is None
    found = registry.find(WORKSPACE, made.id)
    assert found is not None
    assert found.name == "First"


def test_an_edit_does_not_undo_what_the_platform_said_meanwhile(registry: Registry) -> None:
    made = created(registry)
    registry.settle(made, Connection.CONNECTED)
    assert registry.edit(made, replace(made, name="New")) is None


def test_an_edit_does_not_bring_back_what_was_deleted(registry: Registry) -> None:
    made = created(registry)
    registry.delete(WORKSPACE, made.id)
    assert registry.edit(made, replace(made, name="New")) is None
    assert registry.find(WORKSPACE, made.id) is None


def test_what_the_platform_says_is_written_down(registry: Registry) -> None:
    made = created(registry)
    identity = Identity("42", "Site", "https://example.org")
    assert registry.settle(made, Connection.CONNECTED, identity=identity)
    found = registry.find(WORKSPACE, made.id)
    assert found == replace(made, connection=Connection.CONNECTED, identity=identity, verified_at=START)


def test_a_lost_connection_keeps_its_owner_and_tells_why(registry: Registry) -> None:
    made = created(registry, identity=Identity("42"), connection=Connection.CONNECTED)
    assert registry.settle(made, Connection.RECONNECT, reason="Revoked.")
    found = registry.find(WORKSPACE, made.id)
    assert found == replace(made, connection=Connection.RECONNECT, reason="Revoked.", verified_at=START)


def test_what_the_platform_said_of_old_credentials_is_not_written_down(registry: Registry) -> None:
    made = created(registry)
    edited = registry.edit(made, made.reconnected({}, (), None))
    assert not registry.settle(made, Connection.RECONNECT, reason="Revoked.")
    assert registry.find(WORKSPACE, made.id) == edited


def test_a_deleted_channel_is_gone_with_its_credentials(registry: Registry) -> None:
    made = created(registry)
    assert registry.delete(WORKSPACE, made.id)
    assert registry.client().scan(TableName="channels")["Items"] == []


def test_another_workspaces_channel_is_not_deleted(registry: Registry) -> None:
    made = created(registry)
    registry.delete(OTHER, made.id)
    assert registry.find(WORKSPACE, made.id) == made


def test_a_channel_is_deleted_as_it_was_seen(registry: Registry) -> None:
    made = created(registry, connection=Connection.CONNECTED, verified_at=START)
    assert registry.delete(WORKSPACE, made.id, seen=made)
    assert registry.find(WORKSPACE, made.id) is None


def test_what_is_gone_is_deleted_whoever_saw_it(registry: Registry) -> None:
    made = created(registry)
    assert [registry.delete(WORKSPACE, made.id, seen=each) for each in (None, None, made)] == [True, True, True]


@pytest.mark.parametrize("meanwhile", ["edited", "verified", "verified again", "shut", "renewed"])
def test_what_is_no_more_as_it_was_seen_is_not_deleted(
    registry: Registry, cloud_in_moto: Cloud, meanwhile: str
) -> None:
    first = Connection.CONNECTED if meanwhile == "verified again" else Connection.UNVERIFIED
    made = created(registry, connection=first, verified_at=START if meanwhile == "verified again" else None)
    cloud_in_moto.watch.forward(60)
    standing = Standing(registry)
    happens: dict[str, Callable[[], object]] = {
        "edited": lambda: registry.edit(made, replace(made, name="New")),
        "verified": lambda: registry.settle(made, Connection.CONNECTED),
        "verified again": lambda: registry.settle(made, Connection.CONNECTED),
        "shut": lambda: standing.shut(made, "Revoked.", NOTHING),
        "renewed": lambda: standing.renew(made, Sealed(b"key", b"other"), end_at=None, until=None, renew_at=None),
    }
    assert happens[meanwhile]()
    assert not registry.delete(WORKSPACE, made.id, seen=made)
    assert registry.find(WORKSPACE, made.id) is not None


def test_settling_what_was_deleted_writes_nothing(registry: Registry) -> None:
    made = created(registry)
    registry.delete(WORKSPACE, made.id)
    assert not registry.settle(made, Connection.CONNECTED)
    assert registry.client().scan(TableName="channels")["Items"] == []


class Clock:
    now_s = 0.0

    def __call__(self) -> float:
        return self.now_s


def remembered(registry: Registry, clock: Clock) -> Remembered:
    return Remembered(registry, Memory(keep_s=REMEMBER_S, most=10, now_s=clock))


def test_a_channel_is_remembered_for_half_a_minute(registry: Registry) -> None:
    clock, made = Clock(), created(registry)
    memory = remembered(registry, clock)
    assert memory.find(WORKSPACE, made.id) == made
    registry.delete(WORKSPACE, made.id)
    clock.now_s = REMEMBER_S - 1
    assert memory.find(WORKSPACE, made.id) == made
    assert memory.find_many(WORKSPACE, [made.id]) == {made.id: made}
    clock.now_s = REMEMBER_S
    assert memory.find(WORKSPACE, made.id) is None


def test_a_missing_channel_is_not_remembered_as_missing(registry: Registry) -> None:
    memory, made = remembered(registry, Clock()), channel()
    assert memory.find(WORKSPACE, made.id) is None
    assert memory.find_many(WORKSPACE, [made.id]) == {}
    registry.create(made)
    assert memory.find_many(WORKSPACE, [made.id]) == {made.id: made}
    assert memory.find(WORKSPACE, made.id) == made


def test_what_is_remembered_of_one_workspace_is_unknown_to_another(registry: Registry) -> None:
    memory, made = remembered(registry, Clock()), created(registry)
    memory.find(WORKSPACE, made.id)
    assert memory.find(OTHER, made.id) is None
    assert memory.find_many(OTHER, [made.id]) == {}


def test_a_forgotten_channel_is_read_anew(registry: Registry) -> None:
    memory, made = remembered(registry, Clock()), created(registry)
    memory.find(WORKSPACE, made.id)
    registry.settle(made, Connection.CONNECTED)
    memory.forget(made)
    found = memory.find(WORKSPACE, made.id)
    assert found is not None
    assert found.connection is Connection.CONNECTED
