"""The client: every operation, and the one that most programs are for."""

from __future__ import annotations

from typing import cast

from postroom_client.operations import Operations
from postroom_client.schemas import NewPublication, Publication


class Postroom(Operations):
    """Postroom as one key sees it. Close it, or use it as a context."""

    def publish(self, body: NewPublication, *, idempotency_key: str | None = None) -> Publication:
        """Submit a publication that is no dry run; `validate_publication` tells what would be published.

        Raises:
            ValueError: it is one.
        """
        if body.get("dry_run"):
            raise ValueError("A dry run is no publication: ask validate_publication.")
        return cast("Publication", self.submit_publication(body, idempotency_key=idempotency_key))
