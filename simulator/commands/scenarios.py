"""Scenarios as people type them: NAME or FILE for every operator, OPERATOR=NAME or OPERATOR=FILE for one."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace

from simulator.commands.options import judge_twins
from simulator.faults.scenario import Scenario
from simulator.faults.scenario_reading import find_scenario
from simulator.settings import OperatorSettings


def with_scenarios(
    operators: tuple[OperatorSettings, ...], words: Iterable[str], seed: int
) -> tuple[OperatorSettings, ...]:
    """The operators with their scenarios; one that is named comes before what is for all.

    Raises:
        ValueError: there is no such operator or scenario, one operator has two, or a file has mistakes.
        OSError: a file cannot be read.
    """
    names = {one.name for one in operators}
    found = [_chosen(word, names) for word in words]
    judge_twins("--scenario", (operator or "every operator" for operator, _ in found))
    chosen = dict(found)
    return tuple(_with(one, chosen.get(one.name, chosen.get("")), seed) for one in operators)


def _chosen(word: str, names: set[str]) -> tuple[str, Scenario]:
    operator, found, rest = word.rpartition("=")
    if found and operator not in names:
        raise ValueError(f"--scenario: {operator!r} is none of {', '.join(sorted(names))}")
    try:
        return operator, find_scenario(rest)
    except ValueError as error:
        raise ValueError(f"--scenario: {error}") from None


def _with(operator: OperatorSettings, scenario: Scenario | None, seed: int) -> OperatorSettings:
    if scenario is None:
        return operator
    return replace(operator, smsc=replace(operator.smsc, scenario=scenario, seed=seed))
