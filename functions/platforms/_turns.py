"""Submitting to Bilibili once: in turns, each of which is written down before it is sent and can be taken only once.

Source: https://open.bilibili.com/doc/4/8673959e-f7bb-56e6-6e68-d225f971b81b (read 2026-11-21, as in `_arcopen`): a
nonce is good for one request (4004), a timestamp for ten minutes (4003). All requests of a turn have one nonce and one
time. So a turn that is sent again, since an answer was lost or a worker died, is refused if it had come, and taken if
not. A turn that may have come is followed by another only after the video was missing for long enough. That Bilibili
keeps a nonce for as long as its timestamp is good is what such a rule must mean; nobody says it.
"""

from __future__ import annotations

import time
from collections.abc import Mapping
from datetime import UTC, datetime

from publishing.errors import PublishingError, QuotaSpent, Throttled
from publishing.model import Pending

State = Mapping[str, str]

STEP_S = 60  # a turn's time is that of its minute
LOOKS_S = (60.0, 240.0, 960.0)  # until what may have come and is not to be seen did not come
AGAIN_S = 60.0


def next_turn(state: State) -> Pending:
    """To be sent at once."""
    now_s = int(time.time())
    number = str(int(state.get("turn", "0")) + 1)
    return Pending({**_kept(state), "turn": number, "signed": str(now_s - now_s % STEP_S)}, 0.0)


def put_off(state: State, error: PublishingError) -> Pending:
    """This turn is over, and nothing came of it: the next is for later."""
    if isinstance(error, Throttled):
        return Pending(_kept(state), error.retry_after_s)
    if isinstance(error, QuotaSpent):
        return Pending(_kept(state), left_s(error.until))
    return Pending(_kept(state), AGAIN_S)


def missed(state: State) -> Pending:
    """This turn is over, but may have come: it was looked for once more, or is to be."""
    looks = int(state.get("missed", "0"))
    if looks == len(LOOKS_S):
        return next_turn(state)
    return Pending({**_kept(state), "missed": str(looks + 1)}, LOOKS_S[looks])


def left_s(moment: datetime) -> float:
    """The seconds until then."""
    return max(0.0, (moment - datetime.now(UTC)).total_seconds())


def _kept(state: State) -> dict[str, str]:
    return {name: state[name] for name in ("whole", "round", "turn") if name in state}
