"""Whatever a link delivers, in whatever order, the whole service takes it and moves no money without a code."""

from __future__ import annotations

import asyncio
from typing import Final, get_args

from hypothesis import given, strategies as st

from smsgw.domain.sms import Ack, InboundPart, InboundSms
from smsgw.smpp.codec import decode, encode
from smsgw.smpp.constants import Command
from smsgw.smpp.incoming import InboundReceipt, Incoming, incoming
from smsgw.smpp.pdu import FieldValue, Pdu
from smsgw.smpp.text import fits_one_segment
from smsgw.smpp.tlv import Tag, Tlvs
from tests.fuzz.budget import cases
from tests.house import ANNA, BORIS, PASSWORD, House
from tests.integration.running_link import settings

LINK: Final = settings(1)
# A house is built for each case.
COST: Final = 5
# Words of the language, in any order: these get deep into the service.
WORDS: Final = st.lists(
    st.sampled_from(
        [
            "SARKOR", "саркор", "COMNET", "*", " ", "\n", "#", "n25656", "123456", "600", "50000", "1.000", "-1",
            PASSWORD, "parol2", "8600123412341234", "0", "да", "КОД", "HELP", "LIST", "STATUS", "БАЛАНС", "PAY",
            "000000", "\0", "\u200b", "😀",
        ]
    ),
    max_size=9,
).map("".join)  # fmt: skip
TEXTS: Final = st.sampled_from([f"SARKOR*n25656*600*{PASSWORD}", "0", "000000", "HELP"]) | WORDS | st.text(max_size=20)
OCTETS: Final = (
    TEXTS.map(lambda text: text.encode("utf-16-be", "replace")[:200])
    | TEXTS.map(lambda text: text.encode("utf-8", "replace")[:200])
    | st.binary(max_size=60)
)
HEADERS: Final = st.sampled_from(
    [b"", b"", b"\5\0\3\7\2\1", b"\5\0\3\7\2\2", b"\5\0\3\x08\3\1", b"\6\x08\4\0\7\2\2", b"\xff"]
)
TLVS: Final[st.SearchStrategy[Tlvs]] = st.sampled_from(
    [(), (), ((int(Tag.SAR_MSG_REF_NUM), b"\0\7"),), ((0x1400, b"\xff"),)]
)


@st.composite
def delivered(draw: st.DrawFn) -> Pdu:
    """A deliver_sm as it comes from the wire."""
    header, tlvs = draw(HEADERS), draw(TLVS)
    fields: dict[str, FieldValue] = {
        "source_addr": draw(st.sampled_from([ANNA[1:].encode(), BORIS[1:].encode(), b"3131", b"Uzcard", b"\xff", b""])),
        "destination_addr": b"1400",
        "esm_class": draw(st.sampled_from([0, 0, 4])) | (0x40 if header else 0),
        "data_coding": draw(st.sampled_from([8, 8, 0, 3]) | st.integers(0, 255)),
        "short_message": header + draw(OCTETS),
    }
    read = decode(encode(Pdu(Command.DELIVER_SM, 0, 1, fields, tlvs)))
    assert isinstance(read, Pdu)
    return read


async def take(house: House, message: Incoming) -> Ack:
    """What a link does with what it has read."""
    match message:
        case InboundSms():
            return await house.intake.receive(message)
        case InboundPart():
            return await house.parts.receive(message)
        case InboundReceipt(message_id, delivery):
            return await house.receipts.receive("op", message_id, delivery)
        case _:
            return Ack.DONE


async def live_through(pdus: list[Pdu], pauses_s: list[int]) -> None:
    house = House()
    await house.enrol()
    for pdu, pause_s in zip(pdus, pauses_s, strict=False):
        message = incoming(pdu, LINK)
        assert isinstance(message, get_args(Incoming))
        assert await take(house, message) is Ack.DONE, "nothing is raised, whatever it says"
        house.clock.passes(pause_s)
        await house.work_off()
        await house.parts.sweep()
    await house.work_off()
    assert all(fits_one_segment(text) and PASSWORD not in text for _, text in house.phones.inbox)
    assert await house.available() == "1000000", "nobody sent a right code"
    house.store.close()


@cases(40, COST)
@given(st.lists(delivered(), max_size=8), st.lists(st.sampled_from([0, 1, 61, 301]), min_size=8, max_size=8))
def test_anything_delivered_is_taken_and_moves_nothing(pdus: list[Pdu], pauses_s: list[int]) -> None:
    asyncio.run(live_through(pdus, pauses_s))
