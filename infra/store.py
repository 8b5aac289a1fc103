"""Where everything is kept: four tables, the buckets of feeds and media, and the key that seals credentials."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from aws_cdk import Duration
from aws_cdk import aws_dynamodb as dynamodb
from aws_cdk import aws_kms as kms
from aws_cdk import aws_s3 as s3
from constructs import Construct

from identity.records import TTL
from infra.policy import Conditions, Permission, acknowledge, allow, tls_only

if TYPE_CHECKING:
    from collections.abc import Sequence

    from infra.stage import Stage

FEEDS = "feeds/*"
FEED_HISTORY_DAYS = 30
CORS_S = 3_600
BY_WORKSPACE, DUE, PLANNED = "by_workspace", "due", "planned"
BY_KEY_HASH, RENEWALS = "by_key_hash", "renewals"
_LISTED = (
    *("id", "title", "targets", "publish_at", "zone", "priority"),
    *("expires_at", "canceled_at", "version", "created_by", "correlation_id"),
)
_PLANNED = ("id", "targets", "created_at", "publish_at", "canceled_at", "version")


class Store(Construct):
    """The tables, the bucket and the key; kept when the stack goes, except on stage `local`."""

    def __init__(self, scope: Construct, construct_id: str, *, stage: Stage) -> None:
        super().__init__(scope, construct_id)
        self._stage = stage
        self.publications = self._table("Publications", sort_key="sk", streams=True)
        self._index(self.publications, BY_WORKSPACE, "listed_in", "created_at", only=_LISTED)
        self._index(self.publications, DUE, "due_shard", "due_at", only=["id", "workspace", "version"])
        self._index(self.publications, PLANNED, "planned_in", "due_at", only=_PLANNED)
        self.channels = self._table("Channels", sort_key="sk", expires=TTL, streams=True)
        self._index(self.channels, BY_KEY_HASH, "key_hash")
        self._index(self.channels, RENEWALS, "renew_shard", "renew_at", only=["platform", "renew_tries"])
        self.operations = self._table("Operations", expires="expires_at")
        self.notices = self._table("Notices", sort_key="sk", expires="expires_at")
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

    def _table(
        self, construct_id: str, *, sort_key: str = "", expires: str | None = None, streams: bool = False
    ) -> dynamodb.Table:
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
            stream=dynamodb.StreamViewType.NEW_AND_OLD_IMAGES if streams else None,
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


def items(table: dynamodb.ITable, *actions: str, under: str = "") -> Permission:
    """Leave for these DynamoDB actions on a table's items; `under`: on those alone whose partition is named so."""
    when: Conditions | None = {"ForAllValues:StringLike": {"dynamodb:LeadingKeys": under}} if under else None
    return allow(*(f"dynamodb:{action}" for action in actions), on=[table.table_arn], when=when)


def audits(channels: dynamodb.ITable) -> Permission:
    """Leave to write the audit log, and nothing else of what is in the channels table."""
    return items(channels, "PutItem", under="ws_*#AUDIT*")


def listing(table: dynamodb.ITable, *indexes: str) -> Permission:
    """Leave to query these indexes of a table."""
    return allow("dynamodb:Query", on=[f"{table.table_arn}/index/{index}" for index in indexes])


def follows(table: dynamodb.ITable) -> list[Permission]:
    """Leave to read a table's stream."""
    stream = str(table.table_stream_arn)
    read = allow("dynamodb:DescribeStream", "dynamodb:GetRecords", "dynamodb:GetShardIterator", on=[stream])
    listed = [f"{table.table_arn}/stream/*"]
    return [read, allow("dynamodb:ListStreams", on=listed, wildcard="A stream is named after the time of its making.")]
