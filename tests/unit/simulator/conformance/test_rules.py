"""Every rule has its clause and its mend, and a test that shows its breach."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from simulator.conformance.rules import RULES

TESTS = "".join(path.read_text(encoding="utf-8") for path in Path(__file__).parent.glob("test_*.py"))


@pytest.mark.parametrize("name", RULES)
def test_a_rule_says_where_it_is_written_and_how_to_mend_a_breach(name: str) -> None:
    assert re.match(r"(\d|table)", RULES[name].clause)
    assert RULES[name].mend


def test_advice_keeps_its_capitals() -> None:
    assert RULES["ucs2_octets"].advice == "Send two octets for each UCS2 character."


@pytest.mark.parametrize("name", RULES)
def test_every_rule_is_broken_once_by_a_test(name: str) -> None:
    assert f'"{name}"' in TESTS
