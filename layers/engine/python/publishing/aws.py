"""The AWS clients of publishing, made when first asked for, and the signature of requests adapters send to AWS."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from decimal import Decimal
from functools import cache
from typing import TYPE_CHECKING, Any

import boto3
from botocore.auth import S3SigV4Auth, S3SigV4QueryAuth, SigV4Auth
from botocore.awsrequest import AWSRequest
from botocore.config import Config
from botocore.exceptions import BotoCoreError, ClientError

from publishing.errors import Unavailable

if TYPE_CHECKING:
    import httpx
    from mypy_boto3_dynamodb import DynamoDBClient
    from mypy_boto3_scheduler import EventBridgeSchedulerClient
    from mypy_boto3_sqs import SQSClient

FAILURES = (BotoCoreError, ClientError)  # an AWS service said no, or nothing: whatever was asked may be asked again

_CONFIG = Config(retries={"mode": "standard", "max_attempts": 3}, connect_timeout=2, read_timeout=5)


@cache
def dynamodb() -> DynamoDBClient:
    """The DynamoDB client of this process; its retries repeat conditional writes, which the store recognises."""
    return boto3.client("dynamodb", config=_CONFIG)


@cache
def sqs() -> SQSClient:
    """The SQS client of this process; a message sent twice is absorbed by the claim."""
    return boto3.client("sqs", config=_CONFIG)


@cache
def scheduler() -> EventBridgeSchedulerClient:
    """The EventBridge Scheduler client of this process."""
    return boto3.client("scheduler", config=_CONFIG)


def marshal(values: Mapping[str, Any]) -> dict[str, Any]:
    """Plain values in DynamoDB's typed form; numbers must be whole."""
    return {name: _typed(value) for name, value in values.items()}


def unmarshal(item: Mapping[str, Any]) -> dict[str, Any]:
    """DynamoDB's typed form as plain values; numbers come as Decimal."""
    return {name: _plain(value) for name, value in item.items()}


def _typed(value: Any) -> dict[str, Any]:  # noqa: PLR0911 - one for each type there is
    """One value; boto3's own serializer takes several times as long, and every delivery pays for it five times."""
    match value:
        case str():
            return {"S": value}
        case None:
            return {"NULL": True}
        case bool():
            return {"BOOL": value}
        case int() | Decimal():
            return {"N": str(value)}
        case Mapping():
            return {"M": marshal(value)}
        case list() | tuple():
            return {"L": [_typed(each) for each in value]}
        case bytes():
            return {"B": value}
    raise TypeError(f"DynamoDB does not store a {type(value).__name__} of ours.")


def _plain(typed: Mapping[str, Any]) -> Any:
    """One value; texts, which most are, bytes and truths are what they are."""
    ((kind, value),) = typed.items()
    if kind == "S":
        return value
    read = _READ.get(kind)
    return read(value) if read else value


_READ: Mapping[str, Callable[[Any], Any]] = {
    "N": Decimal,
    "M": unmarshal,
    "L": lambda values: [_plain(each) for each in values],
    "NULL": lambda _: None,
}


def name_of(error: Exception) -> str:
    """What failed, in a word fit for the log: AWS's own code, or the error's name. Its text may hold too much."""
    code = error.response.get("Error", {}).get("Code") if isinstance(error, ClientError) else None
    return code or type(error).__name__


@cache
def _session() -> boto3.Session:
    return boto3.Session()


def sign(request: httpx.Request, service: str) -> None:
    """Sign `request` in place with this function's role for the AWS service of that signing name (Signature V4)."""
    session = _session()
    outgoing = AWSRequest(
        method=request.method,
        url=str(request.url),
        data=request.content,
        headers={name: value for name, value in request.headers.items() if name in _SIGNED},
    )
    credentials = session.get_credentials()
    if credentials is None:
        raise Unavailable("This function has no AWS credentials.")
    auth = S3SigV4Auth if service == "s3" else SigV4Auth
    auth(credentials, service, session.region_name).add_auth(outgoing)
    for name, value in outgoing.headers.items():
        request.headers[name] = value


def signed_url(method: str, url: str, *, headers: Mapping[str, str] | None = None, lasts_s: int) -> str:
    """`url`, of S3, as this function's role may use it: whoever has it may, for so many seconds, with these headers."""
    session = _session()
    credentials = session.get_credentials()
    if credentials is None:
        raise Unavailable("This function has no AWS credentials.")
    asked = AWSRequest(method=method, url=url, headers=dict(headers or {}))
    S3SigV4QueryAuth(credentials, "s3", session.region_name, expires=lasts_s).add_auth(asked)
    return str(asked.url)


_SIGNED = frozenset({"content-type", "host", "if-match", "if-none-match"})
