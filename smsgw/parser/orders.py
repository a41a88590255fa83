"""Is this text a payment, and to whom? The name comes first, perhaps after a PAY word.

Rule 1: a provider is paid only under one of its names. A near name is suggested and never taken.
Rule 2: in the space form a name may have several words; if two readings of one text were both valid payments, it has
none.
Rule 3: a text with no known name is called a payment only if it has the shape of one: people also write to us.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

from smsgw.parser.amount import is_currency_word
from smsgw.parser.cards import has_card_number
from smsgw.parser.intents import Pay, Reason, Unclear
from smsgw.parser.payment import line, read_payment
from smsgw.parser.separators import Fields, Separator
from smsgw.parser.words import Command, Lexicon, ProviderRule

# Name, account, amount, password.
FIELDS_MIN: Final = 4
# Longer first fields are sentences that happen to hold a star.
NAME_LENGTH_MAX: Final = 32
# How many near names one answer has room for.
SUGGESTIONS_MAX: Final = 2


def read_order(fields: Fields, lexicon: Lexicon) -> Pay | Unclear | None:
    """The payment of a text that begins with a PAY word or a provider's name; None if it does not."""
    order = _addressed(fields, lexicon)
    if order is not None:
        return order
    values = _without_pay_word(fields, lexicon)
    if values is None:
        return None
    order = _addressed(Fields(values, fields.separator), lexicon) if values else None
    return order or read_stray_order(values, fields.separator, lexicon)


def read_stray_order(values: Sequence[str], separator: Separator, lexicon: Lexicon) -> Unclear:
    """Why a payment to a name that we do not know is not made."""
    if len(values) < FIELDS_MIN - 1 or "" in values:
        card = has_card_number(" ".join(values))
        return Unclear(Reason.CARD_NUMBER, about_money=True) if card else _malformed(lexicon)
    near = lexicon.nearest(values[0])[:SUGGESTIONS_MAX]
    orders = [read_payment(rule, values[1:], separator) for rule in near]
    if not any(isinstance(order, Pay) for order in orders):
        if has_card_number(" ".join(values)):
            return Unclear(Reason.CARD_NUMBER, about_money=True)
        if moved := _moved(values, separator, lexicon):
            return moved
    return _suggested([(rule, _line(rule, order)) for rule, order in zip(near, orders, strict=True)], lexicon)


def looks_like_order(fields: Fields) -> bool:
    """True if the fields have the shape of a payment, whatever stands in the first."""
    values, separator = fields
    if separator is Separator.SPACE and len(values) > FIELDS_MIN and is_currency_word(values[-2]):
        values = [*values[:-2], values[-1]]
    if len(values) < FIELDS_MIN - 1 or len(values[0]) > NAME_LENGTH_MAX:
        return False
    if separator is Separator.STAR:
        return True
    return len(values) == FIELDS_MIN and values[-2][:1].isdigit() and any(map(str.isdigit, values[-3]))


def _addressed(fields: Fields, lexicon: Lexicon) -> Pay | Unclear | None:
    values, separator = fields
    if separator is Separator.SPACE:
        named = lexicon.leading(values)
    else:
        named = [(rule, 1)] if (rule := lexicon.find(values[0])) else []
    orders = [read_payment(rule, values[count:], separator) for rule, count in named]
    valid = [order for order in orders if isinstance(order, Pay)]
    if len(valid) > 1:
        return _malformed(lexicon)
    return valid[0] if valid else next(iter(orders), None)


def _without_pay_word(fields: Fields, lexicon: Lexicon) -> list[str] | None:
    values, separator = fields
    words = values if separator is Separator.SPACE else values[0].split()
    found = lexicon.phrase(words)
    if not found or found[0] is not Command.PAY:
        return None
    rest = words[found[1] :]
    if separator is Separator.SPACE:
        return list(rest)
    return [" ".join(rest), *values[1:]] if rest else values[1:]


def _moved(values: Sequence[str], separator: Separator, lexicon: Lexicon) -> Unclear | None:
    """The corrected line if the one known name stands between account and password instead of in front."""
    named = [(place, rule) for place in range(1, len(values) - 1) if (rule := lexicon.find(values[place]))]
    if len(named) != 1:
        return None
    place, rule = named[0]
    order = read_payment(rule, [*values[:place], *values[place + 1 :]], separator)
    if isinstance(order, Pay):
        prov, acc, amt = rule.provider.title, "*".join(order.account), order.amount.text()
        copied = {"prov": prov, "acc": acc, "amt": amt, "line": _line(rule, order)}
        return Unclear(Reason.CORRECTED, copied, about_money=True)
    return order if order.reason is Reason.CORRECTED else None


def _suggested(near: Sequence[tuple[ProviderRule, str]], lexicon: Lexicon) -> Unclear:
    if not near:
        return Unclear(Reason.NO_PROVIDER, {"fmt": lexicon.example}, about_money=True)
    values = {"prov": near[0][0].provider.title, "line": near[0][1]}
    if len(near) == 1:
        return Unclear(Reason.DID_YOU_MEAN, values, about_money=True)
    values |= {"prov2": near[1][0].provider.title, "line2": near[1][1]}
    return Unclear(Reason.WHICH_ONE, values, about_money=True)


def _line(rule: ProviderRule, order: Pay | Unclear) -> str:
    return line(rule, order.account, order.amount.text()) if isinstance(order, Pay) else rule.example


def _malformed(lexicon: Lexicon) -> Unclear:
    return Unclear(Reason.FORMAT, {"fmt": lexicon.example}, about_money=True)
