"""Where everything is kept: three tables, the buckets of feeds and media, and the key that seals credentials."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from aws_cdk import Duration
from aws_cdk import aws_dynamodb as dynamodb
from aws_cdk import aws_kms as kms
from aws_cdk import aws_s3 as s3
from constructs import Construct

from infra.policy import Permission, acknowledge, allow, tls_only

if TYPE_CHECKING:
    from collections.abc import Sequence

    from infra.stage import Stage

FEEDS = "feeds/*"
FEED_HISTORY_DAYS = 30
CORS_S = 3_600
BY_WORKSPACE, DUE, BY_KEY_HASH = "by_workspace", "due", "by_key_hash"
_LISTED = (
    *("id", "title", "targets", "publish_at", "zone", "priority"),
    *("expires_at", "canceled_at", "version", "created_by", "correlation_id"),
)


class Store(Construct):
    """The tables, the bucket and the key; kept when the stack goes, except on stage `local`."""

    def __init__(self, scope: Construct, construct_id: str, *, stage: Stage) -> None:
        super().__init__(scope, construct_id)
        self._stage = stage
        self.publications = self._table("Publications", sort_key="sk")
        self._index(self.publications, BY_WORKSPACE, "listed_in", "created_at", only=_LISTED)
        self._index(self.publications, DUE, "due_shard", "due_at", only=["id", "workspace", "version"])
        self.channels = self._table("Channels", sort_key="sk")
        self._index(self.channels, BY_KEY_HASH, "key_hash")
        self.operations = self._table("Operations", expires="expires_at")
        self.feeds = self._feeds()
        self.media = self._media()
        own = kms.Key(
            self,
            "Credentials",
            description="Seals the data keys of channels' credentials.",
            enable_key_rotation=True,
            removal_policy=stage.removal,
        )
        other = stage.credentials_key and kms.Key.from_key_arn(self, "OtherCredentials", stage.credentials_key)
        self.key: kms.IKey = other or own  # seals
        self.keys = [key.key_arn for key in (own, other) if key]  # open what was sealed before, too

    def feeds_may(self, *actions: str) -> list[Permission]:
        """Leave for `actions` on the feeds, and to be told of one that is missing that it is (404, not 403)."""
        return [
            allow(*actions, on=[self.feeds.arn_for_objects(FEEDS)], wildcard="A feed's key is its channel's token."),
            allow("s3:ListBucket", on=[self.feeds.bucket_arn]),
        ]

    def media_may(self, *actions: str) -> list[Permission]:
        """Leave for `actions` on uploads."""
        wildcard = "An upload's key is its workspace and its id."
        return [allow(*actions, on=[self.media.arn_for_objects("*")], wildcard=wildcard)]

    def _table(self, construct_id: str, *, sort_key: str = "", expires: str | None = None) -> dynamodb.Table:
        return dynamodb.Table(
            self,
            construct_id,
            partition_key=_text("pk"),
            sort_key=_text(sort_key) if sort_key else None,
            billing_mode=dynamodb.BillingMode.PAY_PER_REQUEST,
            encryption=dynamodb.TableEncryption.AWS_MANAGED,
            point_in_time_recovery_specification=dynamodb.PointInTimeRecoverySpecification(
                point_in_time_recovery_enabled=True
            ),
            deletion_protection=not self._stage.local,
            removal_policy=self._stage.removal,
            time_to_live_attribute=expires,
        )

    @staticmethod
    def _index(table: dynamodb.Table, name: str, key: str, sort: str = "", *, only: Sequence[str] = ()) -> None:
        table.add_global_secondary_index(
            index_name=name,
            partition_key=_text(key),
            sort_key=_text(sort) if sort else None,
            projection_type=dynamodb.ProjectionType.INCLUDE if only else dynamodb.ProjectionType.ALL,
            non_key_attributes=list(only) or None,
        )

    def _feeds(self) -> s3.Bucket:
        history = s3.LifecycleRule(noncurrent_version_expiration=Duration.days(FEED_HISTORY_DAYS))
        bucket = self._bucket("Feeds", versioned=True, lifecycle_rules=[history])
        acknowledge(bucket, {"AwsSolutions-S1": "Feeds are public; the API that serves them keeps the access log."})
        return bucket

    def _media(self) -> s3.Bucket:
        """Frontends upload to it from any page: who may, the signature in the address says."""
        upload = s3.CorsRule(
            allowed_methods=[s3.HttpMethods.PUT], allowed_origins=["*"], allowed_headers=["*"], max_age=CORS_S
        )
        bucket = self._bucket("Media", cors=[upload])
        acknowledge(bucket, {"AwsSolutions-S1": "The API that gives out its addresses keeps the access log."})
        return bucket

    def _bucket(self, construct_id: str, **more: Any) -> s3.Bucket:
        bucket = s3.Bucket(
            self,
            construct_id,
            block_public_access=s3.BlockPublicAccess.BLOCK_ALL,
            object_ownership=s3.ObjectOwnership.BUCKET_OWNER_ENFORCED,
            encryption=s3.BucketEncryption.S3_MANAGED,
            removal_policy=self._stage.removal,
            **more,
        )
        everything = [bucket.bucket_arn, bucket.arn_for_objects("*")]
        bucket.add_to_resource_policy(tls_only("s3:*", on=everything, stage=self._stage))
        return bucket


def _text(name: str) -> dynamodb.Attribute:
    return dynamodb.Attribute(name=name, type=dynamodb.AttributeType.STRING)


def items(table: dynamodb.ITable, *actions: str) -> Permission:
    """Leave for these DynamoDB actions on a table's items."""
    return allow(*(f"dynamodb:{action}" for action in actions), on=[table.table_arn])


def listing(table: dynamodb.ITable, index: str) -> Permission:
    """Leave to query one index of a table."""
    return allow("dynamodb:Query", on=[f"{table.table_arn}/index/{index}"])
