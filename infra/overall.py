"""What is watched of all platforms at once: whichever it is, the same is done about it; the dashboard tells which."""

from __future__ import annotations

from typing import TYPE_CHECKING

from aws_cdk import Duration
from aws_cdk import aws_cloudwatch as cloudwatch
from constructs import Construct

from infra.watch import PERIOD, Alert, ours
from publishing.thresholds import (
    BOUNCES,
    COMPLAINTS,
    MANY_APP_REFUSALS,
    MANY_REFUSED,
    MANY_RENEWALS_FAILED,
    MANY_THROTTLED,
    MANY_UNCERTAIN,
    OLD_UNCERTAIN_S,
    OLD_URGENT_S,
)

if TYPE_CHECKING:
    from infra.watch import Alerts

LOOK = Duration.minutes(30)  # the sweep looks at what is unsettled every 15 minutes and some seconds
HOUR = Duration.hours(1)


class Overall(Construct):
    """The alarms of the whole."""

    def __init__(self, scope: Construct, construct_id: str, *, alerts: Alerts) -> None:
        super().__init__(scope, construct_id)
        watched = {
            "Urgent waiting": _urgent_waiting(),
            "Uncertain": _uncertain(),
            "Old uncertain": _old_uncertain(),
            "Throttled": _throttled(),
            "Audit lost": _audit_lost(),
            "Renewals failing": _renewals_failing(),
            "App refused": _app_refused(),
            "Reconnect": _reconnect(),
            "Bounces": _reputation("Bounce", BOUNCES),
            "Complaints": _reputation("Complaint", COMPLAINTS),
        }
        for name, alert in watched.items():
            alerts.on(self, name, alert)


def _urgent_waiting() -> Alert:
    return Alert(
        ours("UrgentWaitSeconds", statistic="Maximum"),
        name="Urgent waiting",
        limit=OLD_URGENT_S,
        means=f"An urgent post has waited for more than {OLD_URGENT_S} s to be begun.",
        do="see on the dashboard on which platform; then as for Waiting.",
    )


def _uncertain() -> Alert:
    return Alert(
        ours("DeliveryUncertain"),
        name="Uncertain",
        limit=MANY_UNCERTAIN,
        means=f"The answers to more than {MANY_UNCERTAIN} posts were lost in five minutes: they may or may not be out.",
        do="see on the dashboard on which platform, and group its log by code. Nothing is sent twice meanwhile.",
    )


def _old_uncertain() -> Alert:
    return Alert(
        ours("UncertainSeconds", statistic="Maximum", period=LOOK),
        name="Old uncertain",
        limit=OLD_UNCERTAIN_S,
        means="For more than an hour a post that may or may not be out has waited for a person to say which.",
        do="find it in the log of its platform, look at the channel, and POST to /resolve what you see there.",
    )


def _throttled() -> Alert:
    # Of all functions in the region, ours and others: they share one limit, and who meets it is a matter of luck.
    return Alert(
        cloudwatch.Metric(namespace="AWS/Lambda", metric_name="Throttles", statistic="Sum", period=PERIOD),
        name="Throttled",
        limit=MANY_THROTTLED,
        means="Lambda turned calls away: the account's limit of concurrent executions is reached.",
        do="see on the dashboard who takes them all, and ask AWS for a higher limit.",
    )


def _audit_lost() -> Alert:
    return Alert(
        ours("AuditLost"),
        name="Audit lost",
        limit=0,
        means="Somebody changed something, or was refused, and the audit log could not take the entry.",
        do="find the lines in the functions' logs: they say who and what.",
    )


def _renewals_failing() -> Alert:
    return Alert(
        ours("RenewalFailed", period=HOUR),
        name="Renewals failing",
        limit=MANY_RENEWALS_FAILED,
        means=f"More than {MANY_RENEWALS_FAILED} times in an hour a platform did not renew credentials, nor refuse to.",
        do="see on the dashboard on which platform, and look at its status page. They are tried again until they end.",
    )


def _app_refused() -> Alert:
    return Alert(
        ours("AppRefused", period=HOUR),
        name="App refused",
        limit=MANY_APP_REFUSALS,
        means=f"More than {MANY_APP_REFUSALS} times in an hour the operator's app was refused, or there was none.",
        do="see in the log which, and store its id and secret as the platform has them. What is for it is held.",
    )


def _reconnect() -> Alert:
    return Alert(
        ours("ReconnectNeeded", period=HOUR),
        name="Reconnect",
        limit=MANY_REFUSED,
        means=f"Platforms refused the credentials of more than {MANY_REFUSED} channels in an hour: no chance.",
        do="see on the dashboard on which platform: its app's secret was changed, or the platform shut the app out.",
    )


def _reputation(of: str, limit: float) -> Alert:
    # The account's, by which SES judges; where nothing is sent there is nothing measured, and nothing got better.
    return Alert(
        cloudwatch.Metric(namespace="AWS/SES", metric_name=f"Reputation.{of}Rate", statistic="Maximum", period=HOUR),
        name=f"{of}s",
        limit=limit,
        no_data=cloudwatch.TreatMissingData.IGNORE,
        means=f"{of}s reach {limit:.2%} of the mail sent: a little more, and SES reviews the account.",
        do="find the channel they come from, and pause it.",
    )
