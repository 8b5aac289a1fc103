"""Flags as they were read last: asked for again when they are old, and kept where nobody answers."""

from __future__ import annotations

import json
import logging
import threading
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

from aws_lambda_powertools.utilities.feature_flags import ConfigurationStoreError, SchemaValidator, StoreProvider
from aws_lambda_powertools.utilities.feature_flags.exceptions import SchemaValidationError, StoreClientError

from publishing import aws
from publishing.failures import told

KEEP_S = 60.0  # what an operator changes is known everywhere a minute after AppConfig serves it
AGAIN_S = 15.0  # after nobody answered
FAILURES = (ConfigurationStoreError, StoreClientError, SchemaValidationError, *aws.FAILURES)

logger = logging.getLogger(__name__)


class File(StoreProvider):
    """Flags in a file: for stage local, where an editor is all that changes them."""

    def __init__(self, path: str) -> None:
        self._path = Path(path)

    @property
    def get_raw_configuration(self) -> dict[str, Any]:
        """What the file holds."""
        return self.get_configuration()

    def get_configuration(self) -> dict[str, Any]:
        """What the file holds.

        Raises:
            ConfigurationStoreError: it cannot be read.
        """
        try:
            found: dict[str, Any] = json.loads(self._path.read_text())
        except (OSError, ValueError) as error:
            raise ConfigurationStoreError("The file of flags cannot be read.") from error
        return found


class Kept(StoreProvider):
    """What the store that `make` makes said last, for `keep_s` seconds.

    Where the store fails, or says what is none of Powertools' schema, what it said before stands. That is logged once,
    and the store is made anew: a session of AppConfig ends with a day.
    """

    def __init__(
        self, make: Callable[[], StoreProvider], *, keep_s: float = KEEP_S, now_s: Callable[[], float] = time.monotonic
    ) -> None:
        self._make, self._keep_s, self._now_s = make, keep_s, now_s
        self._lock = threading.Lock()
        self._store: StoreProvider | None = None
        self._known: dict[str, Any] = {}
        self._until_s = float("-inf")
        self.answers = True

    @property
    def get_raw_configuration(self) -> dict[str, Any]:
        """The flags, as they were read last."""
        return self.get_configuration()

    def get_configuration(self) -> dict[str, Any]:
        """The flags, as they were read last; the same object as long as they are not read again.

        Raises:
            ConfigurationStoreError: they never could be read; to Powertools that means each flag's default.
        """
        with self._lock:  # who comes first asks, and all others wait: no delivery slips by a switch nobody had read
            if self._now_s() >= self._until_s:
                self._ask()
            if not self._known:
                raise ConfigurationStoreError("No flags are known.")
            return self._known

    def _ask(self) -> None:
        try:
            self._store = self._store or self._make()
            found = self._store.get_configuration()
            if not found:
                raise ConfigurationStoreError("There are no flags in it.")
            SchemaValidator(schema=found).validate()
        except FAILURES as error:
            self._failed(error)
            return
        self._known, self.answers = found, True
        self._until_s = self._now_s() + self._keep_s

    def _failed(self, error: Exception) -> None:
        if self.answers:
            logger.warning("Flags cannot be read; what was known of them stands", extra=told(error))
        self._store, self.answers = None, False
        self._until_s = self._now_s() + min(self._keep_s, AGAIN_S)
