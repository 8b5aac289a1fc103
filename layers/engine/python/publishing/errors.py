"""What can go wrong with a delivery, named for what to do next. Standard library only.

    PublishingError
    ├── Refused           the platform read it and said no: failed at once
    ├── Unauthorized      credentials expired or revoked: refresh once, else held until reconnected
    ├── AppRefused        so is the app that renews them, not they: held until its operator has mended it
    ├── Throttled         too fast: wait at least `retry_after_s`; not an attempt
    ├── QuotaSpent        a daily cap: wait until it resets
    ├── Unavailable       provably nothing was published: try again later
    └── OutcomeUnknown    it may be out: look, never send blindly again

Not retrying is the default: only `Throttled`, `QuotaSpent` and `Unavailable` are ever sent again as they are.
"""

from __future__ import annotations

from datetime import datetime

EVIDENCE_CHARS = 500


class PublishingError(Exception):
    """Publishing did not succeed.

    The message is for the author of the post. `code` is the platform's own error code, `status` the HTTP status it
    came with; both are evidence for whoever looks into it. Neither may carry content, addresses or secrets.
    """

    def __init__(self, message: str = "", *, code: str = "", status: int | None = None) -> None:
        """The class's docstring is the message where none is given."""
        text = message or (type(self).__doc__ or "").split("\n", maxsplit=1)[0]
        super().__init__(text[:EVIDENCE_CHARS])
        self.code = code[:100]
        self.status = status


class Refused(PublishingError):  # noqa: N818 - named for what happened, as the tree above is read
    """The platform refused this post."""


class Unauthorized(PublishingError):  # noqa: N818
    """The platform no longer accepts this channel's credentials."""


class AppRefused(PublishingError):  # noqa: N818
    """The app the channel was connected with is refused, or is not set: its credentials cannot be renewed for now."""


class Throttled(PublishingError):  # noqa: N818
    """The platform asks to slow down."""

    def __init__(self, message: str = "", *, retry_after_s: float, code: str = "", status: int | None = None) -> None:
        """`retry_after_s` is the least wait in seconds the platform asks for."""
        super().__init__(message, code=code, status=status)
        self.retry_after_s = retry_after_s


class QuotaSpent(PublishingError):  # noqa: N818
    """The channel's quota at the platform is spent."""

    def __init__(self, message: str = "", *, until: datetime, code: str = "", status: int | None = None) -> None:
        """`until` is the aware moment the quota resets."""
        super().__init__(message, code=code, status=status)
        self.until = until


class Unavailable(PublishingError):  # noqa: N818
    """The platform could not be reached; nothing was published."""


class OutcomeUnknown(PublishingError):  # noqa: N818
    """The answer was lost; the post may be out."""
