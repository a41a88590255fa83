"""Parts of long texts: encrypted until whole, in any order, never joined across subscribers, never silent."""

from dataclasses import replace
from itertools import permutations

import pytest

from smsgw.domain.payment import State
from smsgw.domain.phones import Msisdn
from smsgw.domain.sms import Ack, InboundPart, InboundSms
from smsgw.service.desk import Desk
from smsgw.service.parts import BATCH_MAX, PART_OCTETS_MAX, PARTS_KEPT_MAX
from tests.house import ANNA, BORIS, PASSWORD, PAY, House

LONG = "оплата " + PAY


def parts(text: str = LONG, sender: Msisdn = ANNA, reference: int = 7, size: int = 12) -> list[InboundPart]:
    pieces = [text[at : at + size] for at in range(0, len(text), size)]
    return [
        InboundPart(
            link="operator",
            sender=sender.removeprefix("+"),
            destination="1400",
            reference=reference,
            total=len(pieces),
            number=number,
            payload=piece.encode("utf-16-be"),
            data_coding=8,
            identity=f"{sender} {reference} {number} {piece}".encode(),
        )
        for number, piece in enumerate(pieces, 1)
    ]


@pytest.mark.proves("F26")
@pytest.mark.parametrize("order", list(permutations(range(3))))
async def test_parts_make_one_text_in_whatever_order_they_come(house: House, order: tuple[int, ...]) -> None:
    pieces = parts()
    assert len(pieces) == 3
    for number in order:
        assert await house.parts.receive(pieces[number]) is Ack.DONE
    await house.work_off()

    assert house.events == ["code"]


async def test_a_repeated_part_changes_nothing_before_or_after_the_text_is_whole(house: House) -> None:
    pieces = parts()
    for piece in [pieces[0], pieces[0], *pieces[1:], pieces[2], pieces[0]]:
        assert await house.parts.receive(piece) is Ack.DONE
    await house.work_off()
    house.clock.passes(301)
    await house.parts.sweep()
    await house.work_off()

    assert house.events == ["code"]
    assert kept(house) == 0


async def test_a_reference_may_be_used_again_once_its_text_is_whole(house: House) -> None:
    """Phones count to 255 and begin anew; some never count at all."""
    for text in (LONG, "спасибо, сколько у меня денег? баланс"):
        for piece in parts(text):
            assert await house.parts.receive(piece) is Ack.DONE
        await house.work_off()

    assert house.events[0] == "code"
    assert len(house.events) == 2


@pytest.mark.proves("F25")
async def test_a_long_payment_after_its_cancellation_is_another_one(house: House) -> None:
    """Its parts, under the same reference, are no text in between: twice in a row it is one."""
    for text in (LONG, LONG, "0", LONG):
        for piece in parts(text, size=12 if text == LONG else 1):
            assert await house.parts.receive(piece) is Ack.DONE
        await house.work_off()

    assert house.events == ["code", "cancelled", "code"]


async def test_a_password_that_is_corrected_under_the_same_reference_pays(house: House) -> None:
    """Such a phone writes the same first part and another second one."""
    for password in ("wrong1", PASSWORD):
        for piece in parts(f"SARKOR*n25656*50000*{password}", size=20):
            assert await house.parts.receive(piece) is Ack.DONE
        await house.work_off()

    assert house.events == ["wrong_password", "code"]


async def test_parts_that_differ_again_and_again_are_one_text_a_minute(house: House) -> None:
    """Whoever begins texts under one reference for ever gets one answer for all that he tore."""
    for word in ("one", "two", "three", "four"):
        assert await house.parts.receive(replace(parts()[0], payload=word.encode("utf-16-be"))) is Ack.DONE
    await house.work_off()

    assert house.events == ["format"]
    assert kept(house) == 1


async def test_a_torn_text_that_cannot_be_ended_now_makes_the_next_one_wait(
    house: House, monkeypatch: pytest.MonkeyPatch
) -> None:
    await house.parts.receive(parts()[0])
    other = replace(parts()[0], payload=b"\0a")

    async def later(_: InboundSms) -> Ack:
        return Ack.RETRY

    with monkeypatch.context() as patch:
        patch.setattr(house.intake, "receive_torn", later)
        assert await house.parts.receive(other) is Ack.RETRY
    assert await house.parts.receive(other) is Ack.DONE


@pytest.mark.proves("A18")
async def test_two_subscribers_with_one_reference_are_never_joined(house: House) -> None:
    await house.enrol(BORIS)
    for piece in (parts()[0], parts(sender=BORIS)[1], parts()[2]):
        await house.parts.receive(piece)

    assert not house.calls


async def test_parts_that_disagree_about_their_total_are_answered_and_never_joined(house: House) -> None:
    """Somebody else's part under the same reference, or a text begun anew: which half is meant, nobody knows."""
    first, other = parts()[0], parts(LONG + LONG)[1]
    assert first.total != other.total
    for part in (first, other, parts()[2]):
        assert await house.parts.receive(part) is Ack.DONE
    house.clock.passes(301)
    while await house.parts.sweep():
        pass
    await house.work_off()

    assert not house.calls
    assert set(house.events) == {"format"}


@pytest.mark.proves("F27")
async def test_parts_that_never_become_whole_are_answered_after_five_minutes(house: House) -> None:
    await house.parts.receive(parts()[0])
    house.clock.passes(300)
    assert await house.parts.sweep() == 0
    house.clock.passes(1)
    assert await house.parts.sweep() == 1
    await house.work_off()

    assert house.events == ["format"]
    assert await house.parts.sweep() == 0


async def test_a_whole_text_that_a_crash_left_behind_is_taken_by_the_sweeper(house: House) -> None:
    house.hasher.full = True
    acks = [await house.parts.receive(piece) for piece in parts()]
    assert acks == [Ack.DONE, Ack.DONE, Ack.RETRY]
    house.hasher.full = False
    house.clock.passes(301)
    await house.parts.sweep()
    await house.work_off()

    assert (await house.payment()).state is State.AWAITING_CODE


@pytest.mark.proves("I25", "F27")
async def test_a_flood_of_announced_parts_is_not_kept(house: House) -> None:
    huge = parts(PAY * 20, size=5)
    assert await house.parts.receive(huge[0]) is Ack.DONE
    house.clock.passes(301)

    assert await house.parts.sweep() == 0


async def test_a_part_longer_than_any_text_is_not_kept(house: House) -> None:
    """An SMSC may put 64 KiB into message_payload; 480 characters are the most that is ever read."""
    first, second = parts()[:2]
    for part, octets, rows in ((first, PART_OCTETS_MAX, 1), (second, PART_OCTETS_MAX + 2, 0)):
        assert await house.parts.receive(replace(part, payload=b"\0a" * (octets // 2))) is Ack.DONE
        assert kept(house) == rows, "the whole text is given up"


@pytest.mark.proves("A20")
async def test_a_sender_has_a_bounded_number_of_unfinished_parts_and_others_are_not_hindered(house: House) -> None:
    """Ten thousand references of one telephone are thirty rows, and every other long text comes through."""
    await house.enrol(BORIS)
    for reference in range(200):
        assert await house.parts.receive(parts(reference=reference)[0]) is Ack.DONE
    assert kept(house) == PARTS_KEPT_MAX
    for piece in parts(sender=BORIS):
        await house.parts.receive(piece)
    await house.work_off()

    assert house.events == ["format"] * 20 + ["flood", "code"]
    house.clock.passes(301)
    await house.parts.sweep()
    assert kept(house) == 0


@pytest.mark.proves("A20")
async def test_what_a_flood_of_torn_texts_left_is_swept_in_one_round(house: House) -> None:
    """As long as it is no more than a round takes."""
    for number in range(BATCH_MAX + 1):
        await house.parts.receive(parts(sender=Msisdn(f"+99890{number:07d}"))[0])
    house.clock.passes(301)

    assert await house.parts.sweep() == BATCH_MAX + 1
    assert kept(house) == 0


def kept(house: House) -> int:
    """Rows of parts in the database."""
    return int(house.store._database.execute("SELECT count(*) FROM message_parts").fetchone()[0])


async def test_strangers_are_told_once_a_day_however_many_torn_texts_they_send(house: House) -> None:
    for reference in (1, 2, 3):
        await house.parts.receive(parts(sender=BORIS, reference=reference)[0])
    house.clock.passes(301)
    await house.parts.sweep()

    assert [sms.event for sms in house.texts] == ["not_registered"]


async def test_a_flood_of_torn_texts_ends_in_one_notice_and_silence(house: House) -> None:
    for reference in range(PARTS_KEPT_MAX):
        await house.parts.receive(parts(reference=reference)[0])
    house.clock.passes(301)
    await house.parts.sweep()

    assert [sms.event for sms in house.texts] == ["format"] * 20 + ["flood"]
    assert await house.parts.sweep() == 0


async def test_a_text_in_parts_that_is_poison_is_given_up_once_and_its_parts_with_it(
    house: House, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Nothing is left for the sweeper, which would answer it again and again."""

    def fails(*_: object) -> None:
        raise ZeroDivisionError

    monkeypatch.setattr(Desk, "take", fails)
    acks = [await house.parts.receive(piece) for piece in [*parts(), *parts()[2:] * 4]]
    monkeypatch.undo()
    for _ in range(4):
        house.clock.passes(301)
        await house.parts.sweep()
    await house.work_off()

    assert acks == [Ack.DONE] * 2 + [Ack.RETRY] * 4 + [Ack.DONE]
    assert house.events == ["bank_down"]


async def test_a_part_that_no_longer_opens_is_given_up_like_any_poison(house: House) -> None:
    """Its key was taken out of the configuration, or the row is damaged."""
    await house.parts.receive(parts()[0])
    house.store._database.execute("UPDATE message_parts SET key_id = 'gone'")
    acks = [await house.parts.receive(parts()[1]) for _ in range(5)]
    await house.work_off()
    house.clock.passes(301)

    assert acks == [Ack.RETRY] * 4 + [Ack.DONE]
    assert house.events == ["bank_down"]
    assert await house.parts.sweep() == 0


async def test_a_part_that_no_longer_opens_does_not_stop_the_sweeper(house: House) -> None:
    await house.enrol(BORIS)
    await house.parts.receive(parts()[0])
    house.store._database.execute("UPDATE message_parts SET key_id = 'gone'")
    await house.parts.receive(parts(sender=BORIS)[0])
    house.clock.passes(301)
    await house.parts.sweep()

    assert [(sms.msisdn, sms.event) for sms in house.texts] == [(ANNA, "format"), (BORIS, "format")]
    assert await house.parts.sweep() == 0
