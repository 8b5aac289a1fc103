"""The operator's commands for dead letters: `make dead-letters` and `make redrive PLATFORM=…`, through the API.

They need the key of a workspace's admin, given on standard input, and reach that workspace's letters alone.
"""

from __future__ import annotations

import argparse
import sys
from typing import Any

import httpx

TIMEOUT_S = 30.0
_PATH = "/v1/dead-letters"


def main(arguments: list[str], *, transport: httpx.BaseTransport | None = None) -> None:
    """Tell how many letters there are, or send a platform's once more until none are left."""
    parser = argparse.ArgumentParser(prog="make dead-letters", description=__doc__)
    parser.add_argument("--api", required=True, help="the address of the API")
    parser.add_argument("--redrive", metavar="PLATFORM", default="", help="send this platform's once more")
    asked = parser.parse_args(arguments)
    key = sys.stdin.readline().strip()
    if not asked.api or not key:
        parser.error("API= and KEY= are missing: the address of the API, and an admin's key.")
    headers = {"Authorization": f"Bearer {key}"}
    with httpx.Client(base_url=asked.api, headers=headers, timeout=TIMEOUT_S, transport=transport) as api:
        sys.stdout.writelines(_redriven(api, asked.redrive) if asked.redrive else _counted(api))


def _counted(api: httpx.Client) -> list[str]:
    queues = _answer(api.get(_PATH))["items"]
    return [f"{each['platform']:12} {each['count']:6}  {each['oldest_at'] or ''}".rstrip() + "\n" for each in queues]


def _redriven(api: httpx.Client, platform: str) -> list[str]:
    moved, more = 0, True
    while more:
        answer = _answer(api.post(f"{_PATH}/{platform}/redrive", json={}))
        moved += answer["moved"]
        more = answer["moved"] > 0 and (answer["left"] > 0 or not answer["complete"])
    return [f"{moved} sent once more, {answer['left']} left\n"]


def _answer(reply: httpx.Response) -> Any:
    if reply.is_error:
        raise SystemExit(f"{reply.status_code}: {reply.text}")
    return reply.json()


if __name__ == "__main__":
    main(sys.argv[1:])
