"""Attacks on codes and passwords, as texts and what is answered, through the whole service in memory.

The language of a script: `+30s` lets time pass, `boris: TEXT` is another subscriber, `stranger: TEXT` nobody. In a text
`{code}` is the newest code, `{first}` the first one, and `{w1}` to `{w9}` wrong ones.
"""

from __future__ import annotations

import asyncio
import hmac
import re
from collections.abc import Sequence

import pytest

from smsgw.domain.payment import State
from smsgw.domain.phones import Msisdn
from smsgw.service.desk import Desk
from smsgw.service.intake import Intake
from smsgw.service.passwords import PasswordCheck
from smsgw.service.subscribers import unblock
from smsgw.sessions.passwords import DUMMY_VERIFIER
from smsgw.sessions.remembered import Remembered
from smsgw.sessions.vigil import CODES_MIN, CODES_WINDOW_S, MISSES_MIN
from smsgw.store.unit import Surroundings
from tests.house import ANNA, BORIS, PASSWORD, PAY, House, replies
from tests.integration.said import Said

OTHER = "SARKOR*n25657*50000*parol1"
WRONG = "SARKOR*n25656*50000*parol2"
STRANGER = Msisdn("+998901234599")
PEOPLE = {"boris": BORIS, "stranger": STRANGER}
Script = Sequence[tuple[str, list[str]]]


def wrong(code: str, by: int) -> str:
    """A wrong code; each *by* is another one."""
    return f"{(int(code) + by) % 1_000_000:06d}"


def filled(text: str, house: House) -> str:
    """A text of a script with its codes in place."""
    sent = re.findall(r"[Cc]ode ([0-9]{6})\b", " ".join(words for _, words in house.phones.inbox))
    known = {"code": sent[-1], "first": sent[0]} | {f"w{n}": wrong(sent[-1], n) for n in range(1, 10)} if sent else {}
    return text.format(**known)


async def play(house: House, script: Script) -> None:
    """Send every text of a script, and compare what each is answered with."""
    for step, expected in script:
        if step.startswith("+"):
            house.clock.passes(float(step[1:-1]))
            continue
        who, colon, text = step.rpartition(": ")
        answered = await house.text(filled(text, house), PEOPLE[who] if colon else ANNA)
        assert answered == expected, step


@pytest.mark.parametrize(
    "script",
    [
        pytest.param(
            [
                (PAY, ["code"]),
                ("{code}", ["receipt"]),
                ("{code}", ["status_executed"]),
                ("+61s", []),
                ("{code}", ["status_executed"]),
            ],
            marks=pytest.mark.proves("A51"),
            id="A51",
        ),
        pytest.param(
            [(PAY, ["code"]), (OTHER, ["replaced", "code"]), ("{first}", ["code_of_old"]), ("{code}", ["receipt"])],
            marks=pytest.mark.proves("A52"),
            id="A52-replaced",
        ),
        pytest.param(
            [(PAY, ["code"]), ("+301s", []), ("{code}", ["code_expired"])],
            marks=pytest.mark.proves("A52"),
            id="A52-expired",
        ),
        pytest.param(
            [(PAY, ["code"]), ("0", ["cancelled"]), ("{first}", ["status_closed"])],
            marks=pytest.mark.proves("A52"),
            id="A52-cancelled",
        ),
        pytest.param(
            [(PAY, ["code"]), ("0", ["cancelled"]), (OTHER, ["code"]), ("{first}", ["code_of_old"])],
            marks=pytest.mark.proves("A52"),
            id="A52-cancelled-before-another",
        ),
        pytest.param(
            [
                (PAY, ["code"]),
                (f"boris: {OTHER}", ["code"]),
                ("boris: {first}", ["wrong_code"]),
                ("{first}", ["receipt"]),
            ],
            marks=pytest.mark.proves("A53"),
            id="A53",
        ),
        pytest.param(
            [(PAY, ["code"]), ("boris: {first}", ["nothing_pending"]), ("stranger: {first}", ["not_registered"])],
            marks=pytest.mark.proves("A53"),
            id="A53-nothing-open",
        ),
        pytest.param(
            [(WRONG, ["wrong_password"])] * 4
            + [(WRONG, ["locked"]), (PAY, ["locked"]), ("+1799s", []), (PAY, ["locked"]), ("+1s", []), (PAY, ["code"])],
            marks=pytest.mark.proves("A58"),
            id="A58",
        ),
        pytest.param(
            [(WRONG, ["wrong_password"])] * 4
            + [(WRONG, ["locked"]), (f"boris: {PAY}", ["code"]), ("BALANCE", ["balance"])],
            marks=pytest.mark.proves("A58"),
            id="A58-nobody-else",
        ),
    ],
)
async def test_a_script(house: House, script: Script) -> None:
    await house.enrol(BORIS)
    await play(house, script)


@pytest.mark.proves("A58")
async def test_a_crowd_of_wrong_passwords_ends_with_the_contact_centre(house: House) -> None:
    """The third pause of a day has no end of its own, and a person lifts it: a victim is never shut out for good."""
    for _ in range(3):
        for _ in range(5):
            await house.text(WRONG)
            house.clock.passes(61)
        house.clock.passes(1800)
    assert await house.text(PAY) == ["locked_long"]
    await unblock(house.store, ANNA)

    assert await house.text(PAY) == ["code"]


def another_node(house: House) -> Intake:
    """Another node on the same database, or this one after a restart: nothing is in its memory."""
    store = house.store.twin(Surroundings(house.clock, house.chance, house.rules.keyring))
    store.subscribe(house.calls.append, house.texts.append)
    passwords = PasswordCheck(store.reads, house.hasher, house.rules.keyring, Remembered(bytes(32)), house.clock)
    return Intake(Desk(house.rules, house.parties, replies(), house.clock), store, passwords, house.clock, house.chance)


@pytest.mark.proves("I20")
@pytest.mark.proves("A55")
async def test_fifty_wrong_codes_at_once_over_two_nodes_are_five_tries(house: House) -> None:
    """The rest is not compared with anything that could pay; and the right code comes too late."""
    await house.text(PAY)
    right, nodes = house.code, (house.intake, another_node(house))

    async def guess(by: int) -> None:
        house.intake = nodes[by % 2]
        await house.receive(wrong(right, by))

    await asyncio.gather(*map(guess, range(1, 51)))
    await house.work_off()

    payment = await house.payment()
    assert (payment.state, payment.wrong_codes) == (State.CODE_SPENT, 5)
    assert house.events.count("wrong_code") + house.events.count("code_dead") == 5
    house.clock.passes(3600)
    house.events.clear()
    assert await house.text(right) == ["code_dead"]
    assert await house.available() == "1000000"


@pytest.mark.proves("I20")
@pytest.mark.proves("A56")
@pytest.mark.parametrize("between", ["a new payment", "a resend", "a restart", "the other node", "a cancel", "an hour"])
async def test_nothing_sets_the_count_of_wrong_codes_back(house: House, between: str) -> None:
    """Ten wrong codes in a row pause paying, whatever happens between the first five and the last five."""
    await house.text(PAY)
    for by in range(1, 5):
        await house.text(wrong(house.code, by))
    await happens(house, between)
    counted = (await house.store.reads.subscriber(ANNA)).wrong_codes  # type: ignore[union-attr]
    await guess_on(house)

    assert counted == 4
    assert await house.text(PAY) == ["locked"]


async def happens(house: House, what: str) -> None:
    match what:
        case "a new payment":
            assert await house.text(OTHER) == ["replaced", "code"]
        case "a resend":
            house.clock.passes(30)
            assert await house.text("CODE") == ["resent"]
        case "a cancel":
            assert await house.text("0") == ["cancelled"]
        case "an hour":
            house.clock.passes(3600)
        case _:
            house.intake = another_node(house)


async def guess_on(house: House) -> None:
    """Six more wrong codes, over as many payments as they need."""
    for account in range(3):
        await house.text(f"SARKOR*n2570{account}*50000*{PASSWORD}")
        for by in range(5, 9):
            await house.text(wrong(house.code, by))


@pytest.mark.proves("I22")
@pytest.mark.proves("A59")
async def test_every_refusal_that_is_answered_costs_one_hash(house: House) -> None:
    """An unknown sender, the same a day later, a wrong password, another one's password: one each."""
    await house.enrol(BORIS, "zagadka77")
    costs = []
    for text, sender in ((PAY, STRANGER), (PAY, STRANGER), (WRONG, ANNA), (PAY.replace(PASSWORD, "zagadka77"), ANNA)):
        before = house.hasher.verified
        assert await house.text(text, sender)
        house.clock.passes(24 * 3600)
        costs.append(house.hasher.verified - before)

    assert costs == [1, 1, 1, 1]


@pytest.mark.proves("A66", "A67")
async def test_a_stranger_who_hears_nothing_costs_no_hash(house: House) -> None:
    """Where there is no answer there is no time to measure, and a flood of strangers gets one hash a number and day."""
    answers = [await house.text(PAY, STRANGER) for _ in range(50)]

    assert answers == [["not_registered"], *([[]] * 49)]
    assert house.hasher.verified == 1
    await house.enrol(STRANGER)
    assert await house.text(PAY, STRANGER) == ["code"]


@pytest.mark.proves("I22")
@pytest.mark.proves("A59")
async def test_the_hash_of_an_unknown_sender_is_a_full_one(house: House, monkeypatch: pytest.MonkeyPatch) -> None:
    asked: list[str] = []

    async def verify(verifier: str, _: bytes) -> bool:
        asked.append(verifier)
        return False

    monkeypatch.setattr(house.hasher, "verify", verify)
    await house.text(PAY, STRANGER)

    assert asked == [DUMMY_VERIFIER]
    assert "m=19456,t=2,p=1" in DUMMY_VERIFIER


@pytest.mark.proves("A61")
async def test_codes_and_passwords_are_compared_in_constant_time(house: House, monkeypatch: pytest.MonkeyPatch) -> None:
    compared: list[tuple[bytes | str, bytes | str]] = []
    real = hmac.compare_digest

    def spy(one: bytes, other: bytes) -> bool:
        compared.append((one, other))
        return real(one, other)

    monkeypatch.setattr("smsgw.sessions.codes.hmac.compare_digest", spy)
    await house.text(PAY)
    guess = wrong(house.code, 1)
    await house.text(guess)

    assert any({guess, guess.encode()} & set(pair) for pair in compared)


@pytest.mark.proves("A62")
@pytest.mark.parametrize(
    "change", ["amount_minor = amount_minor + 1", "fee_minor = fee_minor + 1", "provider = 'comnet'"]
)
async def test_a_payment_that_was_changed_behind_its_code_is_not_confirmed_by_it(house: House, change: str) -> None:
    """Even by whoever can write into the database."""
    await house.text(PAY)
    code = house.code
    house.store._database.execute(f"UPDATE payments SET {change}")  # noqa: S608 -- the table above

    assert await house.text(code) == ["wrong_code"]
    assert await house.available() == "1000000"


@pytest.mark.proves("A63")
async def test_whoever_knows_a_password_cannot_bury_its_owner_in_codes(house: House) -> None:
    """A hundred payments in an hour: twenty answers, one notice, silence; and never more than one live code."""
    for number in range(100):
        await house.text(f"SARKOR*n{20_000 + number}*50000*{PASSWORD}")
        house.clock.passes(30)
    codes_sent = [text for _, text in house.phones.inbox if text.startswith("Code ")]

    assert len(codes_sent) == 20
    alive = [p for p in await house.store.reads.payments(ANNA, 200) if p.state is State.AWAITING_CODE]
    assert len(alive) == 1


@pytest.mark.proves("A63")
async def test_the_same_code_is_sent_again_thrice_and_half_a_minute_apart(house: House) -> None:
    await play(house, [
        (PAY, ["code"]), ("CODE", ["resend_wait"]), ("+30s", []), ("CODE", ["resent"]), (PAY, ["resend_wait"]),
        ("+30s", []), (PAY, ["resent"]), ("+61s", []), ("CODE", ["resent"]), ("+30s", []), ("CODE", ["no_more_resend"]),
    ])  # fmt: skip


@pytest.mark.proves("A57")
async def test_one_guess_at_each_of_many_numbers_is_told(house: House, monkeypatch: pytest.MonkeyPatch) -> None:
    """No single number is paused for it; the sum of all is an event that operations alert on."""
    said = Said()
    monkeypatch.setattr("smsgw.service.intake.log", said)
    for number in range(MISSES_MIN):
        msisdn = Msisdn(f"+99890{3_000_000 + number}")
        await house.enrol(msisdn, money_in="0")
        assert await house.text(WRONG, msisdn) == ["wrong_password"]

    assert said.fields("vigil.guessing", "misses") == [MISSES_MIN]


@pytest.mark.proves("A68")
async def test_codes_that_nobody_uses_are_told(house: House, monkeypatch: pytest.MonkeyPatch) -> None:
    said = Said()
    monkeypatch.setattr("smsgw.service.intake.log", said)
    for number in range(CODES_MIN):
        msisdn = Msisdn(f"+99890{3_000_000 + number}")
        await house.enrol(msisdn, money_in="0")
        assert await house.text(PAY, msisdn) == ["code"]
    house.clock.passes(CODES_WINDOW_S)
    await house.text("HELP")

    assert said.fields("vigil.few_returned", "prefix") == [ANNA[:6]]
