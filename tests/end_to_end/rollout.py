"""A stand-in for CodeDeploy and for Lambda's weighted aliases, which the emulator stores and does not obey.

It does what the template of prod asks of CodeDeploy: so much more of the traffic at each step, and all of it back to
the version before when an alarm of the deployment group rings.
"""

from __future__ import annotations

import json
import re
from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from random import Random
from typing import Any

from tests.infra.drill import Alarm, Values, rings
from tests.infra.synthesis import Synthesised

LINEAR = re.compile(r"CodeDeployDefault\.LambdaLinear(\d+)PercentEvery(\d+)Minutes?")


@dataclass(frozen=True)
class Plan:
    """What a deployment group of a template asks for."""

    step_percent: int
    alarms: Sequence[Alarm]
    stops_on_alarm: bool


def plan_of(template: Synthesised, function: str) -> Plan:
    """How new code of a function takes over."""
    group = template.at(f"{function}/Rollout", "DeploymentGroup").properties
    linear = LINEAR.fullmatch(group["DeploymentConfigName"])
    assert linear is not None
    rollback = group["AutoRollbackConfiguration"]
    named = [template.text(each["Name"]) for each in group["AlarmConfiguration"]["Alarms"]]
    return Plan(
        int(linear[1]),
        [_flat(template, template.at(name).properties) for name in named],
        rollback["Enabled"] and "DEPLOYMENT_STOP_ON_ALARM" in rollback["Events"],
    )


def _flat(template: Synthesised, part: Any) -> Any:
    """A part of an alarm, the values of its dimensions as texts."""
    match part:
        case {"Name": name, "Value": value}:
            return {"Name": name, "Value": template.text(value)}
        case dict():
            return {name: _flat(template, inner) for name, inner in part.items()}
        case list():
            return [_flat(template, inner) for inner in part]
        case _:
            return part


@dataclass
class Alias:
    """An alias of a function on the emulator, made for its code as it is; whom it calls, its weights say."""

    client: Any
    function: str
    name: str = "live"
    random: Random = field(default_factory=lambda: Random(7))  # noqa: S311 - who gets the new code
    calls: Counter[str] = field(default_factory=Counter)

    def __post_init__(self) -> None:
        self.name = f"{self.name}-{datetime.now(UTC):%H%M%S%f}"
        as_it_was = self.version(Description="as it was")
        self.client.create_alias(FunctionName=self.function, Name=self.name, FunctionVersion=as_it_was)

    def version(self, **changes: Any) -> str:
        """Publish the function as a version, changed for that alone."""
        before = self.client.get_function_configuration(FunctionName=self.function)
        self.client.update_function_configuration(FunctionName=self.function, **changes)
        made = self.client.publish_version(FunctionName=self.function)
        back = {name: before[name] for name in changes}
        self.client.update_function_configuration(FunctionName=self.function, **back)
        return str(made["Version"])

    def weigh(self, version: str, percent: int) -> None:
        """Lead so much of the traffic to another version."""
        weights = {version: percent / 100} if percent else {}
        routing = {"AdditionalVersionWeights": weights}
        self.client.update_alias(FunctionName=self.function, Name=self.name, RoutingConfig=routing)

    def lead(self, version: str) -> None:
        """Lead everything to a version."""
        self.client.update_alias(
            FunctionName=self.function,
            Name=self.name,
            FunctionVersion=version,
            RoutingConfig={"AdditionalVersionWeights": {}},
        )

    @property
    def stands(self) -> tuple[str, dict[str, float]]:
        """The version it leads to, and the weights of another."""
        found = self.client.get_alias(FunctionName=self.function, Name=self.name)
        return found["FunctionVersion"], found.get("RoutingConfig", {}).get("AdditionalVersionWeights", {})

    def call(self, event: Any) -> Any:
        """Call a version by weight; None where it failed."""
        version, weights = self.stands
        for other, weight in weights.items():
            version = other if self.random.random() < weight else version
        self.calls[version] += 1
        answer = self.client.invoke(FunctionName=self.function, Qualifier=version, Payload=json.dumps(event))
        return None if "FunctionError" in answer else json.loads(answer["Payload"].read())


@dataclass
class CodeDeploy:
    """Rolls a version out by plan. `metric` reads what the emulator has counted of an alarm's own metric."""

    plan: Plan
    alias: Alias
    metric: Callable[[Alarm], Values]
    steps: list[int] = field(default_factory=list)

    def roll_out(self, version: str, minute: Callable[[], object]) -> bool:
        """Whether `version` took over; `minute` is the traffic between two steps."""
        for percent in range(self.plan.step_percent, 101, self.plan.step_percent):
            self.steps.append(percent)
            self.alias.weigh(version, percent)
            minute()
            if self.plan.stops_on_alarm and any(rings(alarm, [self.metric(alarm)]) for alarm in self.plan.alarms):
                self.alias.weigh(version, 0)
                return False
        self.alias.lead(version)
        return True


def counted(cloudwatch: Any, function: str, since: datetime, alarm: Alarm) -> Values:
    """What the emulator has counted of a function for an alarm on a metric of Lambda's; it counts no others."""
    if alarm.get("Namespace") != "AWS/Lambda":
        return {}
    dimensions = [{"Name": "FunctionName", "Value": function}]
    metric = {"Namespace": alarm["Namespace"], "MetricName": alarm["MetricName"], "Dimensions": dimensions}
    query = {"Id": "m", "MetricStat": {"Metric": metric, "Period": alarm["Period"], "Stat": alarm["Statistic"]}}
    end = datetime.now(UTC) + timedelta(seconds=1)
    answer = cloudwatch.get_metric_data(MetricDataQueries=[query], StartTime=since, EndTime=end)
    own = tuple(sorted((each["Name"], each["Value"]) for each in alarm["Dimensions"]))
    return {(alarm["Namespace"], alarm["MetricName"], own): answer["MetricDataResults"][0]["Values"]}
