"""What LinkedIn counts of a post.

Source: https://learn.microsoft.com/linkedin/marketing/community-management/organizations/share-statistics, for pages,
and …/shares/network-update-social-actions, for whoever may read them (read 2026-11-21, stored copies). The former takes
rw_organization_admin, the latter r_organization_social, or r_member_social, which few apps have.
"""

from __future__ import annotations

from collections.abc import Mapping
from urllib.parse import quote

import httpx
from pydantic import AliasPath
from pydantic import Field as Reads

from functions.platforms._linkedin import author_of, request, taken
from publishing.adapter import Conversation
from publishing.errors import Refused
from publishing.model import Channel, Metric
from publishing.replies import Reply, parsed

Counts = Mapping[Metric, int]

COUNTED = {
    "impressionCount": Metric.VIEWS,
    "uniqueImpressionsCount": Metric.REACH,
    "likeCount": Metric.LIKES,
    "commentCount": Metric.COMMENTS,
    "shareCount": Metric.SHARES,
    "clickCount": Metric.CLICKS,
}


class _Share(Reply):
    statistics: Mapping[str, float] = Reads(validation_alias="totalShareStatistics")  # one of them is a quotient


class _Shares(Reply):
    elements: tuple[_Share, ...]


class _Actions(Reply):
    likes: int | None = Reads(None, validation_alias=AliasPath("likesSummary", "totalLikes"))
    comments: int | None = Reads(None, validation_alias=AliasPath("commentsSummary", "aggregatedTotalComments"))


def counts(urn: str, channel: Channel) -> Conversation[Counts]:
    """What is told of the post of that URN.

    Raises:
        Refused: the channel's token may not read it.
    """
    author, kind, _ = author_of(channel)
    told = (yield from _statistics(urn, author, channel)) if kind == "organization" else None
    return told if told is not None else (yield from _actions(urn, channel))


def _statistics(urn: str, author: str, channel: Channel) -> Conversation[Counts | None]:
    """A page's statistics; None where the token may not read them."""
    which = "ugcPosts" if ":ugcPost:" in urn else "shares"
    asked = f"q=organizationalEntity&organizationalEntity={quote(author, safe='')}&{which}=List({quote(urn, safe='')})"
    reply = yield request("GET", f"rest/organizationalEntityShareStatistics?{asked}", channel)
    if reply.status_code == httpx.codes.FORBIDDEN:
        return None
    shares = parsed(_Shares, taken(reply, channel)).elements
    counted = shares[0].statistics if shares else {}
    return {metric: int(counted[name]) for name, metric in COUNTED.items() if name in counted}


def _actions(urn: str, channel: Channel) -> Conversation[Counts]:
    reply = yield request("GET", f"rest/socialActions/{quote(urn, safe='')}", channel)
    if reply.status_code == httpx.codes.FORBIDDEN:
        raise Refused("This access token may not read how its author's posts do.", status=reply.status_code)
    seen = parsed(_Actions, taken(reply, channel))
    told = {Metric.LIKES: seen.likes, Metric.COMMENTS: seen.comments}
    return {metric: count for metric, count in told.items() if count is not None}
