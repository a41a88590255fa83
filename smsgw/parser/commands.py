"""Commands other than a payment: a word (or two, or three), perhaps with arguments.

Rule 1: strict in what moves money, liberal in what stops it: a text that begins with a stop word stops, whatever
follows, but for a payment (`parse`): NET is a name for a provider too.
Rule 2: words that ask for something else than they stand for are refused rather than guessed: a CODE word with other
digits than a code is nothing.
Rule 3: a slip is forgiven in information commands alone: whatever was meant, their answers say what they are about.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Final

from smsgw.domain.catalogue import Category
from smsgw.parser.fold import fold
from smsgw.parser.intents import Balance, Cancel, Help, Info, Intent, List, Resend, Status, Yes
from smsgw.parser.words import Command, Lexicon, bare

# The number of a payment as people know it; a shorter one has lost a digit, and names no payment.
PAYMENT_NUMBER_DIGITS: Final = 8
# Categories and pages of LIST; nobody turns a hundred pages by SMS.
NUMBER_DIGITS_MAX: Final = 2
# The longest beginning of a name worth searching for.
SEARCH_LENGTH_MAX: Final = 16
# A misspelt command has few arguments; longer texts are sentences.
NEAR_WORDS_MAX: Final = 3

_CATEGORIES: Final = tuple(Category)


def read_command(words: Sequence[str], lexicon: Lexicon) -> Intent | None:
    """The command that *words* begin with, if its arguments fit."""
    words = _bare(words)
    found = lexicon.phrase(words)
    if found is None or found[0] not in _READERS:
        return None
    command, count = found
    return _READERS[command](words[count:], lexicon)


def read_misspelt_command(words: Sequence[str], lexicon: Lexicon) -> Info | None:
    """The information command whose word the first of *words* nearly is."""
    words = _bare(words)
    if not 0 < len(words) <= NEAR_WORDS_MAX:
        return None
    command = lexicon.nearest_command(words[0])
    intent = _READERS[command](words[1:], lexicon) if command else None
    return intent if isinstance(intent, Info) else None


def _bare(words: Sequence[str]) -> list[str]:
    """The words without what stands around them: phones end a sentence by themselves."""
    return [word for word in map(bare, words) if word]


def _cancel(_words: Sequence[str], _: Lexicon) -> Cancel:
    return Cancel()


def _yes(words: Sequence[str], _: Lexicon) -> Yes | None:
    return None if _has_digit(words) else Yes()


def _resend(words: Sequence[str], _: Lexicon) -> Resend | None:
    return None if _has_digit(words) else Resend()


def _help(words: Sequence[str], lexicon: Lexicon) -> Help:
    rule = lexicon.find(" ".join(words))
    return Help(rule.provider.name) if rule else Help()


def _list(words: Sequence[str], _: Lexicon) -> List:
    names = [word for word in words if not _number(word)]
    numbers = [int(word) for word in words if _number(word)]
    if len(names) == 1 and fold(names[0]) in _CATEGORIES:
        return List(Category(fold(names[0])), page=_page(numbers))
    if names:
        return List(search=fold(" ".join(names))[:SEARCH_LENGTH_MAX], page=_page(numbers))
    if not numbers or not 0 < numbers[0] <= len(_CATEGORIES):
        return List()
    return List(_CATEGORIES[numbers[0] - 1], page=_page(numbers[1:]))


def _page(numbers: Sequence[int]) -> int:
    return max(1, *numbers[:1]) if numbers else 1


def _status(words: Sequence[str], _: Lexicon) -> Status | None:
    if not _has_digit(words):
        return Status()
    number = words[0]
    fits = len(words) == 1 and len(number) <= PAYMENT_NUMBER_DIGITS and number.isascii() and number.isdigit()
    return Status(number) if fits else None


def _balance(words: Sequence[str], _: Lexicon) -> Balance | None:
    return None if _has_digit(words) else Balance()


_READERS: Final[Mapping[Command, Callable[[Sequence[str], Lexicon], Intent | None]]] = {
    Command.CANCEL: _cancel,
    Command.YES: _yes,
    Command.CODE: _resend,
    Command.RESEND: _resend,
    Command.HELP: _help,
    Command.LIST: _list,
    Command.STATUS: _status,
    Command.BALANCE: _balance,
}


def _has_digit(words: Sequence[str]) -> bool:
    return any(char.isdigit() for word in words for char in word)


def _number(word: str) -> bool:
    return word.isascii() and word.isdigit() and len(word) <= NUMBER_DIGITS_MAX
