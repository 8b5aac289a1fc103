"""Says whether a flag is on for a workspace, by Powertools' rules."""

from __future__ import annotations

import hashlib
from collections.abc import Callable
from dataclasses import dataclass
from functools import cached_property, partial
from typing import TYPE_CHECKING

from flags.declared import BUCKET, BUCKETS, PLATFORM, WORKSPACE, Flag

if TYPE_CHECKING:
    from aws_lambda_powertools.utilities.feature_flags import FeatureFlags

    from flags.kept import Kept
    from publishing.settings import Flagged

FILE_S = 1.0  # a file is read at no cost


@dataclass(frozen=True)
class Switches:
    """The flags of one function. Nothing is loaded, and nobody asked, before the first question.

    `find` answers where they are kept; None: nowhere, and each has its default.
    """

    find: Callable[[], Kept | None] = lambda: None

    def on(self, flag: Flag, workspace: str, *, platform: str = "") -> bool:
        """Whether `flag` is on; a workspace gets the same answer each time, as long as nobody changes the flag."""
        if self._features is None:
            return flag.default
        context = {WORKSPACE: workspace, BUCKET: bucket(flag, workspace)} | ({PLATFORM: platform} if platform else {})
        return bool(self._features.evaluate(name=flag.name, context=context, default=flag.default))

    @property
    def answers(self) -> bool:
        """Whether the flags could be read when they were asked for last."""
        return self._kept is None or self._kept.answers

    @cached_property
    def _kept(self) -> Kept | None:
        return self.find()

    @cached_property
    def _features(self) -> FeatureFlags | None:
        from aws_lambda_powertools.utilities.feature_flags import FeatureFlags  # noqa: PLC0415 - not on a cold start

        return FeatureFlags(self._kept) if self._kept else None


def bucket(flag: Flag, workspace: str) -> int:
    """The number of a workspace for percentages: by chance, always the same, and another one for each flag."""
    digest = hashlib.sha256(f"{flag.name}#{workspace}".encode()).digest()
    return int.from_bytes(digest[:8]) % BUCKETS


def switches(config: Flagged) -> Switches:
    """The flags a function is told to read."""
    return Switches(partial(_kept, config))


def _kept(config: Flagged) -> Kept | None:
    from flags.aws import appconfig  # noqa: PLC0415 - as above
    from flags.kept import File, Kept  # noqa: PLC0415

    if config.flags_file:
        return Kept(partial(File, config.flags_file), keep_s=FILE_S)
    return Kept(partial(appconfig, config.flags_profile)) if config.flags_profile else None
