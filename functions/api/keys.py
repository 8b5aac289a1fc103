"""API keys: made, listed, revoked."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from functions.api.authority import authority
from identity.keys import ApiKey, Keys
from publishing.model import utc_text
from web import contract, cursor
from web.operation import PATH_PATTERNS
from web.problems import invalid, missing
from web.request import Answer, Request
from web.router import Router
from web.schemas import keys as shown
from web.schemas.base import Nothing, Paging

LISTING = "api-keys"


@dataclass(frozen=True)
class ApiKeys:
    """What callers do with a workspace's keys."""

    keys: Keys

    def serve(self, router: Router) -> None:
        """Have `router` lead here what is about keys."""
        router.serve(contract.CREATE_KEY, self.create)
        router.serve(contract.LIST_KEYS, self.list)
        router.serve(contract.REVOKE_KEY, self.revoke)

    def create(self, request: Request[shown.NewApiKey]) -> Answer[shown.ApiKeyWithText]:
        """Make a key, and show it this once."""
        asked, caller = request.input, request.principal
        if asked.expires_at and asked.expires_at <= self.keys.clock():
            raise invalid("expires_at", "The time has passed.", "Choose a later one, or leave it out.")
        with authority():
            made = self.keys.create(caller, name=asked.name, role=asked.role, expires_at=asked.expires_at)
        view = shown.ApiKeyWithText(**_view(made.key).model_dump(), key=made.text)
        return Answer(view, headers={"Location": f"/v1/api-keys/{view.id}"})

    def list(self, request: Request[Paging]) -> Answer[shown.ApiKeys]:
        """A page of keys."""
        workspace, patterns = request.principal.workspace, [PATH_PATTERNS["key"]]
        after = cursor.place(request.input.cursor, listing=LISTING, workspace=workspace, patterns=patterns)
        found, last = self.keys.page(workspace, limit=request.input.limit, after=next(iter(after), ""))
        following = cursor.text([last], listing=LISTING, workspace=workspace) if last else None
        return Answer(shown.ApiKeys(items=[_view(key) for key in found], next=following))

    def revoke(self, request: Request[Nothing]) -> Answer[None]:
        """Revoke a key, for good."""
        if not self.keys.revoke(request.principal.workspace, request.path["key"]):
            raise missing("key")
        return Answer(None)


def _view(key: ApiKey) -> shown.ApiKey:
    return shown.ApiKey(
        id=key.id,
        name=key.name,
        role=key.role,
        created_at=utc_text(key.created_at),
        created_by=key.created_by,
        expires_at=_text(key.expires_at),
        revoked_at=_text(key.revoked_at),
        last_used_at=_text(key.last_used_at),
    )


def _text(moment: datetime | None) -> str | None:
    return utc_text(moment) if moment else None
