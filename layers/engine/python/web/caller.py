"""Who asks, as the authorizer says; and why somebody is turned away before anything is looked at."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from identity.model import Denial, Denied, Principal, principal_of
from web import problems
from web.operation import Operation
from web.problems import Refusal


def authorized(event: Mapping[str, Any]) -> Mapping[str, Any]:
    """What the authorizer said of who sent an event of API Gateway."""
    authorizer = event["requestContext"].get("authorizer") or {}
    return authorizer.get("lambda") or {}


def caller_of(operation: Operation[Any, Any], event: Mapping[str, Any]) -> tuple[Principal | None, str]:
    """Who calls, as what; and what stands for the person whose token was shown, which may be nobody here.

    Raises:
        Refusal: 401 or 403, nobody we know; 422, of a person in several workspaces.
    """
    if operation.least is None:
        return None, ""
    try:
        principal = principal_of(authorized(event))
    except Denied as denied:
        if operation.outsiders and denied.person:
            _insist_on_whole(narrowed=denied.narrowed)
            return None, denied.person
        raise _unknown_caller(denied.denial) from None
    return principal, principal.person


def insist_on_leave(operation: Operation[Any, Any], caller: Principal | None) -> None:
    """Go on only if the caller's role suffices, and its workspace may change anything at present.

    Raises:
        Refusal: 403.
    """
    if caller is None or operation.least is None:
        return
    if operation.outsiders and operation.changes:  # what it changes is in no workspace the token is for
        _insist_on_whole(narrowed=caller.narrowed)
    if caller.role < operation.least:
        detail = f"This needs the role {operation.least.value}; yours is {caller.role.value}."
        raise Refusal(problems.FORBIDDEN, detail)
    if caller.suspended and operation.changes and not operation.outsiders:
        detail = "Nothing can be changed while it is. What was accepted is kept; GET /v1/workspace tells why."
        raise Refusal(problems.SUSPENDED, detail)


def _insist_on_whole(*, narrowed: bool) -> None:
    """Whoever is no member (yet) shows a token for all that its bearer may."""
    if narrowed:
        detail = "This token is narrowed. Show one that has neither of the claims workspace and role."
        raise Refusal(problems.FORBIDDEN, detail)


def _unknown_caller(denial: Denial) -> Refusal:
    if denial is Denial.NO_MEMBER:
        detail = "You are no member of this workspace. GET /v1/workspaces lists yours; an admin can invite you."
        return Refusal(problems.FORBIDDEN, detail)
    if denial is Denial.WHICH_WORKSPACE:
        remedy = "Name one; GET /v1/workspaces lists yours."
        return problems.invalid("X-Workspace", "You are a member of several workspaces.", remedy)
    if denial is Denial.UNAVAILABLE:
        detail = "Who you are cannot be checked at the moment."
        return Refusal(problems.UNAVAILABLE, detail, headers={"Retry-After": problems.RETRY_AFTER_S})
    challenge = 'Bearer realm="postroom"'
    if denial is not Denial.MISSING:
        challenge += ', error="invalid_token"'
    return Refusal(problems.UNAUTHENTICATED, _DENIALS[denial], headers={"WWW-Authenticate": challenge})


_DENIALS = {
    Denial.MISSING: "Send the header Authorization: Bearer <API key or token>.",
    Denial.MALFORMED: "The Authorization header is not of the form Bearer <API key or token>.",
    Denial.UNKNOWN_KEY: "There is no such API key.",
    Denial.REVOKED_KEY: "This API key was revoked.",
    Denial.EXPIRED_KEY: "This API key has expired.",
    Denial.INVALID_TOKEN: "This token is not one that is accepted here.",
    Denial.EXPIRED_TOKEN: "This token has expired.",
}
