"""The operator's commands for dead letters: `make dead-letters`, `make redrive` and `make purge`, through the API.

They need the key of a workspace's admin, given on standard input, and reach that workspace's letters alone.
"""

from __future__ import annotations

import argparse
import sys
from collections.abc import Iterator

import httpx

from postroom_client import Postroom, PostroomError
from postroom_client.schemas import Purged, Redriven


def main(arguments: list[str], *, transport: httpx.BaseTransport | None = None) -> None:
    """Count all letters, or look at a platform's, send them once more, or throw them away, until none are left."""
    parser = argparse.ArgumentParser(prog="make dead-letters", description=__doc__)
    parser.add_argument("action", choices=_ACTIONS)
    parser.add_argument("--api", required=True, help="the address of the API")
    parser.add_argument("--platform", default="", help="whose letters")
    asked = parser.parse_args(arguments)
    key = sys.stdin.readline().strip()
    if not asked.api or not key:
        parser.error("API= and KEY= are missing: the address of the API, and an admin's key.")
    if not asked.platform and asked.action != "count":
        parser.error("PLATFORM= is missing: `make dead-letters` without it tells which have any.")
    try:
        with Postroom(asked.api, key, http=httpx.Client(transport=transport)) as api:
            sys.stdout.writelines(line + "\n" for line in _ACTIONS[asked.action](api, asked.platform))
    except (PostroomError, ValueError) as error:
        raise SystemExit(str(error)) from error


def _counted(api: Postroom, _platform: str) -> Iterator[str]:
    for each in api.list_dead_letters()["items"]:
        yield f"{each['platform']:12} {each['count']:6}  {each['oldest_at'] or ''}".rstrip()


def _looked(api: Postroom, platform: str) -> Iterator[str]:
    answer = api.read_dead_letters(platform)
    for each in answer["items"]:
        about = each["delivery"] or each["publication"]
        yield f"{each['sent_at']}  {each['kind']:8} {each['state'] or '':10} {each['why'] or '':12} {about}".rstrip()
    yield f"{len(answer['items'])} seen" + ("" if answer["complete"] else ", and there may be more")


def _redriven(api: Postroom, platform: str) -> Iterator[str]:
    moved, more = 0, True
    while more:
        answer = api.redrive_dead_letters(platform)
        moved += answer["moved"]
        more = _more(answer, answer["moved"])
        yield f"{moved} sent once more, {answer['left']} left"


def _purged(api: Postroom, platform: str) -> Iterator[str]:
    deleted, more = 0, True
    while more:
        answer = api.purge_dead_letters(platform, confirm=platform)
        deleted += answer["deleted"]
        more = _more(answer, answer["deleted"])
        yield f"{deleted} thrown away, {answer['left']} left"


def _more(answer: Redriven | Purged, done: int) -> bool:
    return done > 0 and (answer["left"] > 0 or not answer["complete"])


_ACTIONS = {"count": _counted, "look": _looked, "redrive": _redriven, "purge": _purged}

if __name__ == "__main__":
    main(sys.argv[1:])
