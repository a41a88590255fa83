"""No locked dependency has a known vulnerability; and the linter's rules for security are on for all code."""

from __future__ import annotations

import json
import os
import re
import subprocess
import sys
import tomllib
from typing import Any, Final

import pytest

from tests.repo.tree import ROOT

# PyPI answers about a hundred packages in some ten seconds; whoever has no network waits for no longer than this.
AUDIT_S_MAX: Final = 110
UNREACHABLE: Final = re.compile(r"ConnectionError|ServiceError|Timeout|resolve|Max retries|ProxyError", re.IGNORECASE)


def audited() -> list[dict[str, Any]]:
    """What pip-audit says about every package of the lock; skips the test where it learns nothing."""
    command = [sys.executable, "-m", "pip_audit", "--requirement", "requirements.lock", "--disable-pip", "--no-deps"]
    options = ["--format", "json", "--progress-spinner", "off", "--timeout", "10"]
    try:
        done = subprocess.run(  # noqa: S603 -- our own command
            [*command, *options], cwd=ROOT, capture_output=True, text=True, timeout=AUDIT_S_MAX, check=False
        )
    except subprocess.TimeoutExpired:
        pytest.skip(f"pip-audit's data (pypi.org) did not answer within {AUDIT_S_MAX} s")
    if not done.stdout.startswith("{"):
        reason = done.stderr.strip().splitlines()[-1:] or ["nothing said"]
        assert UNREACHABLE.search(done.stderr), done.stderr
        pytest.skip(f"pip-audit's data (pypi.org) is unreachable: {reason[0]}")
    found: list[dict[str, Any]] = json.loads(done.stdout)["dependencies"]
    return found


@pytest.mark.proves("A90")
@pytest.mark.skipif("SMSGW_AUDIT" not in os.environ, reason="asks PyPI, and tests stay on this machine: `make audit`")
def test_no_locked_dependency_has_a_known_vulnerability() -> None:
    dependencies = audited()
    unknown = [d["name"] for d in dependencies if "skip_reason" in d]
    if len(unknown) == len(dependencies):
        pytest.skip(f"pip-audit's data is unreachable: the PyPI of this machine knows none of {len(unknown)} versions")
    vulnerable = {d["name"]: [v["id"] for v in d["vulns"]] for d in dependencies if d.get("vulns")}

    assert (vulnerable, unknown) == ({}, [])


@pytest.mark.proves("A90")
def test_the_rules_for_security_are_on_for_all_that_runs() -> None:
    """Ruff's S rules are those of bandit. One is off everywhere, and in tests those about passwords in the source."""
    lint = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["tool"]["ruff"]["lint"]
    off = {rule for rule in lint["ignore"] if re.fullmatch(r"S[0-9]*", rule)}
    elsewhere = {place for place, rules in lint["per-file-ignores"].items() if any(r.startswith("S1") for r in rules)}

    assert lint["select"] == ["ALL"]
    assert off == {"S101"}
    assert elsewhere == {"tests/**"}


@pytest.mark.proves("A90")
def test_every_exception_to_a_rule_for_security_is_told() -> None:
    """docs/security.md lists each with its place and its reason."""
    page = (ROOT / "docs/security.md").read_text(encoding="utf-8")
    told = set(re.findall(r"^\| `((?:smsgw|simulator)/[a-z0-9_/]+\.py)` \| (S[0-9]{3}) \|", page, re.MULTILINE))
    there = {
        (str(file.relative_to(ROOT)), rule)
        for package in ("smsgw", "simulator")
        for file in (ROOT / package).rglob("*.py")
        for rules in re.findall(r"noqa: ([A-Z0-9, ]+)", file.read_text(encoding="utf-8"))
        for rule in re.findall(r"\bS[0-9]{3}\b", rules)
    }

    assert told == there
