"""The CDK app: the stacks of the stage that `-c stage=…` names."""

from __future__ import annotations

from aws_cdk import App

from infra.deployment import postroom
from infra.stage import stage_of

app = App()
postroom(app, stage_of(app))
app.synth()
