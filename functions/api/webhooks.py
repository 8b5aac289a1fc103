"""Webhooks: made, listed, read, changed, deleted, given other secrets, tested; their logs read, and told again."""

from __future__ import annotations

from dataclasses import dataclass

from channels import fields
from notifying import keyring
from notifying.endpoints import MOST, Endpoints
from notifying.keyring import BOTH_LAST, Keyring
from notifying.log import Log
from notifying.message import Probe, Replay
from notifying.model import DisabledWhy, Endpoint
from notifying.post import Laters
from notifying.replaying import probe
from publishing import ids
from publishing.adapter import Field, Kind
from publishing.clock import Clock
from publishing.model import utc_text
from publishing.sending import SendFailed
from web import cursor, telling
from web import webhooks as contract
from web.problems import CONFLICT, UNAVAILABLE, WRONG_STATE, Refusal, changed, invalid, missing
from web.request import Answer, I, Request
from web.router import Router
from web.schemas import webhooks as shown
from web.schemas.base import Nothing

LISTING = "webhook-log"
COUNTED_PAGES = 5  # of a log, a megabyte each; beyond, an answer would take too long
_URL = (Field("url", Kind.URL, "URL"),)


@dataclass(frozen=True)
class Webhooks:
    """What callers do with a workspace's webhooks. `loopback` admits receivers on this machine."""

    endpoints: Endpoints
    keyring: Keyring
    log: Log
    laters: Laters
    clock: Clock
    loopback: bool = False

    def serve(self, router: Router) -> None:
        """Have `router` lead here what is about webhooks."""
        router.serve(contract.CREATE_WEBHOOK, self.create)
        router.serve(contract.LIST_WEBHOOKS, self.list)
        router.serve(contract.READ_WEBHOOK, self.read)
        router.serve(contract.CHANGE_WEBHOOK, self.change)
        router.serve(contract.DELETE_WEBHOOK, self.delete)
        router.serve(contract.ROTATE_WEBHOOK, self.rotate)
        router.serve(contract.TEST_WEBHOOK, self.test)
        router.serve(contract.LIST_LOG, self.list_log)
        router.serve(contract.REPLAY_WEBHOOK, self.replay)

    def create(self, request: Request[shown.NewWebhook]) -> Answer[shown.WebhookWithSecret]:
        """Make a webhook, and show its secret this once."""
        asked, caller, now = request.input, request.principal, self.clock()
        self._insist_on_url(asked.url)
        if len(self.endpoints.of(caller.workspace)) >= MOST:
            raise Refusal(WRONG_STATE, f"There are {MOST} webhooks, which is the most. Delete one first.")
        identifier, secret = ids.new("whk"), keyring.made()
        endpoint = Endpoint(
            id=identifier,
            workspace=caller.workspace,
            url=asked.url,
            name=asked.name,
            events=asked.events,
            sealed=self.keyring.seal(caller.workspace, identifier, secret),
            created_at=now,
            created_by=caller.subject,
            updated_at=now,
        )
        self.endpoints.create(endpoint)
        return Answer(self._with_secret(endpoint, secret), headers={"Location": f"/v1/webhooks/{identifier}"})

    def list(self, request: Request[Nothing]) -> Answer[shown.Webhooks]:
        """All of them."""
        found = self.endpoints.of(request.principal.workspace)
        return Answer(shown.Webhooks(items=[telling.webhook(each, self.clock()) for each in found]))

    def read(self, request: Request[Nothing]) -> Answer[shown.Webhook]:
        """One webhook."""
        return Answer(telling.webhook(self._found(request), self.clock()))

    def change(self, request: Request[shown.WebhookChanges]) -> Answer[shown.Webhook]:
        """Change a webhook, stop it, or have it called again."""
        asked, seen = request.input, self._found(request)
        request.insist_on(telling.webhook(seen, self.clock()))
        if asked.url is not None:
            self._insist_on_url(asked.url)
        changed = self._edited(seen, asked)
        if asked.enabled is True and (changed.disabled_at or changed.failing_since):
            changed = _insisted(self.endpoints.enable(changed))
        if asked.enabled is False and not changed.disabled_at:
            changed = _insisted(self.endpoints.disable(changed, DisabledWhy.PERSON))
        return Answer(telling.webhook(changed, self.clock()))

    def delete(self, request: Request[Nothing]) -> Answer[None]:
        """Delete a webhook; its log goes by itself within thirty days."""
        seen = self._found(request)
        request.insist_on(telling.webhook(seen, self.clock()))
        if not self.endpoints.delete(seen.workspace, seen.id, seen=request.named(seen)):
            raise changed()
        return Answer(None)

    def rotate(self, request: Request[Nothing]) -> Answer[shown.WebhookWithSecret]:
        """Make another secret, and show it this once."""
        seen, secret = self._found(request), keyring.made()
        sealed = self.keyring.seal(seen.workspace, seen.id, secret)
        return Answer(
            self._with_secret(_insisted(self.endpoints.rotate(seen, sealed, self.clock() + BOTH_LAST)), secret)
        )

    def test(self, request: Request[Nothing]) -> Answer[shown.WebhookTested]:
        """Have a test sent."""
        endpoint, at = self._callable(request), utc_text(self.clock())
        self._send(Probe(workspace=endpoint.workspace, endpoint=endpoint.id, at=at))
        event = probe(endpoint.workspace, endpoint.id, at).id
        return Answer(shown.WebhookTested(event=event), headers=_log_of(endpoint))

    def list_log(self, request: Request[shown.LogAsked]) -> Answer[shown.WebhookLog]:
        """A page of a webhook's log."""
        asked, endpoint = request.input, self._found(request)
        first, last = telling.between(asked.since, asked.until, self.clock())
        listing = f"{LISTING} {endpoint.id}"
        place = cursor.place(asked.cursor, listing=listing, workspace=endpoint.workspace, patterns=[shown.EVENT])
        page = self.log.page(
            endpoint.workspace,
            endpoint.id,
            first=first,
            last=last,
            after=next(iter(place), ""),
            limit=asked.limit,
        )
        following = cursor.text([page.following], listing=listing, workspace=endpoint.workspace)
        items = [telling.entry(each) for each in page.found]
        return Answer(shown.WebhookLog(items=items, next=following if page.following else None))

    def replay(self, request: Request[shown.Replay]) -> Answer[shown.Replayed]:
        """Have one event told again, or all of a range."""
        asked, endpoint = request.input, self._callable(request)
        first, last = self._range(asked)
        counted, complete = self.log.count(endpoint.workspace, endpoint.id, first=first, last=last, pages=COUNTED_PAGES)
        if asked.event is not None and not counted:
            raise missing("event")
        if counted:
            self._send(
                Replay(
                    workspace=endpoint.workspace,
                    endpoint=endpoint.id,
                    first=first,
                    last=last,
                    undelivered=asked.undelivered and asked.event is None,
                )
            )
        return Answer(shown.Replayed(events=counted, complete=complete), headers=_log_of(endpoint))

    def _range(self, asked: shown.Replay) -> tuple[str, str]:
        if (asked.event is None) == (asked.since is None) or (asked.event and asked.until):
            raise invalid("event", "It is one event or a range of time.", "Send `event`, or `since` with `until`.")
        return (asked.event, asked.event) if asked.event else telling.between(asked.since, asked.until, self.clock())

    def _edited(self, seen: Endpoint, asked: shown.WebhookChanges) -> Endpoint:
        url, name, events = (
            getattr(seen, part) if getattr(asked, part) is None else getattr(asked, part)
            for part in ("url", "name", "events")
        )
        if (url, name, tuple(events)) == (seen.url, seen.name, seen.events):
            return seen
        return _insisted(self.endpoints.edit(seen, url=url, name=name, events=events))

    def _found(self, request: Request[I]) -> Endpoint:
        endpoint = self.endpoints.find(request.principal.workspace, request.path["webhook"])
        if endpoint is None:
            raise missing("webhook")
        return endpoint

    def _callable(self, request: Request[I]) -> Endpoint:
        endpoint = self._found(request)
        if endpoint.disabled_at:
            raise Refusal(WRONG_STATE, 'The webhook is disabled. PATCH it with {"enabled": true} first.')
        return endpoint

    def _send(self, work: Probe | Replay) -> None:
        try:
            self.laters.send(work)
        except SendFailed:
            raise Refusal(UNAVAILABLE, "It cannot be sent at the moment; ask again.") from None

    def _insist_on_url(self, url: str) -> None:
        problems = fields.problems(_URL, {"url": url}, loopback=self.loopback)
        if problems:
            raise invalid("url", problems[0].message, problems[0].remedy)

    def _with_secret(self, endpoint: Endpoint, secret: str) -> shown.WebhookWithSecret:
        return shown.WebhookWithSecret(**telling.webhook(endpoint, self.clock()).model_dump(), secret=secret)


def _insisted(changed: Endpoint | None) -> Endpoint:
    if changed is None:
        raise Refusal(CONFLICT, "The webhook was changed by somebody else just now; ask again.")
    return changed


def _log_of(endpoint: Endpoint) -> dict[str, str]:
    return {"Location": f"/v1/webhooks/{endpoint.id}/log"}
