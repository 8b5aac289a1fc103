"""The AWS client only status webhooks need, and how it has strangers called: by a function that may do nothing else."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import cache
from typing import TYPE_CHECKING

import boto3
from botocore.config import Config

from notifying.calling import WITHIN_S, Result
from notifying.model import Answered

if TYPE_CHECKING:
    from mypy_boto3_lambda import LambdaClient

# Never again by itself: what was called is not called twice because an answer was slow.
_CONFIG = Config(retries={"mode": "standard", "max_attempts": 1}, connect_timeout=2, read_timeout=WITHIN_S + 15)


class CallFailed(Exception):  # noqa: N818
    """The function that calls strangers failed itself; nothing is known of the receiver."""


@cache
def lambda_() -> LambdaClient:
    """The Lambda client of this process."""
    return boto3.client("lambda", config=_CONFIG)


@dataclass(frozen=True)
class Calling:
    """Has another function, which may do nothing else, make the calls."""

    function: str
    client: Callable[[], LambdaClient] = lambda_

    def __call__(self, url: str, headers: Mapping[str, str], body: str) -> Answered:
        """What came of the call.

        Raises:
            CallFailed: the function failed, and nobody knows whether the receiver was called.
        """
        asked = json.dumps({"url": url, "headers": dict(headers), "body": body}).encode()
        answer = self.client().invoke(FunctionName=self.function, Payload=asked)
        if "FunctionError" in answer:
            raise CallFailed("The function that calls strangers failed; its log says why.")
        result = Result.model_validate_json(answer["Payload"].read())
        return Answered(**result.model_dump())
