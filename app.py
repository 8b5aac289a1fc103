"""The CDK app: one stack for the stage that `-c stage=…` names."""

from __future__ import annotations

from aws_cdk import App, Tags

from infra.stack import PostroomStack
from infra.stage import stage_of

app = App()
stage = stage_of(app)
Tags.of(PostroomStack(app, f"Postroom-{stage.name}", stage=stage)).add("project", "postroom")
app.synth()
