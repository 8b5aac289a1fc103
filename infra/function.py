"""One Lambda function with what is its own: role, log group, error alarm and, on prod, its rollout in steps."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from aws_cdk import Duration
from aws_cdk import aws_codedeploy as codedeploy
from aws_cdk import aws_iam as iam
from aws_cdk import aws_lambda as lambda_
from aws_cdk import aws_logs as logs
from constructs import Construct

from infra import code
from infra.policy import Permission, acknowledge, allow, role
from infra.watch import PERIOD, Alert

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from aws_cdk import Stack
    from aws_cdk import aws_cloudwatch as cloudwatch

    from infra.stage import Stage
    from infra.watch import Alerts

MEMORY_MB = 512
_OLDER = "Chosen: Python 3.13 on arm64 starts in four fifths of the time 3.14 takes (lambda-perf, August 2026)."
_CALLER = (
    "Its callers keep the work: queues with a dead-letter queue, HTTP, or a schedule that calls again in a minute."
)
_FINDINGS = {
    "AwsSolutions-L1": _OLDER,
    "Serverless-LambdaLatestVersion": _OLDER,
    "Serverless-LambdaDLQ": _CALLER,
    "Serverless-LambdaAsyncFailureDestination": _CALLER,
}
_TRACING = allow(
    "xray:PutTraceSegments", "xray:PutTelemetryRecords", on=["*"], wildcard="X-Ray has no resources to name."
)


@dataclass(frozen=True, slots=True)
class Runtime:
    """What all functions of a stack share."""

    stage: Stage
    architecture: lambda_.Architecture
    layers: Sequence[lambda_.ILayerVersion]
    alerts: Alerts
    rollout: Rollout | None


def runtime(stack: Stack, *, stage: Stage, alerts: Alerts) -> Runtime:
    """Layers and rollout of this stack's own: a layer that other stacks import could never be replaced by a new one."""
    machine = code.machine(stage)
    layers = {"Engine": code.engine(), "Dependencies": code.dependencies(machine)}
    return Runtime(
        stage=stage,
        architecture=machine.architecture,
        layers=[lambda_.LayerVersion(stack, name, code=content) for name, content in layers.items()],
        alerts=alerts,
        rollout=Rollout(stack, "Rollout") if stage.rolls_out else None,
    )


class Rollout(Construct):
    """How new code takes over on prod: a tenth more of the traffic each minute, and back when its alarm rises."""

    def __init__(self, scope: Construct, construct_id: str) -> None:
        super().__init__(scope, construct_id)
        self._application = codedeploy.LambdaApplication(self, "Application")
        policy = "service-role/AWSCodeDeployRoleForLambdaLimited"
        self._role = iam.Role(
            self,
            "Role",
            assumed_by=iam.ServicePrincipal("codedeploy.amazonaws.com"),
            managed_policies=[iam.ManagedPolicy.from_aws_managed_policy_name(policy)],
        )
        finding = f"AwsSolutions-IAM4[Policy::arn:<AWS::Partition>:iam::aws:policy/{policy}]"
        acknowledge(self._role, {finding: "AWS keeps it for exactly this: moving a Lambda alias."})

    def of(self, function: Function) -> tuple[lambda_.IFunction, codedeploy.LambdaDeploymentGroup]:
        """The alias of `function` that new versions take over in steps, and what moves it."""
        version = function.function.current_version
        alias = lambda_.Alias(function, "Live", alias_name="live", version=version)
        group = codedeploy.LambdaDeploymentGroup(
            function,
            "Rollout",
            application=self._application,
            role=self._role,
            alias=alias,
            deployment_config=codedeploy.LambdaDeploymentConfig.LINEAR_10_PERCENT_EVERY_1_MINUTE,
            alarms=[function.errors],
        )
        return alias, group


@dataclass(frozen=True, slots=True)
class Program:
    """What a function is made from.

    `name` is its folder in `functions`, `platforms` says which adapters go along (see `infra.code.function`);
    `sends_to_itself` keeps Lambda from ending the loop that retries are. `layer` is a folder in `layers` with wheels
    that this function alone needs.
    """

    does: str
    name: str
    timeout_s: int
    settings: Mapping[str, str]
    may: Sequence[Permission]
    platforms: str = ""
    sends_to_itself: bool = False
    memory_mb: int = MEMORY_MB
    layer: str = ""


class Function(Construct):
    """A function that may do what its program says, write its log and its traces, and nothing else.

    Call it by `target`.
    """

    def __init__(self, scope: Construct, construct_id: str, program: Program, *, runtime: Runtime) -> None:
        super().__init__(scope, construct_id)
        stage = runtime.stage
        log = logs.LogGroup(self, "Log", retention=stage.log_retention, removal_policy=stage.removal)
        self.function = lambda_.Function(
            self,
            "Function",
            description=program.does,
            runtime=lambda_.Runtime.PYTHON_3_13,
            architecture=runtime.architecture,
            handler=f"functions.{program.name}.handler.handle",
            code=code.function(program.name, platforms=program.platforms),
            layers=[*runtime.layers, *self._own_layer(program, stage)],
            memory_size=program.memory_mb,
            timeout=Duration.seconds(program.timeout_s),
            environment={"STAGE": stage.name, "LOG_LEVEL": "INFO", **program.settings},
            role=self._role(program, log),
            log_group=log,
            tracing=lambda_.Tracing.ACTIVE,
            recursive_loop=lambda_.RecursiveLoop.ALLOW if program.sends_to_itself else None,
        )
        acknowledge(self, _FINDINGS)
        self.errors = runtime.alerts.on(self, "Errors", self._errors(program.does))
        self.target: lambda_.IFunction = self.function
        self._rollout: codedeploy.LambdaDeploymentGroup | None = None
        if runtime.rollout:
            self.target, self._rollout = runtime.rollout.of(self)

    def _own_layer(self, program: Program, stage: Stage) -> list[lambda_.LayerVersion]:
        if not program.layer:
            return []
        content = code.dependencies(code.machine(stage), folder=program.layer)
        return [lambda_.LayerVersion(self, "Layer", code=content)]

    def taken_back_by(self, alarm: cloudwatch.IAlarm) -> None:
        """Have new code taken back by this alarm as well: code that answers its callers badly raises no error."""
        if self._rollout:
            self._rollout.add_alarm(alarm)

    def _role(self, program: Program, log: logs.ILogGroup) -> iam.IRole:
        writes = allow("logs:CreateLogStream", "logs:PutLogEvents", on=[log.log_group_arn])
        service = iam.ServicePrincipal("lambda.amazonaws.com")
        return role(self, "Role", taken_by=service, may=[*program.may, writes, _TRACING]).without_policy_updates()

    def _errors(self, does: str) -> Alert:
        return Alert(
            self.function.metric_errors(period=PERIOD),
            name="Function errors",
            limit=0,
            means=f"The function failed that does this: {does}",
            do="read its log group from the first ERROR on; work it had goes to the dead-letter queue in the end.",
        )
