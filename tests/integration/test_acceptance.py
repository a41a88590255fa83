"""The acceptance table of the command language, end to end: what is texted, what is answered, what it costs.

A row is one story of one subscriber: texts (a number is seconds that pass) and the events of all answers, in order.
`{code}` is the code of the newest SMS that has one, `{first}` that of the first one, `{sms}` the whole newest SMS.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import replace
from typing import Final, NamedTuple

import pytest

from smsgw.domain.catalogue import AccountPart, AmountRule, Catalogue, Category, Provider
from smsgw.domain.money import UZS
from smsgw.domain.sms import InboundPart
from smsgw.parser.words import Lexicon
from smsgw.replies.events import LANGUAGES
from smsgw.service.rules import PARTS_WAIT_S, Rules
from smsgw.smpp.text import fits_one_segment
from tests.house import ANNA, COMNET, IMEI, PASSWORD, PAY, SARKOR, House, house_rules, replies, soums, words


@pytest.fixture
async def house() -> House:
    """A house with one subscriber who has money."""
    built = House()
    await built.enrol()
    return built


RULE = AmountRule(soums("500"), soums("5000000"))
SARBON = Provider("sarbon", "SARBON", UZS, RULE, category=Category.INTERNET)
SOCHI = Provider(
    "sochi", "SOCHI", UZS, RULE, aliases=("сочи",), account=(AccountPart(lengths=(14,), example="01234567890123"),)
)
ECP = Provider("ecp", "ECP", UZS, RULE, account=(AccountPart(lengths=(16,), example="1234567890123456"),))

MONEY: Final = 1_000_000
PRICE: Final = 50_500  # 50000 and a fee of 1 %
OTHER: Final = "COMNET*123456*2000*parol1"


def rules() -> Rules:
    catalogue = Catalogue((SARKOR, COMNET, IMEI, SARBON, SOCHI, ECP))
    return replace(house_rules(), catalogue=catalogue, lexicon=Lexicon.of(words(), catalogue))


async def house_in(language: str) -> House:
    house = House(rules())
    await house.enrol(language=language, money_in=str(MONEY))
    return house


async def tell(house: House, story: tuple[str | int, ...]) -> list[str]:
    """Let a story happen; return the events of all answers. Every answer is one SMS."""
    events = []
    for step in story:
        if isinstance(step, int):
            house.clock.passes(step)
            continue
        codes = re.findall(r"(?:Code|Kod|Код) ([0-9]{6})", " ".join(text for _, text in house.phones.inbox))
        known = {"{code}": codes[-1], "{first}": codes[0], "{sms}": house.last_text} if codes else {}
        text = step
        for name, value in known.items():
            text = text.replace(name, value)
        events += await house.text(text)
    assert all(fits_one_segment(text) for _, text in house.phones.inbox)
    return events


class Row(NamedTuple):
    """One row: its number in the table, the story, the answers, and what is gone from the wallet in the end."""

    number: str
    story: tuple[str | int, ...]
    events: tuple[str, ...]
    charged: int = 0


def same(number: str, events: str, *texts: str) -> list[Row]:
    """Rows of one text each, with the same answer."""
    return [Row(number, (text,), tuple(events.split())) for text in texts]


ROWS: Final = [
    *same("1-8", "code", PAY, "sarkor*N25656*50000*parol1", "САРКОР*n25656*50000*parol1"),
    *same("1-8", "code", "саркор телеком n25656 50000 parol1", "SАRKОR*n25656*50000*parol1"),
    *same("1-8", "code", "ＳＡＲＫＯＲ＊n25656＊５００００＊parol1", "*SARKOR*n25656*50000*parol1#"),
    *same("1-9", "code", "оплата саркор*n25656*50 000*parol1", "TO'LOV sarkor n25656 50000 so'm parol1"),
    *same("10", "format", "SARKOR n25656 50 000 parol1"),
    *same("11", "amount_unclear", "SARKOR*n25656*50.000*parol1"),
    *same("12", "code", "SARKOR*n25656*50000,50*parol1"),
    *same("13", "amount_suggest", "SARKOR*n25656*50k*parol1"),
    *same("14", "wrong_currency", "SARKOR*n25656*50000 руб*parol1"),
    *same("15", "corrected", "SARKOR*50000*n25656*parol1"),
    *same("16", "code", "SARKOR*25656*50000*parol1", "SARKOR*50000*25656*parol1"),
    *same("17", "no_password", "SARKOR*n25656*50000"),
    *same("18-20", "format", "SARKOR*n25656*parol1", "SARKOR**50000*parol1", "SARKOR*n25656*50000*parol1*оплата"),
    *same("21", "wrong_password", "SARKOR*n25656*50000*PAROL1"),
    *same("22", "pass_letters", "SARKOR*n25656*50000*раrol1"),
    *same("23", "did_you_mean", "SARCOR*n25656*50000*parol1"),
    *same("26", "which_one", "SAR*n25656*50000*parol1"),
    *same("27", "no_provider", "XYZ*1*50000*parol1"),
    *same("28", "account_suggest", "SARKOR*n2565O*50000*parol1"),
    *same("29", "bad_account", "SOCHI*0123456789012*500*parol1"),
    *same("30", "code", "ECP*1234567890123456*900*parol1"),
    *same("31", "card_number", "SARKOR*8600123412341234*50000*parol1"),
    *same("32", "code", "IMEI*490154203237518*parol1", "IMEI*490154203237518*30000*parol1"),
    *same("32", "amount_fixed", "IMEI*490154203237518*20000*parol1"),
    *same("33", "bad_digit", "IMEI*490154203237519*parol1"),
    Row("34", (PAY, "{code}"), ("code", "receipt"), PRICE),
    Row("35", (PAY, "Code {code}"), ("code", "receipt"), PRICE),
    Row("35", (PAY, "код {code}"), ("code", "receipt"), PRICE),
    Row("35", (PAY, "KOD:{code}."), ("code", "receipt"), PRICE),
    Row("35", (PAY, "да {code}"), ("code", "receipt"), PRICE),
    Row("36", (PAY, "100000"), ("code", "wrong_code")),
    Row("37", (PAY, *["100000", "100001", "100002", "100003", "100004"]), ("code", *["wrong_code"] * 4, "code_dead")),
    Row("38", (PAY, 600, "{code}"), ("code", "code_expired")),
    *same("39", "nothing_pending", "483920"),
    Row("40", (PAY, OTHER, "{first}"), ("code", "replaced", "code", "code_of_old")),
    Row("41", (PAY, "{code}", "{code}"), ("code", "receipt", "status_executed"), PRICE),
    *same("42", "unpaid_digits", "50000"),
    Row("42", (PAY, "50000", "{code}"), ("code", "unpaid_digits", "receipt"), PRICE),
    *[Row("43", (PAY, yes, "{code}"), ("code", "need_code", "receipt"), PRICE) for yes in ("да", "yes", "ha", "ok")],
    *[
        Row("44", (PAY, no, "{code}"), ("code", "cancelled", "status_closed"))
        for no in ("нет", "NO", "0", "yoq", "YO'Q", "Yo‘q", "йўқ", "жок", "YOX", "bekor", "отмена", "Не надо!")
    ],
    *[
        Row("45", (PAY, 31, again, "{code}"), ("code", "resent", "receipt"), PRICE)
        for again in ("повтор", "qayta", "КОД")
    ],
    Row("47", (PAY, "{code}", 180, PAY), ("code", "receipt", "duplicate"), PRICE),
    Row("47", (PAY, "{code}", 660, PAY), ("code", "receipt", "code"), PRICE),
    Row("50", (PAY, OTHER, "{code}"), ("code", "replaced", "code", "receipt"), 2000),
    Row("51", (PAY, "БАЛАНС", "{code}"), ("code", "balance", "receipt"), PRICE),
    *same("52", "help", "", "?", "помощь"),
    *same("53", "help_provider", "ПОМОЩЬ САРКОР", "sarkor"),
    *same("53", "help_fixed", "ПОМОЩЬ IMEI"),
    *same("54", "balance", "БАЛАС", "КОЛДИК"),
    Row("65", (PAY, "ПАРОЛЬ {code}"), ("code", "receipt"), PRICE),
    *(
        Row("66", (PAY, word), ("code", "cancelled"))
        for word in ("ЙУК", "йок", "тухтат", "тўхтатинг", "to'xtating", "не нужно", "Не хочу!", "не плати", "ne nuzhno")
    ),
    Row("66", (PAY, 31, "КАЙТА"), ("code", "resent")),
    Row("66", (PAY, "СТОП", "{code}"), ("code", "cancelled", "status_closed")),
    Row("69", (PAY, "{sms}"), ("code", "receipt"), PRICE),
    Row("70", (PAY, "Bank: Code 777777, tell nobody", "{code}"), ("code", "need_code", "receipt"), PRICE),
    *same("70", "unknown", "Bank: Code 777777, tell nobody"),
    *same("list", "list", "СПИСОК", "ro'yxat", "LIST"),
    *same("list", "list_names", "LIST 1", "СПИСОК САР", "ro`yxat sar", "list internet"),
    *same("list", "list_empty", "LIST 4", "LIST ZZZ"),
    *same("status", "status_none", "СТАТУС", "holat 12345678"),
    Row("status", (PAY, "status", "{code}"), ("code", "status_awaiting_code", "receipt"), PRICE),
    Row("status", (PAY, "{code}", "holat"), ("code", "receipt", "status_executed"), PRICE),
    Row("status", (PAY, 600, "status"), ("code", "code_expired")),
]  # fmt: skip


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("row", ROWS, ids=lambda row: f"{row.number}: {row.story}")
async def test_the_table(row: Row, language: str) -> None:
    """The events do not depend on the language of the answers, nor does what is charged."""
    house = await house_in(language)

    assert tuple(await tell(house, row.story)) == row.events
    assert MONEY - int(await house.available()) == row.charged


async def test_row_48_a_delivery_that_comes_twice_is_answered_once(house: House) -> None:
    for _ in range(2):
        await house.receive_again(PAY, b"one delivery")
    await house.work_off()

    assert house.events == ["code"]


async def test_row_49_a_payment_that_was_forty_minutes_on_its_way_is_not_made(house: House) -> None:
    await house.receive(PAY, sent_at_us=house.clock.now_us() - 40 * 60 * 1_000_000)
    await house.work_off()

    assert house.events == ["stale"]


@pytest.mark.proves("A65")
@pytest.mark.parametrize("sender", ["Uzcard", "3131"])
async def test_row_67_machines_get_no_answer(house: House, sender: str) -> None:
    await house.receive(PAY, type(ANNA)(sender))
    await house.work_off()

    assert house.phones.inbox == []


async def test_row_68_the_first_part_alone_is_answered_only_when_the_others_are_lost(house: House) -> None:
    part = InboundPart(
        link="operator",
        sender=ANNA[1:],
        destination="1400",
        reference=7,
        total=2,
        number=1,
        payload=b"SARKOR*n25656*500",
        data_coding=0,
        identity=b"part 1",
    )
    await house.parts.receive(part)
    await house.work_off()
    assert house.events == []
    house.clock.passes(PARTS_WAIT_S + 1)
    await house.parts.sweep()
    await house.work_off()

    assert house.events == ["format"]


@pytest.mark.parametrize(
    "text",
    [
        "ПОВТОР*parol1",
        "SAVE 1",
        "СОХРАНИТЬ ДАЧА",
        "дача*parol1",
        "СЧЕТ 1*parol1",
        "СЧЕТ 1 ОПЛАЧЕН",
        "АВТО + ДАЧА 15*parol1",
        "AVTO YOQ",
        "БЛОК",
        "ПАРОЛЬ parol1*parol2x",
        "ВОЗВРАТ 44742441",
        "ИСТОРИЯ",
        "ЯЗЫК UZ",
    ],
)
async def test_what_is_not_built_is_not_understood_and_changes_nothing(house: House, text: str) -> None:
    assert await house.text(text) in (["format"], ["unknown"])
    assert await house.store.reads.payments(ANNA, 1) == []


# Refusals that know what was meant.
MEANT: Final = [
    "SARKOR n25656 50 000 parol1",
    "pay sarkor n25656 50 000 so'm parol1",
    "sarkor, n25656, 50000, parol1",
    "Sarkor-n25656-50000-parol1",
    "SARKOR n25656*50000*parol1",
    "Pay to SARKOR n25656 50000 parol1",
    "SARKOR*n25656*50.000*parol1",
    "SARKOR*n25656*50k*parol1",
    "sarkor n25656 50 тыс parol1",
    "SARKOR*n25656*50000 руб*parol1",
    "SARKOR*50000*n25656*parol1",
    "n25656*SARKOR*50000*parol1",
    "SARKOR*n25656*50000",
    "sarkor n25656 50 000",
    "SARKOR*n25656*50000*parol",
    "SARKOR*n25656*50000*пароль",
    "SARCOR*n25656*50000*parol1",
    "🙏 SARKOR*n25656*50000*parol1",
    "Fwd: SARKOR*n25656*50000*parol1",
    "SARKOR*№ n25656*50000*parol1",
    "SARKOR*н25656*50000*parol1",
    "SOCHI*O1234567890123*500*parol1",
    "SOCHI*500*01234567890123*parol1",
    "ECP 1234 5678 9012 3456 900 parol1",
    "IMEI*490154203237518",
    "IMEI*490154203237518*20000*parol1",
    "IMEI 49 015420 323751 8 parol1",
]
LINE: Final = re.compile(r"[A-Z]+\*\S+")


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("text", MEANT)
async def test_the_line_to_copy_works(text: str, language: str) -> None:
    """Copied as it is, it asks for the password and counts no try; with the password in, it pays what was meant."""
    house = await house_in(language)
    await house.text(text)
    offered = LINE.findall(house.last_text)
    if language == "ru" and not offered:
        return  # seventy characters have no room for every line
    (line,) = offered

    assert await house.text(line) == ["no_password"]
    assert await house.text(line.rpartition("*")[0] + f"*{PASSWORD}") == ["code"]
    assert (await house.payment()).amount in {soums("50000"), soums("500"), soums("900"), soums("30000")}


async def test_names_are_asked_back_without_lines_unless_each_has_one() -> None:
    house = await house_in("en")
    await house.text("SAR*n25656*50000*parol1")
    assert house.last_text.startswith("Which provider: SARKOR or SARBON? Nothing was charged")
    await house.text("SAR*25656*50000*parol1")
    assert house.last_text.endswith("Send SARKOR*25656*50000*password or SARBON*25656*50000*password")


# The examples of these name an account that is nobody's.
EXAMPLES: Final = [
    *("SARCOR*x*50000*parol1", "SAR*x*50000*parol1", "sarkor n25656", "SARKOR*n25656*-50000*parol1"),
    *("SARKOR*x*500*parol1", "SOCHI*0123456789012*500*parol1", "HELP SARKOR", "HELP IMEI", "SARKOR"),
]


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("text", EXAMPLES)
async def test_an_example_has_the_form_of_a_payment(text: str, language: str) -> None:
    house = await house_in(language)
    await house.text(text)

    for line in LINE.findall(house.last_text):
        assert await house.text(line.rstrip(".,").rpartition("*")[0] + f"*{PASSWORD}") == ["code"]


# Words in capitals that are no commands: states of a payment, and what stays in capitals everywhere.
SHOUTED: Final = frozenset(
    [
        *("SMS", "CVV", "SAR", "САР", "ZHKU", "ЖКУ"),
        *("PAID", "EXECUTED", "NOT", "PROCESSING", "WAITS", "FOR", "THE", "CHECKING", "CLOSED", "RETURNED"),
        *("TO'LANDI", "BAJARILGAN", "BAJARILMOQDA", "BAJARILMADI", "BAJARILMAGAN", "KUTYAPTI", "TEKSHIRILMOQDA"),
        *("YOPILGAN", "QAYTARILGAN", "TO'LAMANG", "ОПЛАЧЕН"),
        *("STILL", "ANSWER", "DAY", "HALI", "BIR", "KUNDAN", "BERI", "JAVOBSIZ", "QAYTARILDI"),
        *("ESHCHE", "SUTKI", "BEZ", "OTVETA"),
        *("OPLACHEN", "VYPOLNEN", "OBRABOTKE", "ZHDET", "PROVERYAEM", "ZAKRYT", "VOZVRASHCHEN", "PLATITE"),
    ]
)


def named_words() -> Iterator[tuple[str, str]]:
    """Every word in capitals of every reply, with its language."""
    found = set()
    for languages in replies().events.values():
        for language, templates in languages.items():
            for template in templates:
                plain = re.sub(r"\{\w+\}", "", template.text)
                found |= {(language, word) for word in re.findall(r"\b[A-ZА-Я][A-ZА-Я']+[A-ZА-Я]\b", plain)}
    yield from sorted(found)


@pytest.mark.parametrize(("language", "word"), [pair for pair in named_words() if pair[1] not in SHOUTED])
async def test_every_command_that_a_reply_names_is_one(language: str, word: str) -> None:
    house = await house_in(language)

    assert await house.text(word) not in (["unknown"], ["format"])
