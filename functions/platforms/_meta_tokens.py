"""Long-lived tokens of Instagram and Threads, which are renewed by themselves while they last.

Source: https://developers.facebook.com/docs/instagram-platform/reference/refresh_access_token and
https://developers.facebook.com/documentation/threads/get-started/long-lived-tokens (read 2026-11-21): a token must be a
day old and must not have ended; the new one lasts for 60 days. A Page's own token on Facebook does not end.
"""

from __future__ import annotations

import httpx
from pydantic import Field as Reads

from functions.platforms._grants import judged
from functions.platforms._meta import Graph, token_of
from publishing.adapter import Conversation, Life
from publishing.model import Fresh
from publishing.replies import Reply, parsed

LIFE = Life(5_184_000.0, least_age_s=86_400.0, after_end=False)


class _Granted(Reply):
    access_token: str = Reads(min_length=1)
    expires_in: float = Reads(0.0, ge=0)


def renewed(graph: Graph, grant: str) -> Conversation[Fresh]:
    """A new token for the channel's; the old one goes on until its own end.

    Raises:
        Unauthorized, Refused: Meta does not renew it: it has ended, is not a day old or was revoked.
    """
    return (yield from judged(_asked_for(graph, grant)))


def _asked_for(graph: Graph, grant: str) -> Conversation[Fresh]:
    asked = {"grant_type": grant, "access_token": token_of(graph.channel)}  # nothing is said of a header here
    reply = yield httpx.Request("GET", f"{graph.base}/refresh_access_token", params=asked)
    granted = parsed(_Granted, graph.taken(reply))
    return Fresh({"access_token": granted.access_token}, granted.expires_in)
