from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Any

import boto3
import pytest
from botocore.exceptions import ClientError

from infra.local.emulator import KEY_ID, REGION, SECRET_KEY
from tests.end_to_end.conftest import Slow
from tests.end_to_end.world import World

if TYPE_CHECKING:
    from mypy_boto3_sqs import SQSClient


def as_role(world: World, function: str, service: Any) -> Any:
    """A client of a service with the rights of the function whose name holds `function`."""
    (role,) = [role for name, role in world.functions().items() if function in name]
    client: Any = boto3.client
    endpoint = {"endpoint_url": world.cloud.emulator.endpoint, "region_name": REGION}
    root = client("sts", aws_access_key_id=KEY_ID, aws_secret_access_key=SECRET_KEY, **endpoint)
    taken = root.assume_role(RoleArn=role, RoleSessionName="end-to-end")["Credentials"]
    return client(
        service,
        aws_access_key_id=taken["AccessKeyId"],
        aws_secret_access_key=taken["SecretAccessKey"],
        aws_session_token=taken["SessionToken"],
        **endpoint,
    )


def test_a_platforms_function_may_send_to_its_own_queue(world: World) -> None:
    sqs: SQSClient = as_role(world, "discordPublish", "sqs")
    answer = sqs.send_message(QueueUrl=world.queue_url("discord"), MessageBody="{}", DelaySeconds=900)
    assert answer["MessageId"]


def test_a_platforms_function_may_not_send_to_anothers_queue(world: World) -> None:
    sqs: SQSClient = as_role(world, "discordPublish", "sqs")
    with pytest.raises(ClientError, match="AccessDenied"):
        sqs.send_message(QueueUrl=world.queue_url("webhook"), MessageBody="{}")


def test_the_function_that_seals_credentials_may_not_open_them(world: World) -> None:
    kms = as_role(world, "RestFunction", "kms")
    key = world.cloud.outputs["CredentialsKeyArn"]
    sealed = kms.generate_data_key(KeyId=key, KeySpec="AES_256")["CiphertextBlob"]
    with pytest.raises(ClientError, match="AccessDenied"):
        kms.decrypt(KeyId=key, CiphertextBlob=sealed)


def test_without_a_key_nothing_is_shown(world: World) -> None:
    answer = world.http.get("/v1/publications", headers={"Authorization": ""})
    assert (answer.status_code, answer.headers["Content-Type"]) == (401, "application/problem+json")


def test_another_workspaces_channel_is_unknown(world: World) -> None:
    channel = world.connected("webhook", "private")
    _, key = world.cloud.workspace("Others")
    answer = world.http.get(f"/v1/channels/{channel}", headers={"Authorization": f"Bearer {key}"})
    assert answer.status_code == 404


def test_a_revoked_key_is_refused_within_a_minute(world: World, slow: Slow) -> None:
    shown = {"Authorization": f"Bearer {slow.revoked_key}"}
    left_s = (slow.revoked_at + timedelta(minutes=1) - datetime.now(UTC)).total_seconds()
    refused = world.until(lambda: world.http.get("/v1/publications", headers=shown).is_error, within_s=max(left_s, 1))
    assert refused
    assert world.http.get("/v1/publications", headers=shown).status_code == 401
