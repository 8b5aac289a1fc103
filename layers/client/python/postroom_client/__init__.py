"""Postroom's API for Python programs: every operation, typed; it needs httpx alone."""

from postroom_client.answers import correlation_id_of, etag_of
from postroom_client.client import Postroom
from postroom_client.errors import FieldError, PostroomError, Problem, Unanswered
from postroom_client.waiting import Patience

__all__ = [
    "FieldError",
    "Patience",
    "Postroom",
    "PostroomError",
    "Problem",
    "Unanswered",
    "correlation_id_of",
    "etag_of",
]
