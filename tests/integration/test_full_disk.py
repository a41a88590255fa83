"""The disk is full, or fails: what subscribers, operators and providers notice, and that space alone mends it."""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import AsyncIterator, Callable
from pathlib import Path

import pytest

from simulator.smsc.mo import MoState, Text
from smsgw.domain.calls import Answer, Question, Verb
from smsgw.domain.payment import State
from smsgw.domain.sms import Ack
from smsgw.ports import StoreUnavailable
from smsgw.service import settle
from smsgw.smpp.constants import Status
from smsgw.store.sqlite_file import settled
from smsgw.transaction import Tx
from tests.contract.store.disk import Disk, Step
from tests.house import PAY, House
from tests.integration.gateway import ANNA, SHORT_CODE, Gateway, code_in, running_gateway
from tests.integration.running_link import until


@pytest.fixture
def disk() -> Disk:
    return Disk(1).with_tables()


@pytest.fixture
async def house(disk: Disk) -> AsyncIterator[House]:
    """A house whose database stands on the disk, with Anna and a million in her wallet."""
    database = disk.open()
    settled(database, lambda: 1)
    built = House(database=database)
    await built.enrol()
    yield built
    disk.full = False
    disk.failing.clear()
    built.store.close()


@pytest.mark.proves("F12")
async def test_a_text_that_finds_no_room_stays_with_the_smsc_and_is_taken_later(house: House, disk: Disk) -> None:
    disk.full = True
    for _ in range(3):
        assert await house.receive_again(PAY, b"the same delivery") is Ack.RETRY
    assert not house.calls
    assert not house.texts
    disk.full = False
    assert await house.store.reads.payments(None, 1) == []
    assert await house.receive_again(PAY, b"the same delivery") is Ack.DONE
    await house.work_off()
    assert await house.text(house.code) == ["code", "receipt"]


@pytest.mark.proves("F12")
async def test_without_room_nothing_is_claimed_and_no_provider_is_asked(house: House, disk: Disk) -> None:
    await house.text(PAY)
    await house.receive(house.code)
    disk.full = True
    with pytest.raises(StoreUnavailable):
        await house.settlement.exchange(house.calls.popleft())
    house.clock.passes(60)
    with pytest.raises(StoreUnavailable):
        await house.claim()
    assert [verb for verb, _ in house.providers["sarkor"].asked] == [Verb.CHECK]
    disk.full = False
    await house.claim()
    assert house.events[-1] == "receipt"
    assert [verb for verb, _ in house.providers["sarkor"].asked] == [Verb.CHECK, Verb.PAY]
    assert await house.store.reads.unbalanced() == []


@pytest.mark.proves("F12")
async def test_an_answer_that_comes_while_there_is_no_room_waits_for_it(
    house: House, disk: Disk, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(settle, "COMMIT_AGAIN_S", 0.001)
    provider, tried = house.providers["sarkor"], asyncio.Event()
    answer_as_scripted = provider.call

    async def call(question: Question, may_send: Callable[[], bool]) -> Answer:
        answer = await answer_as_scripted(question, may_send)
        if question.verb is Verb.PAY:
            disk.full = True
            asyncio.get_running_loop().call_later(0.02, tried.set)
        return answer

    monkeypatch.setattr(provider, "call", call)
    await house.text(PAY)
    await house.receive(house.code)
    paying = asyncio.ensure_future(house.work_off())
    await tried.wait()
    assert not paying.done()
    disk.full = False
    await asyncio.wait_for(paying, 5)
    assert house.events[-1] == "receipt"
    assert (await house.payment()).state is State.EXECUTED


@pytest.mark.proves("F11")
async def test_after_an_io_error_no_text_is_taken_whatever_the_disk_says_then(house: House, disk: Disk) -> None:
    await house.text(PAY)
    disk.failing = {Step.SYNC}
    assert await house.receive(house.code) is Ack.RETRY
    disk.failing = set()
    assert await house.receive(house.code) is Ack.RETRY
    house.calls.clear()
    house.clock.passes(60)
    with pytest.raises(StoreUnavailable):
        await house.claim()
    assert [verb for verb, _ in house.providers["sarkor"].asked] == [Verb.CHECK]


async def filled(gateway: Gateway) -> None:
    """Forbid the database another page, and use up what is left in those that it has."""

    def forbid(tx: Tx) -> None:
        execute = tx._unit._connection.execute  # type: ignore[attr-defined]  # below the port
        (pages,) = execute("PRAGMA page_count", {}).fetchone()
        execute(f"PRAGMA max_page_count = {pages}", {})

    def fill(tx: Tx) -> None:
        tx.messages.add(ANNA, "main", b"0123456789abcdef", "pay", None)

    await gateway.app.store.write("", forbid)
    with contextlib.suppress(StoreUnavailable):
        for _ in range(10_000):
            await gateway.app.store.write("", fill)
        raise AssertionError("so many rows must fill a page")


async def given_room(gateway: Gateway) -> None:
    def allow(tx: Tx) -> None:
        tx._unit._connection.execute("PRAGMA max_page_count = 1000000", {})  # type: ignore[attr-defined]  # below the port

    await gateway.app.store.write("", allow)


@pytest.mark.proves("F12")
async def test_the_operator_gets_the_retry_status_until_there_is_room_again(tmp_path: Path) -> None:
    """The whole gateway over SMPP: the code comes while nothing can be stored, and pays once something can."""
    async with running_gateway(tmp_path) as gateway:
        code = code_in(await gateway.ask(PAY))
        await filled(gateway)
        mo = gateway.simulator.send_mo(Text(ANNA, SHORT_CODE, code))
        await until(lambda: mo.attempts >= 3, 10)
        assert (mo.state, mo.status) == (MoState.RETRYING, Status.ESME_RX_T_APPN)
        assert gateway.credits("sarkor") == []
        assert not gateway.app.store.broken
        await given_room(gateway)
        assert "PAID" in (await gateway.simulator.next_mt(ANNA, mo.id, 15)).text
        assert mo.state is MoState.ACKED
        assert gateway.credits("sarkor") == [("n25656", 5_000_000)]
