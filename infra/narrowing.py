"""What may be written of the channels table by functions that have no business with most of what is in it.

It holds a workspace's channels and endpoints, and who may do what there. IAM tells items apart by their partition,
which is the workspace's for all of these, and by the attributes a request names, to write or to compare; so these
functions can give nobody a role or a key, and no endpoint another address. It does not keep them from reading: an item
is shown whole where a condition on it fails (`ReturnValuesOnConditionCheckFailure`), of which IAM knows nothing.
See docs.aws.amazon.com/amazondynamodb/latest/developerguide/specifying-conditions.html (read 2026-11-21).
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from infra.policy import Conditions, Permission, allow

if TYPE_CHECKING:
    from collections.abc import Sequence

    from aws_cdk import aws_dynamodb as dynamodb

WORKSPACES = "ws_*"  # the partitions that are not a person's
# What is written of a channel's credentials, and compared with what was seen.
STANDING = (
    *("connection", "reason", "verified_at", "identity", "version"),
    *("at_risk", "at_risk_count", "ending_told_for", "ending_told_at"),
    *("box", "data_key", "secrets_end_at", "renewable_until", "leased_until", "leased_by"),
    *("renew_at", "renew_shard", "renew_tries"),
)
# All else that a channel is made of, where a person's consent makes or changes it.
MADE = (
    *("schema", "platform", "name", "settings", "secret_fields", "scopes", "grant", "slots", "paused"),
    *("created_at", "created_by", "updated_at"),
)
# What becomes of an endpoint that is called.
CALLED = ("version", "updated_at", "disabled_at", "disabled_why", "failing_since", "warned_at", "slow_until")


def keeps_channels(channels: dynamodb.ITable) -> Permission:
    """Leave to write down how channels' credentials stand, and what they become; never a channel's settings."""
    return _writes(channels, "UpdateItem", only=STANDING)


def makes_channels(channels: dynamodb.ITable) -> Permission:
    """Leave to make channels and to change them: of an item what a channel has, and nothing else."""
    return _writes(channels, "PutItem", "UpdateItem", only=(*STANDING, *MADE))


def asks_for_renewals(channels: dynamodb.ITable) -> Permission:
    """Leave to write down when a channel's credentials are attended to next."""
    return _writes(channels, "UpdateItem", only=("renew_at", "renew_tries"))


def keeps_endpoints(channels: dynamodb.ITable) -> Permission:
    """Leave to write down how endpoints fare, and be shown them; never to write their address, or their secret."""
    return _writes(channels, "UpdateItem", only=CALLED, returns="ALL_NEW")


def notes_use(channels: dynamodb.ITable) -> Permission:
    """Leave to write down that a key was used: of the channels table that one attribute."""
    return _writes(channels, "UpdateItem", only=("last_used_at",))


def _writes(table: dynamodb.ITable, *actions: str, only: Sequence[str], returns: str = "") -> Permission:
    when: Conditions = {
        "ForAllValues:StringEquals": {"dynamodb:Attributes": ["pk", "sk", *only]},
        "ForAllValues:StringLike": {"dynamodb:LeadingKeys": WORKSPACES},
        "StringEqualsIfExists": {"dynamodb:ReturnValues": ["NONE", returns] if returns else "NONE"},
    }
    return allow(*(f"dynamodb:{action}" for action in actions), on=[table.table_arn], when=when)
