"""What an operation of the API is, and what the parts of its address look like."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Generic, TypeVar

from pydantic import BaseModel

from identity.model import Role
from web.problems import ProblemType

I = TypeVar("I", bound=BaseModel)  # noqa: E741 - input
O = TypeVar("O", bound="BaseModel | bytes | None")  # noqa: E741 - output

_BODY = "0-9a-hjkmnp-tv-z"  # Crockford's base 32, as `publishing.ids` makes it
PATH_PATTERNS: Mapping[str, str] = {
    "publication": f"pub_[{_BODY}]{{26}}",
    "delivery": f"dlv_[{_BODY}]{{26}}_[{_BODY}]{{26}}",
    "series": f"ser_[{_BODY}]{{26}}",
    "grant": f"grt_[{_BODY}]{{26}}",
    "channel": f"chn_[{_BODY}]{{26}}",
    "workspace": f"ws_[{_BODY}]{{26}}",
    "media": f"med_[{_BODY}]{{26}}",
    "platform": "[a-z][a-z0-9_]{0,39}",
    "webhook": f"whk_[{_BODY}]{{26}}",
    "key": f"key_[{_BODY}]{{26}}",
    "member": f"mbr_[{_BODY}]{{26}}",
    "invitation": f"inv_[{_BODY}]{{26}}",
    "token": "[A-Za-z0-9_-]{1,200}",
    "format": "[a-z]{1,10}\\.[a-z]{1,10}",
}


@dataclass(frozen=True, slots=True)
class Operation(Generic[I, O]):
    """One thing a caller can do.

    `takes`: the query of a GET or DELETE, the JSON body of any other method. `gives`: the body of the answer, JSON
    for a model, as it is for bytes. `least`: the least role that may; None: public. `also`: other answers by status.
    `tagged`: answers carry an ETag, conditional requests are understood. `reads`: changes nothing, whatever its
    method. `outsiders`: whoever the issuer knows may, a member or not.

    Every POST takes an Idempotency-Key. `idempotent`: it keeps the key's promise by itself, or does no more by its
    nature; else `web.idempotency` keeps the answer, unless it is `secret`: holds what is shown once. `again`: what was
    interrupted may be done again, since its own conditional writes do it once.
    """

    id: str
    method: str
    path: str
    least: Role | None
    summary: str
    takes: type[I]
    gives: type[O]
    status: int = 200
    also: Mapping[int, type[BaseModel]] = field(default_factory=dict)
    problems: tuple[ProblemType, ...] = ()
    content_types: tuple[str, ...] = ("application/json",)
    tagged: bool = False
    idempotent: bool = False
    reads: bool = False
    outsiders: bool = False
    secret: bool = False
    again: bool = False

    @property
    def changes(self) -> bool:
        """Whether it may change something: it is refused while the workspace is suspended, and audited."""
        return self.method != "GET" and not self.reads

    @property
    def has_body(self) -> bool:
        """Whether what it takes is the request's body."""
        return self.method in {"POST", "PUT", "PATCH"}

    @property
    def takes_key(self) -> bool:
        """Whether it takes an Idempotency-Key."""
        return self.method == "POST" and self.least is not None

    @property
    def edits(self) -> bool:
        """Whether it edits or deletes what its address names."""
        return self.method in {"PUT", "PATCH", "DELETE"}
