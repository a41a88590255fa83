"""What a text means: the acceptance table of the command language, and the promises that hold for every text."""

from __future__ import annotations

import unicodedata

import pytest
from hypothesis import given, settings, strategies as st

from smsgw.domain.catalogue import Category
from smsgw.domain.money import UZS, Money
from smsgw.domain.secret import Secret
from smsgw.parser.intents import (
    Balance,
    Cancel,
    Confirm,
    Forwarded,
    Help,
    Intent,
    List,
    Pay,
    Reason,
    Resend,
    Status,
    Unclear,
    Yes,
)
from smsgw.parser.normalise import TEXT_LENGTH_MAX
from smsgw.parser.parse import parse
from smsgw.parser.words import Lexicon

PAID = Pay("sarkor", ("n25656",), Money(50_000_00, UZS), Secret("parol1"))


@pytest.mark.parametrize(
    "text",
    [
        "SARKOR*n25656*50000*parol1",
        "sarkor*N25656*50000*parol1",
        "САРКОР*n25656*50000*parol1",
        "саркор телеком n25656 50000 parol1",
        "SАRKОR*n25656*50000*parol1",
        "САРKOR*n25656*50000*parol1",
        "ＳＡＲＫＯＲ＊n25656＊５００００＊parol1",
        "*SARKOR*n25656*50000*parol1#",
        "оплата саркор*n25656*50 000*parol1",
        "ОПЛАТА*САРКОР*n25656*50000*parol1",
        "TO'LOV sarkor n25656 50000 so'm parol1",
        "ТЎЛОВ саркор n25656 50000 сўм parol1",
        "ОПЛАТА саркор n25656 50000 parol1",
        "SARKOR#n25656#50000#parol1",
        "SARKOR;n25656;50000;parol1",
        "SARKOR|n25656|50000|parol1",
        "SARKOR/n25656/50000/parol1",
        "SARKOR\nn25656\r\n50000\nparol1",
        "SARKOR\tn25656\t50000\tparol1",
        "SARKOR n25656\n50000 parol1",
        "Pay sarkor\nn25656 50000\nparol1",
        "SARKOR∗n25656٭50000✱parol1",
        "SARKOR×n25656×50000×parol1",
        "\ufeff SARKOR * n25656 * 50000 * parol1\u200f ",
        "SARKOR*n\u200b25656*50000*parol1",
        "SARKOR*n25656*٥٠٠٠٠*parol1",
        "SARKOR*n25656*50000*parol1\n-- \nAziz",
        "Sarkor. n25656 50000 parol1",
        "Sarkor.*n25656*50000*parol1",
        "«Саркор Телеком»: n25656 50000 parol1",
    ],
)
def test_every_spelling_of_one_payment_is_that_payment(text: str, lexicon: Lexicon) -> None:
    """Separators, script, case, invisible marks and USSD habits do not change what is paid."""
    assert parse(text, lexicon) == PAID


@pytest.mark.parametrize(
    ("text", "amount_minor"),
    [
        ("SARKOR*n25656*50000,50*parol1", 50_000_50),
        ("SARKOR*25656*50000*parol1", 50_000_00),
        ("SARKOR*50000*25656*parol1", 25_656_00),
        ("ECP*1234567890123456*900*parol1", 900_00),
        ("IMEI*490154203237518*parol1", 34_000_00),
        ("IMEI*49-015420-323751/8*parol1", 34_000_00),
        ("imei 490154203237518 parol1", 34_000_00),
        ("IMEI*490154203237518*34000*parol1", 34_000_00),
        ("MGTS*495*1234567*12*500*parol1", 500_00),
        ("мгтс 495 1234567 12 500 parol1", 500_00),
        ("BAKAI*123456*67.38c*parol1", 67_38),
        ("ЖКУ*123456*12970.24*parol1", 12_970_24),
        ("ЖКУ*123456*12,970.24*parol1", 12_970_24),
        ("ЖКУ*123456*12 970.24*parol1", 12_970_24),
        ("ЖКУ*123456*500,00₽*parol1", 500_00),
    ],
)
def test_a_payment_takes_the_amount_as_written(text: str, amount_minor: int, lexicon: Lexicon) -> None:
    """Fields keep their places even where both orders would be valid."""
    intent = parse(text, lexicon)
    assert isinstance(intent, Pay)
    assert (intent.amount.minor, intent.password.reveal()) == (amount_minor, "parol1")


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        ("SARKOR n25656 50 000 parol1", Reason.FORMAT),
        ("SARKOR*n25656*50.000*parol1", Reason.AMOUNT_UNCLEAR),
        ("SARKOR*n25656*50k*parol1", Reason.AMOUNT_SUGGEST),
        ("SARKOR*n25656*50000 руб*parol1", Reason.WRONG_CURRENCY),
        ("SARKOR*50000*n25656*parol1", Reason.CORRECTED),
        ("n25656*SARKOR*50000*parol1", Reason.CORRECTED),
        ("SARKOR*n25656*50000", Reason.NO_PASSWORD),
        ("SARKOR*n25656*50000*", Reason.NO_PASSWORD),
        ("sarkor n25656 50000", Reason.NO_PASSWORD),
        ("sarkor n25656 50000 сум", Reason.NO_PASSWORD),
        ("IMEI*490154203237518", Reason.NO_PASSWORD),
        ("IMEI*490154203237518*34000", Reason.NO_PASSWORD),
        ("SARKOR*n25656*parol1", Reason.FORMAT),
        ("SARKOR**50000*parol1", Reason.FORMAT),
        ("SARKOR*n25656*50000*parol1*оплата", Reason.FORMAT),
        ("sarkor n25656 50000 parol1 оплата", Reason.FORMAT),
        ("SARKOR*n25656*50000*parol1**", Reason.FORMAT),
        ("SARKOR*n25656*50000*сум*parol1", Reason.FORMAT),
        ("SARKOR,n25656,50000,parol1", Reason.FORMAT),
        ("SARKOR*n25656*50000*раrol1", Reason.PASS_LETTERS),
        ("SARCOR*n25656*50000*parol1", Reason.DID_YOU_MEAN),
        ("sarcor n25656 50000 parol1", Reason.DID_YOU_MEAN),
        ("SOCH*01234567890123*50000*parol1", Reason.DID_YOU_MEAN),
        ("SAR*n25656*50000*parol1", Reason.WHICH_ONE),
        ("XYZ*1*50000*parol1", Reason.NO_PROVIDER),
        ("NET*n25656*50000*parol1", Reason.NO_PROVIDER),
        ("net n25656 50000 parol1", Reason.NO_PROVIDER),
        ("parol1*SARKOR*n25656*50000", Reason.FORMAT),
        ("XYZ*1*50000*sarkor", Reason.NO_PROVIDER),
        ("Вчера я уже отправил вам SARKOR n25656 50000 parol1", Reason.UNKNOWN),
        ("SARKOR*n2565O*50000*parol1", Reason.ACCOUNT_SUGGEST),
        ("SOCHI*0123456789012*500*parol1", Reason.BAD_ACCOUNT),
        ("IMEI*490154203237519*parol1", Reason.BAD_DIGIT),
        ("SARKOR*8600123412341234*50000*parol1", Reason.CARD_NUMBER),
        ("SARKOR*n25656*50000*8600 1234 1234 1234", Reason.CARD_NUMBER),
        ("SARKOR*n25656*8600123412341234*parol1", Reason.CARD_NUMBER),
        ("XYZ*8600123412341234*50000*parol1", Reason.CARD_NUMBER),
        ("моя карта 8600 1234 1234 1234", Reason.CARD_NUMBER),
        ("SARKOR*n25656*499.99*parol1", Reason.AMOUNT_RANGE),
        ("SARKOR*n25656*5000000.01*parol1", Reason.AMOUNT_RANGE),
        ("SARKOR*n25656*123456789*parol1", Reason.AMOUNT_RANGE),
        ("IMEI*490154203237518*500*parol1", Reason.AMOUNT_FIXED),
        ("ЖКУ*123456*-66,67 руб*parol1", Reason.FORMAT),
        ("SARKOR n25656", Reason.FORMAT),
        ("SARKOR n25656\n50 000 parol1", Reason.FORMAT),
        ("ОПЛАТА", Reason.FORMAT),
        ("50000", Reason.UNPAID_DIGITS),
        ("4839", Reason.UNPAID_DIGITS),
        ("когда придет мой платеж?", Reason.UNKNOWN),
    ],
)
def test_what_cannot_be_paid_says_why(text: str, reason: Reason, lexicon: Lexicon) -> None:
    """The first wrong thing decides the answer, and none of them costs a password check."""
    intent = parse(text, lexicon)
    assert isinstance(intent, Unclear)
    assert intent.reason is reason


@pytest.mark.parametrize(
    ("text", "line"),
    [
        ("SARKOR*n25656*50.000*parol1", "SARKOR*n25656*50000*parol"),
        ("SARKOR*n25656*50k*parol1", "SARKOR*n25656*50000*parol"),
        ("SARKOR*50000*n25656*parol1", "SARKOR*n25656*50000*parol"),
        ("n25656*SARKOR*50000*parol1", "SARKOR*n25656*50000*parol"),
        ("SARKOR*n25656*50000", "SARKOR*n25656*50000*parol"),
        ("SARCOR*n25656*50000*parol1", "SARKOR*n25656*50000*parol"),
        ("🙏 SARKOR*n25656*50000*parol1", "SARKOR*n25656*50000*parol"),
        ("Fwd: SARKOR*n25656*50000*parol1", "SARKOR*n25656*50000*parol"),
        ("sarkor, n25656, 50000, parol1", "SARKOR*n25656*50000*parol"),
        ("SARKOR-n25656-50000-parol1", "SARKOR*n25656*50000*parol"),
        ("SARKOR n25656*50000*parol1", "SARKOR*n25656*50000*parol"),
        ("SARKOR:n25656*50000*parol1", "SARKOR*n25656*50000*parol"),
        ("SARKOR*n25656 50000*parol1", "SARKOR*n25656*50000*parol"),
        ("SARKOR*n25656*50000 parol1", "SARKOR*n25656*50000*parol"),
        ("SARKOR, n25656; 50000; parol1", "SARKOR*n25656*50000*parol"),
        ("Pay to SARKOR n25656 50000 parol1", "SARKOR*n25656*50000*parol"),
        ("<SARKOR>*<n25656>*<50000>*<parol1>", "SARKOR*n25656*50000*parol"),
        ('SARKOR*"n25656"*50000*parol1', "SARKOR*n25656*50000*parol"),
        ("IMEI:490154203237518:parol1", "IMEI*490154203237518*parol"),
        ("SARKOR n25656 50 000 parol1", "SARKOR*n25656*50000*parol"),
        ("SARKOR*n2565O*50000*parol1", "SARKOR*n25650*50000*parol"),
        ("IMEI*490154203237518", "IMEI*490154203237518*parol"),
        ("MGTS*1234567*495*12*500*parol1", "MGTS*495*1234567*12*500*parol"),
    ],
)
def test_the_line_to_copy_has_the_subscribers_own_values(text: str, line: str, lexicon: Lexicon) -> None:
    intent = parse(text, lexicon)
    assert isinstance(intent, Unclear)
    assert intent.values["line"] == line


@pytest.mark.parametrize(
    "text", ["SARCOR*x*50000*parol1", "SAR*x*50000*parol1", "SARKOR,x,50000,parol1", "SARKOR x*50000*parol1"]
)
def test_there_is_no_line_to_copy_where_his_values_are_no_use(text: str, lexicon: Lexicon) -> None:
    """Least of all the example: whoever sends it pays for a stranger."""
    intent = parse(text, lexicon)
    assert isinstance(intent, Unclear)
    assert not {"line", "line2"} & intent.values.keys()


@pytest.mark.parametrize(
    ("text", "intent"),
    [
        ("483920", Confirm(Secret("483920"))),
        ("483 920", Confirm(Secret("483920"))),
        ("483-920", Confirm(Secret("483920"))),
        ("код 483920", Confirm(Secret("483920"))),
        ("KOD:483920.", Confirm(Secret("483920"))),
        ("Code 483920", Confirm(Secret("483920"))),
        ("да 483920", Confirm(Secret("483920"))),
        ("48392O", Confirm(Secret("483920"))),
        ("*483920#", Confirm(Secret("483920"))),
        *[(text, Yes()) for text in ("да", "yes", "ha", "ok")],
        *[
            (text, Cancel())
            for text in (
                "нет", "NO", "0", "yoq", "YO'Q", "YOʻQ", "йўқ", "жок", "YOX", "bekor", "отмена", "СТОП",
                "Нет, не надо!", "Нет, не надо 50000", "отмена платежа на 50000 сум", "cancel SARKOR n25656 50000",
                "нет*не*надо", "НЕТ🙏", "0\ufe0f\u20e3",
            )
        ],
        ("Sarkor.", Help("sarkor")),
        ("help sarkor.", Help("sarkor")),
        ("STATUS 44742441.", Status("44742441")),
        ("повтор", Resend()),
        ("qayta", Resend()),
        ("КОД", Resend()),
        ("код еще раз", Resend()),
        ("БАЛАНС", Balance()),
        ("баланс.", Balance()),
        ("БАЛАС", Balance()),
        ("BALANCEE", Balance()),
        ("", Help()),
        (" \0 ", Help()),
        ("?", Help()),
        ("???", Help()),
        ("помощь", Help()),
        ("ПОМОЩЬ САРКОР", Help("sarkor")),
        ("ПОМОЩЬ САРКОР ТЕЛЕКОМ", Help("sarkor")),
        ("СПИСОК", List()),
        ("СПИСОК 1", List(Category.INTERNET)),
        ("LIST 1 2", List(Category.INTERNET, page=2)),
        ("СПИСОК сар", List(search="sar")),
        ("СТАТУС", Status()),
        ("СТАТУС 44742441", Status("44742441")),
        *[
            (text, Unclear(Reason.UNPAID_DIGITS))
            for text in ("1", "50000", "50 000 so'm", "50.000", "50'000,00 сум.", "483.920", "+998 90 123 45 67")
        ],
        ("SARKOR", Help("sarkor")),
        ("саркор телеком", Help("sarkor")),
        ("Code 483920: 50000 UZS to SARKOR n25656, fee 0. Cancel: 0", Forwarded(("483920",))),
        ("Again: code 483920, 500000 UZS to SARKOR n25656", Forwarded(("483920", "500000"))),
        ("Код 483920 SARKOR n25656 50000+ком.0 нет=0", Forwarded(("483920",))),
        ("Yana: kod 483920, MGTS 495*1234567*12, 500 so'm. Bekor: 0", Forwarded(("483920",))),
        ("HUMO: kod 777777. Hech kimga aytmang", Forwarded(("777777",))),
    ],
)  # fmt: skip
def test_everything_but_payments(text: str, intent: Intent, lexicon: Lexicon) -> None:
    """Codes, stop words, commands and what may be a forwarded SMS."""
    assert parse(text, lexicon) == intent


@pytest.mark.parametrize(
    "text",
    [
        "ПОВТОР*parol1", "СОХРАНИТЬ ДАЧА", "дача*parol1", "СОХРАНИТЬ САРКОР", "SAVE 1", "СЧЕТ 1*parol1",
        "СЧЕТ 1 ОПЛАЧЕН", "АВТО + ДАЧА 15*parol1", "АВТО - ДАЧА", "AVTO YOQ", "БЛОК", "РАЗБЛОКИРОВАТЬ",
        "ПАРОЛЬ parol1*parol2x",
    ],
)  # fmt: skip
def test_commands_that_we_do_not_have_move_no_money(text: str, lexicon: Lexicon) -> None:
    """They are not understood, and their passwords are not repeated."""
    intent = parse(text, lexicon)
    assert isinstance(intent, Unclear)
    assert "parol1" not in repr(intent)


@pytest.mark.parametrize(
    ("text", "outcome"),
    [
        ("****", Reason.FORMAT),
        ("*", Reason.FORMAT),
        ("***", Reason.FORMAT),
        ("a*b*c", Reason.NO_PROVIDER),
        ("a*b*c*", Reason.NO_PROVIDER),
        ("*b*100*pw", Reason.NO_PROVIDER),
        ("SARKOR*n25656*50000*par*ol1", Reason.FORMAT),
        *[
            (f"SARKOR*n25656*{amount}*parol1", Reason.FORMAT)
            for amount in (
                "-100", "−100", "+100", "1e5", "0x10", "NaN", "inf", "1_000", "100.", ".5", "½", "²", "1٬000",
                "6000.505",
                "00600", "50000.005", "50²", "1/2", "①",
            )
        ],
        ("SARKOR*n25656*0*parol1", Reason.AMOUNT_RANGE),
        ("SARKOR*n25656*600,50*parol1", 600_50),
        ("SARKOR*n25656*600.50*parol1", 600_50),
        ("SARKOR*n25656*1.000,50*parol1", 1_000_50),
        ("SARKOR*n25656*1 000*parol1", 1_000_00),
        ("SARKOR*n25656*1'000*parol1", 1_000_00),
        ("SARKOR*n25656*۶۰۰*parol1", 600_00),
        ("SARKOR*n25656*1" + "0" * 24 + "*parol1", Reason.AMOUNT_RANGE),
        ("SARKOR*n25656*9223372036854775808*parol1", Reason.AMOUNT_RANGE),
        ("SARKOR*n25656*" + "9" * 5_000 + "*parol1", Reason.FORMAT),
        ("SARKOR*n25656*600*par\u200bol1", 600_00),
        ("SARKOR*😀*600*parol1", Reason.BAD_ACCOUNT),
        ("mtс*n25656*600*parol1", Reason.DID_YOU_MEAN),
        ("BEELlNE*n25656*600*parol1", Reason.NO_PROVIDER),
        ("İMEİ*490154203237518*parol1", 34_000_00),
        *[
            (f"SARKOR*{account}*600*parol1", Reason.BAD_ACCOUNT)
            for account in (
                "../../etc", "%2e%2e", "a&amount=1", "a?x", "a#", "a\r\nHost: x", "{login}", "${jndi:x}", "%s%n",
                "' OR 1=1--", '"; DROP TABLE', "%", "_", "<script>", "=cmd|'/C calc'!A1", "\x1b[2J", "n25656\u2028INFO",
            )
        ],
        ("SARKOR*n25656*600*parol1" + " x" * 800, Reason.FORMAT),
        ("SARKOR*n25656*600*" + "p" * 64, 600_00),
        ("SARKOR*n25656*600*" + "p" * 65, Reason.FORMAT),
        ("SARKOR*n25656*600*" + "p" * 200, Reason.FORMAT),
        ("SARKOR*n25656*600*parol1\x1b", Reason.PASS_LETTERS),
    ],
)  # fmt: skip
def test_hostile_texts_pay_only_what_one_can_read(text: str, outcome: Reason | int, lexicon: Lexicon) -> None:
    """A refusal names its reason; a number is the amount in minor units."""
    intent = parse(text, lexicon)
    assert isinstance(intent, Pay | Unclear)
    assert outcome == (intent.amount.minor if isinstance(intent, Pay) else intent.reason)


@pytest.mark.parametrize(
    ("text", "about_money"),
    [
        ("SARKOR*n25656*50000", True),
        ("SARKOR n25656 5 parol1 x", True),
        ("привет", False),
        ("x" * 500, False),
        ("*" * 500, True),
    ],
)
def test_an_unclear_text_says_whether_it_looked_like_a_payment(
    text: str, about_money: object, lexicon: Lexicon
) -> None:
    """Those that did are refused to strangers, to blocked subscribers and when they are stale."""
    intent = parse(text, lexicon)
    assert isinstance(intent, Unclear)
    assert intent.about_money is about_money


def test_a_text_is_read_up_to_its_length_limit_and_not_beyond(lexicon: Lexicon) -> None:
    """White space around the text does not count."""
    longest = "нет " + "а" * (TEXT_LENGTH_MAX - 4)
    assert parse(longest, lexicon) == Cancel()
    assert parse(longest + " " * 10_000, lexicon) == Cancel()
    assert isinstance(parse(longest + "а", lexicon), Unclear)


@given(st.text(st.characters(codec=None), max_size=60) | st.text("SARKOsarko*# n25056,.-'/\n1", max_size=40))
@settings(max_examples=300)
def test_any_text_has_a_meaning(lexicon: Lexicon, text: str) -> None:
    """Never an exception, whatever a phone or an attacker sends."""
    parse(text, lexicon)


PATTERNS = [
    "SARKOR*{}*{}*Zq7xW9",
    "саркор {} {} Zq7xW9",
    "{}*SARKOR*{}*Zq7xW9",
    "SARCOR*{}*{}*Zq7xW9",
    "SARKOR*{}*Zq7xW9*{}",
]


@given(st.sampled_from(PATTERNS),
       st.text("nN0O1l25 .,-*к", max_size=10), st.text("0123456789.,k -*", max_size=10))  # fmt: skip
@settings(max_examples=200)
def test_a_password_in_its_place_is_in_no_repr(lexicon: Lexicon, pattern: str, account: str, amount: str) -> None:
    """Only `Pay.password` carries it; neither repr nor the values of an answer do."""
    assert "Zq7xW9" not in repr(parse(pattern.format(account, amount), lexicon))


@given(st.sampled_from(["SARKOR", "саркор", "Саркор Телеком", "imei"]),
       st.sampled_from(["n25656", "２５６５６", "490154203237518"]),
       st.sampled_from(["50000", "５０ ０００", "50k", "1,500.50"]))  # fmt: skip
@settings(max_examples=60)
def test_case_and_compatibility_forms_mean_the_same(lexicon: Lexicon, name: str, account: str, amount: str) -> None:
    """NFKC of the text and the case of the name change nothing."""
    text = f"{name}*{account}*{amount}*parol1"
    meaning = parse(text, lexicon)
    assert parse(unicodedata.normalize("NFKC", text), lexicon) == meaning
    assert parse(f"{name.swapcase()}*{account}*{amount}*parol1", lexicon) == meaning
