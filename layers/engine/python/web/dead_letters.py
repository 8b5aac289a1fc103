"""The operations on dead letters. The queues are the operator's; a caller meets the own workspace's letters alone."""

from __future__ import annotations

from identity.model import Role
from web.operation import Operation
from web.schemas import dead_letters as shown
from web.schemas.base import Nothing

_PATH = "/v1/dead-letters"

LIST_DEAD_LETTERS = Operation(
    "listDeadLetters",
    "GET",
    _PATH,
    Role.ADMIN,
    "Tell of each platform how many dead letters this workspace has there",
    Nothing,
    shown.DeadLetterQueues,
)
READ_DEAD_LETTERS = Operation(
    "readDeadLetters",
    "GET",
    f"{_PATH}/{{platform}}",
    Role.ADMIN,
    "Look at up to ten of this workspace's dead letters of a platform; they stay there",
    Nothing,
    shown.DeadLetters,
)
REDRIVE_DEAD_LETTERS = Operation(
    "redriveDeadLetters",
    "POST",
    f"{_PATH}/{{platform}}/redrive",
    Role.ADMIN,
    "Send this workspace's dead letters of a platform once more; what is settled already absorbs them",
    shown.Redrive,
    shown.Redriven,
    again=True,
)
PURGE_DEAD_LETTERS = Operation(
    "purgeDeadLetters",
    "DELETE",
    f"{_PATH}/{{platform}}",
    Role.ADMIN,
    "Throw this workspace's dead letters of a platform away",
    shown.Purge,
    shown.Purged,
)
