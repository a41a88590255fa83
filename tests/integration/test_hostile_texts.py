"""Hostile texts, through the whole service: what is answered, what it costs the sender, and what it costs us.

A row is one text and the event of its answer; a number is the sum, in minor units, of the payment that it asks for.
What holds for every row is asserted for every row: see `judge`.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final, NamedTuple

import pytest

from smsgw.domain.payment import State
from smsgw.domain.sms import Ack
from smsgw.domain.subscriber import Subscriber
from smsgw.smpp.text import fits_one_segment
from tests.house import ANNA, PASSWORD, House

Outcome = str | int
# A new hour of answers, and none of the guards of minutes is left from the text before.
HOUR_S: Final = 3601


def pay(account: str = "n25656", amount: str = "600", password: str = PASSWORD, provider: str = "SARKOR") -> str:
    return f"{provider}*{account}*{amount}*{password}"


INVISIBLE: Final = "\u200b\u200c\u200d\ufeff\u00ad\u202a\u202e\u2066\u2069\u200f\u061c"

ROWS: Final[Mapping[str, tuple[tuple[str, Outcome], ...]]] = {
    "A14": (("ж" * 60_000, "format"), (pay() + " " * 60_000, 600_00), (pay() + "\0" * 60_000, "format")),
    # Shapes.
    "A29": (
        ("****", "format"),
        ("*", "format"),
        ("***", "format"),
        ("a*b*c", "no_provider"),
        ("a*b*c*", "no_provider"),
        ("*b*100*pw", "no_provider"),
        ("SARKOR***", "format"),
        ("SARKOR**600*parol1", "format"),
        ("*" * 480, "format"),
    ),
    "A30": (
        (pay(password="par*ol1"), "format"),
        (pay(password="parol1*"), 600_00),
        (pay() + "*600", "format"),
        (pay() + "*x" * 100, "format"),
    ),
    "A31": (
        (" SARKOR * n25656 * 600 * parol1 ", 600_00),
        ("SARKOR*n25656*600*parol1\r\n", 600_00),
        ("\tSARKOR\t*n25656\xa0*600\t*parol1", 600_00),
        (pay(password="par ol1"), "pass_letters"),
    ),
    "A32": (
        ("SARKOR#n25656#600#parol1", 600_00),
        ("SARKOR;n25656;600;parol1", 600_00),
        ("SARKOR＊n25656∗600٭parol1", 600_00),
        ("SARKOR,n25656,600,parol1", "format"),
        ("SARKOR\u2044n25656\u2044600\u2044parol1", "unknown"),
    ),
    # Sums.
    "A33": (
        (pay(amount="0"), "amount_range"),
        *(
            (pay(amount=amount), "format")
            for amount in (
                "-100", "−100", "+100", "1e5", "0x10", "NaN", "inf", "1_000", "600.", ".5", "½", "²", "600²", "①", "Ⅳ",
                "1/2", "六百",
            )
        ),
    ),
    "A34": ((pay(amount="600,50"), 600_50), (pay(amount="600.50"), 600_50), (pay(amount="600,5"), 600_50)),
    "A35": (
        (pay(amount="1.000,50"), 1_000_50),
        (pay(amount="1 000"), 1_000_00),
        (pay(amount="1'000"), 1_000_00),
        (pay(amount="1٬000"), "format"),
        (pay(amount="1.000"), "amount_unclear"),
        (pay(amount="1,000"), "amount_unclear"),
        (pay(amount="10 00"), "format"),
    ),
    "A36": ((pay(amount="600.505"), "amount_unclear"), (pay(amount="6000.505"), "format")),
    "A37": (
        (pay(amount="٦٠٠"), 600_00),
        (pay(amount="۶۰۰"), 600_00),
        (pay(amount="６００"), 600_00),
        (pay(amount="६००"), 600_00),
        (pay(amount="6٠০"), 600_00),
    ),
    "A38": ((pay(amount="00600"), "format"), (pay(amount="0600.00"), "format")),
    "A39": (
        (pay(amount="1" + "0" * 24), "amount_range"),
        (pay(amount=str(2**63)), "amount_range"),
        (pay(amount=str(2**64 - 1)), "amount_range"),
        (pay(amount="9" * 5_000), "format"),
        (pay(account="9" * 5_000), "format"),
    ),
    # Letters.
    "A41": (
        *((pay(account=f"n25{mark}656"), 600_00) for mark in INVISIBLE),
        *((pay(amount=f"6{mark}00"), 600_00) for mark in INVISIBLE),
        *((pay(provider=f"SAR{mark}KOR"), 600_00) for mark in INVISIBLE),
        (pay(amount="6\u202e0\u202c0"), 600_00),
    ),
    "A42": (
        (pay(account="😀"), "bad_account"),
        (pay(account="محمد"), "bad_account"),
        (pay(account="n\u0301\u0323\u033425656"), "bad_account"),
        (pay(account="n\u20dd25656"), "account_suggest"),
        (pay(account="n" + "\u0301" * 200), "bad_account"),
    ),
    "A43": (
        (pay(provider="mtс"), "no_provider"),
        (pay(provider="SARK0R"), "did_you_mean"),
        (pay(provider="5ARKOR"), "did_you_mean"),
        (pay(provider="SАRKОR"), 600_00),
        (pay(provider="ＳＡＲＫＯＲ"), 600_00),
        (pay(provider="SΑRKΟR"), "no_provider"),
    ),
    "A44": (
        (pay(provider="sArKoR"), 600_00),
        ("İMEİ*490154203237518*parol1", 30_000_00),
        ("ımeı*490154203237518*parol1", 30_000_00),
        ("IMEI*490154203237518*parol1", 30_000_00),
    ),
    "A45": (
        *(
            (pay(account=account), "bad_account")
            for account in (
                "../../etc", "%2e%2e", "a&amount=1", "a?x", "a#", "a\r\nHost: x", "a%0d%0aHost:x", "{login}", "%s%n",
                "{0.__class__}", "${jndi:ldap://x}", "`id`", "$(id)", ";id", "..\\..", "file:///x", "n25656?x",
                "n25656&a=x",
            )
        ),
        (pay(account="n25656%00"), "account_suggest"),
    ),
    "A46": (
        *(
            (pay(account=account), "bad_account")
            for account in ("' OR 1=1--", '"; DROP TABLE payments', "%", "_", "?", ":1", "$1", "n25656' OR 'a'='a")
        ),
        *((pay(account=account), "account_suggest") for account in ("n25656'--", "n25656\\", "n25656%")),
    ),
    "A47": tuple(
        (pay(account=account), "bad_account")
        for account in ("<script>x()</script>", "=cmd|'/C calc'!A1", "+1+1", "@SUM(A1)", "\x1b[2J", "\x9b2J", "&lt;")
    ),
    "A48": tuple(
        (pay(account=f"n25656{end}2026-11-28T12:00:00Z INFO payment.executed"), "bad_account")
        for end in ("\u2028", "\u2029", "\x85", "\x1e", "\x1c", "\v", "\f")
    ),
    "A49": (
        (pay() + " x" * 800, "format"),
        (pay(password="p" * 1_600), "format"),
        ("x" * 1_600, "format"),
        ("ж" * 60_000, "format"),
    ),
    "A50": (
        (pay(password="p" * 64), "wrong_password"),
        (pay(password="p" * 65), "format"),
        (pay(password="p" * 200), "format"),
        (pay(password=PASSWORD + "p" * 59), "format"),
        (pay(password="парол1"), "pass_letters"),
        (pay(password="parol1\x1b"), "pass_letters"),
    ),
}  # fmt: skip


class Cost(NamedTuple):
    """What a text took of us and of its sender."""

    hashes: int
    asked_of_providers: int
    wrong_passwords: int
    wrong_codes: int
    charged: str


async def cost(house: House) -> Cost:
    anna = await house.store.reads.subscriber(ANNA)
    assert isinstance(anna, Subscriber)
    asked = sum(len(provider.asked) for provider in house.providers.values())
    return Cost(house.hasher.verified, asked, anna.wrong_passwords, anna.wrong_codes, await house.available())


async def judge(house: House, text: str, outcome: Outcome) -> None:
    """The answer is the one of the table, and one SMS that repeats no password and nothing that a screen obeys.

    What is malformed costs no hash and counts no failure; only a well-formed payment is worth a look at its password.
    """
    before = await cost(house)
    assert await house.receive(text) is Ack.DONE, "nothing was raised"
    await house.work_off()
    events, house.events = house.events, []
    after = await cost(house)
    assert events == ["code" if isinstance(outcome, int) else outcome], ascii(text[:60])
    assert fits_one_segment(house.last_text)
    assert house.last_text.replace("\n", "").isprintable()
    assert PASSWORD not in house.last_text
    assert after.wrong_codes == before.wrong_codes
    assert after.charged == before.charged
    if outcome == "wrong_password":
        assert (after.hashes, after.wrong_passwords) == (before.hashes + 1, before.wrong_passwords + 1)
    elif isinstance(outcome, str):
        assert after == before, "what is malformed costs nothing"
    else:
        payment = await house.payment()
        assert (payment.state, payment.amount.minor) == (State.AWAITING_CODE, outcome)
        assert payment.amount.text() in house.last_text, "the sum is shown in ASCII"
        assert await house.text("0") == ["cancelled"]


@pytest.mark.proves(
    "A14", "A29", "A30", "A31", "A32", "A33", "A34", "A35", "A36", "A37", "A38",
    "A39", "A41", "A42", "A43", "A44", "A45", "A46", "A47", "A48", "A49", "A50",
)  # fmt: skip
@pytest.mark.parametrize("number", ROWS)
async def test_a_hostile_text_is_answered_as_the_table_says_and_costs_nothing(number: str) -> None:
    house = House()
    await house.enrol()
    for text, outcome in ROWS[number]:
        house.clock.passes(HOUR_S)
        await judge(house, text, outcome)
