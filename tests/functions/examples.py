"""Examples for the OpenAPI document, made of what the functions really answer: `python -m tests.functions.examples`.

Each operation is asked once, as the tests ask it; ids, times and secrets are then replaced, so that a new run
changes little.
"""

from __future__ import annotations

import io
import json
import logging
import os
import re
from contextlib import redirect_stdout
from datetime import UTC, datetime, timedelta
from typing import Any

from publishing import ids
from publishing.model import utc_text
from tests import cloud
from tests.functions.ours import Asked, Ours
from tests.functions.service import WEBHOOK, Service, deployed, weekly
from web import contract, decisions, series
from web.contract import OPERATIONS
from web.openapi import EXAMPLES

START = datetime(2026, 12, 1, 9, 0, tzinfo=UTC)
SHOWN = 2  # so many items of a list are enough
_BODY = re.compile(r"(?<=_)[0-9a-hjkmnp-tv-z]{26}")
_TIME = re.compile(r"20\d\d-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z")
_SECRET = re.compile(r"(?<=_)[0-9a-f]{40,}")
_SIGNED = re.compile(r"(?<=\?)X-Amz-[^\s\"]+")
CONTENT = {
    "title": "Autumn",
    "text": "The larches have **turned**.",
    "link": "https://example.org/autumn",
    "tags": ["hiking"],
}


def found() -> dict[str, Any]:
    """An example of every operation whose answer is JSON of a model."""
    begun = datetime.now(UTC)
    with deployed() as made:
        examples = {operation.id: _example(Service(made), operation) for operation in OPERATIONS}
    settled: dict[str, Any] = json.loads(_settled(json.dumps(examples, ensure_ascii=False), begun))
    return settled


def _example(service: Service, operation: Asked) -> dict[str, Any]:
    ours = Ours(service)
    ours.make_ready_for(operation)
    request: Any = _requests(ours).get(operation.id, ours.bodies.get(operation.id))
    example: dict[str, Any] = {"path": {name: ours.names[name] for name in re.findall(r"{(\w+)}", operation.path)}}
    if operation.has_body:
        example["request"] = request or {}
    answers = dict([_answered(ours, operation, request)])
    if operation is contract.SUBMIT:
        answers |= dict([_answered(ours, operation, {**request, "dry_run": True})])
    example["answers"] = {status: answer for status, answer in answers.items() if answer is not None}
    return example


def _answered(ours: Ours, operation: Asked, request: Any) -> tuple[str, Any]:
    reply = ours.ask(operation, sent=request)
    if not reply.text or operation.gives is bytes:
        return str(reply.status), None
    answer = reply.json
    if isinstance(answer.get("items"), list):
        answer["items"] = answer["items"][:SHOWN]
    return str(reply.status), answer


def _requests(ours: Ours) -> dict[str, Any]:
    """What is worth more as an example than the least that is taken."""
    channel = ours.names["channel"]
    slots = {"zone": "Europe/Zurich", "weekly": {"mon": ["09:00", "17:30"], "thu": ["12:15"]}}
    submitted = {"content": CONTENT, "targets": [{"channel": channel, "overrides": {"title": "Autumn in the valley"}}]}
    return {
        contract.SUBMIT.id: submitted,
        decisions.VALIDATE_PUBLICATION.id: submitted,
        contract.CONNECT_CHANNEL.id: {"platform": "webhook", "name": "My site", "credentials": WEBHOOK, "slots": slots},
        contract.CHANGE_CHANNEL.id: {"name": "Our site", "paused": True},
        contract.CREATE_KEY.id: {"name": "The newsroom", "role": "author"},
        decisions.CHANGE_PUBLICATION.id: {"content": {"title": "Late autumn"}, "priority": "urgent"},
        decisions.RESOLVE_DELIVERY.id: {"outcome": "published", "url": "https://example.org/autumn"},
        series.CREATE_SERIES.id: {**weekly(channel), "content": CONTENT},
    }


def _settled(text: str, begun: datetime) -> str:
    """The same with ids, times and secrets that are always alike."""
    bodies: dict[str, str] = {}

    def body(match: re.Match[str]) -> str:
        return bodies.setdefault(match[0], ids.derived("x", f"example {len(bodies)}").removeprefix("x_"))

    def time(match: re.Match[str]) -> str:
        passed = datetime.fromisoformat(match[0]) - begun
        return utc_text(START + timedelta(minutes=round(passed / timedelta(minutes=1))))

    for pattern, instead in ((_SECRET, "0" * 64), (_SIGNED, "X-Amz-Signature=0000")):
        text = pattern.sub(instead, text)
    return _TIME.sub(time, _BODY.sub(body, text))


def main() -> None:
    """Write the examples anew."""
    os.environ |= {"AWS_ACCESS_KEY_ID": "testing", "AWS_SECRET_ACCESS_KEY": "testing"}
    os.environ["AWS_DEFAULT_REGION"] = cloud.REGION
    logging.disable()
    with redirect_stdout(io.StringIO()):  # metrics
        examples = found()
    EXAMPLES.write_text(json.dumps(examples, indent=1, ensure_ascii=False) + "\n")


if __name__ == "__main__":
    main()
