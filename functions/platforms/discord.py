"""Discord channel messages, by a channel's webhook.

Source: https://discord.com/developers/docs/resources/webhook#execute-webhook and the specification in
github.com/discord/discord-api-spec (read 2026-11-20). Contract by documentation: never run against Discord itself.
Only a bot can read a channel, so what may be out cannot be looked for: this adapter has no `find`.
"""

from __future__ import annotations

import hashlib
import re
from collections.abc import Sequence

import httpx
from pydantic import Field as Reads
from pydantic import JsonValue

from functions.platforms._checks import insist, problems
from publishing.adapter import PUBLISHES, Adapter, Conversation, Credentials, Field, Kind, Limits, Rate, Resource
from publishing.errors import PublishingError, Refused, Throttled, Unauthorized
from publishing.model import Channel, Identity, Media, Post, Problem, Receipt, utc_text
from publishing.replies import (
    Reply,
    bounded_wait_s,
    error_for,
    parsed,
    publishes,
    quoted,
    read_if_readable,
    retry_after_s,
    spent_for_s,
)

HOSTS = ("discord.com", "discordapp.com", "canary.discord.com", "ptb.discord.com")
SNOWFLAKE = "^[0-9]{15,21}$"
WEBHOOK_PATH = re.compile(r"/api(?:/v\d+)?/webhooks/(\d{15,21})/([\w-]{20,120})/?", re.ASCII)
SAMPLE = f"https://discord.com/api/webhooks/{'0' * 18}/{'hidden' * 4}"
IMAGE = re.compile(r"!\[([^\[\]]*)\]\(([^\s()]+)\)")  # shown by Discord as it is typed; a link at least can be followed
NONCE_CHARS = 25

UNAUTHORIZED = frozenset({10015, 50027, 50001, 50005, 50013, 40333})  # unknown, bad token; access, permissions, agent
THROTTLED = frozenset({20016, 20022, 20028, 20029, 30046})  # slow mode and write rates of a channel or server
REFUSED = frozenset(
    {10003, 10004, 10008, 40005, 40067, 50006, 50035, 50045, 50109, 50146}  # no such channel; content it will not take
    | {200000, 200001, 240000}  # automatic moderation, harmful links
    | {220001, 220002, 220003, 220004}  # threads of forums
)
REMEDIES = {
    220001: "This is a forum: connect a webhook of a text channel, or add ?thread_id=… of one of its threads.",
    40067: "This forum wants a tag: connect a webhook of a text channel.",
}


class Discord:
    """Publishes rich embeds in the channel a webhook belongs to."""

    name = "discord"
    title = "Discord"
    # Characters are code points (a Discord engineer in discord-api-docs#1315); the 6,000 over all embeds cannot be
    # reached with one title and one description. A webhook may send about 5 messages in 2 s, and 30 a minute in a
    # channel; the second, at an even pace, keeps the first.
    limits = Limits(
        text_chars=4096, title_chars=256, media=10, timeout_s=20.0, in_flight=5, rate=Rate(requests=30, per_s=60.0)
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
        )
    )
    uses: frozenset[Resource] = frozenset()
    idempotent = False  # nonces of webhook messages are not enforced (discord-api-docs#6647, 2024-02-08)

    def check(self, post: Post) -> Sequence[Problem]:
        """Everything that keeps this post from being published here."""
        return problems(post, self.limits, count=lambda text: len(_linked(text)))

    def publish(self, post: Post, channel: Channel) -> Conversation[Receipt]:
        """Send the message.

        Its link needs the server's id, which only the webhook itself tells. That is asked before: nothing may follow
        the publishing request, and that a webhook is gone shows while provably nothing was published.
        """
        insist(self.check(post))
        home = yield from _home(channel)
        reply = yield httpx.Request("POST", _executed(channel), json=_message(post, channel), extensions=PUBLISHES)
        sent = parsed(_Message, _taken(reply, channel))
        return Receipt(sent.id, _link(channel, home.guild_id, sent.channel_id, sent.id), sent.timestamp)

    def pause_s(self, reply: httpx.Response) -> float:
        """Until Discord resets the webhook's bucket, which others may have emptied."""
        headers = {"remaining": "x-ratelimit-remaining", "reset_after": "x-ratelimit-reset-after"}
        return spent_for_s(reply, **headers) if publishes(reply) else 0.0

    def stand_in(self, request: httpx.Request) -> httpx.Response:
        """Any webhook's own description."""
        return httpx.Response(200, json=dict.fromkeys(("id", "guild_id", "channel_id"), "0" * 18), request=request)

    def verify(self, channel: Channel) -> Conversation[Identity]:
        """Read the webhook's own description."""
        home = yield from _home(channel)
        return Identity(home.id, home.name or "", _link(channel, home.guild_id, home.channel_id))


class _Webhook(Reply):
    id: str = Reads(pattern=SNOWFLAKE)
    guild_id: str = Reads(pattern=SNOWFLAKE)
    channel_id: str = Reads(pattern=SNOWFLAKE)
    name: str | None = None


class _Message(Reply):
    id: str = Reads(pattern=SNOWFLAKE)
    channel_id: str = Reads(pattern=SNOWFLAKE)
    timestamp: str = ""


class _Trouble(Reply):
    """What Discord says of a request it did not take; nothing where a proxy answered in its stead."""

    code: int = 0
    message: str = ""
    errors: JsonValue = None
    retry_after: float | None = None

    def error(self, reply: httpx.Response, channel: Channel) -> PublishingError:
        """Sorted by Discord's own code first, by the status where that says nothing."""
        told = quoted(f"{self.message} {_first_of(self.errors)} {REMEDIES.get(self.code, '')}", channel)
        message, code, status = f"Discord answered: {told}" if told else "", str(self.code), reply.status_code
        if self.code in UNAUTHORIZED:
            return Unauthorized(message, code=code, status=status)
        if self.code in REFUSED:
            return Refused(message, code=code, status=status)
        if self.code in THROTTLED or status == httpx.codes.TOO_MANY_REQUESTS:
            wait_s = bounded_wait_s(self.retry_after, retry_after_s(reply))
            return Throttled(message, retry_after_s=wait_s, code=code, status=status)
        return error_for(reply, message, code=code)


def _home(channel: Channel) -> Conversation[_Webhook]:
    reply = yield httpx.Request("GET", _address(channel))
    return parsed(_Webhook, _taken(reply, channel))


def _address(channel: Channel) -> httpx.URL:
    given = httpx.URL(channel.secrets["webhook_url"])
    parts = WEBHOOK_PATH.fullmatch(given.path)
    if not parts:
        raise Unauthorized("This is not the address of a Discord webhook.")
    return given.copy_with(path=f"/api/v10/webhooks/{parts[1]}/{parts[2]}", query=None, fragment=None, userinfo=b"")


def _link(channel: Channel, *ids: str) -> str:
    return str(_address(channel).copy_with(path=f"/channels/{'/'.join(ids)}"))


def _executed(channel: Channel) -> httpx.URL:
    thread_id = httpx.URL(channel.secrets["webhook_url"]).params.get("thread_id")
    return _address(channel).copy_with(params={"wait": "true"} | ({"thread_id": thread_id} if thread_id else {}))


def _message(post: Post, channel: Channel) -> dict[str, object]:
    shown = {name: channel.settings[name] for name in ("username", "avatar_url") if channel.settings.get(name)}
    nonce = hashlib.sha256(post.id.encode()).hexdigest()[:NONCE_CHARS]
    return {**shown, "embeds": _embeds(post), "allowed_mentions": {"parse": []}, "nonce": nonce}


def _embeds(post: Post) -> list[dict[str, object]]:
    content = post.content
    first, *others = [_picture(media) for media in content.media] or [{}]
    texts = {"title": content.title, "description": _linked(content.text), "url": content.link}
    if not content.title and not content.text.strip():
        texts["description"] = content.link  # an embed of nothing but an address is an empty message to Discord
    return [{name: text for name, text in texts.items() if text} | {"timestamp": utc_text(post.at), **first}, *others]


def _picture(media: Media) -> dict[str, object]:
    return {"image": {"url": media.url}}  # embeds have no place for the alternative text


def _linked(text: str) -> str:
    return IMAGE.sub(lambda image: f"[{image[1] or 'image'}]({image[2]})", text)


def _taken(reply: httpx.Response, channel: Channel) -> httpx.Response:
    if reply.is_success:
        return reply
    raise read_if_readable(_Trouble, reply).error(reply, channel)


def _first_of(errors: JsonValue, path: str = "") -> str:
    """The first complaint in a tree of them, as `embeds.0.description: Must be 4096 or fewer in length.`."""
    match errors:
        case {"_errors": [{"message": str(message)}, *_]}:
            return f"{path}: {message}".lstrip(".")
        case dict():
            return next((told for name, below in errors.items() if (told := _first_of(below, f"{path}.{name}"))), "")
    return ""


ADAPTER: Adapter = Discord()
