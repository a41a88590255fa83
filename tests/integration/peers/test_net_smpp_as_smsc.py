"""Our link bound to an SMSC that others have written: Net::SMPP for Perl."""

from __future__ import annotations

from collections.abc import AsyncIterator

import pytest

from smsgw.domain.sms import Ack, Delivery, SubmitRefused, Submitted
from smsgw.smpp.constants import Status
from smsgw.smpp.reassembly import StoredPart, complete
from smsgw.smpp.segments import Method, split
from smsgw.smpp.session_settings import SessionSettings
from smsgw.smpp.text import Alphabet
from tests.integration.peers.net_smpp import NetSmpp, joined, perl_smsc
from tests.integration.peers.processes import needs_net_smpp
from tests.integration.running_link import Heard, Running, running, settings, until

needs_net_smpp()

LONG = "Оплатите, пожалуйста, счёт №25656 — спасибо! 👍 " * 4
SESSION = SessionSettings(unbind_s=5.0)


@pytest.fixture
async def smsc() -> AsyncIterator[tuple[NetSmpp, int]]:
    async with perl_smsc() as listening:
        yield listening


@pytest.fixture
async def bound(smsc: tuple[NetSmpp, int]) -> AsyncIterator[tuple[NetSmpp, Running]]:
    perl, port = smsc
    async with running(settings(port, session=SESSION)) as gateway:
        await perl.heard("bind_transceiver")
        await gateway.bound()
        yield perl, gateway


async def test_it_binds_and_leaves_in_order(smsc: tuple[NetSmpp, int]) -> None:
    perl, port = smsc
    async with running(settings(port, session=SESSION)) as gateway:
        bind = await perl.heard("bind_transceiver")
        assert (bind["system_id"], bind["password"], bind["interface_version"]) == ("smsgw", "secret1", 0x34)
        await gateway.bound()
    await perl.heard("unbind")
    await perl.heard("closed")


@pytest.mark.parametrize(
    ("text", "data_coding"), [("SARKOR*n25656*50000 {€}@_", 0), ("ОПЛАТА 25656 👍", 8)], ids=["plain", "unicode"]
)
async def test_a_text_is_read_and_answered_under_its_own_sequence(
    bound: tuple[NetSmpp, Running], text: str, data_coding: int
) -> None:
    perl, gateway = bound
    (segment,) = split(text, Alphabet.GSM0338, Method.UDH8, 1)
    perl.deliver(segment.short_message, data_coding=data_coding, seq=4711)
    answer = await perl.heard("deliver_sm_resp")
    assert (answer["status"], answer["seq"], answer["message_id"]) == (0, 4711, "")
    assert [sms.text for sms in gateway.heard.texts] == [text]


@pytest.mark.parametrize("method", [Method.UDH8, Method.UDH16])
async def test_the_parts_of_a_long_text_make_it_whole(bound: tuple[NetSmpp, Running], method: Method) -> None:
    """The last part comes first, as it does on real links."""
    perl, gateway = bound
    for segment in reversed(split(LONG, Alphabet.GSM0338, method, 0xBEEF)):
        perl.deliver(segment.short_message, esm_class=0x40, data_coding=8)
        assert (await perl.heard("deliver_sm_resp"))["status"] == 0
    stored = [StoredPart(part.total, part.number, part.data_coding, part.payload) for part in gateway.heard.parts]
    assert len({part.reference for part in gateway.heard.parts}) == 1
    assert complete(stored, Alphabet.GSM0338) == LONG


async def test_a_text_in_data_sm_is_a_text(bound: tuple[NetSmpp, Running]) -> None:
    perl, gateway = bound
    perl.order("data_sm", source_addr="998901234567", destination_addr="1400", message_payload="BALANCE")
    answer = await perl.heard("data_sm_resp")
    assert (answer["status"], [sms.text for sms in gateway.heard.texts]) == (0, ["BALANCE"])


async def test_parameters_that_nobody_expects_are_passed_over(bound: tuple[NetSmpp, Running]) -> None:
    """A vendor's own tags, tags that belong to other PDUs, an empty one: none may cost a text."""
    perl, gateway = bound
    vendors = {"5120": 7, "8192": 70_000}
    perl.deliver(b"HELP", **vendors, dest_addr_subunit=b"\1", its_reply_type=b"\0", alert_on_message_delivery=b"")
    assert (await perl.heard("deliver_sm_resp"))["status"] == 0
    assert [sms.text for sms in gateway.heard.texts] == ["HELP"]


async def test_what_cannot_be_taken_now_is_to_come_again(smsc: tuple[NetSmpp, int]) -> None:
    perl, port = smsc

    async def later(_: str) -> Ack:
        return Ack.RETRY

    async with running(settings(port, session=SESSION), Heard(later)) as gateway:
        await gateway.bound()
        await perl.heard("bind_transceiver")
        perl.deliver(b"HELP")
        assert (await perl.heard("deliver_sm_resp"))["status"] == Status.ESME_RX_T_APPN


@pytest.mark.parametrize(
    "parameters", [{}, {"receipted_message_id": b"perl-1\0", "message_state": b"\2"}], ids=["text", "parameters"]
)
async def test_a_receipt_names_the_text_that_was_sent(
    bound: tuple[NetSmpp, Running], parameters: dict[str, bytes]
) -> None:
    """With its text alone, and with parameters beside a text that says nothing."""
    perl, gateway = bound
    outcome = await gateway.submit("PAID")
    text = b"id:perl-1 sub:001 dlvrd:001 submit date:2611211200 done date:2611211201 stat:DELIVRD err:000 text:PAID"
    perl.deliver(b"delivered" if parameters else text, esm_class=4, **parameters)
    await perl.heard("submit_sm")
    assert (await perl.heard("deliver_sm_resp"))["status"] == 0
    assert outcome == Submitted("perl-1")
    assert gateway.heard.receipts == [("perl-1", Delivery.DELIVERED)]


async def test_a_text_of_ours_is_read_as_it_was_meant(bound: tuple[NetSmpp, Running]) -> None:
    perl, gateway = bound
    assert await gateway.submit("Paid {50 000} €") == Submitted("perl-1")
    submit = await perl.heard("submit_sm")
    assert joined([submit]) == "Paid {50 000} €"
    assert (submit["source_addr"], submit["destination_addr"]) == ("1400", "998901234567")
    assert (submit["dest_addr_ton"], submit["dest_addr_npi"]) == (1, 1)
    assert (submit["registered_delivery"], submit["validity_period"]) == (1, "000000000100000R")


@pytest.mark.parametrize("method", list(Method))
async def test_a_long_text_of_ours_arrives_whole(smsc: tuple[NetSmpp, int], method: Method) -> None:
    perl, port = smsc
    async with running(settings(port, session=SESSION, long_texts=method)) as gateway:
        await perl.heard("bind_transceiver")
        await gateway.bound()
        assert await gateway.submit(LONG) == Submitted("perl-1")
        said = [await perl.heard("submit_sm") for _ in split(LONG, Alphabet.GSM0338, method, 1)]
    assert joined(said) == LONG


@pytest.mark.parametrize("method", [Method.SAR, Method.PAYLOAD])
async def test_an_smsc_that_names_no_version_gets_no_parameters(method: Method) -> None:
    """Such an SMSC may know no parameters at all: a long text goes with headers then, whatever the link prefers."""
    async with (
        perl_smsc(version=0) as (perl, port),
        running(settings(port, session=SESSION, long_texts=method)) as gateway,
    ):
        await perl.heard("bind_transceiver")
        await gateway.bound()
        assert await gateway.submit(LONG) == Submitted("perl-1")
        said = [await perl.heard("submit_sm") for _ in split(LONG, Alphabet.GSM0338, Method.UDH8, 1)]
    assert [one["esm_class"] for one in said] == [0x40] * len(said)
    assert joined(said) == LONG


@pytest.mark.parametrize(
    ("status", "temporary"), [(Status.ESME_RINVDSTADR, False), (Status.ESME_RMSGQFUL, True), (0x0000_04A1, False)]
)
async def test_a_refused_text_is_known_by_its_status(
    bound: tuple[NetSmpp, Running], *, status: int, temporary: bool
) -> None:
    perl, gateway = bound
    perl.order("answer", "submit_sm", int(status))
    outcome = await gateway.submit()
    assert isinstance(outcome, SubmitRefused)
    assert (outcome.status, outcome.temporary) == (status, temporary)


async def test_a_nack_ends_the_text_that_it_names(bound: tuple[NetSmpp, Running]) -> None:
    perl, gateway = bound
    perl.order("hold", "submit_sm")
    (submit,) = gateway.submits(1)
    sequence = (await perl.heard("submit_sm"))["seq"]
    perl.order("generic_nack", seq=sequence, status=int(Status.ESME_RINVCMDID))
    outcome = await submit
    assert isinstance(outcome, SubmitRefused)
    assert outcome.status == Status.ESME_RINVCMDID


async def test_each_side_may_ask_whether_the_other_lives(smsc: tuple[NetSmpp, int]) -> None:
    perl, port = smsc
    impatient = SessionSettings(enquire_link_interval_s=0.05)
    async with running(settings(port, session=impatient)) as gateway:
        await perl.heard("bind_transceiver")
        for _ in range(2):  # the second shows that the first was answered to our content
            await perl.heard("enquire_link")
        assert gateway.link.bound == 1
    await until_heard(perl, "unbind")


async def test_its_own_question_is_answered_under_its_sequence(bound: tuple[NetSmpp, Running]) -> None:
    perl, _ = bound
    perl.order("enquire_link", seq=99)
    assert (await perl.heard("enquire_link_resp"))["seq"] == 99


async def test_an_smsc_that_stops_answering_is_left(smsc: tuple[NetSmpp, int]) -> None:
    perl, port = smsc
    perl.order("hold", "enquire_link")
    impatient = SessionSettings(enquire_link_interval_s=0.05, enquire_link_timeout_s=0.1)
    async with running(settings(port, session=impatient)):
        await perl.heard("bind_transceiver")
        await perl.heard("enquire_link")
        await perl.heard("closed")
        await perl.heard("bind_transceiver")


async def test_an_smsc_that_unbinds_is_answered_and_bound_anew(bound: tuple[NetSmpp, Running]) -> None:
    perl, gateway = bound
    perl.order("unbind", seq=7)
    assert (await perl.heard("unbind_resp"))["seq"] == 7
    await perl.heard("closed")
    await perl.heard("bind_transceiver")
    await gateway.bound()


async def test_an_smsc_that_goes_away_is_bound_anew(bound: tuple[NetSmpp, Running]) -> None:
    perl, gateway = bound
    perl.order("close")
    await perl.heard("bind_transceiver")
    await gateway.bound()


async def test_a_refused_bind_is_no_session(smsc: tuple[NetSmpp, int]) -> None:
    perl, port = smsc
    perl.order("answer", "bind_transceiver", int(Status.ESME_RINVPASWD))
    async with running(settings(port, session=SESSION)) as gateway:
        await perl.heard("bind_transceiver")
        await perl.heard("closed")
        await until(lambda: not gateway.link.connections)
        assert gateway.link.bound == 0


async def until_heard(perl: NetSmpp, command: str) -> None:
    """Pass over questions whether it lives, which may come at any time."""
    while True:
        said = await perl.next()
        if said["cmd"] != "enquire_link":
            assert said["cmd"] == command, said
            return
