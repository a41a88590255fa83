"""Attacks by whoever can send as somebody else, holds somebody's SIM, or answers like a machine."""

from __future__ import annotations

import asyncio
import re
import tomllib
from collections.abc import Iterator
from pathlib import Path

import pytest

from smsgw.domain.calls import RefusalReason, Refused, Verb
from smsgw.domain.payment import State
from smsgw.domain.phones import Msisdn
from smsgw.service.subscribers import block
from smsgw.service.top_up import top_up_wallet
from tests.house import ANNA, BORIS, PASSWORD, PAY, House, soums

STRANGER = Msisdn("+998901234599")
WRONG = PAY.replace(PASSWORD, "parol2")
REPLIES = tomllib.loads(Path("config/replies.toml").read_text(encoding="utf-8"))
# What a phone shows as something to tap on.
LINK = re.compile(r"https?:|www\.|\b[a-z0-9-]+\.(uz|com|net|org|io|ru|kg|az|kz|me|ly)\b", re.IGNORECASE)
TELLS_NO_ONE = re.compile(r"(tell (anyone|no one)|hech kimga aytmang|nikomu ne|nikomu)", re.IGNORECASE)


@pytest.mark.proves("A64")
async def test_the_code_goes_to_the_number_and_not_to_whoever_sent_in_its_name(house: House) -> None:
    """A sender's address is a claim; even with the password, whoever has not the phone has only five guesses."""
    await house.text(PAY)
    real = house.code
    for by in range(1, 6):
        await house.text(f"{(int(real) + by) % 1_000_000:06d}")

    assert {to for to, _ in house.phones.inbox} == {ANNA}
    assert (await house.payment()).state is State.CODE_SPENT
    assert house.providers["sarkor"].asked[1:] == []


@pytest.mark.proves("A65")
@pytest.mark.parametrize(("sender", "texts_max"), [(ANNA, 21), (STRANGER, 1)])
async def test_two_machines_do_not_talk_for_ever(house: House, sender: Msisdn, texts_max: int) -> None:
    """Every answer comes straight back, for an hour."""
    words = "Your message has been received"
    for _ in range(200):
        before = len(house.phones.inbox)
        await house.text(words, sender)
        house.clock.passes(10)
        words = house.last_text if len(house.phones.inbox) > before else words

    assert len(house.phones.inbox) <= texts_max


@pytest.mark.proves("A66")
async def test_a_flood_from_one_number_is_noticed_once_and_writes_nothing_more(house: House) -> None:
    for _ in range(500):
        await house.text(WRONG)
    events = [text for _, text in house.phones.inbox]

    assert len(events) == 21
    assert house.hasher.verified <= 20
    assert await house.text(PAY, BORIS) == ["not_registered"], "nobody else is held up"


@pytest.mark.proves("A68")
@pytest.mark.parametrize(
    ("text", "sender", "events"),
    [
        (PAY, STRANGER, ["not_registered"]),
        (WRONG, ANNA, ["wrong_password"]),
        (PAY.replace("n25656", "?"), ANNA, ["bad_account"]),
        (f"CODE {PASSWORD}", STRANGER, ["not_registered"]),
        ("CODE", ANNA, ["nothing_pending"]),
        (PAY, ANNA, ["code"]),
    ],
)
async def test_a_code_is_sent_for_a_right_password_only(
    house: House, text: str, sender: Msisdn, events: list[str]
) -> None:
    """Whoever earns on our texts has to know passwords of registered numbers first."""
    assert await house.text(text, sender) == events


@pytest.mark.proves("A68")
async def test_a_crowd_of_strangers_is_told_once_each_and_day(house: House) -> None:
    crowd = [Msisdn(f"+99890{number:07}") for number in range(3_000_000, 3_000_020)]
    for _ in range(5):
        for sender in crowd:
            await house.text("HELP", sender)
            await house.text(PAY, sender)

    assert len(house.phones.inbox) == len(crowd)


@pytest.mark.proves("A69")
async def test_the_sim_alone_pays_nothing(house: House) -> None:
    """A swapped or ported SIM gets the codes; without the password none is ever sent. A block ends the rest."""
    guesses = ("parol2", "Parol1", "123456", "qwerty1", "secret1")
    answers = [await house.text(PAY.replace(PASSWORD, guess)) for guess in guesses]
    await block(house.store, ANNA)
    answers.append(await house.text(PAY))

    assert answers == [["wrong_password"]] * 4 + [["locked"]] + [["is_blocked"]]
    assert await house.available() == "1000000"


@pytest.mark.proves("A69")
@pytest.mark.parametrize("text", [f"PASSWORD {PASSWORD}*other77", "PAROL other77", "ПАРОЛЬ new*new", "REG other77"])
async def test_no_text_sets_a_password(house: House, text: str) -> None:
    """A new one is set by the house, which sees who asks; so a stolen number cannot lock its owner out."""
    before = (await house.store.reads.subscriber(ANNA)).verifier  # type: ignore[union-attr]
    await house.text(text)

    assert (await house.store.reads.subscriber(ANNA)).verifier == before  # type: ignore[union-attr]


@pytest.mark.proves("A70")
async def test_whoever_reads_all_texts_still_meets_the_day_s_limit_and_the_owner_hears_of_each(house: House) -> None:
    """With password and codes in foreign hands, the limits are what is left, and a receipt for each payment."""
    await top_up_wallet(house.store, ANNA, "till", soums("10000000"), "more")
    for number in range(8):
        await house.text(f"SARKOR*n{30_000 + number}*900000*{PASSWORD}")
        house.clock.passes(61)
        await house.text(house.code)
        house.clock.passes(3600)
    payments = await house.store.reads.payments(ANNA, 20)
    executed = [p for p in payments if p.state is State.EXECUTED]

    assert sum(p.amount.minor for p in executed) == soums("4500000").minor, "the day's limit is 5,000,000"
    assert len([text for _, text in house.phones.inbox if " PAID " in text]) == len(executed) == 5


def every_text() -> Iterator[tuple[str, str, str]]:
    """(event, language, words) of everything that is ever said."""
    for event, languages in REPLIES["event"].items():
        for language, words in languages.items():
            if language != "what":
                for text in words if isinstance(words, list) else [words]:
                    yield event, language, text


@pytest.mark.proves("A71")
def test_no_text_of_ours_has_a_link() -> None:
    """So a text with one is not ours, and can be called so."""
    assert [row for row in every_text() if LINK.search(row[2])] == []


@pytest.mark.proves("A71")
def test_a_code_is_told_to_nobody_wherever_there_is_room_to_say_so() -> None:
    """In one segment of Cyrillic there is not: payee, account, sum and fee come first."""
    silent = {lang for event, lang, text in every_text() if event == "code" and not TELLS_NO_ONE.search(text)}

    assert silent == {"ru"}


@pytest.mark.proves("A72")
async def test_no_answer_repeats_the_text_or_its_password(house: House) -> None:
    """What lies in the phone's inbox gives nothing away, whatever happened to the payment."""
    house.providers["sarkor"].answers[Verb.PAY].append(Refused(RefusalReason.OTHER, "1"))
    for text in (PAY, "CODE", "{code}", PAY, PAY, "0", WRONG, PAY + "*x", f"SARKOR*n25656*lots*{PASSWORD}"):
        await house.text(text.format(code=house.code if "{" in text else ""))
        house.clock.passes(31)
    await house.text(f"COMNET*123456*5000*{PASSWORD}")
    await house.text(house.code)
    await house.text("STATUS")
    said = " ".join(text for _, text in house.phones.inbox)

    assert " PAID " in said
    assert not re.search(rf"{PASSWORD}|parol2", said)


@pytest.mark.proves("A72")
async def test_stopping_a_payment_needs_no_password(house: House) -> None:
    await house.text(PAY)

    assert await house.text("0") == ["cancelled"]


@pytest.mark.proves("A67")
async def test_a_full_queue_of_hashes_holds_up_neither_codes_nor_settlement(house: House) -> None:
    """What a crowd fills is the queue of passwords; whoever has a code pays, and the provider is paid."""
    await house.text(PAY)
    house.hasher.full = True
    crowd = [house.receive(PAY, Msisdn(f"+99890{number}")) for number in range(3_000_000, 3_000_100)]

    assert {ack.value for ack in await asyncio.gather(*crowd)} == {"retry"}
    assert await house.text(house.code) == ["receipt"]
