"""Standard Webhooks: its reference library reads what we sign (PyPI standardwebhooks, MIT)."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import UTC, datetime

from standardwebhooks import Webhook

from tests.contracts.asked import Asked
from tests.functions.platforms.conversing import platform


def covers(asked: Asked) -> bool:
    return asked.request is not None and "webhook-signature" in asked.request.headers


def violations(asked: Sequence[Asked]) -> list[str]:
    return [told for each in asked for told in _of(each)]


def _of(asked: Asked) -> Iterator[str]:
    request = asked.request
    assert request is not None
    identity, since = (
        request.headers["webhook-id"],
        datetime.fromtimestamp(int(request.headers["webhook-timestamp"]), UTC),
    )
    theirs = {Webhook(each).sign(identity, since, request.content.decode()) for each in _secrets()}
    if not theirs & set(request.headers["webhook-signature"].split(" ")):
        yield f"{asked}: the signature is not the reference library's"


def _secrets() -> tuple[str, ...]:
    module = platform("webhook").module
    return module.NEW, module.OLD
