from __future__ import annotations

from pathlib import Path

import pytest

from infra.stage import Stage
from tests.infra.synthesis import Synthesised, synthesise


def test_tables_can_be_set_back_to_any_second(stage: Synthesised) -> None:
    tables = stage.all("DynamoDB::Table")
    assert {table.path for table in tables} == {
        "Store/Publications",
        "Store/Channels",
        "Store/Operations",
        "Store/Notices",
    }
    for table in tables:
        assert table.properties["PointInTimeRecoverySpecification"] == {"PointInTimeRecoveryEnabled": True}
        assert table.properties["BillingMode"] == "PAY_PER_REQUEST"
        assert table.properties["SSESpecification"] == {"SSEEnabled": True}


def test_data_outlives_the_stack(aws: Synthesised) -> None:
    kept = [*aws.all("DynamoDB::Table"), *aws.all("S3::Bucket"), *aws.all("KMS::Key")]
    assert {(resource.whole["DeletionPolicy"], resource.whole["UpdateReplacePolicy"]) for resource in kept} == {
        ("Retain", "Retain")
    }
    assert {table.properties["DeletionProtectionEnabled"] for table in aws.all("DynamoDB::Table")} == {True}


def test_nothing_outlives_the_stack_on_the_emulator(local: Synthesised) -> None:
    policies = {resource.whole.get("DeletionPolicy", "Delete") for resource in local.found.values()}
    assert policies == {"Delete"}
    assert {table.properties["DeletionProtectionEnabled"] for table in local.all("DynamoDB::Table")} == {False}


def test_every_access_pattern_has_its_index(stage: Synthesised) -> None:
    indexes = {
        (table.path, index["IndexName"]): [key["AttributeName"] for key in index["KeySchema"]]
        for table in stage.all("DynamoDB::Table")
        for index in table.properties.get("GlobalSecondaryIndexes", [])
    }
    assert indexes == {
        ("Store/Publications", "by_workspace"): ["listed_in", "created_at"],
        ("Store/Publications", "due"): ["due_shard", "due_at"],
        ("Store/Publications", "planned"): ["planned_in", "due_at"],
        ("Store/Channels", "by_key_hash"): ["key_hash"],
        ("Store/Channels", "renewals"): ["renew_shard", "renew_at"],
    }


def test_an_index_holds_what_its_readers_need_and_no_content(stage: Synthesised) -> None:
    indexes = stage.at("Store/Publications").properties["GlobalSecondaryIndexes"]
    projected = {index["IndexName"]: set(index["Projection"]["NonKeyAttributes"]) for index in indexes}
    assert projected["due"] == {"id", "workspace", "version"}
    assert {"title", "targets", "publish_at", "canceled_at"} < projected["by_workspace"]
    assert {"content", "title"} & projected["planned"] == set()
    assert "content" not in projected["by_workspace"]


def test_the_list_of_renewals_holds_nothing_of_the_credentials(stage: Synthesised) -> None:
    indexes = stage.at("Store/Channels").properties["GlobalSecondaryIndexes"]
    projected = {index["IndexName"]: index["Projection"].get("NonKeyAttributes") for index in indexes}
    assert set(projected["renewals"]) == {"platform", "renew_tries"}


def test_leases_and_buckets_expire(stage: Synthesised) -> None:
    expiry = stage.at("Store/Operations").properties["TimeToLiveSpecification"]
    assert expiry == {"AttributeName": "expires_at", "Enabled": True}


def test_invitations_and_the_audit_log_expire_and_nothing_else_of_the_channels_does(stage: Synthesised) -> None:
    expiry = stage.at("Store/Channels").properties["TimeToLiveSpecification"]
    assert expiry == {"AttributeName": "gone_at", "Enabled": True}
    assert "TimeToLiveSpecification" not in stage.at("Store/Publications").properties


@pytest.mark.parametrize("table", ["Store/Operations", "Store/Notices"])
def test_leases_and_buckets_and_what_webhooks_were_told_expire(stage: Synthesised, table: str) -> None:
    expiry = stage.at(table).properties["TimeToLiveSpecification"]
    assert expiry == {"AttributeName": "expires_at", "Enabled": True}


def test_what_endpoints_are_told_of_is_streamed_as_it_was_and_as_it_is(stage: Synthesised) -> None:
    streamed = {
        table.path: table.properties["StreamSpecification"]["StreamViewType"]
        for table in stage.all("DynamoDB::Table")
        if "StreamSpecification" in table.properties
    }
    assert streamed == dict.fromkeys(("Store/Publications", "Store/Channels"), "NEW_AND_OLD_IMAGES")


def test_feeds_are_public_through_the_api_alone(stage: Synthesised) -> None:
    bucket = stage.at("Store/Feeds").properties
    assert set(bucket["PublicAccessBlockConfiguration"].values()) == {True}
    assert bucket["OwnershipControls"] == {"Rules": [{"ObjectOwnership": "BucketOwnerEnforced"}]}


def test_a_feed_can_be_set_back(stage: Synthesised) -> None:
    bucket = stage.at("Store/Feeds").properties
    assert bucket["VersioningConfiguration"] == {"Status": "Enabled"}
    (rule,) = bucket["LifecycleConfiguration"]["Rules"]
    assert rule["NoncurrentVersionExpiration"] == {"NoncurrentDays": 30}


def test_the_bucket_is_not_spoken_to_without_tls(aws: Synthesised) -> None:
    (statement,) = aws.at("Store/Feeds/Policy").properties["PolicyDocument"]["Statement"]
    assert statement["Condition"] == {"Bool": {"aws:SecureTransport": "false"}}
    assert (statement["Effect"], statement["Action"]) == ("Deny", "s3:*")
    assert {aws.text(resource) for resource in statement["Resource"]} == {"Store/Feeds", "Store/Feeds/*"}


def test_the_key_of_credentials_is_rotated(stage: Synthesised) -> None:
    assert stage.at("Store/Credentials").properties["EnableKeyRotation"] is True


def test_another_key_seals_where_one_is_named_and_the_stacks_own_still_opens(tmp_path: Path) -> None:
    other = "arn:aws:kms:eu-central-1:123456789012:key/other"
    moved = synthesise(Stage("dev", credentials_key=other), tmp_path)
    may = moved.permissions("Lanes/webhook/Publish/Role")
    assert {key for action, key in may if action == "kms:Decrypt"} == {"Store/Credentials", other}
    allowed = {each for role in moved.all("IAM::Role") for each in moved.permissions(role.path)}
    sealing = {key for action, key in allowed if action == "kms:GenerateDataKey"}
    assert sealing == {other}
    assert moved.outputs["CredentialsKeyArn"]["Value"] == other
