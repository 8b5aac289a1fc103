"""Slack messages in one channel, sent by an app's bot.

Source: https://docs.slack.dev/reference/methods/chat.postMessage (chat.delete, files.delete; read 2026-11-21).
Contract by documentation: never run against Slack itself. Each message carries the delivery's id as metadata, a video
as its file's name, by which `find` knows it where the app may read the channel. Slack tells no counts of a message.
"""

from __future__ import annotations

from collections.abc import Sequence
from contextlib import suppress
from datetime import datetime, timedelta
from typing import Literal

import httpx
from pydantic import Field as Reads

from functions.platforms._checks import insist, problems
from functions.platforms._mrkdwn import length, media_problems, message
from functions.platforms._slack import Trouble, channel_id, home, request, taken
from functions.platforms._slack_consent import CONSENT, accounts_of
from functions.platforms._slack_events import heard
from functions.platforms._slack_files import FIRST_LOOK_S, shared
from functions.platforms._slack_history import TS, found, receipt
from functions.platforms._whole_video import fit
from publishing.adapter import PUBLISHES, Adapter, Conversation, Credentials, Field, Limits, Rate, Resource, Takes
from publishing.consent import Account, Grant
from publishing.errors import OutcomeUnknown
from publishing.inbound import Call, Heard
from publishing.model import Channel, Identity, Outcome, Pending, Post, Problem, Receipt
from publishing.replies import Reply, parsed, read_if_readable

APP_HELP = (
    "OAuth & Permissions of your app at api.slack.com/apps; scopes chat:write, files:write for videos, *:history."
)
EVENTS_HELP = "Basic Information of your app, where it is to be told by the event file_shared that a video is out."
LOOKS = 6  # for the message a video was shared with: some minutes
EARLIER = timedelta(minutes=5)  # clocks differ
GONE = frozenset({"message_not_found", "file_not_found", "file_deleted"})


class Slack:
    """Posts a message of blocks, or shares a video with them."""

    name = "slack"
    title = "Slack"
    # One section takes 3,000 characters, all blocks of a message together about 13,200 with what surrounds them, which
    # Slack does not document (bolt-js#2509, #2867): 10,000 of text leave room for title, link and images. One message
    # a second is what its page on rate limits allows a channel. Images are fetched by Slack; a file has 1 GB at most.
    limits = Limits(
        text_chars=10_000,
        title_chars=150,
        media=10,
        timeout_s=120.0,
        rate=Rate(requests=1, per_s=1.0),
        image=Takes(),
        video=Takes(size_bytes=2**30),
    )
    credentials = Credentials(
        (
            Field("bot_token", label="Bot token", secret=True, help=APP_HELP, max_chars=400, sample="xoxb-hidden"),
            Field("channel", label="Channel ID", help="At the foot of the channel's details, as in C0123456789."),
            Field(
                "signing_secret", label="Signing secret", secret=True, required=False, help=EVENTS_HELP, max_chars=200
            ),
        )
    )
    consent = CONSENT
    uses: frozenset[Resource] = frozenset()
    idempotent = False

    def check(self, post: Post) -> Sequence[Problem]:
        """Everything that keeps this post from being published here; the text counts as mrkdwn, escaped."""
        found = problems(post, self.limits, count=length)
        return [*found, *media_problems(post)]

    def publish(self, post: Post, channel: Channel) -> Conversation[Outcome]:
        """Post the message; the workspace's address, which begins its link, is asked before: nothing may follow."""
        insist(self.check(post))
        for media in post.content.media:
            if media.is_video:  # the only one
                return (yield from shared(post, (yield from fit(media, self.limits)), channel))
        workspace = yield from home(channel)
        metadata = {"event_type": "postroom_post", "event_payload": {"post_id": post.id}}
        body = {"channel": channel_id(channel), **message(post.content), "metadata": metadata}
        reply = yield request("POST", "chat.postMessage", channel, json=body, extensions=PUBLISHES)
        return receipt(workspace, channel, parsed(_Posted, taken(reply, channel)).ts)

    def resume(self, pending: Pending, post: Post, channel: Channel) -> Conversation[Outcome]:
        """Look for the message the video was shared with; where the app may not look, its file is what is told."""
        looks = int(pending.state.get("looks", "0"))
        seen, readable = None, False
        with suppress(OutcomeUnknown):
            seen, readable = (yield from found(post, channel, post.at - EARLIER)), True
        if seen or not readable:
            return seen or Receipt(pending.state["file"])
        if looks >= LOOKS:  # it was answered, yet nothing is shared: that happens (python-slack-sdk#1818)
            raise OutcomeUnknown("Slack took the video, but does not show it in the channel.")
        return Pending({**pending.state, "looks": str(looks + 1)}, FIRST_LOOK_S * 2**looks)

    def find(self, post: Post, channel: Channel, since: datetime) -> Conversation[Receipt | None]:
        """The receipt of the message with this post's id in its metadata or file, among those after `since`."""
        return (yield from found(post, channel, since))

    def remove(self, receipt: Receipt, channel: Channel) -> Conversation[None]:
        """Delete the message; its file stays in the workspace, unless that is all we know of it."""
        where, _, ts = receipt.id.partition(":")
        asked = {"channel": where, "ts": ts} if ts else {"file": where}
        reply = yield request("POST", "chat.delete" if ts else "files.delete", channel, json=asked)
        if read_if_readable(Trouble, reply).error not in GONE:
            parsed(_Done, taken(reply, channel))

    def hear(self, call: Call, channel: Channel, now: datetime) -> str | Sequence[Heard]:
        """What Slack's events say: that the file is shared."""
        return heard(call, channel.secrets.get("signing_secret", "").strip(), now)

    def stand_in(self, request: httpx.Request) -> httpx.Response:
        """Any workspace; a place for a video of a few bytes."""
        known = {"ok": True, "url": "https://hidden.slack.com/", "user_id": "U0"}
        place = {"upload_url": "https://files.slack.com/hidden", "file_id": "F0"}
        length = {"content-range": "bytes 0-0/8"}
        return httpx.Response(200, json={**known, **place}, headers=length, request=request)

    def accounts(self, grant: Grant) -> Conversation[Sequence[Account]]:
        """The app's own user in the workspace."""
        return (yield from accounts_of(grant))

    def verify(self, channel: Channel) -> Conversation[Identity]:
        """Ask whose token this is; whether it may write in the channel, only writing tells."""
        workspace = yield from home(channel)
        link = f"{workspace.url}archives/{channel_id(channel)}"
        return Identity(workspace.user_id, f"{workspace.user} at {workspace.team}", link)


class _Posted(Reply):
    ok: Literal[True]
    ts: str = Reads(pattern=TS)


class _Done(Reply):
    ok: Literal[True]


ADAPTER: Adapter = Slack()
