"""Reading the fields of a payment whose provider is known: account (parts), amount, password, in this order.

Rule 1: fields are never moved, filled in or left out. If exactly one other order would be valid, the corrected line is
shown; the subscriber sends it himself.
Rule 2: the provider's own rule for an account comes before the rule about card numbers: an account may have 16 digits.
Rule 3: everything that is wrong with the form is found before the password counts, and no answer repeats a password.
"""

from __future__ import annotations

from collections.abc import Sequence
from itertools import permutations
from typing import Final, NamedTuple

from smsgw.domain.money import Money
from smsgw.domain.secret import Secret
from smsgw.parser.account import HIDDEN
from smsgw.parser.amount import Doubt, is_currency_word, judge_amount, read_amount
from smsgw.parser.cards import has_card_number
from smsgw.parser.fold import fold
from smsgw.parser.intents import Pay, Reason, Unclear
from smsgw.parser.separators import Separator
from smsgw.parser.words import PASSWORD_PLACEHOLDER, ProviderRule

# Longer than any password that can be set; hashing it would only cost time.
PASSWORD_LENGTH_MAX: Final = 64
# Shorter than any password that can be set: a currency word in the last field is no password.
PASSWORD_LENGTH_MIN: Final = 6
# The words that stand for the password in our lines, folded: whoever copies them has forgotten to put the password in.
# Neither can be anybody's password: one is too short, the other too simple.
PLACEHOLDERS: Final = frozenset({PASSWORD_PLACEHOLDER, "password"})
# 4 fields have 24 orders, 5 have 120: nobody mixes up so many, and each is judged.
PERMUTED_FIELDS_MAX: Final = 4
# An account of four groups, an amount of three and a currency word, a password.
SPACED_FIELDS_MAX: Final = 9
# A card number is printed in groups of four digits.
CARD_GROUP_DIGITS: Final = 4


class _Order(NamedTuple):
    """The fields by their meaning. No amount: the price is fixed. No password: it is missing."""

    accounts: Sequence[str]
    amount: str | None
    password: Secret[str] | None


class _Judged(NamedTuple):
    """What the provider's rules say about account and amount. No accounts: at least one part is wrong."""

    accounts: tuple[str, ...] | None
    amount: Money | Doubt


def read_payment(rule: ProviderRule, fields: Sequence[str], separator: Separator) -> Pay | Unclear:
    """The payment that the *fields* after the provider's name ask for, or why it cannot be made."""
    order = None if "" in fields else _ordered(rule, fields, separator)
    if order is None:
        return (_in_groups(rule, fields) if separator is Separator.SPACE else None) or _malformed(rule, fields)
    accounts, amount = _judged(rule, order)
    if accounts is None or not isinstance(amount, Money):
        return _explained(rule, order, _Judged(accounts, amount))
    if order.password is None:
        return _unclear(Reason.NO_PASSWORD, rule, accounts, amount.text())
    return _with_password(rule, Pay(rule.provider.name, accounts, amount, order.password))


def meant(rule: ProviderRule, accounts: Sequence[str], amount: str) -> Unclear:
    """The form is wrong, but only one payment can have been meant: the line to copy."""
    values = {"prov": rule.provider.title, "fmt": rule.example, "line": line(rule, accounts, amount)}
    return Unclear(Reason.FORMAT, values, about_money=True)


def line(rule: ProviderRule, accounts: Sequence[str], amount: str) -> str:
    """The text to copy for a payment; an amount is left out where the price is fixed."""
    amounts = () if rule.provider.amount.fixed_price else (amount,)
    return "*".join((rule.provider.title, *accounts, *amounts, PASSWORD_PLACEHOLDER))


def _ordered(rule: ProviderRule, fields: Sequence[str], separator: Separator) -> _Order | None:
    count = len(rule.parts)
    accounts, rest = fields[:count], fields[count:]
    fixed = rule.provider.amount.fixed_price is not None
    if separator is Separator.SPACE and len(rest) == 3 and is_currency_word(rest[1]):
        rest = [f"{rest[0]} {rest[1]}", rest[2]]
    if len(rest) == 2:
        if _goes_on(rule, rest, separator):
            return _Order(accounts, f"{rest[0]} {rest[1]}", None)
        return _Order(accounts, rest[0], Secret(rest[1]))
    if len(rest) == 1:
        # No password is a number: where the price is fixed, a number is the amount that need not be there.
        number = not any(map(str.isalpha, rest[0])) or isinstance(judge_amount(rest[0], rule.provider.texted), Money)
        return _Order(accounts, rest[0], None) if number or not fixed else _Order(accounts, None, Secret(rest[0]))
    return _Order(accounts, None, None) if fixed and not rest and len(accounts) == count else None


def _goes_on(rule: ProviderRule, rest: Sequence[str], separator: Separator) -> bool:
    """True if the second of two last fields is no password but the end of the amount: its currency, its thousands."""
    if len(rest[1]) < PASSWORD_LENGTH_MIN and is_currency_word(rest[1]):
        return True
    thousands = separator is Separator.SPACE and rest[1].isdigit()
    return thousands and isinstance(read_amount(" ".join(rest), rule.provider.currency), Money)


def _in_groups(rule: ProviderRule, fields: Sequence[str]) -> Unclear | None:
    """The line to copy if too many fields are an account or an amount in groups, `50 000`, and only in one way."""
    if len(rule.parts) != 1 or not 1 < len(fields) <= SPACED_FIELDS_MAX:
        return None
    *groups, last = fields
    fixed = rule.provider.amount.fixed_price is not None
    places = [len(groups)] if fixed else range(1, len(groups))
    orders = [_Order([" ".join(groups[:at])], " ".join(groups[at:]) or None, Secret(last)) for at in places]
    readings = [judged for judged in (_judged(rule, order) for order in orders) if judged.accounts is not None]
    valid = [judged for judged in readings if isinstance(judged.amount, Money)]
    if len(valid) == 1:
        return _as_meant(rule, valid[0])
    doubts = [judged for judged in readings if isinstance(judged.amount, Doubt) and "alt1" in judged.amount.values]
    return _as_meant(rule, doubts[0]) if len(doubts) == 1 and not valid else None


def _as_meant(rule: ProviderRule, judged: _Judged) -> Unclear:
    assert judged.accounts is not None
    if isinstance(judged.amount, Doubt):
        return _doubtful(rule, judged.accounts, judged.amount)
    return meant(rule, judged.accounts, judged.amount.text())


def _judged(rule: ProviderRule, order: _Order) -> _Judged:
    values = tuple(part.normalised(field) for part, field in zip(rule.parts, order.accounts, strict=True))
    accepted = all(part.part.accepts(value) for part, value in zip(rule.parts, values, strict=True))
    amounts = rule.provider.texted
    fixed = amounts.fixed_price if order.amount is None else None
    return _Judged(values if accepted else None, fixed or judge_amount(order.amount or "", amounts))


def _with_password(rule: ProviderRule, pay: Pay) -> Pay | Unclear:
    password = pay.password.reveal()
    if has_card_number(password):
        return Unclear(Reason.CARD_NUMBER, about_money=True)
    if fold(password) in PLACEHOLDERS:
        return _unclear(Reason.NO_PASSWORD, rule, pay.account, pay.amount.text())
    if not (password.isascii() and password.isalnum()):
        return Unclear(Reason.PASS_LETTERS, about_money=True)
    return pay if len(password) <= PASSWORD_LENGTH_MAX else _malformed(rule, ())


def _malformed(rule: ProviderRule, fields: Sequence[str]) -> Unclear:
    """The pattern is wrong. What has the shape of this provider's account is no card number."""
    if has_card_number(" ".join(fields)):
        groups = " ".join(field for field in fields if len(field) == CARD_GROUP_DIGITS)
        strange = " ".join(field for field in fields if not _is_account(rule, field))
        if has_card_number(strange) or (has_card_number(groups) and not _is_account(rule, groups)):
            return Unclear(Reason.CARD_NUMBER, about_money=True)
    return Unclear(Reason.FORMAT, {"prov": rule.provider.title, "fmt": rule.example}, about_money=True)


def _is_account(rule: ProviderRule, field: str) -> bool:
    return any(part.fits(field) for part in rule.parts)


def _explained(rule: ProviderRule, order: _Order, judged: _Judged) -> Unclear:
    """Why account or amount is refused; the first wrong field is named."""
    if order.password is None:
        return _without_password(rule, order, judged)
    if corrected := _corrected(rule, order):
        return corrected
    pairs = zip(rule.parts, order.accounts, strict=True)
    strange = [field for part, field in pairs if not (part.fits(field) or part.nearly_fits(field))]
    last = order.password.reveal()
    strange += [] if _is_account(rule, last) else [last]
    if has_card_number(" ".join((*strange, order.amount or ""))):
        return Unclear(Reason.CARD_NUMBER, about_money=True)
    if judged.accounts is None:
        return _bad_account(rule, order, judged.amount)
    assert isinstance(judged.amount, Doubt)
    if isinstance(judge_amount(last, rule.provider.texted), Money):
        return _malformed(rule, ())  # amount and password exchanged: what stands as the amount is not repeated
    return _doubtful(rule, judged.accounts, judged.amount)


def _without_password(rule: ProviderRule, order: _Order, judged: _Judged) -> Unclear:
    """The last field may be the password in the wrong place, so it is not repeated."""
    if judged.accounts and isinstance(judged.amount, Doubt) and judged.amount.reason is Reason.AMOUNT_FIXED:
        return _doubtful(rule, judged.accounts, judged.amount)
    return _malformed(rule, [*order.accounts, order.amount or ""])


def _corrected(rule: ProviderRule, order: _Order) -> Unclear | None:
    """The line to copy if exactly one order of account and amount is valid."""
    fields = [*order.accounts, *([] if order.amount is None else [order.amount])]
    if len(fields) > PERMUTED_FIELDS_MAX:
        return None
    count = len(rule.parts)
    orders = (_Order(moved[:count], next(iter(moved[count:]), None), order.password) for moved in permutations(fields))
    valid = {judged for judged in (_judged(rule, moved) for moved in orders) if _is_valid(judged)}
    if len(valid) != 1:
        return None
    accounts, amount = valid.pop()
    assert accounts is not None
    assert isinstance(amount, Money)
    return _unclear(Reason.CORRECTED, rule, accounts, amount.text())


def _is_valid(judged: _Judged) -> bool:
    return judged.accounts is not None and isinstance(judged.amount, Money)


def _bad_account(rule: ProviderRule, order: _Order, amount: Money | Doubt) -> Unclear:
    pairs = list(zip(rule.parts, order.accounts, strict=True))
    part, field = next((part, field) for part, field in pairs if not part.accepts(field))
    # A password that looks like an account: the two were probably exchanged, so neither is repeated.
    exchanged = order.password is not None and _is_account(rule, order.password.reveal())
    values = {"prov": rule.provider.title, "fmt": rule.example}
    shown = [part.shown(field) for part, field in pairs]
    if HIDDEN not in shown and not exchanged and not has_card_number(" ".join(shown)):
        values["acc"] = "*".join(shown)
    if part.fits(field):
        return Unclear(Reason.BAD_DIGIT, values, about_money=True)
    likely = [part.normalised(field) if part.accepts(field) else part.suggestion(field) for part, field in pairs]
    suggested = [account for account in likely if account is not None]
    if len(suggested) == len(likely) and not exchanged:
        values["alt1"] = "*".join(suggested)
        values |= {"line": line(rule, suggested, amount.text())} if isinstance(amount, Money) else {}
        return Unclear(Reason.ACCOUNT_SUGGEST, values, about_money=True)
    if part.miscounted(field):
        values |= {"need": part.need, "got": str(len(part.normalised(field)))}
    return Unclear(Reason.BAD_ACCOUNT, values, about_money=True)


def _doubtful(rule: ProviderRule, accounts: Sequence[str], doubt: Doubt) -> Unclear:
    if doubt.reason is Reason.FORMAT:
        return _malformed(rule, ())
    values = {"prov": rule.provider.title, "acc": "*".join(accounts), "fmt": rule.example, **doubt.values}
    if doubt.reason is Reason.AMOUNT_FIXED or "alt1" in doubt.values:
        values["line"] = line(rule, accounts, doubt.values.get("alt1", ""))
    return Unclear(doubt.reason, values, about_money=True)


def _unclear(reason: Reason, rule: ProviderRule, accounts: Sequence[str], amount: str) -> Unclear:
    values = {"prov": rule.provider.title, "acc": "*".join(accounts), "amt": amount}
    return Unclear(reason, values | {"line": line(rule, accounts, amount)}, about_money=True)
