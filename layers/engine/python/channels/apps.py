"""The operator's app at one platform, as the secret store has it: what channels connected by consent work with.

It lies there once and in no channel, so that it is rotated in one place; functions notice within five minutes, and at
once where there was none, or where the platform refused what there was.
"""

from __future__ import annotations

import json
import logging
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from channels import aws
from channels.fields import Supplied, supplied
from publishing.adapter import Field
from publishing.memory import Memory

REMEMBER_S = 300.0
NONE = Supplied({}, {})
MISSING = frozenset({"ResourceNotFoundException", "AccessDeniedException", "InvalidRequestException"})

logger = logging.getLogger(__name__)


def _memory() -> Memory[str, Supplied]:
    return Memory(keep_s=REMEMBER_S, most=1)


@dataclass(frozen=True)
class App:
    """The app whose fields are stored, as a JSON object, under the name `secret`; without a name there is none."""

    secret: str = ""
    fields: Sequence[Field] = ()
    client: Callable[[], Any] = aws.secrets
    memory: Memory[str, Supplied] = field(default_factory=_memory, repr=False)

    def supplied(self) -> Supplied:
        """The app's fields, apart into settings and secrets; none where the operator has set none, or none yet."""
        if not self.secret:
            return NONE
        known = self.memory.recall(self.secret)
        found = known or self._read()
        return found if known or found is NONE else self.memory.keep(self.secret, found)

    @property
    def is_whole(self) -> bool:
        """Whether nothing is missing that a channel connected with it needs."""
        known = self.supplied()
        return all(each.name in {**known.settings, **known.secret} for each in self.fields if each.required)

    def forget(self) -> None:
        """Read it anew next time: the platform refuses it as it is remembered."""
        self.memory.forget(self.secret)

    @property
    def names(self) -> frozenset[str]:
        """The names of its fields."""
        return frozenset(field.name for field in self.fields)

    def _read(self) -> Supplied:
        try:
            text = self.client().get_secret_value(SecretId=self.secret)["SecretString"]
        except self.client().exceptions.ClientError as error:
            if aws.code_of(error) not in MISSING:  # of what is not there a role that may read just that may not know
                raise
            logger.warning("The operator's app is not in the secret store", extra={"secret": self.secret})
            return NONE
        stored: Mapping[str, str] = json.loads(text)
        return supplied(self.fields, {name: stored[name] for name in stored if name in self.names})


NO_APP = App()
