"""The operations on webhooks: whom to tell of what happens, what they were told, and telling it again."""

from __future__ import annotations

from types import NoneType

from identity.model import Role
from web import problems
from web.operation import Operation
from web.schemas import webhooks as shown
from web.schemas.base import Nothing

_ALL, _ONE = "/v1/webhooks", "/v1/webhooks/{webhook}"

CREATE_WEBHOOK = Operation(
    "createWebhook",
    "POST",
    _ALL,
    Role.EDITOR,
    "Have an address told of events, signed (Standard Webhooks); this answer alone holds the secret",
    shown.NewWebhook,
    shown.WebhookWithSecret,
    status=201,
    problems=(problems.WRONG_STATE,),
    secret=True,
)
LIST_WEBHOOKS = Operation("listWebhooks", "GET", _ALL, Role.EDITOR, "List webhooks", Nothing, shown.Webhooks)
READ_WEBHOOK = Operation("readWebhook", "GET", _ONE, Role.EDITOR, "Read a webhook", Nothing, shown.Webhook, tagged=True)
CHANGE_WEBHOOK = Operation(
    "changeWebhook",
    "PATCH",
    _ONE,
    Role.EDITOR,
    "Give a webhook another address, name or filter, stop it, or have it called again",
    shown.WebhookChanges,
    shown.Webhook,
    problems=(problems.CONFLICT,),
    tagged=True,
)
DELETE_WEBHOOK = Operation(
    "deleteWebhook", "DELETE", _ONE, Role.EDITOR, "Delete a webhook", Nothing, NoneType, status=204, tagged=True
)
ROTATE_WEBHOOK = Operation(
    "rotateWebhook",
    "POST",
    f"{_ONE}/rotate",
    Role.EDITOR,
    "Give a webhook another secret; for 24 hours the one before signs, too",
    Nothing,
    shown.WebhookWithSecret,
    problems=(problems.CONFLICT,),
    secret=True,
)
TEST_WEBHOOK = Operation(
    "testWebhook",
    "POST",
    f"{_ONE}/test",
    Role.EDITOR,
    "Send a webhook.test event; its log tells what came of it",
    Nothing,
    shown.WebhookTested,
    status=202,
    problems=(problems.WRONG_STATE,),
)
LIST_LOG = Operation(
    "listWebhookLog",
    "GET",
    f"{_ONE}/log",
    Role.EDITOR,
    "List what a webhook was told in the last 30 days, newest first, with every attempt",
    shown.LogAsked,
    shown.WebhookLog,
)
REPLAY_WEBHOOK = Operation(
    "replayWebhook",
    "POST",
    f"{_ONE}/replay",
    Role.EDITOR,
    "Tell one event again, or all of a range of time, with the ids they had",
    shown.Replay,
    shown.Replayed,
    status=202,
    problems=(problems.WRONG_STATE,),
)

OPERATIONS = (
    *(CREATE_WEBHOOK, LIST_WEBHOOKS, READ_WEBHOOK, CHANGE_WEBHOOK, DELETE_WEBHOOK),
    *(ROTATE_WEBHOOK, TEST_WEBHOOK, LIST_LOG, REPLAY_WEBHOOK),
)
