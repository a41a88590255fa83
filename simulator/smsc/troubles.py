"""What goes wrong at one SMSC: faults that were asked for, the scenario, and where both meet what is said.

Rule: a fault that was asked for comes before the scenario.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import replace
from functools import partial

from simulator.faults.fault import CONNECTION, HEALTHY, Fault, FaultTable
from simulator.faults.playing import Playing
from simulator.faults.scenario import NO_TROUBLE
from simulator.faults.when import CLOCK, Seen
from simulator.smsc.agenda import Agenda
from simulator.smsc.lines import Line
from simulator.smsc.misconduct import NOTHING_ASKED, OUTGOING, Action, break_off, instead, say
from simulator.smsc.pdus import Frames
from smsgw.smpp.codec import decode
from smsgw.smpp.constants import Command
from smsgw.smpp.pdu import Pdu
from smsgw.smpp.states import BINDS
from smsgw.smpp.text import Alphabet


class Troubles:
    """Faults that wait, and the scenario that plays; *clock* gives the time (monotonic seconds) of what is written."""

    def __init__(self, alphabet: Alphabet, later: Agenda[Action], clock: Callable[[], float]) -> None:
        self.faults = FaultTable()
        self.playing = Playing()
        self._alphabet = alphabet
        self._later = later
        self._clock = clock

    def of(self, subject: str, line: Line, pdu: Pdu | None, now_s: float) -> Fault:
        """What happens to *pdu*; HEALTHY for nothing."""
        fault = self.faults.take(subject, now_s)
        if fault is not HEALTHY or self.playing.scenario is NO_TROUBLE:
            return fault
        account = line.system_id
        if pdu is not None and pdu.command_id in BINDS:
            account = pdu.octets("system_id").decode("latin-1")
        return self.playing.decide(Seen(subject, line.id, account, pdu, self._alphabet), now_s)

    def connected(self, line: Line, now_s: float) -> None:
        """A gateway has connected: what meets it, and whatever its session will write."""
        line.outlet = partial(self._let_out, line)
        self._strike(line, self.of(CONNECTION, line, None, now_s), now_s)

    def ring(self, lines: Iterable[Line], now_s: float) -> None:
        """Do what the clock has made due since the last time."""
        if now_s < self.playing.clock_due_s():
            return
        bound = {line.id: line for line in lines if line.session.is_bound and not line.muted}
        seen = [Seen(CLOCK, line.id, line.system_id) for line in bound.values()]
        for session, fault in self.playing.ring(seen, now_s):
            self._strike(bound[session], fault, now_s)

    def _strike(self, line: Line, fault: Fault, now_s: float) -> None:
        """Let a fault meet a line that has asked for nothing."""
        if fault.delay_s:
            self._later.put(now_s + fault.delay_s, partial(self._strike, line, replace(fault, delay_s=0.0)))
        elif fault is not HEALTHY:
            if fault.say:
                say(line, NOTHING_ASKED._replace(status=fault.status), fault)
            break_off(line, fault, self._later, now_s)

    def _let_out(self, line: Line, data: bytes) -> bytes:
        """Let faults meet what a session has written; without any, nothing is looked at."""
        subjects = OUTGOING.values()
        if not self.faults.asks(subjects) and not self.playing.asks(subjects, self._clock()):
            return data
        return b"".join(self._judged(line, octets, self._clock()) for octets in Frames().cut(data))

    def _judged(self, line: Line, octets: bytes, now_s: float) -> bytes:
        pdu = decode(octets)
        if not isinstance(pdu, Pdu) or pdu.command_id not in OUTGOING:
            return octets
        fault = self.of(OUTGOING[Command(pdu.command_id)], line, pdu, now_s)
        if fault is HEALTHY:
            return octets
        said = instead(pdu, fault)
        if pdu.command_id == Command.ENQUIRE_LINK_RESP and not said:
            line.abandon(pdu.sequence)
        # A session that is over is closed by its last word: what comes later, or never, keeps the connection open.
        if pdu.command_id == Command.UNBIND_RESP and not said and not fault.disconnect_before:
            line.late += 1
        if fault.delay_s:
            line.late += 1
            self._later.put(now_s + fault.delay_s, partial(self._let_out_late, line, said, fault))
            return b""
        break_off(line, fault, self._later, now_s)
        return said

    def _let_out_late(self, line: Line, said: bytes, fault: Fault, now_s: float) -> None:
        line.late -= 1
        line.say(said)
        break_off(line, fault, self._later, now_s)
