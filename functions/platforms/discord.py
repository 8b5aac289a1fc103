"""Discord channel messages, by a channel's webhook.

Source: https://discord.com/developers/docs/resources/webhook#execute-webhook and the specification in
github.com/discord/discord-api-spec (read 2026-11-20). Contract by documentation: never run against Discord itself.
Only a bot can read a channel, so what may be out cannot be looked for, nor counted: this adapter has no `find` and no
`metrics`. Images are shown by their addresses, a video is sent on as a file.
"""

from __future__ import annotations

import hashlib
import json
import re
from collections.abc import Iterator, Sequence
from datetime import datetime

import httpx
from pydantic import Field as Reads

from functions.platforms._checks import insist, problems
from functions.platforms._discord import SNOWFLAKE, Trouble, address, home, link, taken
from functions.platforms._discord_calls import heard
from functions.platforms._discord_consent import CONSENT, accounts_of
from functions.platforms._media import form
from functions.platforms._whole_video import file_name, fit
from publishing.adapter import PUBLISHES, Adapter, Conversation, Credentials, Field, Kind, Limits, Rate, Resource, Takes
from publishing.consent import Account, Grant
from publishing.inbound import Call, Heard
from publishing.model import Channel, Identity, Media, Post, Problem, Receipt, utc_text
from publishing.replies import Reply, parsed, publishes, read_if_readable, spent_for_s

HOSTS = ("discord.com", "discordapp.com", "canary.discord.com", "ptb.discord.com")
SAMPLE = f"https://discord.com/api/webhooks/{'0' * 18}/{'hidden' * 4}"
KEY_HELP = "General Information of your application, if it is to call here; a webhook alone needs none."
IMAGE = re.compile(r"!\[([^\[\]]*)\]\(([^\s()]+)\)")  # shown by Discord as it is typed; a link at least can be followed
NONCE_CHARS, ALT_CHARS = 25, 1_024
UNKNOWN_MESSAGE = 10008


class Discord:
    """Publishes rich embeds in the channel a webhook belongs to, with a video beside them."""

    name = "discord"
    title = "Discord"
    # Characters are code points (a Discord engineer in discord-api-docs#1315); the 6,000 over all embeds cannot be
    # reached with one title and one description. A webhook may send about 5 messages in 2 s, and 30 a minute in a
    # channel; the second, at an even pace, keeps the first.
    # Files: 10 MiB, more in servers that are boosted; these types are played.
    limits = Limits(
        text_chars=4096,
        title_chars=256,
        media=10,
        timeout_s=20.0,
        in_flight=5,
        rate=Rate(requests=30, per_s=60.0),
        image=Takes(),
        video=Takes(("video/mp4", "video/webm", "video/quicktime"), 10 * 2**20),
    )
    credentials = Credentials(
        (
            Field(
                "webhook_url",
                Kind.URL,
                "Webhook URL",
                secret=True,
                hosts=HOSTS,
                help="Channel settings → Integrations → Webhooks → Copy Webhook URL.",
                sample=SAMPLE,
            ),
            Field("username", label="Shown as", required=False, max_chars=80),
            Field("avatar_url", Kind.URL, "Avatar", required=False, max_chars=2048),
            Field("public_key", label="Public key", required=False, help=KEY_HELP, max_chars=64),
        )
    )
    consent = CONSENT
    uses: frozenset[Resource] = frozenset()
    idempotent = False  # nonces of webhook messages are not enforced (discord-api-docs#6647, 2024-02-08)

    def check(self, post: Post) -> Sequence[Problem]:
        """Everything that keeps this post from being published here."""
        return [*problems(post, self.limits, count=lambda text: len(_linked(text))), *_of_videos(post)]

    def publish(self, post: Post, channel: Channel) -> Conversation[Receipt]:
        """Send the message.

        Its link needs the server's id, which only the webhook itself tells. That is asked before: nothing may follow
        the publishing request, and that a webhook is gone shows while provably nothing was published.
        """
        insist(self.check(post))
        video = next((media for media in post.content.media if media.is_video), None)
        if video:
            video = yield from fit(video, self.limits)
        webhook = yield from home(channel)
        reply = yield _request(post, video, channel)
        sent = parsed(_Message, taken(reply, channel))
        return Receipt(sent.id, link(channel, webhook.guild_id, sent.channel_id, sent.id), sent.timestamp)

    def remove(self, receipt: Receipt, channel: Channel) -> Conversation[None]:
        """Delete the message."""
        where = address(channel, "messages", receipt.id).copy_with(params=_thread(channel))
        reply = yield httpx.Request("DELETE", where)
        if read_if_readable(Trouble, reply).code != UNKNOWN_MESSAGE:
            taken(reply, channel)

    def hear(self, call: Call, channel: Channel, now: datetime) -> str | Sequence[Heard]:
        """Answer Discord's ping; it says nothing of a webhook's messages."""
        return heard(call, channel.settings.get("public_key", "").strip(), now)

    def pause_s(self, reply: httpx.Response) -> float:
        """Until Discord resets the webhook's bucket, which others may have emptied."""
        headers = {"remaining": "x-ratelimit-remaining", "reset_after": "x-ratelimit-reset-after"}
        return spent_for_s(reply, **headers) if publishes(reply) else 0.0

    def stand_in(self, request: httpx.Request) -> httpx.Response:
        """Any webhook's own description; a video of a few bytes."""
        described, length = dict.fromkeys(("id", "guild_id", "channel_id"), "0" * 18), {"content-range": "bytes 0-0/8"}
        return httpx.Response(200, json=described, headers=length, request=request)

    def accounts(self, grant: Grant) -> Conversation[Sequence[Account]]:
        """The webhook that was made."""
        return (yield from accounts_of(grant))

    def verify(self, channel: Channel) -> Conversation[Identity]:
        """Read the webhook's own description."""
        webhook = yield from home(channel)
        return Identity(webhook.id, webhook.name or "", link(channel, webhook.guild_id, webhook.channel_id))


class _Message(Reply):
    id: str = Reads(pattern=SNOWFLAKE)
    channel_id: str = Reads(pattern=SNOWFLAKE)
    timestamp: str = ""


def _executed(channel: Channel) -> httpx.URL:
    return address(channel).copy_with(params={"wait": "true"} | _thread(channel))


def _thread(channel: Channel) -> dict[str, str]:
    thread_id = httpx.URL(channel.secrets["webhook_url"]).params.get("thread_id")
    return {"thread_id": thread_id} if thread_id else {}


def _request(post: Post, video: Media | None, channel: Channel) -> httpx.Request:
    address, message = _executed(channel), _message(post, channel)
    if video is None:
        return httpx.Request("POST", address, json=message, extensions=PUBLISHES)
    named = {"id": "0", "filename": file_name(video)} | ({"description": video.alt} if video.alt else {})
    told = {"payload_json": json.dumps({**message, "attachments": [named]})}
    headers, extensions = form(told, "files[0]", video, file_name(video))
    return httpx.Request("POST", address, headers=headers, extensions=PUBLISHES | extensions)


def _message(post: Post, channel: Channel) -> dict[str, object]:
    shown = {name: channel.settings[name] for name in ("username", "avatar_url") if channel.settings.get(name)}
    nonce = hashlib.sha256(post.id.encode()).hexdigest()[:NONCE_CHARS]
    return {**shown, "embeds": _embeds(post), "allowed_mentions": {"parse": []}, "nonce": nonce}


def _embeds(post: Post) -> list[dict[str, object]]:
    content = post.content
    first, *others = [_picture(media) for media in content.media if not media.is_video] or [{}]
    texts = {"title": content.title, "description": _linked(content.text), "url": content.link}
    if not content.title and not content.text.strip():
        texts["description"] = content.link  # an embed of nothing but an address is an empty message to Discord
    told = {name: text for name, text in texts.items() if text} | first
    return [{**told, "timestamp": utc_text(post.at)}, *others] if told else []


def _picture(media: Media) -> dict[str, object]:
    return {"image": {"url": media.url}}  # embeds have no place for the alternative text


def _linked(text: str) -> str:
    return IMAGE.sub(lambda image: f"[{image[1] or 'image'}]({image[2]})", text)


def _of_videos(post: Post) -> Iterator[Problem]:
    media = post.content.media
    if sum(each.is_video for each in media) > 1:
        yield Problem("content.media", "A message here has one video at most.", "Leave the others out.")
    for place, each in enumerate(media):
        if each.is_video and len(each.alt) > ALT_CHARS:
            message = f"The description is longer than {ALT_CHARS} characters."
            yield Problem(f"content.media[{place}].alt", message, "Shorten it.")


ADAPTER: Adapter = Discord()
