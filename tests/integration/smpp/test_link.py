"""A link at work: bound through whatever an SMSC does, and never in doubt about what became of a text."""

from __future__ import annotations

import asyncio
from dataclasses import replace
from itertools import count

import pytest

from smsgw.domain.phones import Msisdn
from smsgw.domain.sms import NotSubmitted, SubmitOutcome, SubmitRefused, Submitted, SubmitUnknown
from smsgw.smpp import link
from smsgw.smpp.constants import Command, Status
from smsgw.smpp.link_settings import Bind
from smsgw.smpp.reconnect import Cause
from smsgw.smpp.room import Pace
from smsgw.wiring import Links
from tests.integration.raw_smsc import Peer, RawSmsc
from tests.integration.running_link import ANNA, SESSION, attempt, bound_peer, running, settings, taken, until
from tests.integration.said import Said
from tests.ports import free_port

LONG = "To'lov " * 40


async def test_a_link_binds_with_its_credentials(smsc: RawSmsc) -> None:
    async with running(settings(smsc.port)):
        bind = await (await smsc.peer()).bind()
    assert bind.command_id == Command.BIND_TRANSCEIVER
    assert (bind.octets("system_id"), bind.octets("password")) == (b"smsgw", b"secret1")


async def test_several_sessions_share_the_texts_of_a_link(smsc: RawSmsc) -> None:
    """The session with the most room is next, so that two texts go two ways."""
    async with running(settings(smsc.port, sessions=2)) as gateway:
        peers = [await smsc.bound(), await smsc.bound()]
        await gateway.bound(2)
        submits = gateway.submits(2)
        assert len({(await taken(peer)).octets("short_message") for peer in peers}) == 2
        assert await asyncio.gather(*submits) == [Submitted("A1"), Submitted("A1")]


async def test_a_pair_receives_on_one_line_and_submits_on_the_other(smsc: RawSmsc) -> None:
    async with running(settings(smsc.port, bind=Bind.PAIR)) as gateway:
        lines: dict[int, Peer] = {}
        for _ in range(2):
            peer = await smsc.peer()
            lines[(await peer.bind()).command_id] = peer
        await gateway.bound(2)
        lines[Command.BIND_RECEIVER].deliver(b"BALANCE")
        await lines[Command.BIND_RECEIVER].expect(Command.DELIVER_SM_RESP)
        submit = gateway.submits(1)[0]
        await taken(lines[Command.BIND_TRANSMITTER])
        assert await submit == Submitted("A1")
        lines[Command.BIND_TRANSMITTER].drop()
        await until(lambda: gateway.link.bound == 1)
        assert await gateway.submit() == NotSubmitted(), "a receiver alone can submit nothing"


async def test_a_line_that_drops_again_and_again_is_opened_ever_more_slowly(
    smsc: RawSmsc, waits: list[tuple[Cause, int]]
) -> None:
    async with running(settings(smsc.port)):
        for _ in range(3):
            (await smsc.bound()).drop()
        await smsc.bound()
    assert waits[:3] == [(Cause.LOST, 1), (Cause.LOST, 2), (Cause.LOST, 3)]


async def test_a_session_that_held_lets_the_waits_begin_anew(
    smsc: RawSmsc, waits: list[tuple[Cause, int]], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(link, "STEADY_S", 0.0)
    async with running(settings(smsc.port)):
        for _ in range(2):
            (await smsc.bound()).drop()
        await smsc.bound()
    assert waits[:2] == [(Cause.LOST, 1), (Cause.LOST, 1)]


@pytest.mark.proves("F33")
@pytest.mark.parametrize(
    ("status", "cause"),
    [
        (Status.ESME_RINVPASWD, Cause.CREDENTIALS),
        (Status.ESME_RALYBND, Cause.STILL_BOUND),
        (Status.ESME_RSYSERR, Cause.BUSY),
    ],
)
async def test_a_refused_bind_waits_by_its_reason(
    smsc: RawSmsc, waits: list[tuple[Cause, int]], status: Status, cause: Cause
) -> None:
    async with running(settings(smsc.port)) as gateway:
        for _ in range(2):
            peer = await smsc.peer()
            await peer.bind(status)
            assert await peer.ended()
        assert gateway.link.bound == 0
        await bound_peer(smsc, gateway)
    assert waits[:2] == [(cause, 1), (cause, 2)]


@pytest.mark.proves("F33")
async def test_a_refused_bind_is_an_alert_with_its_status(smsc: RawSmsc, said: Said) -> None:
    """Mostly only a person can mend it, and nobody would look by chance."""
    async with running(settings(smsc.port)) as gateway:
        await (await smsc.peer()).bind(Status.ESME_RINVSYSID)
        await bound_peer(smsc, gateway)
    assert said.fields("link.bind_refused", "status") == [Status.ESME_RINVSYSID]


async def test_an_smsc_that_is_not_there_is_tried_until_it_is(waits: list[tuple[Cause, int]]) -> None:
    async with running(settings(free_port())) as gateway:
        await until(lambda: len(waits) >= 3)
        assert gateway.link.bound == 0
    assert waits[:3] == [(Cause.LOST, 1), (Cause.LOST, 2), (Cause.LOST, 3)]


@pytest.mark.proves("F30")
async def test_an_smsc_that_unbinds_is_answered_and_bound_again(smsc: RawSmsc) -> None:
    async with running(settings(smsc.port)) as gateway:
        peer = await bound_peer(smsc, gateway)
        peer.request(Command.UNBIND)
        await peer.expect(Command.UNBIND_RESP)
        assert await peer.ended()
        await bound_peer(smsc, gateway)


async def test_what_was_counted_outlives_its_session(smsc: RawSmsc) -> None:
    """Counters that fall when a session ends would look like a restart to whoever scrapes them."""
    binds = ("sent", "bind_transceiver", "ESME_ROK")
    async with running(settings(smsc.port)) as gateway:
        peer = await bound_peer(smsc, gateway)
        peer.request(Command.UNBIND)
        assert await peer.ended()
        await bound_peer(smsc, gateway)

        assert gateway.link.pdus()[binds] == 2


# Submitting.


async def test_a_text_that_is_taken_is_known_by_its_id(smsc: RawSmsc) -> None:
    async with running(settings(smsc.port)) as gateway:
        peer = await bound_peer(smsc, gateway)
        submit = gateway.submits(1)[0]
        sent = await taken(peer, b"00001F")
        assert await submit == Submitted("00001F")
    assert (sent.octets("source_addr"), sent.octets("destination_addr")) == (b"1400", b"998901234567")
    assert sent.octets("short_message") == b"text 0"


async def test_a_text_that_is_refused_for_good_says_so(smsc: RawSmsc) -> None:
    async with running(settings(smsc.port)) as gateway:
        peer = await bound_peer(smsc, gateway)
        submit = gateway.submits(1)[0]
        peer.answer(await peer.expect(Command.SUBMIT_SM), Status.ESME_RINVDSTADR)
        assert await submit == SubmitRefused(Status.ESME_RINVDSTADR, temporary=False)


async def test_a_rate_spreads_the_texts(smsc: RawSmsc) -> None:
    loop = asyncio.get_running_loop()
    async with running(settings(smsc.port, rate=50.0)) as gateway:
        peer = await bound_peer(smsc, gateway)
        began_s = loop.time()
        submits = gateway.submits(6)
        for _ in submits:
            await taken(peer)
        await asyncio.gather(*submits)
    assert loop.time() - began_s >= 5 / 50.0 * 0.9


async def test_a_moment_that_passes_between_two_looks_at_the_clock_wakes_whoever_waits_for_it(
    smsc: RawSmsc, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Coarse clocks, such as uvloop's, jump; this one does at every look, and over the very moment of the token."""
    loop = asyncio.get_running_loop()
    looks = count(loop.time(), 0.002)
    opens_at_s: list[float] = []

    def open_at_s(_: Pace) -> float:
        if not opens_at_s:
            opens_at_s.append(next(looks) - 0.001)
        return opens_at_s[0]

    async with running(settings(smsc.port)) as gateway:
        peer = await bound_peer(smsc, gateway)
        monkeypatch.setattr(loop, "time", lambda: next(looks))
        monkeypatch.setattr(Pace, "open_at_s", open_at_s)
        submit = gateway.submits(1)[0]
        await taken(peer)
        assert await submit == Submitted("A1")
        monkeypatch.undo()


@pytest.mark.proves("F29")
@pytest.mark.parametrize(
    ("status", "told"),
    [
        (Status.ESME_ROK, Submitted("A1")),
        (Status.ESME_RMSGQFUL, SubmitRefused(0x14, temporary=True, retry_after_s=5.0)),
        (Status.ESME_RINVDSTADR, SubmitRefused(0x0B, temporary=False)),
    ],
)
async def test_a_text_without_an_answer_is_unknown_and_its_late_answer_is_told_once(
    smsc: RawSmsc, status: Status, told: SubmitOutcome
) -> None:
    session = replace(SESSION, response_s=0.05)
    async with running(settings(smsc.port, session=session)) as gateway:
        peer = await bound_peer(smsc, gateway)
        assert await gateway.submit() == SubmitUnknown()
        late = await peer.expect(Command.SUBMIT_SM)
        for _ in range(2):
            peer.answer(late, status, {} if status else {"message_id": b"A1"})
        await until(lambda: gateway.link.faults()["unknown_response"])
        assert gateway.late == [told]
        again = gateway.submits(1)[0]
        await taken(peer, b"new")
        assert await again == Submitted("new")


@pytest.mark.proves("F29")
async def test_a_late_throttling_makes_the_link_rest_too(smsc: RawSmsc) -> None:
    session = replace(SESSION, response_s=0.05)
    async with running(settings(smsc.port, session=session)) as gateway:
        peer = await bound_peer(smsc, gateway)
        assert await gateway.submit() == SubmitUnknown()
        peer.answer(await peer.expect(Command.SUBMIT_SM), Status.ESME_RTHROTTLED)
        await until(lambda: gateway.late)
        assert gateway.link.status.throttled


@pytest.mark.proves("F24")
async def test_what_is_in_flight_when_the_line_breaks_is_unknown(smsc: RawSmsc) -> None:
    async with running(settings(smsc.port)) as gateway:
        peer = await bound_peer(smsc, gateway)
        submits = gateway.submits(2)
        for _ in submits:
            await peer.expect(Command.SUBMIT_SM)
        peer.drop()
        assert await asyncio.gather(*submits) == [SubmitUnknown(), SubmitUnknown()]
        await bound_peer(smsc, gateway)


async def test_what_waits_for_room_when_the_line_breaks_is_not_submitted(smsc: RawSmsc) -> None:
    async with running(settings(smsc.port)) as gateway:
        peer = await bound_peer(smsc, gateway)
        submits = gateway.submits(4)
        for _ in range(2):
            await peer.expect(Command.SUBMIT_SM)
        peer.drop()
        assert set(await asyncio.gather(*submits)) == {SubmitUnknown(), NotSubmitted()}


async def test_an_smsc_that_unbinds_leaves_what_is_in_flight_unknown(smsc: RawSmsc) -> None:
    async with running(settings(smsc.port)) as gateway:
        peer = await bound_peer(smsc, gateway)
        submit = gateway.submits(1)[0]
        await peer.expect(Command.SUBMIT_SM)
        peer.request(Command.UNBIND)
        assert await submit == SubmitUnknown()


async def test_without_a_bound_session_nothing_is_submitted(smsc: RawSmsc) -> None:
    async with running(settings(smsc.port)) as gateway:
        peer = await smsc.peer()
        assert await gateway.submit() == NotSubmitted(), "a bind that is not answered yet is none"
        await peer.bind()


@pytest.mark.proves("I25")
async def test_no_more_is_in_flight_than_the_window_holds(smsc: RawSmsc) -> None:
    async with running(settings(smsc.port)) as gateway:
        peer = await bound_peer(smsc, gateway)
        submits = gateway.submits(5)
        in_flight = [await peer.expect(Command.SUBMIT_SM) for _ in range(2)]
        assert not peer.has_unread
        for _ in range(3):
            peer.answer(in_flight.pop(0), fields={"message_id": b"A1"})
            in_flight.append(await peer.expect(Command.SUBMIT_SM))
            assert not peer.has_unread
        for submit in in_flight:
            peer.answer(submit, fields={"message_id": b"A1"})
        assert await asyncio.gather(*submits) == [Submitted("A1")] * 5


async def test_texts_that_wait_for_room_leave_in_the_order_in_which_they_came(smsc: RawSmsc) -> None:
    async with running(settings(smsc.port, session=replace(SESSION, window=1))) as gateway:
        peer = await bound_peer(smsc, gateway)
        submits = gateway.submits(4)
        sent = [(await taken(peer)).octets("short_message") for _ in submits]
        await asyncio.gather(*submits)
    assert sent == [b"text 0", b"text 1", b"text 2", b"text 3"]


async def test_a_text_that_finds_no_room_in_time_is_not_submitted_and_loses_nobody_a_place(
    smsc: RawSmsc, monkeypatch: pytest.MonkeyPatch
) -> None:
    async with running(settings(smsc.port)) as gateway:
        peer = await bound_peer(smsc, gateway)
        early = gateway.submits(2)
        waiting = [await peer.expect(Command.SUBMIT_SM) for _ in early]
        monkeypatch.setattr(link, "ROOM_S", 0.02)
        assert await gateway.submit() == NotSubmitted()
        for submit in waiting:
            peer.answer(submit, fields={"message_id": b"A1"})
        await asyncio.gather(*early)
        later = gateway.submits(2)
        for submit in [await peer.expect(Command.SUBMIT_SM) for _ in later]:
            peer.answer(submit, fields={"message_id": b"A2"})
        assert await asyncio.gather(*later) == [Submitted("A2")] * 2


async def test_a_lease_that_is_over_keeps_the_text_here_and_frees_its_place(smsc: RawSmsc) -> None:
    async with running(settings(smsc.port, session=replace(SESSION, window=1))) as gateway:
        peer = await bound_peer(smsc, gateway)
        for _ in range(3):
            assert await gateway.link.submit(ANNA, "late", attempt(may_send=False)) == NotSubmitted()
        submit = gateway.submits(1)[0]
        await taken(peer)
        assert await submit == Submitted("A1")


async def test_the_parts_of_a_long_text_go_one_way_and_the_worst_answer_counts(smsc: RawSmsc) -> None:
    async with running(settings(smsc.port)) as gateway:
        peer = await bound_peer(smsc, gateway)
        submit = asyncio.ensure_future(gateway.submit(LONG))
        await taken(peer)
        peer.answer(await peer.expect(Command.SUBMIT_SM), Status.ESME_RINVDSTADR)
        assert await submit == SubmitRefused(Status.ESME_RINVDSTADR, temporary=False)


async def test_a_long_text_of_which_one_part_left_is_unknown_not_unsubmitted(smsc: RawSmsc) -> None:
    async with running(settings(smsc.port)) as gateway:
        peer = await bound_peer(smsc, gateway)
        submit = asyncio.ensure_future(gateway.submit(LONG))
        await taken(peer)
        peer.drop()
        assert await submit == SubmitUnknown()


async def test_a_text_of_a_link_that_was_taken_away_is_not_submitted() -> None:
    assert await Links({}).submit("gone", Msisdn(ANNA), "hello", attempt()) == NotSubmitted()
