"""The lexicon: every word that means something, folded once, checked against every other.

Rule 1: command words and names of providers share one name space; a folded word means one thing or the lexicon is not
built. The error names both sides.
Rule 2: what can be worked out about a provider before a text comes (its example line, the rules of its account) is
worked out here, so that reading a text builds no table.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import Final

from smsgw.domain.catalogue import Catalogue, Provider
from smsgw.parser.account import PartRule
from smsgw.parser.fold import fold, mixes_scripts, readings
from smsgw.parser.nearness import begins, distance, near

# Where the subscriber writes his own password in a line that we show.
PASSWORD_PLACEHOLDER: Final = "parol"  # noqa: S105 - a word for people, no secret
# What stands for an account in an example where the provider's table gives none.
ACCOUNT_PLACEHOLDER: Final = "login"
# RFC 4226, 5.3 asks for six; registration codes have four; more than eight nobody copies without a slip.
CODE_DIGITS_MIN: Final = 4
CODE_DIGITS_MAX: Final = 8
_AROUND_WORD: Final = re.compile(r"^[\W_]+|[\W_]+$")
# Shorter words are one letter away from words of other commands (`til`, `sil`).
NEAR_WORD_LENGTH_MIN: Final = 5


class Command(StrEnum):
    """The commands that are built; the values are the tables of config/words.toml."""

    PAY = "pay"
    CODE = "code"
    RESEND = "resend"
    CANCEL = "cancel"
    YES = "yes"
    HELP = "help"
    LIST = "list"
    STATUS = "status"
    BALANCE = "balance"


# Only these may be recognised with a slip: they tell, and change nothing.
INFORMATION: Final = frozenset({Command.HELP, Command.LIST, Command.STATUS, Command.BALANCE})


@dataclass(frozen=True, slots=True)
class ProviderRule:
    """A provider with what its table says about texts, worked out once. `keys` are its folded names."""

    provider: Provider
    parts: tuple[PartRule, ...]
    keys: tuple[str, ...]
    example: str

    @classmethod
    def of(cls, provider: Provider) -> ProviderRule:
        """The rule of *provider*."""
        accounts = [part.example or ACCOUNT_PLACEHOLDER for part in provider.account]
        amount = [] if provider.amount.fixed_price else [provider.amount.minimum.text()]
        example = "*".join((provider.title, *accounts, *amount, PASSWORD_PLACEHOLDER))
        keys = tuple(dict.fromkeys(_key(name) for name in provider.names))
        return cls(provider, tuple(map(PartRule.of, provider.account)), keys, example)


@dataclass(frozen=True, slots=True)
class Lexicon:
    """All words of one configuration, folded. Build it with `Lexicon.of` and share it."""

    commands: Mapping[str, Command]
    rules: Mapping[str, ProviderRule]
    phrase_length_max: int
    example: str
    code_digits: int

    @classmethod
    def of(cls, words: Mapping[str, object], catalogue: Catalogue, code_digits: int = 6) -> Lexicon:
        """Fold and check *words* (command → language → words) and the names in *catalogue*.

        Raises:
            ValueError: a table of another shape, an unknown command, a word without a letter or digit, a code too
                short or too long, or one folded word with two meanings.
        """
        if not CODE_DIGITS_MIN <= code_digits <= CODE_DIGITS_MAX:
            raise ValueError(f"{code_digits} digits in a code: {CODE_DIGITS_MIN} to {CODE_DIGITS_MAX} are needed")
        commands = _folded_words(words)
        rules = _folded_names(catalogue, commands)
        longest = max((len(key.split()) for key in (*commands, *rules)), default=1)
        example = next((rule.example for rule in rules.values()), "")
        return cls(commands, rules, longest, example, code_digits)

    def find(self, name: str) -> ProviderRule | None:
        """The provider of this name; None if there is none, or if look-alikes could mean two."""
        found = {id(rule): rule for key in readings(name) if (rule := self._named(_squeezed(key)))}
        return next(iter(found.values())) if len(found) == 1 else None

    def leading(self, words: Sequence[str]) -> list[tuple[ProviderRule, int]]:
        """The providers whose names *words* begin with, each with how many of them name it, the longest first."""
        head = words[: self.phrase_length_max]
        mixed = any(map(mixes_scripts, head))
        keys = head if mixed else [fold(word) for word in head]
        names = ((" ".join(keys[:count]), count) for count in range(len(keys), 0, -1))
        found = ((self.find(name) if mixed else self._named(name), count) for name, count in names)
        return [(rule, count) for rule, count in found if rule]

    def _named(self, key: str) -> ProviderRule | None:
        """The provider of this key, or of the key without punctuation around its words; a sign alone stays a word."""
        return self.rules.get(key) or self.rules.get(" ".join(map(bare, key.split(" "))))

    def nearest(self, name: str) -> list[ProviderRule]:
        """The providers that *name* may have meant, nearest first, then in the catalogue's order."""
        typed = _squeezed(fold(name))
        slips: dict[str, int] = {}
        for key, rule in self.rules.items():
            if near(typed, key) or begins(typed, key):
                provider = rule.provider.name
                slips[provider] = min(distance(typed, key), slips.get(provider, len(key)))
        return [self.rules[_key(provider)] for provider in sorted(slips, key=slips.__getitem__)]

    def phrase(self, words: Sequence[str]) -> tuple[Command, int] | None:
        """The command that *words* begin with and how many of them name it, the longest first; None if none does."""
        keys = [bare(fold(word)) for word in words[: self.phrase_length_max]]
        for count in range(len(keys), 0, -1):
            if command := self.commands.get(" ".join(keys[:count])):
                return command, count
        return None

    def nearest_command(self, word: str) -> Command | None:
        """The one information command that *word* is a slip of; None if there is no one."""
        typed = fold(word)
        if len(typed) < NEAR_WORD_LENGTH_MIN:
            return None
        found = {
            command
            for key, command in self.commands.items()
            if command in INFORMATION and len(key) >= NEAR_WORD_LENGTH_MIN and near(typed, key)
        }
        return found.pop() if len(found) == 1 else None


def _folded_words(words: Mapping[str, object]) -> dict[str, Command]:
    commands: dict[str, Command] = {}
    for name, languages in words.items():
        if name not in Command.__members__.values():
            raise ValueError(f"words: {name!r} is no command; there are {', '.join(Command)}")
        for word in _words_of(name, languages):
            key = _key(word)
            other = commands.setdefault(key, Command(name))
            if other != name:
                raise ValueError(f"words: {word!r} of {name} is {key!r} after folding, which is a word of {other}")
    return commands


def _words_of(name: str, languages: object) -> Iterator[str]:
    """The words of a command. A text in place of a list would be read letter by letter, and each be a word."""
    if not isinstance(languages, Mapping):
        raise ValueError(f"words: {name}: a table is needed, with a list of words for each language")  # noqa: TRY004 -- a mistake in a file
    for language, listed in languages.items():
        if not isinstance(listed, list) or not all(isinstance(word, str) for word in listed):
            raise ValueError(f"words: {name}.{language}: a list of words in quotation marks is needed")
        yield from listed


def _folded_names(catalogue: Catalogue, commands: Mapping[str, Command]) -> dict[str, ProviderRule]:
    rules: dict[str, ProviderRule] = {}
    for provider in catalogue.providers:
        rule = ProviderRule.of(provider)
        for key in rule.keys:
            if key in commands:
                raise ValueError(f"provider {provider.name}: its name {key!r} is a word of the command {commands[key]}")
            other = rules.setdefault(key, rule)
            if other is not rule:
                raise ValueError(f"provider {provider.name}: its name {key!r} is a name of {other.provider.name} too")
    return rules


def _key(word: str) -> str:
    key = _squeezed(fold(word))
    if not key:
        raise ValueError(f"word {word!r}: nothing is left of it after folding")
    return key


def bare(word: str) -> str:
    """The word without the punctuation and pictures around it; of those alone nothing is left, or `?`, which asks."""
    return _AROUND_WORD.sub("", unicodedata.normalize("NFC", word)) or ("?" if "?" in word else "")


def _squeezed(key: str) -> str:
    return " ".join(key.split())
