"""What Slack says of messages that break its rules, and the words its errors come in.

Source: https://docs.slack.dev/reference/block-kit/blocks and …/methods/chat.postMessage (read 2026-11-21)
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from werkzeug.wrappers import Response

from tests.sandbox.stand_in import as_json

BLOCKS, HEADER_CHARS, SECTION_CHARS, ALT_CHARS, URL_CHARS = 50, 150, 3_000, 2_000, 3_000
MESSAGE_CHARS, EACH_CHARS = 13_297, 125  # of all blocks and for each, as measured in bolt-js#2509; Slack does not say


def complaints(asked: Mapping[str, Any]) -> Iterator[Response]:
    """Why a message is not taken."""
    blocks, metadata = asked.get("blocks") or [], asked.get("metadata")
    if not (asked.get("text") or blocks):
        yield trouble("no_text")
    if len(str(asked.get("text", ""))) > 40_000:
        yield trouble("msg_too_long")
    if not isinstance(blocks, list):
        yield trouble("invalid_blocks_format")
    found = [why for place, block in enumerate(blocks) for why in _wrong_in(f"/blocks/{place}", block)]
    if found or len(blocks) > BLOCKS:
        yield invalid(*found or ["no more than 50 items allowed [json-pointer:/blocks]"])
    if _chars(blocks) + EACH_CHARS * len(blocks) > MESSAGE_CHARS:
        yield trouble("msg_blocks_too_long")
    if metadata is not None and not _is_metadata(metadata):
        yield trouble("invalid_metadata_format")


def _chars(value: object) -> int:
    """How many characters all texts in it have."""
    match value:
        case str():
            return len(value)
        case dict():
            return sum(map(_chars, value.values()))
        case list():
            return sum(map(_chars, value))
    return 0


def _wrong_in(where: str, block: Mapping[str, Any]) -> Iterator[str]:
    match block:
        case {"type": "header", "text": {"type": "plain_text", "text": str(text)}}:
            yield from _long(f"{where}/text/text", text, HEADER_CHARS)
        case {"type": "section", "text": {"type": "mrkdwn" | "plain_text", "text": str(text)}}:
            yield from _long(f"{where}/text/text", text, SECTION_CHARS)
        case {"type": "image", "image_url": str(url), "alt_text": str(alt)}:
            yield from _long(f"{where}/image_url", url, URL_CHARS)
            yield from _long(f"{where}/alt_text", alt, ALT_CHARS)
            if not url.startswith(("http://", "https://")):
                yield f"invalid url in field [json-pointer:{where}/image_url]"
        case _:
            yield f"unsupported type or missing field [json-pointer:{where}]"


def _long(where: str, text: str, most: int) -> Iterator[str]:
    if not text:
        yield f"must be more than 0 characters [json-pointer:{where}]"
    if len(text) > most:
        yield f"must be less than {most + 1} characters [json-pointer:{where}]"


def _is_metadata(metadata: object) -> bool:
    match metadata:
        case {"event_type": str(), "event_payload": dict(), **others}:
            return not others
    return False


def invalid(*complaints: str) -> Response:
    """Blocks that are not taken."""
    return trouble("invalid_blocks", *(f"[ERROR] {complaint}" for complaint in complaints))


def trouble(error: str, *messages: str) -> Response:
    """An error."""
    body: dict[str, Any] = {"ok": False, "error": error}
    return as_json({**body, "response_metadata": {"messages": messages}} if messages else body)
