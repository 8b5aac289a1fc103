"""Any HTTPS address of the customer's own, called with a signed JSON document (Standard Webhooks).

Source: https://github.com/standard-webhooks/standard-webhooks/blob/main/spec/standard-webhooks.md (read 2026-11-20)
The `webhook-id` is constant over all attempts and receivers know a repetition by it, so repeating is safe: what may
have been taken already is simply sent again.
"""

from __future__ import annotations

import json
import re
import time
from collections.abc import Callable, Mapping, Sequence
from datetime import UTC, datetime
from typing import TypeVar

import httpx
from pydantic import JsonValue, TypeAdapter, ValidationError

from functions.platforms._checks import insist, problems
from functions.platforms._markdown import to_html
from publishing.adapter import (
    PUBLISHES,
    STATUS_ONLY,
    Adapter,
    Conversation,
    Credentials,
    Field,
    Kind,
    Limits,
    Resource,
    Takes,
)
from publishing.errors import PublishingError, Refused, Throttled, Unauthorized, Unavailable
from publishing.model import Channel, Identity, Post, Problem, Receipt, utc_text
from publishing.replies import error_for, may_have_acted, retry_after_s
from publishing.signing import signed

PLACEHOLDERS = ("id", "title", "text", "html", "summary", "link", "tags", "published_at")
KEY_HELP = "whsec_… with the base64 of 24 to 64 random bytes."
ROTATION_HELP = "Calls are signed with both secrets, until every receiver knows the new one."
TEMPLATE_HELP = f"Any JSON; its texts may hold {{{'}, {'.join(PLACEHOLDERS)}}}. {{{{ and }}}} stand for braces."
PLACEHOLDER = re.compile(r"\{\{|\}\}|\{(\w+)\}")
HEADER_NAME = re.compile(r"[!#$%&'*+.^_`|~0-9A-Za-z-]{1,100}")
HEADER_VALUE = re.compile(r"[!-~](?:[ -~]{0,2000}[!-~])?")
OURS = re.compile(
    r"webhook-.*|proxy-.*|accept-encoding|connection|content-length|expect|host|keep-alive|te|trailer"
    r"|transfer-encoding|upgrade"
)
OVERLOADED = frozenset({502, 503, 504})
JUDGED = frozenset({400, 415, 422})  # the receiver knows us, but not this document

T = TypeVar("T")
_TEXTS = TypeAdapter(dict[str, str])
_TEMPLATE: TypeAdapter[JsonValue] = TypeAdapter(JsonValue)


class Webhook:
    """Publishes by calling a webhook."""

    name = "webhook"
    title = "Webhook"
    limits = Limits(  # media are passed on as addresses, whatever is there
        text_chars=100_000,
        title_chars=1_000,
        tags=50,
        media=20,
        in_flight=10,
        attempts=8,
        own_hosts=True,
        video=Takes(),
        embeds=True,
    )
    credentials = Credentials(
        (
            Field("url", Kind.URL, "URL", secret=True, help="Must answer 2xx within 20 s; redirects are not followed."),
            Field("signing_secret", label="Signing secret", secret=True, help=KEY_HELP),
            Field("previous_signing_secret", label="Previous secret", secret=True, required=False, help=ROTATION_HELP),
            Field("headers", Kind.JSON, "Further headers", secret=True, required=False),
            Field("template", label="Payload template", required=False, max_chars=20_000, help=TEMPLATE_HELP),
        )
    )
    uses: frozenset[Resource] = frozenset()
    idempotent = True

    def __init__(self, now_s: Callable[[], float] = time.time) -> None:
        """`now_s` is the Unix time in seconds an attempt is stamped with."""
        self._now_s = now_s

    def check(self, post: Post) -> Sequence[Problem]:
        """Everything that keeps this post from being published here."""
        return problems(post, self.limits)

    def publish(self, post: Post, channel: Channel) -> Conversation[Receipt]:
        """Call the webhook with the post; whatever 2xx it answers means it took it."""
        insist(self.check(post))
        reply = yield self._call(post.id, _payload(post, channel), channel, {**PUBLISHES, **STATUS_ONLY})
        if not reply.is_success:
            raise _error(reply)
        return Receipt(post.id)

    def verify(self, channel: Channel) -> Conversation[Identity]:
        """Call the webhook with a `postroom.ping` event: only a signed call tells whether signed calls are taken.

        A receiver that expects the channel's own template may well refuse a ping's document. That it judged the
        document and not the caller is as good.
        """
        template = _template(channel)
        _filled(template, dict.fromkeys(PLACEHOLDERS, ""))
        now_s = int(self._now_s())
        at = utc_text(datetime.fromtimestamp(now_s, UTC))
        ping: JsonValue = {"type": "postroom.ping", "timestamp": at, "data": {"channel": channel.id}}
        reply = yield self._call(f"ping_{channel.id}_{now_s}", ping, channel, STATUS_ONLY)
        if not (reply.is_success or (template is not None and reply.status_code in JUDGED)):
            raise _error(reply)
        host = reply.request.url.host
        return Identity(host, host)

    def _call(self, message_id: str, document: JsonValue, channel: Channel, marks: dict[str, bool]) -> httpx.Request:
        body = _serialized(document)
        stamps = signed(message_id, int(self._now_s()), body, _secrets(channel))
        headers = {"content-type": "application/json"} | _further_headers(channel) | stamps
        return httpx.Request("POST", _address(channel), headers=headers, content=body, extensions=marks)


def _address(channel: Channel) -> httpx.URL:
    address = httpx.URL(channel.secrets["url"].strip())
    if address.userinfo:
        raise Unauthorized("The webhook's URL holds a user name or password: give them as a header instead.")
    return address


def _secrets(channel: Channel) -> list[str]:
    previous = channel.secrets.get("previous_signing_secret")
    return [channel.secrets["signing_secret"], *([previous] if previous else [])]


def _further_headers(channel: Channel) -> dict[str, str]:
    given = _read(_TEXTS, channel.secrets.get("headers") or "{}", "headers of this channel are")
    for name, value in given.items():
        if not (HEADER_NAME.fullmatch(name) and HEADER_VALUE.fullmatch(value)):
            raise Unauthorized("One of this channel's headers is not one HTTP can carry.")
        if OURS.fullmatch(name.lower()):
            raise Unauthorized(f"The header {name} is not the channel's to set.")
    return {name.lower(): value for name, value in given.items()}


def _payload(post: Post, channel: Channel) -> JsonValue:
    values, template = _values(post), _template(channel)
    if template is not None:
        return _filled(template, values)
    media: JsonValue = [
        {"url": each.url, "alt": each.alt, **({"type": each.type} if each.type else {})} for each in post.content.media
    ]
    told: dict[str, JsonValue] = {name: values[name] for name in ("id", "title", "text", "html", "summary", "link")}
    data: JsonValue = {**told, "tags": list(post.content.tags), "media": media}
    return {"type": "post.published", "timestamp": values["published_at"], "data": data}


def _values(post: Post) -> dict[str, str]:
    content = post.content
    texts = (post.id, content.title, content.text, to_html(content.text), content.summary, content.link)
    return dict(zip(PLACEHOLDERS, (*texts, ", ".join(content.tags), utc_text(post.at)), strict=True))


def _template(channel: Channel) -> JsonValue:
    text = channel.settings.get("template")
    return _read(_TEMPLATE, text, "payload template of this channel is") if text else None


def _read(form: TypeAdapter[T], text: str, what: str) -> T:
    try:
        return form.validate_json(text)
    except ValidationError as error:
        raise Refused(f"The {what} not the JSON that is needed.") from error


def _filled(template: JsonValue, values: Mapping[str, str]) -> JsonValue:
    """The template with the values in its texts. It is parsed before it is filled: no value can change its form."""
    match template:
        case str():
            return PLACEHOLDER.sub(lambda found: _value(found, values), template)
        case list():
            return [_filled(item, values) for item in template]
        case dict():
            return {name: _filled(item, values) for name, item in template.items()}
    return template


def _value(found: re.Match[str], values: Mapping[str, str]) -> str:
    name = found[1]
    if name is None:
        return found[0][0]  # {{ or }}
    if name not in values:
        raise Refused(f"The payload template asks for {{{name}}}, which there is not.")
    return values[name]


def _serialized(document: JsonValue) -> bytes:
    try:
        return json.dumps(document, ensure_ascii=False, separators=(",", ":"), allow_nan=False).encode()
    except ValueError as error:
        raise Refused("The payload template holds what JSON cannot: NaN, or half a surrogate pair.") from error


def _error(reply: httpx.Response) -> PublishingError:
    """What a status other than 2xx means here: a receiver that failed may simply be called again."""
    status, message = reply.status_code, f"The receiver answered {reply.status_code}."
    overloaded = status in OVERLOADED and "retry-after" in reply.headers
    if status == httpx.codes.TOO_MANY_REQUESTS or overloaded:
        return Throttled(message, retry_after_s=retry_after_s(reply), status=status)
    if status == httpx.codes.GONE:
        return Unauthorized(f"{message} It wants no more calls.", status=status)
    if may_have_acted(reply):
        return Unavailable(message, status=status)
    if reply.has_redirect_location:
        return Refused(f"{message} Redirects are not followed: connect the address it leads to.", status=status)
    return error_for(reply, message)


ADAPTER: Adapter = Webhook()
