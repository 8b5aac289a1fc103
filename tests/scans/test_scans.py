"""What each scan makes of what its scanner says; that the scanners see anything is told by what is accepted in them."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from tests.scans import __main__ as scans
from tests.scans import advisories, code, licences, locks, templates
from tests.scans.found import Found, together, told

FLAW = {"id": "PYSEC-2026-1", "fix_versions": ["2.0.1"], "aliases": [], "description": ""}
HASH = "    --hash=sha256:" + "0" * 64


def failed(rule: str) -> dict[str, str]:
    return {"check_id": rule, "check_name": "Ensure it is so", "resource": "AWS::SQS::Queue.Q"}


def checked(*rules: str, unread: int = 0, resources: int = 7) -> dict[str, Any]:
    summary = {"parsing_errors": unread, "resource_count": resources}
    return {"summary": summary, "results": {"failed_checks": [failed(rule) for rule in rules]}}


def test_bandit_sees_a_shell(tmp_path: Path) -> None:
    (tmp_path / "careless.py").write_text("import subprocess\n\n\ndef f(x):\n    subprocess.run(x, shell=True)\n")
    (finding,) = code.scanned([tmp_path]).findings
    assert "careless.py:5 B602" in finding


def test_code_that_cannot_be_read_is_told(tmp_path: Path) -> None:
    (tmp_path / "broken.py").write_text("def f(:\n")
    assert "broken.py" in code.scanned([tmp_path]).findings[0]


def test_a_scan_of_nothing_is_not_fine(tmp_path: Path) -> None:
    assert not code.scanned([tmp_path]).fine


def test_a_known_flaw_is_told_with_its_remedy() -> None:
    found = advisories.judged({"dependencies": [{"name": "x", "version": "2.0.0", "vulns": [FLAW]}]})
    assert (found.findings, found.fine) == (["x 2.0.0: PYSEC-2026-1, mended in 2.0.1"], False)


def test_what_was_skipped_does_not_count_as_looked_up() -> None:
    skipped = {"name": "x", "skip_reason": "Dependency not found on PyPI and could not be audited: x (2.0.0)"}
    found = advisories.judged({"dependencies": [skipped, {"name": "y", "version": "1", "vulns": []}]})
    assert (found.seen, found.blind, found.fine) == (1, 1, True)


def test_npms_grave_flaws_are_told() -> None:
    flaws = {"a": {"name": "a", "severity": "critical"}, "b": {"name": "b", "severity": "low"}}
    assert advisories.judged_npm({"vulnerabilities": flaws}, 9) == Found(9, "npm packages", ["a: critical"])


def test_where_npm_cannot_ask_nothing_is_known() -> None:
    assert advisories.judged_npm({"statusCode": 405}, 9) == Found(0, "npm packages", blind=9)


def test_an_objection_that_is_accepted_is_not_told() -> None:
    assert templates.judged(checked("CKV_AWS_1"), {"CKV_AWS_1"}).fine


def test_any_other_objection_is_told() -> None:
    findings = templates.judged(checked("CKV_AWS_1", "CKV_AWS_2"), {"CKV_AWS_1"}).findings
    assert findings == ["CKV_AWS_2 AWS::SQS::Queue.Q: Ensure it is so"]


def test_what_is_accepted_for_nothing_is_told() -> None:
    assert templates.judged(checked(), {"CKV_AWS_1"}).findings == ["CKV_AWS_1 is accepted, and found nowhere"]


@pytest.mark.parametrize("document", [checked(unread=1), checked(resources=0)])
def test_templates_that_were_not_read_are_not_fine(document: Any) -> None:
    assert not templates.judged(document, ()).fine


@pytest.mark.parametrize("reason", [*templates.ACCEPTED.values(), *licences.ACCEPTED.values()])
def test_whatever_is_accepted_has_its_reason(reason: str) -> None:
    assert reason.endswith(".")


@pytest.mark.parametrize(
    "licence", ["MIT", "MIT License; MIT No Attribution License (MIT-0)", "GPL-3.0-only OR MIT", "Apache-2.0 AND ISC"]
)
def test_a_permissive_licence_is_fine(licence: str) -> None:
    assert licences.judged([{"Name": "x", "License": licence}], ()).fine


@pytest.mark.parametrize("licence", ["GPL-3.0-only", "MIT AND GPL-3.0-only", "AGPL-3.0", "UNKNOWN", "", "MIT; SSPL"])
def test_any_other_licence_is_told(licence: str) -> None:
    assert licences.judged([{"Name": "x", "License": licence}], ()).findings == [f"x: {licence!r}"]


def test_a_pin_with_its_hash_is_fine(tmp_path: Path) -> None:
    (tmp_path / "r.txt").write_text(f"# made\nx==1.0 ; os_name == 'nt' \\\n{HASH} \\\n{HASH}\ny[z]==2 \\\n{HASH}\n")
    assert locks.scanned([tmp_path / "r.txt"], []).findings == []


@pytest.mark.parametrize(
    "line", ["x==1.0", f"x>=1.0 \\\n{HASH}", "--index-url https://example.org/", "x @ https://example.org/x.whl"]
)
def test_any_other_requirement_is_told(tmp_path: Path, line: str) -> None:
    (tmp_path / "r.txt").write_text(f"{line}\ny==2 \\\n{HASH}\n")
    (finding,) = locks.scanned([tmp_path / "r.txt"], []).findings
    assert finding.startswith(f"r.txt: {line.split(maxsplit=1)[0]}")


def test_an_npm_package_without_a_hash_or_with_a_registry_is_told(tmp_path: Path) -> None:
    packages = {"": {}, "node_modules/a": {"resolved": "https://example.org/a.tgz"}}
    (tmp_path / "package-lock.json").write_text(json.dumps({"packages": packages}))
    findings = locks.scanned([], [tmp_path / "package-lock.json"]).findings
    assert [finding.partition(": ")[2] for finding in findings] == [
        "node_modules/a has no hash",
        "node_modules/a names a registry",
    ]


def test_a_scanner_that_says_nothing_is_an_error() -> None:
    with pytest.raises(RuntimeError, match="ended with 1"):
        told(["false"])


def test_several_are_one() -> None:
    one = together([Found(1, "things", ["a"]), Found(2, "things", ["b"], blind=3)])
    assert one == Found(3, "things", ["a", "b"], blind=3)


@pytest.mark.parametrize(
    ("strict", "found", "status"),
    [(False, Found(1, "x"), 0), (False, Found(1, "x", ["y"]), 1), (False, Found(1, "x", blind=1), 0),
     (True, Found(1, "x", blind=1), 1), (True, Found(1, "x"), 0)],
)  # fmt: skip
def test_the_status_tells_whether_anything_was_found(
    monkeypatch: pytest.MonkeyPatch, *, strict: bool, found: Found, status: int
) -> None:
    monkeypatch.setattr(scans, "SCANS", {"one": lambda: found})
    assert scans.main(strict=strict) == status


def test_a_scan_that_breaks_is_found(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> None:
    monkeypatch.setattr(scans, "SCANS", {"one": lambda: told(["false"])})
    assert scans.main(strict=False) == 1
    assert "one broke: false ended with 1" in capsys.readouterr().err
