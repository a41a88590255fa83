"""Our simulator with Kannel as its gateway: a whole second implementation, in daily use at many operators."""

from __future__ import annotations

from collections.abc import AsyncIterator, Callable
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from pathlib import Path

import pytest

from simulator.faults.fault import Fault
from simulator.smsc.mo import MoState
from smsgw.smpp.constants import MessageState, Status
from smsgw.smpp.segments import Method
from smsgw.smpp.states import State
from tests.integration.peers.kannel import BOTH_WAYS, ONE_WAY_EACH, Kannel, kannel_beside
from tests.integration.peers.phone_network import ANNA, LONG_LATIN, LONG_UNICODE, PhoneNetwork, phone_network
from tests.integration.peers.processes import needs_kannel
from tests.integration.running_link import until

needs_kannel()

Both = tuple[Kannel, PhoneNetwork]
Bound = Callable[..., AbstractAsyncContextManager[Both]]


@pytest.fixture
def bound(tmp_path: Path) -> Bound:
    @asynccontextmanager
    async def start(ways: tuple[str, ...] = BOTH_WAYS) -> AsyncIterator[Both]:
        """Kannel bound to the simulator; neither may break SMPP in the other's eyes."""
        async with phone_network() as network, kannel_beside(network, tmp_path, ways) as kannel:
            await network.bound()
            yield kannel, network
            assert network.faults() == {}

    return start


@pytest.mark.parametrize("text", ["BALANCE {€} @_$£", "БАЛАНС 👍"], ids=["plain", "unicode"])
async def test_a_text_reaches_it_and_is_acknowledged(bound: Bound, text: str) -> None:
    async with bound() as (kannel, network):
        mo = network.text(text)
        heard = await kannel.text()
        assert (heard["text"], heard["from"], heard["to"]) == (text, ANNA, "1400")
        assert (await network.answered(mo)).state is MoState.ACKED


@pytest.mark.parametrize("text", [LONG_LATIN, LONG_UNICODE], ids=["plain", "unicode"])
@pytest.mark.parametrize("method", list(Method))
async def test_a_long_text_reaches_it_whole(bound: Bound, text: str, method: Method) -> None:
    async with bound() as (kannel, network):
        mo = network.text(text.strip(), method=method)
        assert (await kannel.text())["text"] == text.strip()
        assert (await network.answered(mo)).state is MoState.ACKED


@pytest.mark.parametrize("text", ["Paid {50 000} €", LONG_LATIN, "Оплачено 👍", LONG_UNICODE])
async def test_the_phone_shows_what_it_sends_and_kannel_hears_that_it_came(bound: Bound, text: str) -> None:
    async with bound() as (kannel, network):
        await kannel.send(text)
        assert (await network.read()).text == text
        assert await kannel.reports(2) == {"8", "1"}


async def test_a_whole_dialogue(bound: Bound) -> None:
    async with bound() as (kannel, network):
        kannel.reply = "Ваш баланс: 50 000 сум"
        mo = network.text("БАЛАНС")
        assert (await network.read(since=mo.id)).text == kannel.reply
        assert (await kannel.text())["text"] == "БАЛАНС"


async def test_kannel_hears_that_a_text_never_came(bound: Bound) -> None:
    async with bound() as (kannel, network):
        network.simulator.smsc.faults.put("receipt", Fault(state=MessageState.UNDELIVERABLE))
        await kannel.send("PAID")
        assert await kannel.reports(2) == {"8", "2"}


async def test_kannel_hears_that_a_text_is_refused(bound: Bound) -> None:
    async with bound() as (kannel, network):
        network.simulator.smsc.faults.put("submit_sm", Fault(status=Status.ESME_RINVDSTADR))
        await kannel.send("PAID")
        assert await kannel.reports(1) == {"16"}


async def test_a_throttled_text_is_sent_again(bound: Bound) -> None:
    async with bound() as (kannel, network):
        network.simulator.smsc.faults.put("submit_sm", Fault(status=Status.ESME_RTHROTTLED))
        await kannel.send("PAID")
        assert (await network.read()).text == "PAID"


async def test_many_texts_come_each_once(bound: Bound) -> None:
    async with bound() as (kannel, network):
        for number in range(100):
            network.text(f"TEXT {number}")
        heard = [(await kannel.text())["text"] for _ in range(100)]
        assert sorted(heard) == sorted(f"TEXT {number}" for number in range(100))
        assert kannel.texts.empty()


async def test_separate_lines_each_way(bound: Bound) -> None:
    """One bind as transmitter and one as receiver: texts go out on the one and come in on the other."""
    async with bound(ONE_WAY_EACH) as (kannel, network):
        await until(lambda: {session.state for session in network.sessions()} == {State.BOUND_TX, State.BOUND_RX})
        kannel.reply = "Your balance is 50 000"
        mo = network.text("BALANCE")
        assert (await network.read(since=mo.id)).text == kannel.reply


async def test_both_ask_whether_the_other_lives(bound: Bound) -> None:
    async with bound() as (_, network):
        (session,) = network.sessions()
        asked = ("sent", "enquire_link_resp", "ESME_ROK")
        await until(lambda: session.counters.get(asked))


async def test_a_line_that_breaks_is_bound_anew_and_loses_nothing(bound: Bound) -> None:
    async with bound() as (kannel, network):
        await network.unbind()
        await until(lambda: not network.sessions())
        mo = network.text("BALANCE")
        assert (await kannel.text())["text"] == "BALANCE"
        assert (await network.answered(mo)).state is MoState.ACKED
