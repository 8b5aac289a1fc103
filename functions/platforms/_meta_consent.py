"""What consents share on Meta's platforms: the operator's app, long-lived tokens, and errors as Graph tells them.

Source: https://developers.facebook.com/docs/facebook-login/guides/advanced/manual-flow and …/guides/access-tokens/
get-long-lived (read 2026-11-21, stored copies). That the token endpoint takes a form is other clients' practice; its
page shows a query.
"""

from __future__ import annotations

from dataclasses import replace

import httpx
from pydantic import Field as Reads

from functions.platforms._meta import Graph
from functions.platforms._meta_hooks import HOOK_FIELDS
from publishing.adapter import Conversation, Field
from publishing.consent import Answer
from publishing.replies import Reply, parsed

_SECRET, _WORDS = HOOK_FIELDS
APP = (
    Field("app_id", label="App id", max_chars=40, help="App dashboard → App settings → Basic."),
    replace(_SECRET, required=True),
    _WORDS,
)


class LongLived(Reply):
    """A token that lasts for some 60 days, and for how many seconds; 0: that is not told."""

    access_token: str = Reads(min_length=1, repr=False)
    expires_in: float = Reads(0.0, ge=0)


def in_the_standards_words(answer: Answer) -> Answer:
    """Graph's error is an object, Instagram's has names of its own."""
    error = answer.get("error")
    if isinstance(error, dict):
        return {"error": f"graph_{error.get('code', '')}", "error_description": error.get("message", "")}
    if "error_message" in answer:
        return {"error": str(answer.get("error_type", "refused")), "error_description": answer["error_message"]}
    return answer


def long_lived(graph: Graph, path: str, **asked: str) -> Conversation[LongLived]:
    """A long-lived token for the one of an hour; Meta takes the app's secret in the query and nowhere else."""
    reply = yield httpx.Request("GET", f"{graph.base}/{path}", params=asked)
    return parsed(LongLived, graph.taken(reply))
