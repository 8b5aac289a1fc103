"""How a person lets an app post on LinkedIn: as the member, and as organizations the member administers.

Source: https://learn.microsoft.com/linkedin/shared/authentication/authorization-code-flow and
…/linkedin/marketing/community-management/organizations/organization-access-control-by-role, …/organization-lookup-api
(read 2026-11-21, stored copies). An app may ask for what its products have and for nothing else: the operator says
which, where these are not all. LinkedIn knows PKCE for native apps alone.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from urllib.parse import urlencode

from pydantic import Field as Reads

from functions.platforms._linkedin import request, taken
from publishing.adapter import Conversation
from publishing.consent import CLIENT_ID, CLIENT_SECRET, SCOPES, Account, Consent, Grant, Scope
from publishing.replies import Reply, parsed, read_if_readable

SITE = "https://www.linkedin.com/"
MEMBERS, ORGANIZATIONS, LISTS = "w_member_social", "w_organization_social", "rw_organization_admin"
MOST = 50

CONSENT = Consent(
    authorize_url=f"{SITE}oauth/v2/authorization",
    token_url=f"{SITE}oauth/v2/accessToken",
    scopes=(
        Scope("openid", "Tell who you are.", needed=False),
        Scope("profile", "Tell your name.", needed=False),
        Scope(MEMBERS, "Post as you.", needed=False),
        Scope(LISTS, "Tell which pages you administer.", needed=False),
        Scope(ORGANIZATIONS, "Post as these pages.", needed=False),
        Scope("r_organization_social", "Look for what may be out on these pages, and count.", needed=False),
    ),
    supplies=("access_token", "refresh_token", "author"),
    app=(CLIENT_ID, CLIENT_SECRET, SCOPES),
    pkce=False,
)


class _Member(Reply):
    sub: str
    name: str = ""


class _Role(Reply):
    organization: str = ""


class _Roles(Reply):
    elements: tuple[_Role, ...] = ()


class _Organization(Reply):
    name: str = Reads(default="", validation_alias="localizedName")


class _Organizations(Reply):
    results: Mapping[str, _Organization] = {}


def accounts_of(grant: Grant) -> Conversation[Sequence[Account]]:
    """The member, where posting as such was allowed, and the organizations the member administers."""
    found: list[Account] = []
    if {"openid", "profile", MEMBERS} <= set(grant.scopes):
        member = parsed(_Member, taken((yield request("GET", "v2/userinfo", grant.channel)), grant.channel))
        found.append(_account(grant, f"urn:li:person:{member.sub}", member.name))
    if {ORGANIZATIONS, LISTS} <= set(grant.scopes):
        found += yield from _organizations(grant)
    return found


def _organizations(grant: Grant) -> Conversation[list[Account]]:
    asked = {"q": "roleAssignee", "role": "ADMINISTRATOR", "state": "APPROVED", "count": str(MOST)}
    reply = yield request("GET", f"rest/organizationAcls?{urlencode(asked)}", grant.channel)
    urns = [role.organization for role in parsed(_Roles, taken(reply, grant.channel)).elements]
    keys = [urn.rpartition(":")[2] for urn in urns if urn.startswith("urn:li:organization:")]
    names = (yield from _names(grant, keys)) if keys else {}
    return [_account(grant, f"urn:li:organization:{key}", names.get(key, ""), f"company/{key}/") for key in keys]


def _names(grant: Grant, keys: Sequence[str]) -> Conversation[dict[str, str]]:
    """What the organizations are called; where LinkedIn does not tell, their numbers must do."""
    reply = yield request("GET", f"rest/organizationsLookup?ids=List({','.join(keys)})", grant.channel)
    found = read_if_readable(_Organizations, reply).results
    return {key: organization.name for key, organization in found.items()}


def _account(grant: Grant, author: str, name: str, path: str = "") -> Account:
    url = f"{SITE}{path}" if path else ""
    return Account(author, name or author, url, {"author": author}, grant.tokens, grant.lasts_s)
