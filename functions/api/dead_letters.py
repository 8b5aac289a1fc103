"""Dead letters: counted, looked at, sent once more, thrown away; of the caller's workspace alone."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass

from functions import platforms
from publishing import ids
from publishing.dead_letters import DeadLetters, Letter
from publishing.model import utc_text
from publishing.publication import Delivery
from publishing.store import Publications
from web import dead_letters as contract
from web.problems import invalid, missing
from web.request import Answer, I, Request
from web.router import Router
from web.schemas import dead_letters as shown
from web.schemas.base import Nothing

DUE = "due"  # the lane of what schedules bring back; no platform
SHOWN = 10
THREADS = 8


@dataclass(frozen=True)
class Office:
    """Where dead letters are dealt with."""

    letters: DeadLetters
    publications: Publications

    def serve(self, router: Router) -> None:
        """Have `router` lead here what is about dead letters."""
        router.serve(contract.LIST_DEAD_LETTERS, self.list)
        router.serve(contract.READ_DEAD_LETTERS, self.read)
        router.serve(contract.REDRIVE_DEAD_LETTERS, self.redrive)
        router.serve(contract.PURGE_DEAD_LETTERS, self.purge)

    def list(self, request: Request[Nothing]) -> Answer[shown.DeadLetterQueues]:
        """How many there are on each platform."""
        workspace = request.principal.workspace
        with ThreadPoolExecutor(THREADS) as pool:
            counted = pool.map(lambda lane: self._counted(lane, workspace), (*platforms.names(), DUE))
            return Answer(shown.DeadLetterQueues(items=list(counted)))

    def read(self, request: Request[Nothing]) -> Answer[shown.DeadLetters]:
        """The first few of them."""
        workspace = request.principal.workspace
        found = self.letters.look(_lane(request), workspace)
        items = [self._view(workspace, letter) for letter in found.letters[:SHOWN]]
        return Answer(shown.DeadLetters(items=items, complete=found.complete and len(found.letters) <= SHOWN))

    def redrive(self, request: Request[shown.Redrive]) -> Answer[shown.Redriven]:
        """Send them once more."""
        walked = self.letters.redrive(_lane(request), request.principal.workspace, most=request.input.most)
        return Answer(shown.Redriven(moved=len(walked.letters), left=walked.left, complete=walked.complete))

    def purge(self, request: Request[shown.Purge]) -> Answer[shown.Purged]:
        """Throw them away, if that is meant."""
        lane = _lane(request)
        if request.input.confirm != lane:
            raise invalid("confirm", "It is not the platform's name.", f"Send confirm={lane} if you mean it.")
        walked = self.letters.purge(lane, request.principal.workspace)
        return Answer(shown.Purged(deleted=len(walked.letters), left=walked.left, complete=walked.complete))

    def _counted(self, lane: str, workspace: str) -> shown.DeadLetterQueue:
        found = self.letters.look(lane, workspace)
        oldest = min((letter.sent_at for letter in found.letters), default=None)
        return shown.DeadLetterQueue(
            platform=lane,
            count=len(found.letters),
            oldest_at=utc_text(oldest) if oldest else None,
            complete=found.complete,
        )

    def _view(self, workspace: str, letter: Letter) -> shown.DeadLetter:
        says, delivery = letter.says, self._delivery(workspace, letter)
        return shown.DeadLetter(
            id=letter.id,
            kind=says.kind,
            publication=says.publication,
            channel=says.channel,
            delivery=ids.delivery(says.publication, says.channel) if delivery else None,
            state=delivery.state if delivery else None,
            why=delivery.trouble.kind if delivery and delivery.trouble else "",
            receives=letter.receives,
            sent_at=utc_text(letter.sent_at),
            correlation_id=says.correlation_id,
        )

    def _delivery(self, workspace: str, letter: Letter) -> Delivery | None:
        whole = self.publications.whole(workspace, letter.says.publication)
        deliveries = whole.deliveries if whole else ()
        return next((each for each in deliveries if each.channel == letter.says.channel), None)


def _lane(request: Request[I]) -> str:
    lane = request.path["platform"]
    if lane not in {*platforms.names(), DUE}:
        raise missing("platform")
    return lane
