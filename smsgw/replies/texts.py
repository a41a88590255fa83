"""All reply texts, as config/replies.toml gives them, ready to be filled.

Rule 1: reading is about shape only; whether the words are good is the business of `smsgw.replies.check`.
Rule 2: values come raw. A currency code, the word `wallet` and the last field `parol` of a line to copy become words
of the language here, because only here the language is known.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final, Self

from smsgw.replies.events import EVENTS, FALLBACK, FALLBACK_OF_OTHERS, GSM_LANGUAGES, LANGUAGES
from smsgw.replies.latin import in_gsm_letters
from smsgw.replies.render import Template, render
from smsgw.smpp.text import septets

# A line to copy never holds a password; where it stands, the line has this field.
PASSWORD_FIELD: Final = "*parol"  # noqa: S105 -- the placeholder of a password, not one
LINES: Final = ("line", "line2", "fmt")

Words = Mapping[str, str]
"""Language → word."""


@dataclass(frozen=True, slots=True, kw_only=True)
class ReplyTexts:
    """Reply texts of every event and language; `constants` are values that never change, such as our short code."""

    events: Mapping[str, Mapping[str, tuple[Template, ...]]]
    currency: Mapping[str, Words]
    card: Mapping[str, Words]
    password: Words
    says_charged: Mapping[str, tuple[str, ...]]
    sample: Words
    constants: Mapping[str, str]

    @classmethod
    def of(cls, data: Mapping[str, object], constants: Mapping[str, str]) -> Self:
        """Take the tables of config/replies.toml.

        Raises:
            ValueError: a table has a wrong shape; the message begins with its key.
        """
        return cls(
            events={name: _event(table, f"event.{name}") for name, table in _table(data, "event").items()},
            currency={code: _words(table, f"currency.{code}") for code, table in _table(data, "currency").items()},
            card={source: _words(table, f"card.{source}") for source, table in _table(data, "card").items()},
            password=_words(data.get("password"), "password"),
            says_charged={
                language: _strings(words, f"says_charged.{language}")
                for language, words in _table(data, "says_charged").items()
            },
            sample=_words(data.get("sample"), "sample"),
            constants=dict(constants),
        )

    def render(self, event: str, values: Mapping[str, str], language: str) -> str:
        """The words of *event*, within one segment.

        A language without its text gets the nearest one, see `FALLBACK`. Values that no text asks for are ignored.

        Raises:
            KeyError: there is no such event, or a value that it always has is missing. Both are bugs.
        """
        languages = self.events[event]
        spoken = next(near for near in (language, *FALLBACK.get(language, FALLBACK_OF_OTHERS)) if near in languages)
        return render(languages[spoken], self.spoken(values, spoken), shows_code=EVENTS[event].shows_code)

    def spoken(self, values: Mapping[str, str], language: str) -> dict[str, str]:
        """*values* and the constants, in the words and letters of *language*."""
        words = dict(self.constants) | dict(values)
        for key, vocabulary in (("cur", self.currency), ("card", self.card)):
            if key in words:
                words[key] = vocabulary.get(words[key], {}).get(language, words[key])
        for key in LINES:
            if words.get(key, "").endswith(PASSWORD_FIELD) and language in self.password:
                words[key] = words[key].removesuffix(PASSWORD_FIELD) + "*" + self.password[language]
        if language not in GSM_LANGUAGES or septets("".join(words.values())) is not None:
            return words
        return {key: in_gsm_letters(value) for key, value in words.items()}


def _table(data: Mapping[str, object], key: str) -> Mapping[str, object]:
    table = data.get(key)
    if not isinstance(table, Mapping) or not table:
        raise ValueError(f"{key}: a table is needed")
    return table


def _words(table: object, key: str) -> Words:
    if not isinstance(table, Mapping) or not all(isinstance(word, str) and word for word in table.values()):
        raise ValueError(f"{key}: a table of words is needed")
    return dict(table)


def _strings(value: object, key: str) -> tuple[str, ...]:
    strings = (value,) if isinstance(value, str) else value
    if (
        not isinstance(strings, (list, tuple))
        or not strings
        or not all(isinstance(one, str) and one for one in strings)
    ):
        raise ValueError(f"{key}: a text, or a list of texts, is needed")
    return tuple(strings)


def _event(table: object, key: str) -> Mapping[str, tuple[Template, ...]]:
    if not (isinstance(table, Mapping) and isinstance(table.get("what"), str) and table.keys() & set(LANGUAGES)):
        raise ValueError(f"{key}: a table with `what` (when it is sent) and a text for each language is needed")
    return {name: _templates(texts, f"{key}.{name}") for name, texts in table.items() if name != "what"}


def _templates(texts: object, key: str) -> tuple[Template, ...]:
    try:
        return tuple(Template.of(text) for text in _strings(texts, key))
    except ValueError as error:
        reason = str(error).removeprefix(f"{key}: ")
        raise ValueError(f"{key}: {reason}") from None
