"""What is out on one of Meta's platforms, looked for by its words.

Source: https://developers.facebook.com/docs/graph-api/results (read 2026-11-21) for the pages. That lists are newest
first is how these platforms are seen to answer; it is not promised there.
"""

from __future__ import annotations

import unicodedata
from collections.abc import Collection
from datetime import datetime

from pydantic import AliasChoices, AwareDatetime
from pydantic import Field as Reads

from functions.platforms._meta import Graph, Node
from publishing.adapter import Conversation
from publishing.errors import OutcomeUnknown
from publishing.model import Receipt
from publishing.replies import Reply, parsed

PAGE, PAGES = 25, 8


class _Entry(Node):
    text: str | None = Reads(None, validation_alias=AliasChoices("text", "caption", "message", "description"))
    url: str | None = Reads(None, validation_alias=AliasChoices("permalink", "permalink_url"))
    at: AwareDatetime = Reads(validation_alias=AliasChoices("timestamp", "created_time"))

    def receipt(self) -> Receipt:
        url = self.url or ""  # a video's is a path
        return Receipt(self.id, f"https://www.facebook.com{url}" if url.startswith("/") else url, self.at.isoformat())


class _Cursors(Reply):
    after: str = ""


class _Paging(Reply):
    cursors: _Cursors = _Cursors()
    next: str = ""


class _Entries(Reply):
    data: tuple[_Entry, ...]
    paging: _Paging = _Paging()


def seen(
    graph: Graph, edge: str, fields: str, words: str, since: datetime, *, but: Collection[str] = ()
) -> Conversation[Receipt | None]:
    """What is out with exactly these words, looking at what was published at `edge` after `since`, newest first.

    `but` are the ids of what is known to be something else.

    Raises:
        OutcomeUnknown: it has no words to know it by and may be one of those that have none; or there are too many.
    """
    after: dict[str, str | int] = {}
    for _ in range(PAGES):
        reply = yield graph.get(edge, fields=fields, limit=PAGE, **after)
        page = parsed(_Entries, graph.taken(reply))
        recent = [entry for entry in page.data if entry.at >= since]
        others = (entry for entry in recent if entry.id not in but)
        found = next((entry for entry in others if essence(entry.text or "") == essence(words)), None)
        if found and not essence(words):
            raise OutcomeUnknown("Something without a text was published; it has no text to be told apart by, either.")
        if found or len(recent) < len(page.data) or not page.paging.next:
            return found.receipt() if found else None
        after = {"after": page.paging.cursors.after}
    raise OutcomeUnknown(f"It is not among the last {PAGE * PAGES} posts, and there are more.")


def essence(text: str) -> list[str]:
    """The words of a text: blanks and the composition of letters may come back otherwise than they were sent."""
    return unicodedata.normalize("NFC", text).split()
