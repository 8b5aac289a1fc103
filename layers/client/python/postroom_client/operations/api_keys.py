"""What can be done at /v1/api-keys. Generated: `make client`."""

from __future__ import annotations

from collections.abc import Iterator

from postroom_client.asking import Call
from postroom_client.calling import Caller, new_key, path
from postroom_client.schemas import ApiKey, ApiKeyWithText, NewApiKey


class ApiKeysOperations(Caller):
    """What can be done at /v1/api-keys."""

    def create_api_key(self, body: NewApiKey, *, idempotency_key: str | None = None) -> ApiKeyWithText:
        """Make an API key; this answer alone holds it. Needs the role admin."""
        answer: ApiKeyWithText = self._document(
            Call("POST", "/v1/api-keys", answers=(201,), body=body, idempotency_key=idempotency_key or new_key())
        )
        return answer

    def list_api_keys(self, *, limit: int | None = None, cursor: str | None = None) -> Iterator[ApiKey]:
        """List API keys, newest first, revoked ones too. Needs the role admin."""
        return self._items(Call("GET", "/v1/api-keys", answers=(200,), query={"limit": limit, "cursor": cursor}))

    def revoke_api_key(self, key: str) -> None:
        """Revoke an API key, for good; it is refused everywhere within a minute, invitations made with it at once.
        Needs the role admin.
        """
        self._nothing(Call("DELETE", path("/v1/api-keys/{}", key), answers=(204,)))
