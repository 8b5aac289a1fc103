"""What is deployed on a stage: the base, and beside it the stacks of lanes."""

from __future__ import annotations

from typing import TYPE_CHECKING

from aws_cdk import Tags

from functions import platforms
from infra.lanes import STACKS, LanesStack, stack_of
from infra.stack import PostroomStack

if TYPE_CHECKING:
    from collections.abc import Sequence

    from aws_cdk import App

    from infra.stage import Stage
    from publishing.adapter import Adapter


def postroom(app: App, stage: Stage, adapters: Sequence[Adapter] | None = None) -> None:
    """Make all stacks of a stage, with a lane for each adapter: each in `functions/platforms`, unless told otherwise.

    How many stacks there are, and what each is called, does not depend on the adapters.
    """
    opened = [platforms.load(name) for name in platforms.names()] if adapters is None else adapters
    base = PostroomStack(app, stage.stack_name, stage=stage, platforms=[adapter.name for adapter in opened])
    for number in range(STACKS):
        own = [adapter for adapter in opened if stack_of(adapter.name) == number]
        LanesStack(app, f"{stage.stack_name}-lanes-{number}", base=base, adapters=own)
    base.show()
    Tags.of(app).add("project", "postroom")
