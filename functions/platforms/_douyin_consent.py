"""How a person lets an app publish on Douyin.

Source: https://developer.open-douyin.com/docs/resource/zh-CN/dop/develop/openapi/account-permission/douyin-get-
permission-code and …/get-access-token (read 2026-11-21, stored copies)
"""

from __future__ import annotations

from dataclasses import replace

from functions.platforms._douyin_api import HOST
from publishing.adapter import Field
from publishing.consent import CLIENT_SECRET, Account, Answer, Consent, Grant, Scope
from publishing.errors import Refused
from publishing.model import Channel, Identity

NAMES = {"client_id": "client_key"}


def _in_the_standards_words(answer: Answer) -> Answer:
    """What is told lies in `data`, an error, too."""
    told = dict(answer["data"])
    if told.get("error_code"):
        return {"error": str(told["error_code"]), "error_description": told.get("description", "")}
    return told


CONSENT = Consent(
    authorize_url=f"{HOST}/platform/oauth/connect/",
    token_url=f"{HOST}/oauth/access_token/",
    scopes=(
        Scope("user_info", "Tell whose account it is."),
        Scope("video.create.bind", "Publish videos and pictures."),
        Scope("video.list.bind", "Look for what may be out already.", needed=False),
        Scope("video.data.bind", "Tell when a work is shown, and count.", needed=False),
    ),
    supplies=("access_token", "refresh_token", "open_id"),
    app=(Field("client_key", label="Client key", max_chars=100), CLIENT_SECRET),
    pkce=False,
    separator=",",
    on_page=NAMES,
    in_exchange=NAMES,
    standard=_in_the_standards_words,
)


def as_granted(grant: Grant) -> Channel:
    """The channel as it would be, to be asked whose it is.

    Raises:
        Refused: Douyin did not tell who consented.
    """
    user = grant.told.get("open_id")
    if not isinstance(user, str) or not user:
        raise Refused("Douyin did not tell who consented.")
    return replace(grant.channel, settings={**grant.channel.settings, "open_id": user})


def account_of(grant: Grant, who: Identity) -> Account:
    """The one account, whose name is known by now."""
    return Account(who.id, who.name or who.id, who.url, {"open_id": who.id}, grant.tokens, grant.lasts_s)
