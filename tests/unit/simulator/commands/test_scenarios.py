"""Scenarios that are typed go to the operators that they are meant for."""

from __future__ import annotations

from pathlib import Path

import pytest

from simulator.commands.scenarios import with_scenarios
from simulator.commands.serve import ServeOptions
from simulator.settings import OperatorSettings

OPERATORS = (OperatorSettings(name="beeline"), OperatorSettings(name="ucell"))


@pytest.mark.parametrize(
    ("words", "names"),
    [
        ([], ["healthy", "healthy"]),
        (["flaky"], ["flaky", "flaky"]),
        (["ucell=slow"], ["healthy", "slow"]),
        (["ucell=slow", "flaky"], ["flaky", "slow"]),
    ],
)
def test_a_named_operator_comes_before_all_of_them(words: list[str], names: list[str]) -> None:
    operators = with_scenarios(OPERATORS, words, seed=7)
    assert [one.smsc.scenario.name for one in operators] == names
    assert [one.smsc.seed for one in operators] == [1 if name == "healthy" else 7 for name in names]


def test_a_file_is_named_by_its_path(tmp_path: Path) -> None:
    file = tmp_path / "tuesday.toml"
    file.write_text("title = 'Tuesday'", encoding="utf-8")
    (operator,) = ServeOptions(scenario=[str(file)], seed=3).simulator().operators
    assert (operator.smsc.scenario.name, operator.smsc.scenario.title, operator.smsc.seed) == ("tuesday", "Tuesday", 3)


@pytest.mark.parametrize(
    ("word", "hint"),
    [
        ("flakey", "--scenario: 'flakey' is neither a file nor one of bad_afternoon"),
        ("mts=flaky", "--scenario: 'mts' is none of beeline, ucell"),
        ("ucell=", "--scenario: '' is neither a file"),
    ],
)
def test_what_is_not_there_is_refused(word: str, hint: str) -> None:
    with pytest.raises(ValueError, match=hint):
        with_scenarios(OPERATORS, [word], seed=1)


def test_every_mistake_of_a_file_is_told(tmp_path: Path) -> None:
    file = tmp_path / "bad.toml"
    file.write_text("[[rules]]\npdu = 'submit'", encoding="utf-8")
    with pytest.raises(ValueError, match=r"bad\.toml: title: missing.*\n.*bad\.toml: rule 1: pdu: 'submit'"):
        with_scenarios(OPERATORS, [str(file)], seed=1)
