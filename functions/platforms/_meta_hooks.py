"""What Meta's platforms call back with: the question whether we are meant, and signed news.

Source: https://developers.facebook.com/docs/graph-api/webhooks/getting-started and …/webhooks/reference/page
(read 2026-11-21). A signature covers the body byte by byte; nothing in it tells its time.
"""

from __future__ import annotations

import hashlib
import hmac
from collections.abc import Callable, Mapping, Sequence

from pydantic import ValidationError

from publishing.adapter import Field
from publishing.inbound import Call, Forged, Heard
from publishing.model import Channel
from publishing.replies import Reply

Read = Callable[[bytes], Sequence[Heard]]

HOOK_FIELDS = (
    Field(
        "app_secret",
        label="App secret",
        secret=True,
        required=False,
        help="App dashboard → App settings → Basic. It proves that a call comes from Meta; without it none is heard.",
    ),
    Field(
        "verify_token",
        label="Verify token",
        secret=True,
        required=False,
        help="Any words: the same as in the app dashboard under Webhooks.",
    ),
)


def heard(call: Call, channel: Channel, read: Read) -> str | Sequence[Heard]:
    """The answer to the question whether these webhooks are ours; or what `read` makes of news that Meta signed.

    Raises:
        Forged: it does not know the verify token, or is not signed with the app's secret.
    """
    if call.method == "GET":
        return _answered(call.query, channel.secrets.get("verify_token", "").strip())
    secret = channel.secrets.get("app_secret", "").strip()
    made = hmac.new(secret.encode(), call.body, hashlib.sha256).hexdigest()
    if not secret or not _same(call.headers.get("x-hub-signature-256", ""), f"sha256={made}"):
        raise Forged
    return read(call.body)


def _answered(query: Mapping[str, str], token: str) -> str:
    asks = query.get("hub.mode") == "subscribe"
    if not (asks and token and _same(query.get("hub.verify_token", ""), token)):
        raise Forged
    return query.get("hub.challenge", "")


def _same(given: str, expected: str) -> bool:
    return hmac.compare_digest(given.encode(), expected.encode())


def nothing_heard(_body: bytes) -> Sequence[Heard]:
    """Of posts, nothing: no news tells that one is out, or never will be."""
    return ()


class _Value(Reply):
    item: str = ""
    verb: str = ""
    video_id: str | int = ""
    created_time: int | str = ""


class _Change(Reply):
    field: str = ""
    value: _Value | str | None = None


class _Entry(Reply):
    changes: tuple[_Change, ...] = ()


class _News(Reply):
    entry: tuple[_Entry, ...] = ()


def videos_heard(body: bytes) -> Sequence[Heard]:
    """The videos that joined a Page's feed: whether they are out as they should be, asking tells."""
    try:
        entries = _News.model_validate_json(body).entry
    except ValidationError:
        return ()
    changes = [change for entry in entries for change in entry.changes if change.field == "feed"]
    values = [change.value for change in changes if isinstance(change.value, _Value)]
    return [
        Heard(str(value.video_id), f"{value.video_id}:{value.verb}:{value.created_time}")
        for value in values
        if value.verb == "add" and value.video_id
    ]
