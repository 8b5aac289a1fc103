"""How a person lets an app make Pins: on the board that is chosen.

Source: https://developers.pinterest.com/docs/getting-started/set-up-authentication-and-authorization/ and
…/docs/api/v5/boards-list (read 2026-11-21, stored copies)
"""

from __future__ import annotations

from collections.abc import Sequence

from functions.platforms._pinterest import API, request, taken
from publishing.adapter import Conversation
from publishing.consent import Account, Consent, Grant, Proof, Scope
from publishing.replies import Reply, parsed

SITE = "https://www.pinterest.com"
MOST = 100

CONSENT = Consent(
    authorize_url=f"{SITE}/oauth/",
    token_url=f"{API}/v5/oauth/token",
    scopes=(
        Scope("boards:read", "Tell which boards there are."),
        Scope("boards:write", "Put Pins on a board."),
        Scope("pins:read", "Look for what may be out already, and count."),
        Scope("pins:write", "Make Pins, and take them back."),
    ),
    supplies=("access_token", "refresh_token", "board_id"),
    proof=Proof.BASIC,
    pkce=False,
    separator=",",
    one=True,
)


class _Owner(Reply):
    username: str = ""


class _Board(Reply):
    id: str
    name: str = ""
    owner: _Owner = _Owner()


class _Boards(Reply):
    items: tuple[_Board, ...] = ()


def accounts_of(grant: Grant) -> Conversation[Sequence[Account]]:
    """The person's boards, of which one is chosen: a refresh token is good for one time."""
    reply = yield request("GET", f"boards?page_size={MOST}", grant.channel)
    boards = parsed(_Boards, taken(reply, grant.channel)).items
    return [_account(grant, board) for board in boards]


def _account(grant: Grant, board: _Board) -> Account:
    address = f"{SITE}/{board.owner.username}/"
    return Account(board.id, board.name, address, {"board_id": board.id}, grant.tokens, grant.lasts_s)
