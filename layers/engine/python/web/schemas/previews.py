"""What a submission would become, as callers ask for it and are told."""

from __future__ import annotations

from typing import Annotated, Any

from pydantic import Field

from publishing.neighbours import CLOSE_S, LATEST, NEAREST, Concern
from publishing.prices import READ_ON, REGION
from web.schemas.base import FieldError, Given, Time
from web.schemas.publications import ChannelId, Content, Id, LatePolicy, NewPublication


class PublicationToValidate(NewPublication):
    """A publication that is only asked about; `dry_run` makes no difference."""

    edits: Annotated[
        str | None,
        Field(max_length=64, description="The publication that is being edited, if one is: it is not warned of."),
    ] = None


class Request(Given):
    """A request to a platform, with stand-ins for what is secret."""

    method: str
    host: Annotated[
        str, Field(description="`hidden.invalid` where the address is secret; `aws:ses` and the like for AWS.")
    ]
    publishes: Annotated[bool, Field(description="Whether it makes the post visible; else it prepares that.")]
    body: Annotated[dict[str, Any] | None, Field(description="The JSON that would be sent; null where it is none.")] = (
        None
    )


class Caution(Given):
    """Something to consider about a target; it can be published all the same."""

    code: Annotated[
        Concern,
        Field(
            description="repeated-content: another publication has the same title, text, link and media for this "
            "channel, within a day before or after unless the platform has another window. close-in-time: another goes "
            f"to this channel within {CLOSE_S / 60:.0f} minutes. More codes may come."
        ),
    ]
    field: Annotated[str, Field(description="The field of the request to change.")]
    message: Annotated[str, Field(description="For the author.")]
    remedy: Annotated[str, Field(description="What would help.")]
    publication: Annotated[
        Id, Field(description="The other publication; where there are several, the nearest in time.")
    ]


_WARNINGS = (
    f"What is worth considering; empty: nothing. Of the {LATEST} publications submitted last, the {NEAREST} nearest in "
    "time are compared, without what is canceled, failed or expired; what happened in the last seconds may be missed."
)
_COST = (
    "What AWS charges for this target, in US dollars: an estimate for the first attempt in a busy hour, at the prices "
    f"of {REGION} read on {READ_ON}, with its share of what all targets need. Not in it: free tiers, what is paid by "
    "the month, a mail's recipients beyond the first, and what the platform charges."
)
Cost = Annotated[str, Field(pattern=r"^\d+\.\d{9}$", examples=["0.000006757"])]


class TargetPreview(Given):
    """What one target would get."""

    channel: ChannelId
    platform: str
    content: Content
    problems: Annotated[list[FieldError], Field(description="Why the platform cannot take it; empty: it can.")]
    warnings: Annotated[list[Caution], Field(description=_WARNINGS)]
    would_send: Annotated[
        Request | None,
        Field(description="The publishing request, or what comes before it; null where that takes the secrets."),
    ] = None
    cost_usd: Annotated[Cost, Field(description=_COST)]


class Preview(Given):
    """What would be published, were it not a dry run."""

    publish_at: Annotated[Time, Field(description="When; with next_slot_of the slot free at this moment.")]
    late: Annotated[LatePolicy | None, Field(description="The late policy; null: published, however late.")] = None
    cost_usd: Annotated[Cost, Field(description="The sum of the targets' costs.")]
    targets: list[TargetPreview]
