"""The operations on grants: a person's consent at a platform becomes channels, and nobody copies tokens."""

from __future__ import annotations

from typing import Any

from identity.model import Role
from web import problems
from web.operation import Operation
from web.schemas import grants as shown
from web.schemas.base import Nothing

_PATH = "/v1/grants"

BEGIN_GRANT = Operation(
    "beginGrant",
    "POST",
    _PATH,
    Role.EDITOR,
    "Begin to connect accounts by consent: have the person's browser open `authorize_url` within ten minutes",
    shown.NewGrant,
    shown.GrantBegun,
    status=201,
    problems=(problems.NOT_FOUND,),
    secret=True,
)
READ_GRANT = Operation(
    "readGrant",
    "GET",
    f"{_PATH}/{{grant}}",
    Role.VIEWER,
    "Tell what came of a grant; for an hour after it ended",
    Nothing,
    shown.Grant,
)
CHOOSE_ACCOUNTS = Operation(
    "chooseAccounts",
    "POST",
    f"{_PATH}/{{grant}}/choice",
    Role.EDITOR,
    "Choose which of a grant's accounts become channels, within an hour, for good; to ask for the same again is safe",
    shown.Choice,
    shown.Grant,
    problems=(problems.WRONG_STATE,),
)
OPERATIONS: tuple[Operation[Any, Any], ...] = (BEGIN_GRANT, READ_GRANT, CHOOSE_ACCOUNTS)
