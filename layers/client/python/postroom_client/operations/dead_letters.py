"""What can be done at /v1/dead-letters. Generated: `make client`."""

from __future__ import annotations

from postroom_client.asking import Call
from postroom_client.calling import Caller, new_key, path
from postroom_client.schemas import DeadLetterQueues, DeadLetters, Purged, Redrive, Redriven


class DeadLettersOperations(Caller):
    """What can be done at /v1/dead-letters."""

    def list_dead_letters(self) -> DeadLetterQueues:
        """Tell of each platform how many dead letters this workspace has there. Needs the role admin."""
        answer: DeadLetterQueues = self._document(Call("GET", "/v1/dead-letters", answers=(200,)))
        return answer

    def read_dead_letters(self, platform: str) -> DeadLetters:
        """Look at up to ten of this workspace's dead letters of a platform; they stay there. Needs the role admin."""
        answer: DeadLetters = self._document(Call("GET", path("/v1/dead-letters/{}", platform), answers=(200,)))
        return answer

    def purge_dead_letters(self, platform: str, *, confirm: str) -> Purged:
        """Throw this workspace's dead letters of a platform away. Needs the role admin."""
        answer: Purged = self._document(
            Call("DELETE", path("/v1/dead-letters/{}", platform), answers=(200,), query={"confirm": confirm})
        )
        return answer

    def redrive_dead_letters(
        self, platform: str, body: Redrive | None = None, *, idempotency_key: str | None = None
    ) -> Redriven:
        """Send this workspace's dead letters of a platform once more; what is settled already absorbs them. Needs the
        role admin.
        """
        answer: Redriven = self._document(
            Call(
                "POST",
                path("/v1/dead-letters/{}/redrive", platform),
                answers=(200,),
                body=body or {},
                idempotency_key=idempotency_key or new_key(),
            )
        )
        return answer
