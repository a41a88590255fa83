"""Exchanges: what all exchanges with each provider say together. A provider that is down is left alone for a while.

Rule 1: every exchange is counted by its verb and the word of its answer, and timed.
Rule 2: an answer that leaves open what became of the request is a line of the log as well: `call.unknown`, or
`call.alarm` where waiting will not mend it, which `settle` writes with the payment.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass, field

from smsgw.domain.calls import Absent, Accepted, Answer, NotSent, Refused, Unknown, Verb
from smsgw.log import get_logger
from smsgw.ports import Clock
from smsgw.service.rules import US
from smsgw.settlement.breaker import Breaker, Standing, admitted, answered, begun, standing
from smsgw.settlement.exchange import word
from smsgw.smpp.latency import Histogram, Latencies

log = get_logger(__name__)


@dataclass(frozen=True, slots=True, kw_only=True)
class ProviderVitals:
    """One provider at this moment, with what has passed since the start.

    `paused_until_us` and `why` belong to a pause; 0 and "" without one. `answers` are counted by (verb, word of the
    answer), `seconds` by verb. `alarm` is the last answer that a person should look at, at `alarm_at_us`.
    """

    protocol: str
    standing: Standing = Standing.OK
    paused_until_us: int = 0
    why: str = ""
    in_flight: int = 0
    answers: Mapping[tuple[str, str], int] = field(default_factory=dict)
    seconds: Mapping[str, Histogram] = field(default_factory=dict)
    alarms: int = 0
    alarm: str = ""
    alarm_at_us: int = 0


@dataclass(slots=True)
class _Record:
    """What is remembered of one provider."""

    protocol: str
    breaker: Breaker = field(default_factory=Breaker)
    why: str = ""
    in_flight: int = 0
    answers: Counter[tuple[str, str]] = field(default_factory=Counter)
    seconds: dict[str, Latencies] = field(default_factory=dict)
    alarms: int = 0
    alarm: str = ""
    alarm_at_us: int = 0


class Exchanges:
    """The record of every provider; *protocols* names them all."""

    def __init__(self, protocols: Mapping[str, str], clock: Clock) -> None:
        self._records = {name: _Record(protocol) for name, protocol in protocols.items()}
        self._clock = clock

    def allows(self, provider: str) -> bool:
        """True if an exchange may begin now. After a pause this is true for one, the probe, until it has ended."""
        record = self._records[provider]
        admission = admitted(record.breaker, self._clock.monotonic_s())
        if admission is None:
            return False
        record.breaker = admission
        return True

    def begins(self, provider: str) -> None:
        """An exchange that was allowed begins; `note` must follow."""
        record = self._records[provider]
        record.in_flight += 1
        record.breaker = begun(record.breaker, self._clock.monotonic_s())

    def note(self, provider: str, verb: Verb, answer: Answer, took_s: float) -> None:
        """The exchange has ended with *answer*."""
        record = self._records[provider]
        record.in_flight -= 1
        record.answers[verb.value, word(answer)] += 1
        record.seconds.setdefault(verb.value, Latencies()).add(took_s)
        alarm = alarm_of(answer)
        if alarm:
            record.alarms += 1
            record.alarm, record.alarm_at_us = alarm, self._clock.now_us()
        elif isinstance(answer, Unknown | NotSent):
            log.warning("call.unknown", provider=provider, verb=verb.value, why=answer.why)
        self._watch(provider, record, answer)

    def vitals(self) -> Mapping[str, ProviderVitals]:
        """Every provider at this moment."""
        return {name: self._vitals(record) for name, record in self._records.items()}

    def _watch(self, provider: str, record: _Record, answer: Answer) -> None:
        """Feed the breaker, and tell operations when the provider is paused or back."""
        now_s = self._clock.monotonic_s()
        before = standing(record.breaker, now_s)
        record.breaker = answered(record.breaker, answer, now_s)
        after = standing(record.breaker, now_s)
        if after is before:
            return
        record.why = answer.why if isinstance(answer, Unknown | NotSent) else ""
        if after is Standing.PAUSED:
            seconds = round((record.breaker.until_s or now_s) - now_s)
            log.warning("provider.paused", provider=provider, seconds=seconds, why=record.why)
        else:
            log.info("provider.resumed", provider=provider)

    def _vitals(self, record: _Record) -> ProviderVitals:
        now_s, until_s = self._clock.monotonic_s(), record.breaker.until_s
        paused_until_us = 0 if until_s is None else self._clock.now_us() + round((until_s - now_s) * US)
        return ProviderVitals(
            protocol=record.protocol,
            standing=standing(record.breaker, now_s),
            paused_until_us=paused_until_us,
            why=record.why,
            in_flight=record.in_flight,
            answers=dict(record.answers),
            seconds={verb: latencies.histogram() for verb, latencies in record.seconds.items()},
            alarms=record.alarms,
            alarm=record.alarm,
            alarm_at_us=record.alarm_at_us,
        )


def alarm_of(answer: Answer) -> str:
    """What a person should look at, because waiting will not mend it; "" = nothing."""
    match answer:
        case Accepted(alarm=why) | Absent(alarm=why) | Refused(alarm=why):
            return why
        case Unknown(why=why, alarm=True) | NotSent(why=why, alarm=True):
            return why
        case _:
            return ""
