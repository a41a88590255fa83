"""From a text to its meaning: pure, total and bounded. See `parse`.

The order of judgement: an empty text, a code, a payment to a known name, a command, the shape of a payment, a misspelt
command, and then what is left. Codes and stop words so come before everything that could start something new.
"""

from __future__ import annotations

from typing import Final

from smsgw.parser.amount import is_currency_word
from smsgw.parser.cards import has_card_number
from smsgw.parser.codes import confirmation, forwarded
from smsgw.parser.commands import read_command, read_misspelt_command
from smsgw.parser.intents import Cancel, Help, Intent, Pay, Reason, Unclear
from smsgw.parser.normalise import TEXT_LENGTH_MAX, clean, visible
from smsgw.parser.orders import looks_like_order, read_order, read_stray_order, read_wrongly_separated
from smsgw.parser.separators import Fields, Separator, split
from smsgw.parser.words import Lexicon

_INSIDE_NUMBER: Final = str.maketrans("", "", ".,'")


def parse(text: str, lexicon: Lexicon) -> Intent:
    """What *text* asks for. Never raises; texts longer than `TEXT_LENGTH_MAX` characters are not read."""
    if len(text) > TEXT_LENGTH_MAX and len(text.strip()) > TEXT_LENGTH_MAX:
        return _too_long(text, lexicon)
    body = visible(text)
    if not body:
        return Help()
    if code := confirmation(body, lexicon):
        return code
    fields = split(body)
    if not fields.values:
        return _malformed(lexicon)
    order = read_order(fields, lexicon)
    if fields.separator is Separator.LINE and not isinstance(order, Pay) and not set(body) & set(";|"):
        # Somebody who begins new lines here and there means them as spaces.
        spaced = read_order(Fields(body.split(), Separator.SPACE), lexicon)
        order = spaced if order is None or isinstance(spaced, Pay) else order
    if order is None:
        return _without_name(body, fields, lexicon)
    return (read_wrongly_separated(body, lexicon) if _lacks_line(order) else None) or order


def _lacks_line(order: Pay | Help | Unclear) -> bool:
    """True if the answer to a wrong payment would have no line to copy, and could have one."""
    return isinstance(order, Unclear) and order.reason is not Reason.CARD_NUMBER and "line" not in order.values


def _without_name(body: str, fields: Fields, lexicon: Lexicon) -> Intent:
    """A text that begins neither with a provider's name nor with a PAY word."""
    words = [word for value in fields.values for word in value.split()]
    command = read_command(words, lexicon)
    if command and not (isinstance(command, Cancel) and looks_like_order(fields) and any(map(str.isdigit, body))):
        return command
    if order := read_wrongly_separated(body, lexicon):
        return order
    if looks_like_order(fields) and not _is_code_sms(fields.values[0], lexicon):
        return read_stray_order(fields.values, fields.separator, lexicon)
    return read_misspelt_command(words, lexicon) or _rest(body, fields, lexicon)


def _is_code_sms(head: str, lexicon: Lexicon) -> bool:
    """True for the beginning of a code SMS; the account in it may hold stars."""
    return " " in head and forwarded(head, lexicon) is not None


def _rest(body: str, fields: Fields, lexicon: Lexicon) -> Intent:
    if has_card_number(body):
        return Unclear(Reason.CARD_NUMBER)
    if found := forwarded(body, lexicon):
        return found
    if all(map(_is_number, clean(body).split())):
        return Unclear(Reason.UNPAID_DIGITS)
    return _malformed(lexicon) if fields.separator is Separator.STAR else Unclear(Reason.UNKNOWN)


def _is_number(word: str) -> bool:
    return word.lstrip("+").translate(_INSIDE_NUMBER).isdigit() or is_currency_word(word)


def _too_long(text: str, lexicon: Lexicon) -> Unclear:
    head = text[:TEXT_LENGTH_MAX]
    if has_card_number(head):
        return Unclear(Reason.CARD_NUMBER, about_money="*" in head)
    return Unclear(Reason.FORMAT, {"fmt": lexicon.example}, about_money="*" in head)


def _malformed(lexicon: Lexicon) -> Unclear:
    return Unclear(Reason.FORMAT, {"fmt": lexicon.example}, about_money=True)
