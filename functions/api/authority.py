"""What is answered where somebody's authority ended a moment ago, or two wrote the same at once."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

from identity.authority import NoAuthority
from identity.records import Busy
from web.problems import CONFLICT, FORBIDDEN, Refusal


@contextmanager
def authority() -> Iterator[None]:
    """Refuse what is written within, if its writer may no longer."""
    try:
        yield
    except NoAuthority:
        raise Refusal(FORBIDDEN, "You are no admin of this workspace any more.") from None
    except Busy:
        raise Refusal(CONFLICT, "Somebody else wrote the same just now; ask again.") from None
