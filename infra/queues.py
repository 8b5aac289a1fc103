"""Queues that share one dead-letter queue, and what it takes to work them off."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from aws_cdk import Duration, RemovalPolicy, Stack
from aws_cdk import aws_lambda as lambda_
from aws_cdk import aws_sqs as sqs
from constructs import Construct

from infra.policy import Permission, acknowledge, allow, tls_only

if TYPE_CHECKING:
    from collections.abc import Sequence

    from infra.stage import Stage

BATCH_MESSAGES = 10
VISIBILITY_TIMEOUTS = 6  # AWS asks for a visibility timeout of six times the function's
RECEIVES = 8
FIFO = ".fifo"  # with which the names of such queues end, says SQS
QUEUE_DAYS = 4
DEAD_LETTER_DAYS = 14  # the most there is; it counts from the first send


class Queues(Construct):
    """Queues named alike, and `<name>-dead`, where a message goes that was received `RECEIVES` times in vain."""

    def __init__(
        self,
        scope: Construct,
        construct_id: str,
        *,
        stage: Stage,
        names: Sequence[str],
        timeout_s: int,
        in_order: bool = False,
    ) -> None:
        """`timeout_s` is that of the function that works them off; the dead-letter queue bears the first name.

        `in_order`: each message group's messages are kept in their order (FIFO).
        """
        super().__init__(scope, construct_id)
        self._fifo: dict[str, Any] = {"fifo": True} if in_order else {}
        self._suffix = FIFO if in_order else ""
        self.dead = sqs.Queue(
            self,
            "Dead",
            **self._fifo,
            queue_name=stage.queue_name(_dead(names)) + self._suffix,
            retention_period=Duration.days(DEAD_LETTER_DAYS),
            encryption=sqs.QueueEncryption.SQS_MANAGED,
            removal_policy=RemovalPolicy.DESTROY,  # named, so it would stand in the way of the next one
            # Each queue names the other; by its name alone, or CloudFormation could make neither first.
            redrive_allow_policy=sqs.RedriveAllowPolicy(
                source_queues=[_named(self, name + self._suffix, stage) for name in names]
            ),
        )
        acknowledge(self.dead, {"Serverless-SQSRedrivePolicy": "This is where the others redrive to; it is watched."})
        self.queues = [self._queue(stage, name, timeout_s) for name in names]
        for queue in (self.dead, *self.queues):
            queue.add_to_resource_policy(tls_only("sqs:*", on=[queue.queue_arn], stage=stage))

    def _queue(self, stage: Stage, name: str, timeout_s: int) -> sqs.Queue:
        per_group: dict[str, Any] = {
            "deduplication_scope": sqs.DeduplicationScope.MESSAGE_GROUP,
            "fifo_throughput_limit": sqs.FifoThroughputLimit.PER_MESSAGE_GROUP_ID,
        }
        return sqs.Queue(
            self,
            name,
            **self._fifo,
            **(per_group if self._fifo else {}),
            queue_name=stage.queue_name(name) + self._suffix,
            visibility_timeout=Duration.seconds(VISIBILITY_TIMEOUTS * timeout_s),
            retention_period=Duration.days(QUEUE_DAYS),
            encryption=sqs.QueueEncryption.SQS_MANAGED,
            removal_policy=RemovalPolicy.DESTROY,
            dead_letter_queue=sqs.DeadLetterQueue(queue=self.dead, max_receive_count=RECEIVES),
        )


class Named(Construct):
    """The same queues as another stack knows them: by name, so that neither stack refers to the other for them."""

    def __init__(self, scope: Construct, construct_id: str, *, stage: Stage, names: Sequence[str]) -> None:
        super().__init__(scope, construct_id)
        self.dead = _named(self, _dead(names), stage)
        self.queues = [_named(self, name, stage) for name in names]


def _named(scope: Construct, name: str, stage: Stage) -> sqs.IQueue:
    physical = stage.queue_name(name)
    arn = Stack.of(scope).format_arn(service="sqs", resource=physical)
    return sqs.Queue.from_queue_attributes(scope, f"By name {name}", queue_arn=arn, queue_name=physical)


def _dead(names: Sequence[str]) -> str:
    return f"{names[0]}-dead"


def works_off(queues: Sequence[sqs.IQueue]) -> Permission:
    """Permission to receive from `queues` and to acknowledge."""
    actions = ("sqs:ReceiveMessage", "sqs:DeleteMessage", "sqs:GetQueueAttributes")
    return allow(*actions, on=[queue.queue_arn for queue in queues])


def looks_at(queues: Sequence[sqs.IQueue]) -> Permission:
    """Permission to be told how much is in `queues`."""
    return allow("sqs:GetQueueAttributes", on=[queue.queue_arn for queue in queues])


def sends_to(queues: Sequence[sqs.IQueue], *, stage: Stage) -> Permission:
    """Permission to send to `queues`, one message or many."""
    # AWS takes a batch for so many single messages; the emulator's IAM wants it named.
    actions = ["sqs:SendMessage", "sqs:SendMessageBatch"] if stage.local else ["sqs:SendMessage"]
    return allow(*actions, on=[queue.queue_arn for queue in queues])


def walks_through(queues: Sequence[sqs.IQueue], *, stage: Stage) -> Permission:
    """Permission to take messages of `queues` up, to put them back, and to take them off."""
    batched = ("sqs:DeleteMessage", "sqs:ChangeMessageVisibility")
    named = [f"{action}Batch" for action in batched] if stage.local else []  # as above
    once = ("sqs:ReceiveMessage", "sqs:GetQueueAttributes", *batched)
    return allow(*once, *named, on=[queue.queue_arn for queue in queues])


def feed(scope: Construct, construct_id: str, *, queue: sqs.IQueue, to: lambda_.IFunction, at_once: int) -> None:
    """Bring `queue` to a function at once, in batches of which each message is acknowledged for itself.

    `at_once` is how many batches may run at a time, at least 2.
    """
    window: dict[str, Any] = {} if queue.fifo else {"max_batching_window": Duration.seconds(0)}  # SQS has none for FIFO
    mapping = lambda_.EventSourceMapping(
        scope,
        construct_id,
        target=to,
        event_source_arn=queue.queue_arn,
        batch_size=BATCH_MESSAGES,
        **window,
        max_concurrency=at_once,
        report_batch_item_failures=True,
    )
    why = "A queue brings its own: its redrive policy. Lambda takes no other for SQS."
    acknowledge(mapping, {"Serverless-LambdaEventSourceMappingDestination": why})
