"""The fields of a payment to a known provider: their order is fixed, and nothing in them is guessed."""

from __future__ import annotations

from collections.abc import Mapping

import pytest

from smsgw.domain.catalogue import AccountPart, AmountRule, Provider
from smsgw.domain.money import UZS, Money
from smsgw.domain.secret import Secret
from smsgw.parser.intents import Pay, Reason, Unclear
from smsgw.parser.payment import PASSWORD_LENGTH_MAX, line, read_payment
from smsgw.parser.separators import Separator
from smsgw.parser.words import Lexicon, ProviderRule


def rule_of(name: str, lexicon: Lexicon) -> ProviderRule:
    rule = lexicon.find(name)
    assert rule is not None
    return rule


def read(name: str, fields: str, lexicon: Lexicon, separator: Separator = Separator.STAR) -> Pay | Unclear:
    return read_payment(rule_of(name, lexicon), fields.split("*"), separator)


@pytest.mark.parametrize(
    ("name", "fields", "account", "amount_minor", "password"),
    [
        ("SARKOR", "N25656*50000*PaRoL1", ("n25656",), 50_000_00, "PaRoL1"),
        ("SARKOR", "n25656*50000 сум*parol1", ("n25656",), 50_000_00, "parol1"),
        ("MGTS", "495*123-45-67*12*500*parol1", ("495", "1234567", "12"), 500_00, "parol1"),
        ("IMEI", "490154203237518*parol1", ("490154203237518",), 34_000_00, "parol1"),
        ("IMEI", "490154203237518*34000*parol1", ("490154203237518",), 34_000_00, "parol1"),
        ("SARKOR", f"n25656*500*{'p' * PASSWORD_LENGTH_MAX}", ("n25656",), 500_00, "p" * PASSWORD_LENGTH_MAX),
        ("SARKOR", "n25656*500*sum", None, 0, ""),
    ],
)
def test_the_fields_in_their_order(
    name: str, fields: str, account: tuple[str, ...] | None, amount_minor: int, password: str, lexicon: Lexicon
) -> None:
    """The password is exactly what was sent; a currency word in its place is none."""
    order = read(name, fields, lexicon)
    if account is None:
        assert isinstance(order, Unclear)
    else:
        provider = rule_of(name, lexicon).provider
        assert order == Pay(provider.name, account, Money(amount_minor, UZS), Secret(password))


def test_a_currency_word_is_a_field_of_its_own_only_between_spaces(lexicon: Lexicon) -> None:
    fields = "n25656*50000*сум*parol1"
    assert isinstance(read("SARKOR", fields, lexicon, Separator.SPACE), Pay)
    assert isinstance(read("SARKOR", fields, lexicon, Separator.STAR), Unclear)
    assert isinstance(read("SARKOR", "n25656*сум*50000*parol1", lexicon, Separator.SPACE), Unclear)


@pytest.mark.parametrize(
    ("name", "fields", "reason", "values"),
    [
        ("SARKOR", "", Reason.FORMAT, {"prov": "SARKOR", "fmt": "SARKOR*n25656*500*parol"}),
        ("SARKOR", "n25656*50.000", Reason.FORMAT, {}),
        ("SARKOR", "n25656*50000", Reason.NO_PASSWORD, {"acc": "n25656", "amt": "50000"}),
        (
            "SARKOR",
            "n25656*499*parol1",
            Reason.AMOUNT_RANGE,
            {"min": "500", "max": "5000000", "amt": "499", "acc": "n25656"},
        ),
        ("SARKOR", "n25656*5 $*parol1", Reason.WRONG_CURRENCY, {"cur": "UZS", "amt": "5", "prov": "SARKOR"}),
        ("SARKOR", "n25656*50.000*parol1", Reason.AMOUNT_UNCLEAR, {"bad": "50.000", "alt1": "50000", "alt2": "50.00"}),
        ("SARKOR", "n25656*50k*parol1", Reason.AMOUNT_SUGGEST, {"bad": "50k", "line": "SARKOR*n25656*50000*parol"}),
        ("SARKOR", "n256*50000*parol1", Reason.BAD_ACCOUNT, {"acc": "n256"}),
        ("SARKOR", "256*50000*parol1", Reason.BAD_ACCOUNT, {"need": "4-9", "got": "3", "acc": "256"}),
        ("IMEI", "49015420323751*parol1", Reason.BAD_ACCOUNT, {"need": "15", "got": "14"}),  # Luhn fits by chance
        ("SOCHI", "8600123412341234*500*parol1", Reason.CARD_NUMBER, {}),
        ("IMEI", "490154203237519*parol1", Reason.BAD_DIGIT, {"acc": "490154203237519"}),
        ("IMEI", "parol1*490154203237518", Reason.FORMAT, {}),
        (
            "IMEI",
            "490154203237518*30000*parol1",
            Reason.AMOUNT_FIXED,
            {"amt": "34000", "cur": "UZS", "line": "IMEI*490154203237518*parol"},
        ),
        ("IMEI", "490154203237518*30000", Reason.AMOUNT_FIXED, {"line": "IMEI*490154203237518*parol"}),
        ("SARKOR", "n25656*500 руб*parol1", Reason.WRONG_CURRENCY, {"line": "SARKOR*n25656*500*parol"}),
        (
            "SARKOR",
            "n2565O*50000*parol1",
            Reason.ACCOUNT_SUGGEST,
            {"acc": "n2565o", "alt1": "n25650", "line": "SARKOR*n25650*50000*parol"},
        ),
        ("SARKOR", "parol1*50000*n25656", Reason.BAD_ACCOUNT, {}),
        ("SARKOR", "2565O*50000*n25656", Reason.BAD_ACCOUNT, {}),
        ("SARKOR", "Secret9*50000*parol1", Reason.BAD_ACCOUNT, {}),
        ("MGTS", "1234567*495*12*500*parol1", Reason.CORRECTED, {"line": "MGTS*495*1234567*12*500*parol"}),
        ("MGTS", "1234567*700*12*600*parol1", Reason.BAD_ACCOUNT, {"need": "3"}),  # two orders would be valid
        ("MGTS", "49*1234567*x*500*parol1", Reason.BAD_ACCOUNT, {"need": "3", "got": "2"}),
        ("SARKOR", "25656*6000000*parol1", Reason.CORRECTED, {"acc": "6000000", "amt": "25656"}),
        ("SARKOR", "n25656*123456789*50000", Reason.FORMAT, {"prov": "SARKOR"}),
        ("ECP", "1234567890123456*900*8600123412341234", Reason.CARD_NUMBER, {}),
        ("ECP", "1234567890123456*900*parol1*x", Reason.FORMAT, {}),
        ("SARKOR", "8600123412341234*900*parol1*x", Reason.CARD_NUMBER, {}),
        ("SARKOR", "8600123412341234*900", Reason.CARD_NUMBER, {}),
        ("SARKOR", f"n25656*500*{'p' * (PASSWORD_LENGTH_MAX + 1)}", Reason.FORMAT, {}),
        *[("SARKOR", f"n25656*500*{word}", Reason.NO_PASSWORD, {}) for word in ("parol", "Password", "пароль")],
        *[
            ("SARKOR", f"n25656*500*{password}", Reason.PASS_LETTERS, {})
            for password in ("pa\trol1", "parol1.", "parol1🙏", "parol1\nSent from my phone", "Pa rol 1")
        ],
        ("SARKOR", "n25656*500*пароль1", Reason.PASS_LETTERS, {}),
        ("SARKOR", "n25656*499*пароль1", Reason.AMOUNT_RANGE, {}),
        ("IMEI", "490154203237518*", Reason.FORMAT, {}),
    ],
)
def test_the_first_wrong_thing_is_named_with_its_values(
    name: str, fields: str, reason: Reason, values: Mapping[str, str], lexicon: Lexicon
) -> None:
    order = read(name, fields, lexicon)
    assert isinstance(order, Unclear)
    assert order.reason is reason
    assert order.about_money
    assert values.items() <= order.values.items()


@pytest.mark.parametrize("account", ["parol1", "2565O", "Secret9", "x"])
def test_what_may_be_a_password_in_the_wrong_place_is_not_shown(account: str, lexicon: Lexicon) -> None:
    order = read("SARKOR", f"{account}*50000*n25656", lexicon)
    assert isinstance(order, Unclear)
    assert "acc" not in order.values


def test_what_may_be_a_card_number_is_not_shown(lexicon: Lexicon) -> None:
    """Fifteen digits where fourteen are needed: a slip, or the number of a card that has fifteen."""
    order = read("SOCHI", "378282246310005*500*parol1", lexicon)
    assert isinstance(order, Unclear)
    assert (order.reason, "acc" in order.values) == (Reason.BAD_ACCOUNT, False)


@pytest.mark.parametrize(
    ("name", "fields", "reason", "line"),
    [
        ("SARKOR", "n25656*50*000*parol1", Reason.FORMAT, "SARKOR*n25656*50000*parol"),
        ("SARKOR", "n25656*1*250*000*сум*parol1", Reason.FORMAT, "SARKOR*n25656*1250000*parol"),
        ("SARKOR", "n25656*50*тыс*parol1", Reason.AMOUNT_SUGGEST, "SARKOR*n25656*50000*parol"),
        ("SARKOR", "n25656*50*000", Reason.NO_PASSWORD, "SARKOR*n25656*50000*parol"),
        ("ECP", "1234*5678*9012*3456*900*parol1", Reason.FORMAT, "ECP*1234567890123456*900*parol"),
        ("IMEI", "49*015420*323751*8*parol1", Reason.FORMAT, "IMEI*490154203237518*parol"),
        ("SARKOR", "n25656*50000*parol1*спасибо", Reason.FORMAT, None),
        ("SARKOR", "n25656*50000*parol1*COMNET*1*500*parol1", Reason.FORMAT, None),
        ("SARKOR", "8600*1234*1234*1234*50000*parol1", Reason.CARD_NUMBER, None),
    ],
)
def test_groups_in_the_space_form_get_a_line_to_copy(
    name: str, fields: str, reason: Reason, line: str | None, lexicon: Lexicon
) -> None:
    """`50 000` by spaces is one field too many; nothing is put together but the line."""
    order = read(name, fields, lexicon, Separator.SPACE)
    assert isinstance(order, Unclear)
    assert (order.reason, order.values.get("line")) == (reason, line)


@pytest.mark.parametrize("fields", ["1234 5 600 parol1", "1234 5 600k parol1", "1234 5 600 k parol1"])
def test_groups_that_can_be_put_together_in_two_ways_get_no_line(fields: str) -> None:
    """1234 and 5600, or 12345 and 600."""
    account = (AccountPart(r"\d{4,8}"),)
    amount = AmountRule(Money(500_00, UZS), Money(50_000_000_00, UZS))
    rule = ProviderRule.of(Provider("nts", "NTS", UZS, amount, account=account))
    order = read_payment(rule, fields.split(), Separator.SPACE)
    assert isinstance(order, Unclear)
    assert (order.reason, "line" in order.values) == (Reason.FORMAT, False)


def test_a_suggestion_is_not_made_from_exchanged_fields(lexicon: Lexicon) -> None:
    order = read("SARKOR", "2565O*50000*n25656", lexicon)
    assert isinstance(order, Unclear)
    assert not {"alt1", "line"} & order.values.keys()


def test_a_line_has_no_amount_where_the_price_is_fixed(lexicon: Lexicon) -> None:
    assert line(rule_of("IMEI", lexicon), ["490154203237518"], "34000") == "IMEI*490154203237518*parol"
    assert line(rule_of("MGTS", lexicon), ["495", "1234567", "12"], "500") == "MGTS*495*1234567*12*500*parol"
