"""How mail leaves: the SES configuration set every message is sent with."""

from __future__ import annotations

from typing import TYPE_CHECKING

from aws_cdk import Stack
from aws_cdk import aws_ses as ses
from constructs import Construct

from infra.policy import Permission, allow

if TYPE_CHECKING:
    from infra.stage import Stage


class Mail(Construct):
    """Mail goes out over TLS or not at all, and never to who bounced or complained."""

    def __init__(self, scope: Construct, construct_id: str, *, stage: Stage) -> None:
        super().__init__(scope, construct_id)
        self._stage = stage
        self.configuration_set = ses.ConfigurationSet(
            self,
            "Outgoing",
            tls_policy=ses.ConfigurationSetTlsPolicy.REQUIRE,
            reputation_metrics=True,
            suppression_reasons=ses.SuppressionReasons.BOUNCES_AND_COMPLAINTS,
        )

    def may_send(self) -> list[Permission]:
        """Leave to send with this configuration set, as any sender this account has verified, and to look one up."""
        senders = Stack.of(self).format_arn(service="ses", resource="identity", resource_name="*")
        own = Stack.of(self).format_arn(
            service="ses",
            resource="configuration-set",
            resource_name=self.configuration_set.configuration_set_name,
        )
        # The emulator's IAM takes mail to be sent as nobody.
        sends = ["*"] if self._stage.local else [senders, own]
        why = "Customers send as addresses of their own, which the account verifies; their names are not known here."
        return [
            allow("ses:SendEmail", on=sends, wildcard=why),
            allow("ses:GetEmailIdentity", on=[senders], wildcard=why),
        ]
