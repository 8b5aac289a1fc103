"""A Slack channel's own messages, among which a post is known by its metadata, or by the name of its file.

Source: https://docs.slack.dev/reference/methods/conversations.history (read 2026-11-21). What a file was shared with
has no metadata: files.completeUploadExternal takes none.
"""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Literal

from pydantic import Field as Reads
from pydantic import JsonValue

from functions.platforms._slack import Beside, Home, Trouble, channel_id, home, request, taken
from publishing.adapter import Conversation
from publishing.errors import OutcomeUnknown
from publishing.model import Channel, Post, Receipt, utc_text
from publishing.replies import Reply, parsed, read_if_readable

PAGE, PAGES = 15, 20  # as much as Slack gives apps that are distributed outside its Marketplace
TS = r"^[0-9]{10}\.[0-9]{6}$"

UNREADABLE = frozenset({"missing_scope", "not_in_channel", "channel_not_found", "no_permission", "access_denied"})


class _Metadata(Reply):
    event_payload: dict[str, JsonValue] = Reads({})


class _File(Reply):
    name: str | None = None


class _Seen(Reply):
    ts: str = Reads(pattern=TS)
    user: str = ""
    subtype: str = ""
    metadata: _Metadata | None = None
    files: tuple[_File, ...] = ()

    def is_of(self, post: Post) -> bool:
        if any((file.name or "").partition(".")[0] == post.id for file in self.files):
            return True
        return self.metadata is not None and self.metadata.event_payload.get("post_id") == post.id

    def is_bare(self, home: Home) -> bool:
        """Whether it is a message of the app's own that cannot be told from any other."""
        told = self.subtype or self.files or (self.metadata and self.metadata.event_payload)
        return self.user == home.user_id and not told


class _Page(Reply):
    ok: Literal[True]
    messages: tuple[_Seen, ...]
    response_metadata: Beside = Beside()


def found(post: Post, channel: Channel, since: datetime) -> Conversation[Receipt | None]:
    """The receipt of the message that is the post, among what was posted after `since`.

    Raises:
        OutcomeUnknown: the app may not read the channel, or what it reads leaves it open.
    """
    workspace, cursor, bare = (yield from home(channel)), "", False
    for _ in range(PAGES):
        page = yield from _page(channel, since, cursor)
        ours = next((seen for seen in page.messages if seen.is_of(post)), None)
        if ours:
            return receipt(workspace, channel, ours.ts)
        bare = bare or any(seen.is_bare(workspace) for seen in page.messages)
        cursor = page.response_metadata.next_cursor
        if not cursor:
            break
    if cursor or bare:
        raise OutcomeUnknown("There are too many messages to look at all, or some without metadata.")
    return None


def _page(channel: Channel, since: datetime, cursor: str) -> Conversation[_Page]:
    """Some of the channel's messages; not to be allowed to read them says nothing about the channel's credentials."""
    asked = {"channel": channel_id(channel), "oldest": f"{since.timestamp():.6f}", "limit": str(PAGE)}
    params = {**asked, "include_all_metadata": "true"} | ({"cursor": cursor} if cursor else {})
    reply = yield request("GET", "conversations.history", channel, params=params)
    if read_if_readable(Trouble, reply).error in UNREADABLE:
        raise OutcomeUnknown("The app may not read the channel: give it the scope channels:history, and invite it.")
    return parsed(_Page, taken(reply, channel))


def receipt(workspace: Home, channel: Channel, ts: str) -> Receipt:
    """The receipt of the message of that time."""
    link = f"{workspace.url}archives/{channel_id(channel)}/p{ts.replace('.', '')}"  # as chat.getPermalink would say
    at = utc_text(datetime.fromtimestamp(int(ts.partition(".")[0]), UTC))
    return Receipt(f"{channel_id(channel)}:{ts}", link, at)
