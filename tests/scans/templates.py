"""Checkov over the templates of stages dev and prod, beside cdk-nag (which has a test of its own).

What it finds and stands is accepted here with its reason; what is accepted and found no more is a finding, too.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

from tests.infra.synthesis import STAGES, app_of
from tests.scans.found import OWN_VENV, Found, told

NAMES = ("dev", "prod")
ACCEPTED = {
    "CKV_AWS_18": "The API that gives out the buckets' addresses keeps the access log.",
    "CKV_AWS_21": "Uploads are written once and never overwritten, so they have no older versions; feeds do have.",
    "CKV_AWS_26": "Alarms say which measure is beyond its limit, and nothing of anybody's.",
    "CKV_AWS_27": "Every queue is encrypted by SQS itself (tests/infra/test_queues.py); checkov knows KMS alone.",
    "CKV_AWS_115": "A function drains queues that bound its concurrency; to reserve it would take it from others.",
    "CKV_AWS_116": "That is for asynchronous calls; ours come of queues with dead letters, the API or a schedule.",
    "CKV_AWS_117": "Nothing a function uses is in a VPC, and from within one it could reach more than it can now.",
    "CKV_AWS_119": "Encrypted under AWS's key; what is secret in an item is sealed under our own beforehand.",
    "CKV_AWS_158": "CloudWatch encrypts logs by itself; what they may hold is neither secret nor personal.",
    "CKV_AWS_173": "No environment holds a secret: names and addresses of resources alone.",
}


def scanned() -> Found:
    """What checkov objects to in any template of a stage that is deployed to AWS."""
    with TemporaryDirectory() as directory:
        for name in NAMES:
            app_of(STAGES[name], Path(directory) / name).synth()
        return judged(objections(Path(directory)), ACCEPTED)


def objections(directory: Path) -> Any:
    """Checkov's document on the templates in a directory."""
    options = ["--framework", "cloudformation", "--skip-download", "--quiet", "--compact", "--output", "json"]
    return told([str(OWN_VENV / "checkov"), "--directory", str(directory), *options])


def judged(document: Any, accepted: Iterable[str]) -> Found:
    """What of checkov's document is not accepted, and what is accepted for nothing."""
    looked_at, accepted = document["summary"], set(accepted)
    failed: Sequence[Any] = document["results"]["failed_checks"]
    findings = [
        f"{each['check_id']} {each['resource']}: {each['check_name']}"
        for each in failed
        if each["check_id"] not in accepted
    ]
    idle = accepted - {each["check_id"] for each in failed}
    findings += [f"{rule} is accepted, and found nowhere" for rule in sorted(idle)]
    if looked_at["parsing_errors"]:
        findings.append(f"{looked_at['parsing_errors']} templates could not be read")
    return Found(looked_at["resource_count"], f"resources on {' and '.join(NAMES)}", findings)
