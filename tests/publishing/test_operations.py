from __future__ import annotations

from publishing.operations import Operations
from tests.cloud import Cloud


def operations(made: Cloud) -> Operations:
    return Operations("operations", made.watch)


def written(made: Cloud, key: str, *, lasts_s: int = 60) -> None:
    operations(made).write(key, "kept = :one", "attribute_not_exists(pk)", {":one": 1}, lasts_s=lasts_s)


def test_what_is_written_is_read(cloud_in_moto: Cloud) -> None:
    written(cloud_in_moto, "a")
    assert operations(cloud_in_moto).read("a")["kept"] == 1


def test_what_has_expired_is_not_there_though_it_is_stored(cloud_in_moto: Cloud) -> None:
    written(cloud_in_moto, "a")
    cloud_in_moto.watch.forward(60)
    assert operations(cloud_in_moto).read("a") == {}
    assert operations(cloud_in_moto).read_many(["a"]) == {"a": {}}


def test_what_stands_in_the_way_is_answered(cloud_in_moto: Cloud) -> None:
    written(cloud_in_moto, "a")
    item, ours = operations(cloud_in_moto).write("a", "kept = :two", "kept = :two", {":two": 2}, lasts_s=60)
    assert (item["kept"], ours) == (1, False)


def test_an_expired_item_stands_in_the_way_as_nothing(cloud_in_moto: Cloud) -> None:
    written(cloud_in_moto, "a")
    cloud_in_moto.watch.forward(60)
    answer = operations(cloud_in_moto).write("a", "kept = :two", "kept = :two", {":two": 2}, lasts_s=60)
    assert answer == ({}, False)


def test_many_are_read_at_once_and_those_that_are_missing_left_out(cloud_in_moto: Cloud) -> None:
    written(cloud_in_moto, "a")
    written(cloud_in_moto, "b")
    assert set(operations(cloud_in_moto).read_many(["a", "b", "c"])) == {"a", "b"}
