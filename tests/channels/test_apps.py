from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Any

import boto3
import pytest
from botocore.exceptions import ClientError

from channels.apps import NO_APP, NONE, App
from publishing.consent import CLIENT_ID, CLIENT_SECRET
from publishing.memory import Memory
from tests import cloud

NAME = "postroom/dev/apps/alpha"


@pytest.fixture
def client() -> Iterator[Any]:
    with cloud.moto():
        yield boto3.client("secretsmanager", region_name=cloud.REGION)


def app(client: Any, **changes: Any) -> App:
    return App(NAME, (CLIENT_ID, CLIENT_SECRET), client=lambda: client, **changes)


def stored(client: Any, secret: str = "s3cret") -> None:  # noqa: S107 - no real one
    text = json.dumps({"client_id": "an-id", "client_secret": secret, "note": "not a field"})
    client.create_secret(Name=NAME, SecretString=text)


def test_what_is_stored_is_told_apart_into_what_may_be_seen_and_what_may_not(client: Any) -> None:
    stored(client)
    found = app(client).supplied()
    assert (found.settings, found.secret) == ({"client_id": "an-id"}, {"client_secret": "s3cret"})


def test_an_app_that_is_not_there_is_none_and_is_found_as_soon_as_it_is(client: Any) -> None:
    made = app(client)
    assert made.supplied() is NONE
    stored(client)
    assert made.supplied().settings == {"client_id": "an-id"}


def test_a_secret_that_was_rotated_is_taken_within_five_minutes(client: Any) -> None:
    now_s = [0.0]
    made = app(client, memory=Memory(keep_s=300.0, most=1, now_s=lambda: now_s[0]))
    stored(client)
    made.supplied()
    client.put_secret_value(SecretId=NAME, SecretString=json.dumps({"client_id": "an-id", "client_secret": "newer"}))
    assert made.supplied().secret["client_secret"] == "s3cret"
    now_s[0] = 301.0
    assert made.supplied().secret["client_secret"] == "newer"


def test_a_secret_that_is_refused_is_read_anew(client: Any) -> None:
    made = app(client)
    stored(client)
    made.supplied()
    client.put_secret_value(SecretId=NAME, SecretString=json.dumps({"client_id": "an-id", "client_secret": "newer"}))
    made.forget()
    assert made.supplied().secret["client_secret"] == "newer"


@pytest.mark.parametrize(
    ("text", "whole"),
    [
        ('{"client_id": "an-id", "client_secret": "s"}', True),
        ('{"client_id": "an-id"}', False),
        ('{"client_id": "an-id", "client_secret": " "}', False),
    ],
)
def test_an_app_is_whole_with_all_that_channels_need(client: Any, text: str, *, whole: bool) -> None:
    made = app(client)
    assert not made.is_whole
    client.create_secret(Name=NAME, SecretString=text)
    assert made.is_whole is whole


def test_where_there_is_no_app_nothing_of_one_is_missing() -> None:
    assert NO_APP.is_whole


def test_a_secret_store_that_fails_is_no_missing_app() -> None:
    class Failing:
        class exceptions:  # noqa: N801 - as boto3's clients have it
            ClientError = ClientError

        def get_secret_value(self, **_: Any) -> Any:
            raise ClientError({"Error": {"Code": "InternalServiceError"}}, "GetSecretValue")

    with pytest.raises(ClientError):
        app(Failing()).supplied()


def test_without_a_name_there_is_no_app_and_nobody_is_asked() -> None:
    assert App().supplied() is NONE
