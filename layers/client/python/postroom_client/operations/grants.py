"""What can be done at /v1/grants. Generated: `make client`."""

from __future__ import annotations

from postroom_client.asking import Call
from postroom_client.calling import Caller, new_key, path
from postroom_client.schemas import Choice, Grant, GrantBegun, NewGrant


class GrantsOperations(Caller):
    """What can be done at /v1/grants."""

    def begin_grant(self, body: NewGrant, *, idempotency_key: str | None = None) -> GrantBegun:
        """Begin to connect accounts by consent: have the person's browser open `authorize_url` within ten minutes.
        Needs the role editor.
        """
        answer: GrantBegun = self._document(
            Call("POST", "/v1/grants", answers=(201,), body=body, idempotency_key=idempotency_key or new_key())
        )
        return answer

    def read_grant(self, grant: str) -> Grant:
        """Tell what came of a grant; for an hour after it ended. Needs the role viewer."""
        answer: Grant = self._document(Call("GET", path("/v1/grants/{}", grant), answers=(200,)))
        return answer

    def choose_accounts(self, grant: str, body: Choice, *, idempotency_key: str | None = None) -> Grant:
        """Choose which of a grant's accounts become channels, within an hour, for good; to ask for the same again is
        safe. Needs the role editor.
        """
        answer: Grant = self._document(
            Call(
                "POST",
                path("/v1/grants/{}/choice", grant),
                answers=(200,),
                body=body,
                idempotency_key=idempotency_key or new_key(),
            )
        )
        return answer
