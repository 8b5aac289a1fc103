from __future__ import annotations

import json

import pytest

from infra import api, function
from publishing import costs
from tests.bench.logs import EVENT_BYTES

# As https://docs.aws.amazon.com/apigateway/latest/developerguide/http-api-logging.html shows them (read 2026-11-21).
SHOWN = {
    "request": "JKJaXmPLvHcESHA=",
    "at": "21/Nov/2026:08:00:00 +0000",
    "route": "POST /v1/publications",
    "status": "202",
    "ms": "41",
    "integration_ms": "38",
    "integration_error": "-",
    "authorizer_error": "-",
}


def test_functions_have_the_memory_that_dry_runs_count() -> None:
    assert function.MEMORY_MB / 1_024 == costs.MEMORY_GB


def test_a_line_of_the_access_log_has_the_bytes_that_dry_runs_count() -> None:
    assert SHOWN.keys() == api._LOGGED.keys()
    assert len(json.dumps(SHOWN)) + EVENT_BYTES == pytest.approx(costs.ACCESS_BYTES, rel=0.1)
