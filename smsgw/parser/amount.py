"""Reading an amount: exactly one meaning, or none.

Rule 1: a number is read only if nobody could read it otherwise. `50.000` is 50000 for one and 50 for another, so it is
asked back; `1,500.50` and `12 970.24` have one meaning.
Rule 2: nothing is rounded, completed or repaired: leading zeros, signs, exponents, fractions and extra decimals are
refused. They are often an account in the wrong place.
Rule 3: a currency word after the number must fit the provider's currency; it never chooses one.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Final, NamedTuple

from smsgw.domain.catalogue import AmountRule
from smsgw.domain.money import Currency, Money
from smsgw.parser.fold import fold
from smsgw.parser.intents import NO_VALUES, Reason
from smsgw.parser.normalise import clean

# Longer numbers are accounts in the wrong place (and no provider takes a hundred million at once).
WHOLE_DIGITS_MAX: Final = 8
# What of a wrong amount is shown: the room that the replies have for a sum.
SHOWN_LENGTH_MAX: Final = 10

# Folded words: `som` is so'm, сўм and сом alike, so it fits two currencies and chooses none.
CURRENCY_WORDS: Final[Mapping[str, frozenset[str]]] = {
    **dict.fromkeys(("som", "soma", "somov", "somni"), frozenset({"UZS", "KGS"})),
    **dict.fromkeys(("sum", "suma", "sumov", "summ", "sums", "soum", "soums", "uzs"), frozenset({"UZS"})),
    **dict.fromkeys(("s", "c", "kgs"), frozenset({"KGS"})),
    **dict.fromkeys(("azn", "man", "manat", "₼"), frozenset({"AZN"})),
    **dict.fromkeys(("rub", "r", "rubl", "rubley", "rublya", "₽"), frozenset({"RUB"})),
    **dict.fromkeys(("kzt", "tg", "tenge", "₸"), frozenset({"KZT"})),
    **dict.fromkeys(("tjs", "somoni", "smn"), frozenset({"TJS"})),
    **dict.fromkeys(("usd", "$"), frozenset({"USD"})),
    **dict.fromkeys(("eur", "evro", "€"), frozenset({"EUR"})),
}
_MULTIPLES: Final[Mapping[str, int]] = {
    **dict.fromkeys(("k", "t", "tys", "tysyach", "tysyachi", "tysyacha", "ming", "min"), 1_000),
    **dict.fromkeys(("mln", "million", "milliona", "millionov"), 1_000_000),
}
_AMOUNT: Final = re.compile(r"(?P<number>[0-9](?:[0-9 .,']*[0-9])?)\s*(?P<words>[^\s0-9.,'+-][^0-9]*)?")
_NUMBER: Final = re.compile(
    r"(?P<whole>[0-9]+|[0-9]{1,3}(?:(?P<mark>[ '.,])[0-9]{3})(?:(?P=mark)[0-9]{3})*)"
    r"(?:(?P<point>[.,])(?P<fraction>[0-9]{1,2}))?"
)


class Doubt(NamedTuple):
    """Why an amount cannot be taken: the reason and the values its answer needs (see `Reason`)."""

    reason: Reason
    values: Mapping[str, str] = NO_VALUES


def read_amount(field: str, currency: Currency) -> Money | Doubt:
    """The sum that *field* names in *currency*, whatever a provider takes."""
    if field.isascii() and field.isdigit() and field[0] != "0" and len(field) <= WHOLE_DIGITS_MAX:
        return Money(int(field) * currency.scale, currency)
    found = _AMOUNT.fullmatch(clean(field).strip())
    if not found:
        return Doubt(Reason.FORMAT)
    number = found["number"]
    words = [fold(word).strip(".") for word in (found["words"] or "").split()]
    multiple = _MULTIPLES.get(words.pop(0), 0) if words and words[0] in _MULTIPLES else 0
    if len(words) > 1 or (words and words[0] not in CURRENCY_WORDS):
        return Doubt(Reason.FORMAT)
    amount = _number(number, currency)
    if words and currency.code not in CURRENCY_WORDS[words[0]]:
        meant = {"alt1": amount.text()} if isinstance(amount, Money) and not multiple else {}
        return Doubt(Reason.WRONG_CURRENCY, {"amt": _shown(number), "cur": currency.code} | meant)
    return _multiplied(amount, multiple, clean(field).strip()) if multiple else amount


def judge_amount(field: str, rule: AmountRule) -> Money | Doubt:
    """The sum that *field* names, if a provider with this rule takes it in one payment."""
    amount = read_amount(field, rule.minimum.currency)
    if rule.fixed_price is not None:
        price, currency = rule.fixed_price, rule.fixed_price.currency.code
        return price if amount == price else Doubt(Reason.AMOUNT_FIXED, {"amt": price.text(), "cur": currency})
    if not isinstance(amount, Money):
        return _acceptable(amount, rule)
    if rule.accepts(amount):
        return amount
    rounded = Money(amount.minor - amount.minor % rule.step_minor, amount.currency)
    if rounded != amount and rule.accepts(rounded):
        return Doubt(Reason.AMOUNT_SUGGEST, {"bad": amount.text(), "alt1": rounded.text()})
    return _out_of_range(rule, amount.text())


def is_currency_word(field: str) -> bool:
    """True if *field* is nothing but the name or sign of a currency."""
    return fold(field).strip(".") in CURRENCY_WORDS


def _acceptable(doubt: Doubt, rule: AmountRule) -> Doubt:
    """The doubt, with no other amounts to choose from than those that the provider takes; the best one is `alt1`."""
    if doubt.reason is Reason.AMOUNT_RANGE:
        return _out_of_range(rule, doubt.values["amt"])
    offered = [doubt.values[name] for name in ("alt1", "alt2") if name in doubt.values]
    taken = [text for text in offered if _takes(rule, text)]
    if not offered or taken[:1] == offered[:1]:
        return doubt
    if doubt.reason is Reason.WRONG_CURRENCY:
        return Doubt(doubt.reason, {name: value for name, value in doubt.values.items() if name != "alt1"})
    if not taken:
        return _out_of_range(rule, offered[0])
    return Doubt(doubt.reason, {**doubt.values, "alt1": offered[1], "alt2": offered[0]})


def _takes(rule: AmountRule, text: str) -> bool:
    amount = read_amount(text, rule.minimum.currency)
    return isinstance(amount, Money) and rule.accepts(amount)


def _number(text: str, currency: Currency) -> Money | Doubt:
    found = _NUMBER.fullmatch(text)
    if not found:
        return Doubt(Reason.FORMAT)
    mark, point, fraction = found["mark"], found["point"], found["fraction"] or ""
    whole = found["whole"].replace(mark, "") if mark else found["whole"]
    if (whole[0] == "0" and len(whole) > 1) or len(fraction) > currency.digits or (mark and mark == point):
        return Doubt(Reason.FORMAT)
    if len(whole) > WHOLE_DIGITS_MAX:
        return Doubt(Reason.AMOUNT_RANGE, {"amt": _shown(whole)})
    if mark and mark in ".," and not point and text.count(mark) == 1:
        small = text.replace(mark, ".")[: text.index(mark) + 1 + currency.digits].rstrip(".")
        return Doubt(Reason.AMOUNT_UNCLEAR, {"bad": text, "alt1": whole, "alt2": small})
    minor = int(fraction.ljust(currency.digits, "0")) if fraction else 0
    return Money(int(whole) * currency.scale + minor, currency)


def _multiplied(amount: Money | Doubt, multiple: int, bad: str) -> Doubt:
    if isinstance(amount, Doubt):
        return Doubt(Reason.FORMAT)  # what it offers is without the multiple
    product = Money(amount.minor * multiple, amount.currency).text()
    if len(product) > WHOLE_DIGITS_MAX:
        return Doubt(Reason.AMOUNT_RANGE, {"amt": _shown(product)})
    return Doubt(Reason.AMOUNT_SUGGEST, {"bad": _shown(bad), "alt1": product})


def _out_of_range(rule: AmountRule, shown: str) -> Doubt:
    values = {"min": rule.minimum.text(), "max": rule.maximum.text(), "cur": rule.minimum.currency.code}
    return Doubt(Reason.AMOUNT_RANGE, values | {"amt": shown})


def _shown(text: str) -> str:
    return text if len(text) <= SHOWN_LENGTH_MAX else text[: SHOWN_LENGTH_MAX - 2] + ".."
