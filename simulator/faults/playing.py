"""A scenario while it runs at one operator: what has been counted so far, and what happens to the next PDU.

Rule 1: of the rules that hold, the first in the file that hits a PDU decides; each counts for itself, whatever the
others do.
Rule 2: chance is a function of the seed, the rule, the session and the count: the same PDUs in the same order on a
session meet the same faults, however fast they come and whatever other sessions do.
Rule 3: sessions are counted by their account, in the order of their binds (those that were bound before, in the order
in which the scenario meets them); a connection or a bind, of which each session has one, is counted over all of them.
"""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Iterable, Iterator
from dataclasses import replace
from random import Random
from typing import Final, NamedTuple

from simulator.faults.fault import BIND_NAMES, CONNECTION, HEALTHY, Fault
from simulator.faults.rates import Bucket, Meter, remember
from simulator.faults.rule import Rule
from simulator.faults.scenario import NO_TROUBLE, SEED, Place, Scenario
from simulator.faults.when import CLOCK, Seen

_NO_CHANCE: Final = Random(0)  # noqa: S311 -- nobody draws from it
_WHOLE: Final = Place(0, 0, 0.0, math.inf)
"""Where a scenario without phases stands."""


class RuleReport(NamedTuple):
    """A rule, how many PDUs it was about, and how many it hit; both since the scenario began."""

    rule: Rule
    seen: int
    hits: int


class Report(NamedTuple):
    """How a scenario goes: `phase` is its index (None without phases), `left_s` infinite where it has no end."""

    scenario: Scenario
    seed: int
    passed_s: float
    phase: int | None
    phase_passed_s: float
    left_s: float
    rules: tuple[RuleReport, ...]


class _Running:
    """One rule since its time began at `began_s`; *key* tells its chance from that of all others."""

    def __init__(self, rule: Rule, key: str, began_s: float) -> None:
        self.rule = rule
        self.due_s = began_s + rule.schedule.next_s(0.0) if CLOCK in rule.pdus else math.inf
        self._key = key
        self._began_s = began_s
        self._counts: dict[str, int] = {}
        self._until_s: dict[str, float] = {}
        self._bucket = Bucket(rule.above_per_s) if rule.above_per_s else None
        self._meter = Meter()

    def concerns(self, seen: Seen, now_s: float) -> bool:
        """Whether the rule is about it at all, now."""
        in_time = seen.subject == CLOCK or self.rule.schedule.passed_s(now_s - self._began_s) is not None
        return in_time and self.rule.when.fits(seen)

    def judge(self, seen: Seen, scope: str, now_s: float) -> Fault | None:
        """Count what the rule is about; what happens to it, None = not hit."""
        rule, account = self.rule, seen.system_id
        count = self._counts.get(scope, 0) + 1
        remember(self._counts, scope, count)
        rate_per_s = self._meter.count(account, now_s) if rule.congestion else 0.0
        chance = Random(f"{self._key} {scope} {count}") if rule.needs_chance else _NO_CHANCE  # noqa: S311 -- to be had again by its seed
        if now_s >= self._until_s.get(account, -math.inf):
            too_fast = self._bucket is None or self._bucket.exceeds(account, now_s)
            if not (too_fast and rule.chooses(count) and (rule.share == 1 or chance.random() < rule.share)):
                return None
            if rule.then_for_s:
                remember(self._until_s, account, now_s + rule.then_for_s)
        return self._act(chance, now_s, rate_per_s)

    def _act(self, chance: Random, now_s: float, rate_per_s: float) -> Fault:
        rule = self.rule
        fault = rule.fault
        delay_s = rule.delay.draw(chance)
        if delay_s:
            fault = replace(fault, delay_s=delay_s)
        if rule.congestion is not None:
            passed_s = rule.schedule.passed_s(now_s - self._began_s) or 0.0
            fault = replace(fault, congestion=rule.congestion.at(passed_s, rate_per_s))
        return fault

    def rang(self, now_s: float) -> None:
        """The clock's moment is over; the next one is not before *now_s*."""
        after_s = math.nextafter(now_s - self._began_s, math.inf)
        self.due_s = self._began_s + self.rule.schedule.next_s(after_s)

    def forget(self, scope: str) -> None:
        """A session is gone."""
        self._counts.pop(scope, None)


class Playing:
    """A scenario that began at *now_s* (monotonic seconds)."""

    def __init__(self, scenario: Scenario = NO_TROUBLE, seed: int = SEED, now_s: float = 0.0) -> None:
        self.scenario = scenario
        self.seed = seed
        self._began_s = now_s
        self._scopes: dict[int, str] = {}
        self._sessions: dict[str, int] = {}
        self._seen: Counter[str] = Counter()
        self._hits: Counter[str] = Counter()
        self._always = self._started(scenario.rules, -1, now_s)
        self._enter(scenario.at(0.0) if scenario.phases else _WHOLE)

    def asks(self, subjects: Iterable[str], now_s: float) -> bool:
        """Whether any rule that holds now is about one of *subjects*."""
        if not self._rules and self._place is _WHOLE:
            return False  # most of the time there is nothing to look at, and this is asked for every octet
        self._move_on(now_s)
        return any(subject in self._by_pdu for subject in subjects)

    def decide(self, seen: Seen, now_s: float) -> Fault:
        """What happens to *seen*; HEALTHY for nothing."""
        if not self._rules and self._place is _WHOLE:
            return HEALTHY
        self._move_on(now_s)
        if seen.subject in BIND_NAMES:
            self._session(seen)
        return self._decide(self._by_pdu.get(seen.subject, ()), seen, now_s)

    def clock_due_s(self) -> float:
        """When to call `ring` (monotonic seconds); `math.inf` for never."""
        return min([self._ends_s, *(each.due_s for each in self._rules)]) if self._rings else self._ends_s

    def ring(self, sessions: Iterable[Seen], now_s: float) -> Iterator[tuple[int, Fault]]:
        """The faults that the clock has for *sessions*, the bound ones, each seen as CLOCK."""
        self._move_on(now_s)
        due = [each for each in self._rules if each.due_s <= now_s]
        for each in due:
            each.rang(now_s)
        if due:
            yield from ((seen.session, self._decide(due, seen, now_s)) for seen in sessions)

    def gone(self, session: int) -> None:
        """A session has ended."""
        scope = self._scopes.pop(session, None)
        if scope is not None:
            for each in self._rules:
                each.forget(scope)

    def report(self, now_s: float) -> Report:
        """How it goes."""
        self._move_on(now_s)
        scenario, place = self.scenario, self._place
        rules = [*scenario.rules, *(rule for phase in scenario.phases for rule in phase.rules)]
        return Report(
            scenario,
            self.seed,
            now_s - self._began_s,
            place.phase if scenario.phases else None,
            now_s - self._began_s - place.from_s,
            self._ends_s - now_s,
            tuple(RuleReport(rule, self._seen[rule.label], self._hits[rule.label]) for rule in rules),
        )

    def _decide(self, rules: Iterable[_Running], seen: Seen, now_s: float) -> Fault:
        decided: Fault | None = None
        for each in rules:
            if each.concerns(seen, now_s):
                self._seen[each.rule.label] += 1
                fault = each.judge(seen, self._scope(seen), now_s)
                if fault is not None and decided is None:
                    self._hits[each.rule.label] += 1
                    decided = fault
        return HEALTHY if decided is None else decided

    def _scope(self, seen: Seen) -> str:
        """Whose count it is."""
        if seen.subject == CONNECTION:
            return CONNECTION
        if seen.subject in BIND_NAMES:
            return f"bind {seen.system_id}"
        return self._session(seen)

    def _session(self, seen: Seen) -> str:
        if seen.session not in self._scopes:
            number = self._sessions.get(seen.system_id, 0) + 1
            remember(self._sessions, seen.system_id, number)
            self._scopes[seen.session] = f"{number} {seen.system_id}"
        return self._scopes[seen.session]

    def _move_on(self, now_s: float) -> None:
        if now_s >= self._ends_s:
            place = self.scenario.at(now_s - self._began_s)
            if place.entry != self._place.entry:
                self._enter(place)

    def _enter(self, place: Place) -> None:
        self._place = place
        self._ends_s = self._began_s + place.until_s
        phases = self.scenario.phases
        own = self._started(phases[place.phase].rules, place.entry, self._began_s + place.from_s) if phases else []
        self._rules = [*own, *self._always]
        self._rings = any(CLOCK in each.rule.pdus for each in self._rules)
        self._by_pdu: dict[str, list[_Running]] = {}
        for each in self._rules:
            for pdu in each.rule.pdus:
                self._by_pdu.setdefault(pdu, []).append(each)

    def _started(self, rules: tuple[Rule, ...], entry: int, began_s: float) -> list[_Running]:
        return [_Running(rule, f"{self.seed} {entry} {rule.label}", began_s) for rule in rules]
