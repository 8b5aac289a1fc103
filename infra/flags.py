"""Feature flags: what `infra/flags.json` says, served by AppConfig; on stage local functions read a file of it."""

from __future__ import annotations

from typing import TYPE_CHECKING

from aws_cdk import RemovalPolicy, Stack
from aws_cdk import aws_appconfig as appconfig
from aws_cdk import aws_iam as iam
from constructs import Construct

from infra.code import ROOT
from infra.policy import Permission, allow, role

if TYPE_CHECKING:
    from aws_cdk import aws_cloudwatch as cloudwatch
    from constructs import IConstruct

    from infra.stage import Stage

WRITTEN = ROOT / "infra" / "flags.json"
STEP_PERCENT, ROLLOUT_MINUTES, BAKE_MINUTES = 10, 10, 5


class Flags(Construct):
    """The flags of a stage: where functions read them, and how a change of them takes over.

    What is deployed takes over in steps of a tenth, within ten minutes on prod, and goes back when `alarm` rises.
    Operators in a hurry go by `at_once`, which looks at no alarm: in an outage one is ringing.
    """

    def __init__(self, scope: Construct, construct_id: str, *, stage: Stage, alarm: cloudwatch.Alarm) -> None:
        super().__init__(scope, construct_id)
        self._stage = stage
        self.profile = self.at_once = ""
        self.named: tuple[str, ...] = ()
        self._deployment: appconfig.CfnDeployment | None = None
        if not stage.local:
            self._serve(alarm)

    @property
    def told(self) -> dict[str, str]:
        """What a function is told that reads flags."""
        if self._stage.local:
            return {"FLAGS_FILE": self._stage.flags_file} if self._stage.flags_file else {}
        return {"FLAGS_PROFILE": self.profile}

    def may_read(self) -> list[Permission]:
        """Leave to read the flags."""
        if self._stage.local:
            return []
        application, environment, profile = self.named
        name = f"{application}/environment/{environment}/configuration/{profile}"
        read = Stack.of(self).format_arn(service="appconfig", resource="application", resource_name=name)
        return [allow("appconfig:StartConfigurationSession", "appconfig:GetLatestConfiguration", on=[read])]

    def follow(self, *constructs: IConstruct) -> None:
        """Have a change take over after these.

        New code goes first; and on a new stage the alarm has been looked at by then: AppConfig takes a change back also
        where an alarm has not enough data to tell.
        """
        if self._deployment:
            self._deployment.node.add_dependency(*constructs)

    def _serve(self, alarm: cloudwatch.Alarm) -> None:
        name = f"postroom-{self._stage.name}"
        application = appconfig.CfnApplication(self, "Application", name=name)
        environment = appconfig.CfnEnvironment(
            self, "Environment", application_id=application.ref, name=name, monitors=[self._watched_by(alarm)]
        )
        profile = appconfig.CfnConfigurationProfile(
            self, "Profile", application_id=application.ref, name="flags", location_uri="hosted"
        )
        version = appconfig.CfnHostedConfigurationVersion(
            self,
            "Version",
            application_id=application.ref,
            configuration_profile_id=profile.ref,
            content=WRITTEN.read_text(),
            content_type="application/json",
        )
        at_once = self._strategy("AtOnce").ref
        version.apply_removal_policy(RemovalPolicy.RETAIN)  # what is served may go back to it
        self._deployment = appconfig.CfnDeployment(
            self,
            "Deployment",
            application_id=application.ref,
            configuration_profile_id=profile.ref,
            configuration_version=version.attr_version_number,
            deployment_strategy_id=self._strategy("Steps").ref if self._stage.rolls_out else at_once,
            environment_id=environment.ref,
        )
        self.named = (application.ref, environment.ref, profile.ref)
        self.profile, self.at_once = "/".join(self.named), at_once

    def _strategy(self, name: str) -> appconfig.CfnDeploymentStrategy:
        steps = name == "Steps"
        return appconfig.CfnDeploymentStrategy(
            self,
            name,
            name=f"postroom-{self._stage.name}-{name}",
            deployment_duration_in_minutes=ROLLOUT_MINUTES if steps else 0,
            final_bake_time_in_minutes=BAKE_MINUTES if steps else 0,
            growth_factor=STEP_PERCENT if steps else 100,
            growth_type="LINEAR",
            replicate_to="NONE",
        )

    def _watched_by(self, alarm: cloudwatch.Alarm) -> appconfig.CfnEnvironment.MonitorsProperty:
        why = "AppConfig asks for all alarms to be shown to it; it changes none."
        looks = allow("cloudwatch:DescribeAlarms", on=["*"], wildcard=why)
        watcher = role(self, "Watcher", taken_by=iam.ServicePrincipal("appconfig.amazonaws.com"), may=[looks])
        return appconfig.CfnEnvironment.MonitorsProperty(alarm_arn=alarm.alarm_arn, alarm_role_arn=watcher.role_arn)
