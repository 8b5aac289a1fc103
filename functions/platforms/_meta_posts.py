"""What is out on one of Meta's platforms: taken back, and counted.

Source: https://developers.facebook.com/documentation/threads/posts/delete-posts, …/threads/insights,
…/docs/instagram-platform/reference/instagram-media/insights, …/docs/graph-api/reference/post and
…/docs/graph-api/reference/insights (read 2026-11-21)
"""

from __future__ import annotations

from collections.abc import Mapping

import httpx

from functions.platforms._meta import Graph
from publishing.adapter import Conversation
from publishing.errors import Refused, Unauthorized, Unavailable
from publishing.model import Metric
from publishing.replies import Reply, parsed, read_if_readable

MISSING = "100/33"  # of what is not there, and of what one has no right to


class _Done(Reply):
    success: bool = False


def removed(graph: Graph, node: str) -> Conversation[None]:
    """Take it back; what is not there any more counts as removed."""
    reply = yield graph.delete(node)
    if reply.is_success:
        if not read_if_readable(_Done, reply).success:
            raise Unavailable(f"{graph.title} does not say that it is removed.")
        return
    error = graph.error(reply)
    missing = error.code == MISSING or error.status == httpx.codes.NOT_FOUND
    if not (missing and (yield from _is_gone(graph, node))):
        raise error


def _is_gone(graph: Graph, node: str) -> Conversation[bool]:
    """Whether it cannot be read, either: then no right is lacking."""
    reply = yield graph.get(node, fields="id")
    if reply.is_success:
        return False
    error = graph.objection(reply)
    return error.code == MISSING or error.status == httpx.codes.NOT_FOUND


class _Value(Reply):
    value: int | dict[str, int] = 0

    @property
    def sum(self) -> int:
        return sum(self.value.values()) if isinstance(self.value, dict) else self.value


class _Insight(Reply):
    name: str
    values: tuple[_Value, ...] = ()
    total_value: _Value | None = None

    @property
    def told(self) -> tuple[_Value, ...]:
        return (self.total_value,) if self.total_value else self.values[-1:]


class _Insights(Reply):
    data: tuple[_Insight, ...]


class _Summary(Reply):
    total_count: int | None = None


class _Comments(Reply):
    summary: _Summary = _Summary()


class _Shares(Reply):
    count: int | None = None


class _Talk(Reply):
    comments: _Comments = _Comments()
    shares: _Shares = _Shares()


def counted(graph: Graph, edge: str, names: Mapping[str, Metric]) -> Conversation[dict[Metric, int]]:
    """What Graph's insights tell at `edge`; names of one metric are added up.

    Raises:
        Refused: the token has no right to insights; publishing may well go on.
    """
    reply = yield graph.get(edge, metric=",".join(names))
    if not reply.is_success:
        error = graph.objection(reply)
        if isinstance(error, Unauthorized):
            raise Refused(str(error), code=error.code, status=error.status)
        raise error
    counts: dict[Metric, int] = {}
    for insight in parsed(_Insights, reply).data:
        metric = names.get(insight.name)
        if metric and insight.told:
            counts[metric] = counts.get(metric, 0) + insight.told[0].sum
    return counts


def talked(graph: Graph, node: str, fields: str) -> Conversation[dict[Metric, int]]:
    """How often it was commented and shared, where that may be read."""
    reply = yield graph.get(node, fields=fields)
    if not reply.is_success:
        graph.objection(reply)
        return {}
    talk = read_if_readable(_Talk, reply)
    told = {Metric.COMMENTS: talk.comments.summary.total_count, Metric.SHARES: talk.shares.count}
    return {metric: count for metric, count in told.items() if count is not None}
