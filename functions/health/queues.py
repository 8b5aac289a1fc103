"""How much is in the queues, and in those of dead letters: SQS itself is asked, queue by queue."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from functions.health import aws
from functions.health.sign import Sign
from publishing.thresholds import DEAD_LETTERS, MANY_IN_FLIGHT, MANY_WAITING

if TYPE_CHECKING:
    from mypy_boto3_sqs import SQSClient

DEAD = "-dead"
FIFO = ".fifo"
FIRSTS, LATERS = f"notices{FIFO}", "notify"  # what customers' endpoints are told
_WAITING, _IN_FLIGHT = "ApproximateNumberOfMessages", "ApproximateNumberOfMessagesNotVisible"
_DELAYED = "ApproximateNumberOfMessagesDelayed"


@dataclass(frozen=True)
class Queues:
    """The queues of these platforms, of what comes due, and of webhooks; `url` has `{queue}` for a queue's name."""

    url: str
    platforms: Sequence[str]
    sqs: Callable[[], SQSClient] = aws.sqs

    def signs(self) -> list[Sign]:
        """What there is to say of every queue."""
        names = [name for each in self.platforms for name in (each, f"{each}-urgent", each + DEAD)]
        names += [name for each in ("due", FIRSTS, LATERS) for name in (each, _dead(each))]
        with ThreadPoolExecutor(aws.AT_ONCE) as pool:
            told = dict(zip(names, pool.map(self._asked, names), strict=True))
        return [sign for name in names for sign in _signs(name, told[name])]

    def _asked(self, name: str) -> Mapping[str, int]:
        wanted: Any = [_WAITING, _IN_FLIGHT, _DELAYED]
        url = self.url.replace("{queue}", name)
        answer = self.sqs().get_queue_attributes(QueueUrl=url, AttributeNames=wanted)
        return {attribute: int(value) for attribute, value in answer["Attributes"].items()}


def _dead(name: str) -> str:
    """The queue of its dead letters."""
    return f"{name.removesuffix(FIFO)}{DEAD}{FIFO}" if name.endswith(FIFO) else name + DEAD


def _signs(name: str, told: Mapping[str, int]) -> Iterator[Sign]:
    waiting, in_flight, of = told[_WAITING], told[_IN_FLIGHT], name.replace(DEAD, "")
    webhooks = of in {FIRSTS, LATERS}
    if of != name:
        heading = "Webhook dead letters" if webhooks else "Dead letters"
        do = f"Find the cause in the function's log, then redrive: RUNBOOK.md, {heading}."
        yield Sign(of, "dead letters", waiting + in_flight, "messages", do, fails=DEAD_LETTERS)
        return
    do = f"Look whether they wait long (waiting): RUNBOOK.md, {'Webhooks late' if webhooks else 'Waiting'}."
    yield Sign(name, "depth", waiting, "messages", do, warns=MANY_WAITING)
    more = "AT_ONCE of its function" if webhooks else "in_flight of its adapter"
    do = f"Raise {more}, or find out what keeps its function: SQS gives out no more than 120,000."
    yield Sign(name, "in flight", in_flight, "messages", do, warns=MANY_IN_FLIGHT)
    yield Sign(name, "delayed", told[_DELAYED], "messages", "Nothing: they are put off on purpose.")
