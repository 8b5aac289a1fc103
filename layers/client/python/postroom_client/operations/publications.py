"""What can be done at /v1/publications. Generated: `make client`."""

from __future__ import annotations

from collections.abc import Iterator

from postroom_client.asking import Call
from postroom_client.calling import Caller, new_key, path
from postroom_client.schemas import (
    NewPublication,
    Preview,
    Publication,
    PublicationChanges,
    PublicationSummary,
    PublicationToValidate,
)


class PublicationsOperations(Caller):
    """What can be done at /v1/publications."""

    def submit_publication(self, body: NewPublication, *, idempotency_key: str | None = None) -> Preview | Publication:
        """Publish content to channels, at once or at a set time. Needs the role author."""
        answer: Preview | Publication = self._document(
            Call(
                "POST", "/v1/publications", answers=(200, 202), body=body, idempotency_key=idempotency_key or new_key()
            )
        )
        return answer

    def list_publications(self, *, limit: int | None = None, cursor: str | None = None) -> Iterator[PublicationSummary]:
        """List publications, newest first. Needs the role viewer."""
        return self._items(Call("GET", "/v1/publications", answers=(200,), query={"limit": limit, "cursor": cursor}))

    def read_publication(self, publication: str) -> Publication:
        """Read a publication with its deliveries. Needs the role viewer."""
        answer: Publication = self._document(Call("GET", path("/v1/publications/{}", publication), answers=(200,)))
        return answer

    def cancel_publication(self, publication: str, *, if_match: str | None = None) -> Publication:
        """Cancel whatever of a publication has not left yet. Needs the role author."""
        answer: Publication = self._document(
            Call("DELETE", path("/v1/publications/{}", publication), answers=(200,), if_match=if_match)
        )
        return answer

    def change_publication(
        self, publication: str, body: PublicationChanges | None = None, *, if_match: str | None = None
    ) -> Publication:
        """Edit or reschedule a publication, while nothing of it has left. Needs the role author."""
        answer: Publication = self._document(
            Call("PATCH", path("/v1/publications/{}", publication), answers=(200,), body=body or {}, if_match=if_match)
        )
        return answer

    def validate_publication(self, body: PublicationToValidate, *, idempotency_key: str | None = None) -> Preview:
        """Tell what would be published, what would be sent, and what speaks against it; nothing is stored. Needs the
        role author.
        """
        answer: Preview = self._document(
            Call(
                "POST",
                "/v1/publications/validate",
                answers=(200,),
                body=body,
                idempotency_key=idempotency_key or new_key(),
            )
        )
        return answer

    def retry_publication(
        self, publication: str, *, if_match: str | None = None, idempotency_key: str | None = None
    ) -> Publication:
        """Try again what failed of a publication or came too late, and only that; for who submitted it, or an admin.
        Needs the role author.
        """
        answer: Publication = self._document(
            Call(
                "POST",
                path("/v1/publications/{}/retry", publication),
                answers=(200,),
                body={},
                if_match=if_match,
                idempotency_key=idempotency_key or new_key(),
            )
        )
        return answer
