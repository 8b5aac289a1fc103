"""The stacks of lanes: CloudFormation takes 500 resources a stack, and a platform's lane has about twenty."""

from __future__ import annotations

import zlib
from typing import TYPE_CHECKING

from aws_cdk import ArnFormat, CrossStackReferences, ReferenceStrength, Stack

from infra import settings
from infra.function import runtime
from infra.lane import Lane
from infra.narrowing import WORKSPACES, keeps_channels, makes_channels
from infra.policy import allow
from infra.store import PLANNED, audits, items, listing
from publishing.abilities import Authorizes, Hears
from publishing.adapter import Resource

if TYPE_CHECKING:
    from collections.abc import Sequence

    from constructs import Construct

    from infra.policy import Conditions, Permission
    from infra.stack import PostroomStack
    from publishing.adapter import Adapter
    from publishing.consent import Consent

STACKS = 8  # for good: with another number lanes would move, and a queue cannot be made while its name is taken


def stack_of(platform: str) -> int:
    """The number of the stack a platform's lane is in, whichever other platforms there are."""
    return zlib.crc32(platform.encode()) % STACKS


class LanesStack(Stack):
    """Some of the lanes. They import from the base what it hands over, and nothing from each other."""

    def __init__(
        self, scope: Construct, construct_id: str, *, base: PostroomStack, adapters: Sequence[Adapter]
    ) -> None:
        super().__init__(
            scope,
            construct_id,
            description=f"Postroom, stage {base.stage.name}: platforms' queues and functions.",
            synthesizer=base.stage.synthesizer(),
            termination_protection=base.stage.rolls_out,
        )
        # By exports: the base cannot lose or replace what these stacks still use.
        CrossStackReferences.of(self).consume(ReferenceStrength.STRONG)
        self._base = base
        shared = runtime(self, stage=base.stage, alerts=base.alerts)
        for adapter in adapters:
            told, may = self._told(adapter), self._may(adapter)
            lane = Lane(self, adapter.name, adapter=adapter, runtime=shared, settings=told, may=may)
            if isinstance(adapter, Hears):
                lane.hear(base.api.http)
            if isinstance(adapter, Authorizes):
                lane.authorize(base.api.http)

    def _told(self, adapter: Adapter) -> dict[str, str]:
        base = self._base
        told = {**base.sending, **settings.credentials(base.stage, base.store), **base.flags.told}
        if adapter.limits.media:
            told |= settings.media(base.stage, base.store)
        if adapter.limits.embeds:
            told |= settings.files(base.api)
        if isinstance(adapter, Authorizes):
            told |= settings.consent(base.stage, base.api, adapter.name, app=bool(adapter.consent.app))
        for used in sorted(adapter.uses):
            told |= settings.resource(used, stage=base.stage, store=base.store, api=base.api, mail=base.mail)
        return told

    def _may(self, adapter: Adapter) -> list[Permission]:
        store = self._base.store
        may = [
            items(store.publications, "GetItem", "BatchGetItem", "UpdateItem"),
            listing(store.publications, PLANNED),
            items(store.channels, "GetItem", under=WORKSPACES),
            (makes_channels if isinstance(adapter, Authorizes) else keeps_channels)(store.channels),
            items(store.operations, "GetItem", "UpdateItem"),
            self._unseals(adapter.name),
            *self._base.timetable.schedules("scheduler:CreateSchedule"),
            *self._base.flags.may_read(),
        ]
        if isinstance(adapter, Authorizes):
            may += self._takes_grants(adapter.name, adapter.consent)
        if adapter.limits.media:
            may += store.media_may("s3:GetObject")
        for used in sorted(adapter.uses):
            feeds = used is Resource.FEEDS
            may += store.feeds_may("s3:GetObject", "s3:PutObject") if feeds else self._base.mail.may_send()
        return may

    def _unseals(self, platform: str) -> Permission:
        return self._key("kms:Decrypt", platform, on=self._base.store.keys)

    def _takes_grants(self, platform: str, consent: Consent) -> list[Permission]:
        """It makes channels of what was consented to, with the operator's app; where servers know apps, with theirs."""
        makes = [
            audits(self._base.store.channels),
            self._key("kms:GenerateDataKey", platform, on=[self._base.store.key.key_arn]),
        ]
        if not consent.app:
            return makes
        secret = self.format_arn(
            service="secretsmanager",
            resource="secret",
            resource_name=f"{self._base.stage.app_secret(platform)}-??????",  # Secrets Manager's own ending
            arn_format=ArnFormat.COLON_RESOURCE_NAME,
        )
        return [*makes, allow("secretsmanager:GetSecretValue", on=[secret])]

    def _key(self, action: str, platform: str, *, on: Sequence[str]) -> Permission:
        # The emulator's IAM knows no encryption context: there the condition counts only if it did.
        operator = "StringEqualsIfExists" if self._base.stage.local else "StringEquals"
        own: Conditions = {operator: {"kms:EncryptionContext:platform": platform}}
        return allow(action, on=on, when=own)
