"""Callers for tests."""

from __future__ import annotations

from identity.model import Principal, Role


def admin(workspace: str, subject: str = "tester") -> Principal:
    """An admin who is neither a key nor a member, so that nobody asks whether it still is."""
    return Principal(workspace, subject, Role.ADMIN)
