"""Is this text a payment, and to whom? The name comes first, perhaps after a PAY word.

Rule 1: a provider is paid only under one of its names. A near name is suggested and never taken.
Rule 2: in the space form a name may have several words; if two readings of one text were both valid payments, it has
none.
Rule 3: a text with no known name is called a payment only if it has the shape of one: people also write to us.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import Final

from smsgw.parser.amount import is_currency_word
from smsgw.parser.cards import has_card_number
from smsgw.parser.intents import Help, Pay, Reason, Unclear
from smsgw.parser.payment import line, meant, read_payment
from smsgw.parser.separators import Fields, Separator
from smsgw.parser.words import Command, Lexicon, ProviderRule

# Name, account, amount, password.
FIELDS_MIN: Final = 4
# Longer first fields are sentences that happen to hold a star.
NAME_LENGTH_MAX: Final = 32
# How many near names one answer has room for.
SUGGESTIONS_MAX: Final = 2
# `please pay to SARKOR ..`: of a longer text a payment at its end is no order.
WORDS_BEFORE_MAX: Final = 3
# What people put between fields and what never separates them, because it stands inside accounts and amounts too.
NO_SEPARATORS: Final = ",:-+_."
# What cuts a text in which several signs do, or brackets stand around its fields; a sign that may stand inside a field
# does so only at its end.
_ANY_SEPARATOR: Final = re.compile(r"[*#;|/:=<>()\[\]\"«»“”„]|[,.](?!\S)")
_WORD: Final = re.compile(r"[^\W_]+")


def read_order(fields: Fields, lexicon: Lexicon) -> Pay | Help | Unclear | None:
    """The payment of a text that begins with a PAY word or a provider's name; None if it does not.

    A name and nothing else asks how this provider is paid.
    """
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
    near = (lexicon.nearest(values[0]) or lexicon.nearest(values[0].split()[-1]))[:SUGGESTIONS_MAX]
    orders = [read_payment(rule, values[1:], separator) for rule in near]
    if not any(isinstance(order, Pay) for order in orders):
        if has_card_number(" ".join(values)):
            return Unclear(Reason.CARD_NUMBER, about_money=True)
        if moved := _moved(values, separator, lexicon):
            return moved
        if not near and (named := _named(values, lexicon)):
            return _unaddressed(named, lexicon)
    return _suggested([(rule, _line(rule, order)) for rule, order in zip(near, orders, strict=True)], lexicon)


def read_wrongly_separated(body: str, lexicon: Lexicon) -> Unclear | None:
    """The line to copy for a payment whose fields are cut by no separator, or by several, or that has words in front.

    None if it is none.
    """
    cuts = [Fields([part.strip() for part in body.split(sign)], Separator.STAR) for sign in NO_SEPARATORS]
    words = _ANY_SEPARATOR.sub(" ", body).split()
    cuts += [
        Fields(words[at:], Separator.SPACE) for at in range(min(len(words) - FIELDS_MIN + 2, WORDS_BEFORE_MAX + 1))
    ]
    orders = (_addressed(fields, lexicon) for fields in cuts if len(fields.values) >= FIELDS_MIN - 1)
    order = next((order for order in orders if isinstance(order, Pay)), None)
    rule = lexicon.find(order.provider) if order else None
    return meant(rule, order.account, order.amount.text()) if order and rule else None


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


def _addressed(fields: Fields, lexicon: Lexicon) -> Pay | Help | Unclear | None:
    values, separator = fields
    if separator is Separator.SPACE:
        named = lexicon.leading(values)
    else:
        named = [(rule, 1)] if (rule := lexicon.find(values[0])) else []
    if named and named[0][1] == len(values):
        return Help(named[0][0].provider.name)
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


def _named(values: Sequence[str], lexicon: Lexicon) -> list[ProviderRule]:
    """The providers that are named somewhere in front of the last field, which may be a password."""
    found = map(lexicon.find, _WORD.findall(" ".join(values[:-1])))
    return [rule for rule in found if rule]


def _unaddressed(named: Sequence[ProviderRule], lexicon: Lexicon) -> Unclear:
    """How the one that is named is paid; that there is no such provider would be untrue."""
    rule = named[0]
    if any(other is not rule for other in named):
        return _malformed(lexicon)
    return Unclear(Reason.FORMAT, {"prov": rule.provider.title, "fmt": rule.example}, about_money=True)


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
    names = dict(zip(("prov", "prov2"), (rule.provider.title for rule, _ in near), strict=False))
    lines = dict(zip(("line", "line2"), (text for _, text in near), strict=False))
    reason = Reason.DID_YOU_MEAN if len(near) == 1 else Reason.WHICH_ONE
    return Unclear(reason, names | lines if all(lines.values()) else names, about_money=True)


def _line(rule: ProviderRule, order: Pay | Unclear) -> str:
    """The subscriber's own line; empty where it would not be right (an example in its place might be copied)."""
    return line(rule, order.account, order.amount.text()) if isinstance(order, Pay) else ""


def _malformed(lexicon: Lexicon) -> Unclear:
    return Unclear(Reason.FORMAT, {"fmt": lexicon.example}, about_money=True)
