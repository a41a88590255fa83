"""A scenario as a file writes it, in TOML, and the ready ones beside this module.

Rule: whoever writes a scenario hears of every mistake at once: the file, the rule, the key, and what may stand there.
"""

from __future__ import annotations

import tomllib
from collections.abc import Mapping
from dataclasses import replace
from functools import cache
from pathlib import Path
from typing import Any, Final

from simulator.faults.rule import Rule
from simulator.faults.rule_reading import Mistakes, above_0, read_rule
from simulator.faults.scenario import PHASES_MAX, RULES_MAX, Phase, Scenario

PROFILES: Final = Path(__file__).with_name("profiles")
SUFFIX: Final = ".toml"
KEYS: Final = ("title", "description", "rules", "phases")
PHASE_KEYS: Final = ("name", "for_s", "profile", "rules")
TITLE_MAX: Final = 500


class ScenarioError(ValueError):
    """A scenario cannot be read; `mistakes` are all that were found."""

    def __init__(self, source: str, mistakes: Mistakes) -> None:
        super().__init__("\n".join(f"{source}: {mistake}" for mistake in mistakes))
        self.mistakes = mistakes


@cache
def ready() -> Mapping[str, Scenario]:
    """The scenarios that are ready to be played, by name."""
    texts = {file.stem: _text(file) for file in sorted(PROFILES.glob(f"*{SUFFIX}"))}
    # Those with phases are made of others, which are read first.
    plain = {name: read_scenario(text, name, {}) for name, text in texts.items() if "phases" not in tomllib.loads(text)}
    return {name: plain.get(name) or read_scenario(text, name, plain) for name, text in texts.items()}


def find_scenario(word: str) -> Scenario:
    """The ready scenario of this name, or the one in this file.

    Raises:
        ValueError: there is neither, or the file has mistakes.
        OSError: the file cannot be read.
    """
    if word in ready():
        return ready()[word]
    file = Path(word)
    if not file.is_file():
        raise ValueError(f"{word!r} is neither a file nor one of {', '.join(ready())}")
    return read_scenario(_text(file), file.stem, source=word)


def read_scenario(
    text: str, name: str, profiles: Mapping[str, Scenario] | None = None, *, source: str = ""
) -> Scenario:
    """Read the TOML of a scenario; its phases may use *profiles* (None = the ready ones).

    Raises:
        ScenarioError: all mistakes, each line beginning with *source*.
    """
    source = source or name
    try:
        tables = tomllib.loads(text)
    except (tomllib.TOMLDecodeError, RecursionError) as error:
        raise ScenarioError(source, [f"no TOML: {error}"]) from None
    return _Reader(source, ready() if profiles is None else profiles).read(tables, name)


def _text(file: Path) -> str:
    try:
        return file.read_text(encoding="utf-8")
    except UnicodeDecodeError as error:
        raise ValueError(f"{file}: no UTF-8: {error}") from None


class _Reader:
    """Reads one scenario and collects what is wrong in it."""

    def __init__(self, source: str, profiles: Mapping[str, Scenario]) -> None:
        self._source = source
        self._profiles = profiles
        self._mistakes: Mistakes = []

    def read(self, tables: Mapping[str, Any], name: str) -> Scenario:
        """The whole."""
        self._known(tables, KEYS, "")
        title, description = self._words(tables, "title", ""), self._words(tables, "description", "")
        if not title:
            self._mistakes.append('title: missing; a line for people, such as title = "A bad afternoon"')
        rules = self._rules(tables.get("rules", []), "")
        phases = self._phases(tables.get("phases", []))
        if not self._mistakes:
            try:
                return Scenario(name, title, description, rules, phases)
            except ValueError as error:
                self._mistakes.append(str(error))
        raise ScenarioError(self._source, self._mistakes)

    def _known(self, table: Mapping[str, Any], keys: tuple[str, ...], where: str) -> None:
        self._mistakes += [f"{where}{key}: unknown; there are {', '.join(keys)}" for key in table if key not in keys]

    def _words(self, table: Mapping[str, Any], key: str, where: str) -> str:
        value = table.get(key, "")
        if isinstance(value, str) and len(value) <= TITLE_MAX:
            return value
        self._mistakes.append(f"{where}{key}: a text is needed, of at most {TITLE_MAX} characters")
        return "?"

    def _rules(self, tables: object, where: str) -> tuple[Rule, ...]:
        if not isinstance(tables, list) or len(tables) > RULES_MAX:
            self._mistakes.append(f"{where}rules: tables are needed, [[rules]], at most {RULES_MAX}")
            return ()
        read = [read_rule(table, f"{where}rule {at}", self._mistakes) for at, table in enumerate(tables, 1)]
        return tuple(rule for rule in read if rule is not None)

    def _phases(self, tables: object) -> tuple[Phase, ...]:
        if not isinstance(tables, list) or len(tables) > PHASES_MAX or not all(isinstance(t, Mapping) for t in tables):
            self._mistakes.append(f"phases: tables are needed, [[phases]], at most {PHASES_MAX}")
            return ()
        return tuple(self._phase(table, at) for at, table in enumerate(tables, 1))

    def _phase(self, table: Mapping[str, Any], at: int) -> Phase:
        where = f"phase {at}, "
        self._known(table, PHASE_KEYS, where)
        name = self._words(table, "name", where) or str(table.get("profile", f"phase {at}"))
        rules = self._rules(table.get("rules", []), where)
        if "profile" in table:
            rules += self._profile(table["profile"], where)
        return Phase(name, rules, self._for_s(table, where))

    def _for_s(self, table: Mapping[str, Any], where: str) -> float:
        """Seconds; 0 = without an end."""
        if "for_s" not in table:
            return 0.0
        try:
            return Phase("", for_s=above_0(table["for_s"])).for_s
        except ValueError as error:
            self._mistakes.append(f"{where}for_s: {str(error).removeprefix('for_s: ')}")
            return 0.0

    def _profile(self, name: object, where: str) -> tuple[Rule, ...]:
        plain = {key: scenario for key, scenario in self._profiles.items() if not scenario.phases}
        if not isinstance(name, str) or name not in plain:
            self._mistakes.append(f"{where}profile: {name!r} is none of {', '.join(plain)}")
            return ()
        return tuple(replace(rule, label=f"{where}{name}, {rule.label}") for rule in plain[name].rules)
