"""The link in the zoo: an SMSC that breaks SMPP in every known way.

What holds for all cases is asserted for all: every text of a subscriber is taken and acknowledged, before, during and
after; a text of ours is taken as often as the table says, which is more than once only where nobody could know; the
link is bound again and submits; nothing turns in circles.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from dataclasses import replace
from typing import Any, Final

import pytest

from simulator.app import Simulator
from simulator.faults.reading import read_faults
from simulator.settings import SimulatorSettings
from simulator.smsc.mo import Mo, MoState, Text
from simulator.smsc.mt import Mt
from smsgw.domain.sms import Submitted, SubmitUnknown
from smsgw.smpp.reconnect import Cause
from smsgw.smpp.segments import Method
from smsgw.smpp.session import Session
from tests.integration.running_link import Running, running, settings, until
from tests.integration.said import Said
from tests.integration.smpp.zoo import ON_BIND, ON_SUBMIT, PATIENT, SMSC, Case, Faults

# What a case may cost: some dozen turns a second for each of two sessions; one that spins makes thousands.
TICKS_MAX: Final = 500
LONG: Final = "To'lov " * 40


@pytest.fixture
def ticks(monkeypatch: pytest.MonkeyPatch) -> Callable[[], int]:
    """How often any session was told the time: what turns in circles tells it without end."""
    count = 0
    tick = Session.tick

    def counted(session: Session, now_s: float) -> Any:
        nonlocal count
        count += 1
        return tick(session, now_s)

    monkeypatch.setattr(Session, "tick", counted)
    return lambda: count


class Visit:
    """One case: an SMSC, a link, and what went between them."""

    def __init__(self, simulator: Simulator, gateway: Running) -> None:
        self.simulator = simulator
        self.gateway = gateway
        self._mos: list[Mo] = []

    def break_down(self, faults: Faults) -> None:
        for subject, fault in read_faults(faults):
            self.simulator.smsc.faults.put(subject, fault)

    def text_in(self, text: str) -> None:
        self._mos.append(self.simulator.send_mo(Text("998901234567", "1400", text)))

    async def all_in(self) -> None:
        """Every text of the subscriber is acknowledged, and had reached the service."""
        await until(lambda: all(mo.state is MoState.ACKED for mo in self._mos))
        heard = {sms.text for sms in self.gateway.heard.texts}
        assert {mo.text.text for mo in self._mos} <= heard

    def taken(self, text: str) -> int:
        """How often the SMSC took a text of ours."""
        items = (entry.item for entry in self.simulator.smsc.journal.since(0))
        return sum(isinstance(item, Mt) and item.text == text for item in items)

    @property
    def connections(self) -> int:
        return self.simulator.smsc.lines.opened_count

    def check(self, case: Case, said: Said) -> None:
        """What holds at the end."""
        assert self.taken("one") == case.taken, case.promise
        assert tuple(said.fields("link.down", "reason")) == case.reasons, case.promise
        assert self.connections == 1 + len(case.reasons), case.promise
        texts = [sms.text for sms in self.gateway.heard.texts]
        assert texts.count("HELP") == case.out_of_turn, case.promise

    async def settled(self, connections: int) -> None:
        """So many connections were made in all, and the last of them is bound."""
        await until(lambda: self.connections == connections and self.simulator.smsc.lines.receiving(""))
        await self.gateway.bound()


@pytest.mark.proves("F24", "F29", "F30", "F32")
@pytest.mark.parametrize("name", ON_SUBMIT)
async def test_what_an_smsc_may_do_to_a_text(name: str, ticks: Callable[[], int], said: Said) -> None:
    case = ON_SUBMIT[name]
    async with (
        Simulator(SimulatorSettings.single(case.smsc)) as simulator,
        running(settings(simulator.smpp_port, **{"session": PATIENT, **case.link})) as gateway,
    ):
        visit = Visit(simulator, gateway)
        await gateway.bound()
        visit.text_in("before")
        await visit.all_in()
        visit.break_down(case.faults)
        submit = asyncio.ensure_future(gateway.submit("one"))
        await asyncio.sleep(0)
        visit.text_in("during")
        assert await submit == case.outcome, case.promise
        await visit.all_in()
        await visit.settled(1 + len(case.reasons))
        assert isinstance(await gateway.submit("two"), Submitted), case.promise
        visit.text_in("after")
        await visit.all_in()
        assert visit.taken("two") == 1, case.promise
        if case.receipts is not None:
            await until(lambda: len(gateway.heard.receipts) > len(case.receipts or ()))
            assert tuple(gateway.heard.receipts[: len(case.receipts)]) == case.receipts, case.promise
        visit.check(case, said)
    assert ticks() < TICKS_MAX


@pytest.mark.proves("F30")
@pytest.mark.parametrize("name", ON_BIND)
async def test_what_an_smsc_may_do_to_a_bind(
    name: str, ticks: Callable[[], int], said: Said, waits: list[tuple[Cause, int]]
) -> None:
    case = ON_BIND[name]
    async with Simulator(SimulatorSettings.single(case.smsc)) as simulator:
        visit = Visit(simulator, None)  # type: ignore[arg-type]
        visit.break_down(case.faults)
        visit.text_in("waiting")
        async with running(settings(simulator.smpp_port, **{"session": PATIENT, **case.link})) as gateway:
            visit.gateway = gateway
            await visit.settled(1 + len(case.reasons))
            assert isinstance(await gateway.submit("one"), Submitted), case.promise
            visit.text_in("after")
            await visit.all_in()
            visit.check(case, said)
            assert len(waits) == len(case.reasons), "between two connections there is always a wait"
    assert ticks() < TICKS_MAX


async def test_leaving_an_smsc_that_is_dead_takes_no_longer_than_the_timers_of_leaving() -> None:
    """Nobody answers our unbind: drain_s for what is in flight, unbind_s for the answer, and we are gone."""
    loop = asyncio.get_running_loop()
    session = replace(PATIENT, drain_s=0.2, unbind_s=0.1)
    async with (
        Simulator(SimulatorSettings.single(SMSC)) as simulator,
        running(settings(simulator.smpp_port, session=session)) as gateway,
    ):
        visit = Visit(simulator, gateway)
        await gateway.bound()
        visit.break_down({"submit_sm": {"no_response": True, "mute_after": True}})
        submit = asyncio.ensure_future(gateway.submit("one"))
        await until(lambda: visit.taken("one"))
        began_s = loop.time()
        await gateway.leave()
        took_s = loop.time() - began_s
        assert await submit == SubmitUnknown()
    assert session.drain_s + session.unbind_s <= took_s + 0.02
    assert took_s < session.response_s


async def test_an_idle_session_is_ended_in_order_and_made_anew_where_that_is_asked_for(said: Said) -> None:
    """inactivity_s: questions whether the other lives are no activity."""
    session = replace(PATIENT, inactivity_s=0.3)
    async with (
        Simulator(SimulatorSettings.single(SMSC)) as simulator,
        running(settings(simulator.smpp_port, session=session)) as gateway,
    ):
        visit = Visit(simulator, gateway)
        await until(lambda: visit.connections > 1)
    assert set(said.fields("link.down", "reason")) == {"unbound_by_us"}


@pytest.mark.parametrize("announced", [0, 0x33])
@pytest.mark.parametrize("method", [Method.SAR, Method.PAYLOAD])
async def test_an_smsc_older_than_3_4_gets_no_parameters(announced: int, method: Method) -> None:
    """SMPP 3.4, 3.4: the long text goes with headers instead, and arrives whole."""
    async with (
        Simulator(SimulatorSettings.single(replace(SMSC, interface_version=announced))) as simulator,
        running(settings(simulator.smpp_port, long_texts=method)) as gateway,
    ):
        await gateway.bound()
        assert isinstance(await gateway.submit(LONG), Submitted)
        assert Visit(simulator, gateway).taken(LONG) == 1
        received = simulator.smsc.lines.get(1)
        assert received is not None
        assert received.session.counters[("received", "submit_sm", "ESME_ROK")] == 2


@pytest.mark.parametrize("method", list(Method))
async def test_an_smsc_of_3_4_gets_long_texts_as_the_link_prefers(method: Method) -> None:
    async with (
        Simulator(SimulatorSettings.single(SMSC)) as simulator,
        running(settings(simulator.smpp_port, long_texts=method)) as gateway,
    ):
        await gateway.bound()
        assert isinstance(await gateway.submit(LONG), Submitted)
        assert Visit(simulator, gateway).taken(LONG) == 1
