"""The judge: listens to every session of every operator, and keeps what gateways broke."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable, Mapping
from enum import StrEnum
from typing import Final, NamedTuple

from simulator.conformance.rules import RULES, Finding, Level, Rule
from simulator.conformance.session import Limits, SessionJudge
from simulator.smsc.journal import Entry, SessionChange
from simulator.smsc.memory import Memory
from simulator.smsc.pdus import SeenPdu, Way
from simulator.smsc.ring import Ring
from smsgw.smpp.states import State

VIOLATIONS_MAX: Final = 10_000
"""Kept for whoever asks; the counts go on beyond it. So many are the same few, again and again."""


class Verdict(StrEnum):
    """What can be said of the gateways so far; whoever is conformant may have been advised all the same."""

    NO_TRAFFIC = "no_traffic"
    CONFORMANT = "conformant"
    BROKEN = "broken"


class Violation(NamedTuple):
    """One breach, at `at_s` (Unix time) on a session of an operator, seen at the PDU `pdu_id` (0 = at none)."""

    id: int
    at_s: float
    operator: str
    line_id: int
    pdu_id: int
    rule: Rule
    detail: str


class Judge:
    """Judges whatever passes the *memory*, by the limits of each operator."""

    def __init__(self, memory: Memory, limits: Mapping[str, Limits], clock: Callable[[], float]) -> None:
        self._limits = limits
        self._clock = clock
        self._sessions: dict[int, tuple[str, SessionJudge]] = {}
        self.violations: Ring[Violation] = Ring(VIOLATIONS_MAX)
        self.counts: Counter[str] = Counter()
        self.pdus = 0
        memory.pdus.watchers.append(self._hear)
        memory.pdus.abandoned.append(self._let_go)
        memory.journal.watchers.append(self._hear_of_session)

    @property
    def broken(self) -> int:
        """How often a rule was broken that must not be."""
        return sum(count for name, count in self.counts.items() if RULES[name].level is Level.MUST)

    @property
    def verdict(self) -> Verdict:
        """Whether any rule was broken that must not be."""
        if self.broken:
            return Verdict.BROKEN
        return Verdict.CONFORMANT if self.pdus else Verdict.NO_TRAFFIC

    def look(self) -> None:
        """Note what is missing by now. Answers that never come have no PDU that would tell of them."""
        now_s = self._clock()
        for line_id, (operator, session) in self._sessions.items():
            self._note(session.tick(now_s), (now_s, operator, line_id, 0))

    def _hear(self, pdu: SeenPdu) -> None:
        _, session = self._sessions.get(pdu.line_id) or self._begin(pdu)
        if pdu.way is Way.OUT:
            session.sent(pdu.octets, pdu.at_s)
            return
        self.pdus += 1
        self._note(session.came(pdu.octets, pdu.at_s), (pdu.at_s, pdu.operator, pdu.line_id, pdu.id))

    def _let_go(self, line_id: int, sequence: int) -> None:
        if line_id in self._sessions:
            self._sessions[line_id][1].let_go(sequence)

    def _begin(self, pdu: SeenPdu) -> tuple[str, SessionJudge]:
        begun = self._sessions[pdu.line_id] = pdu.operator, SessionJudge(self._limits[pdu.operator])
        return begun

    def _hear_of_session(self, entry: Entry) -> None:
        change = entry.item
        if not isinstance(change, SessionChange) or change.state is not State.CLOSED:
            return
        operator, session = self._sessions.pop(change.line_id, (entry.operator, None))
        session = session or SessionJudge(self._limits[operator])
        self._note(session.closed(entry.at_s, change.reason), (entry.at_s, operator, change.line_id, 0))

    def _note(self, findings: Iterable[Finding], where: tuple[float, str, int, int]) -> None:
        for finding in findings:
            self.counts[finding.name] += 1
            self.violations.put(Violation(self.violations.next_id, *where, RULES[finding.name], finding.detail))
