"""Scenarios are read from TOML; the ready ones are sound; whoever writes one hears of every mistake at once."""

from __future__ import annotations

from pathlib import Path

import pytest

from simulator.faults.scenario import RULES_MAX
from simulator.faults.scenario_reading import PROFILES, ScenarioError, find_scenario, read_scenario, ready

READY = {
    "bad_afternoon", "capped", "congested", "dead", "flaky", "garbled", "healthy", "maintenance", "mute", "receipts",
    "slow", "throttling",
}  # fmt: skip

WRONG = """
titel = "x"
[[rules]]
pdu = "submit"
[[rules]]
pdu = "submit_sm"
share = 2
[[phases]]
profile = "flakey"
[[phases]]
for_s = -1
name = 3
[[phases.rules]]
pdu = "unbind"
until_unbind = true
"""


def test_the_ready_ones_are_these_and_each_says_what_it_is() -> None:
    assert set(ready()) == READY
    for name, scenario in ready().items():
        assert scenario.name == name
        assert scenario.title
        assert scenario.description.endswith(".")
        assert "\n" not in scenario.description


@pytest.mark.parametrize("name", sorted(READY))
def test_a_ready_one_is_found_by_its_name_and_by_its_file(name: str) -> None:
    assert find_scenario(name) == find_scenario(str(PROFILES / f"{name}.toml"))


def test_a_phase_has_its_own_rules_before_those_of_its_profile() -> None:
    text = """
    title = "Two"
    [[phases]]
    name = "first"
    for_s = 5
    profile = "capped"
    [[phases.rules]]
    pdu = "unbind"
    no_response = true
    [[phases]]
    profile = "healthy"
    """
    first, last = read_scenario(text, "two").phases
    assert (first.name, first.for_s) == ("first", 5)
    assert [rule.label for rule in first.rules] == ["phase 1, rule 1", "phase 1, capped, rule 1"]
    assert (last.name, last.rules, last.for_s) == ("healthy", (), 0)


def test_every_mistake_is_told_at_once() -> None:
    with pytest.raises(ScenarioError) as caught:
        read_scenario(WRONG, "wrong", source="my/wrong.toml")
    told = str(caught.value).splitlines()
    begins = [
        "titel: unknown; there are title, description, rules, phases",
        "title: missing",
        "rule 1: pdu: 'submit': there are",
        "rule 2: share: 0 to 1",
        "phase 1, profile: 'flakey' is none of capped,",
        "phase 2, name: a text is needed",
        "phase 2, rule 1: until_unbind: not for unbind",
        "phase 2, for_s: a number above 0",
    ]
    assert len(told) == len(begins)
    assert all(line.startswith(f"my/wrong.toml: {begin}") for line, begin in zip(told, begins, strict=True)), told


@pytest.mark.parametrize(
    ("text", "hint"),
    [
        ("title =", "x: no TOML: "),
        ("title = 'A'\nrules = 3", "rules: tables are needed"),
        ("title = 'A'\n" + "[[rules]]\npdu = 'unbind'\n" * (RULES_MAX + 1), "rules: tables are needed, .* at most 100"),
        ("title = 'A'\nphases = [3]", "phases: tables are needed"),
        ("title = 'A'\nphases = [{profile = []}]", "phase 1, profile: .. is none of"),
        ("title = 'A'\nphases = [{profile = 'bad_afternoon', for_s = 1}]", "profile: 'bad_afternoon' is none of"),
        ("title = 'A'\nphases = [{for_s = '1'}]", "phase 1, for_s: a number is needed"),
        ("title = 'A'\nphases = [{}, {}]", "every phase but the last needs for_s"),
        ("title = ''", "title: missing"),
        ("title = 3", "title: a text is needed"),
    ],
)
def test_a_mistake_is_named(text: str, hint: str) -> None:
    with pytest.raises(ScenarioError, match=hint):
        read_scenario(text, "x")


def test_what_is_neither_ready_nor_a_file_is_refused_with_the_ready_ones() -> None:
    with pytest.raises(ValueError, match="'flakey' is neither a file nor one of bad_afternoon, capped"):
        find_scenario("flakey")


def test_a_file_that_is_no_text_is_refused(tmp_path: Path) -> None:
    file = tmp_path / "x.toml"
    file.write_bytes(b"\xff")
    with pytest.raises(ValueError, match=r"x\.toml: no UTF-8"):
        find_scenario(str(file))
