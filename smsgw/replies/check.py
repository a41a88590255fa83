"""Are the reply texts good? Every rule that a machine can judge, for `smsgw check` and for the tests.

Each rule is one function from a text to what is wrong with it, in words; none stops the others.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping
from typing import Final, NamedTuple

from smsgw.replies.events import EVENTS, GSM_LANGUAGES, LANGUAGES, Event
from smsgw.replies.render import Template, shortened
from smsgw.replies.texts import ReplyTexts
from smsgw.smpp.text import GSM_UNITS_MAX, UCS2_UNITS_MAX, septets

# A notification shows the beginning of an SMS; the code must be within it, after one short word.
CODE_POSITION_MAX: Final = 8
CARD_WORD_LENGTH_MAX: Final = 6

# What may hold six digits beside the code: people compare accounts and sums with their bill, so they stand as they are.
NUMBERS_ALLOWED: Final = frozenset(
    {
        *("acc", "line", "line2", "fmt", "names", "code"),
        *("amt", "fee", "total", "min", "max", "step", "left", "lim", "bad", "alt1", "alt2"),
    }
)
_SIX_DIGITS: Final = re.compile(r"(?<![0-9])[0-9]{6}(?![0-9])")
_LINK_WITH_PARAMETERS: Final = re.compile(r"://|www\.|\S\?\w+=|&\w+=", re.IGNORECASE)
_CODE_ALONE: Final = re.compile(r"(?<!\S)\{code\}(?!\S)")


class Problem(NamedTuple):
    """What is wrong, and where: a key of the file such as `event.code.ru`."""

    file: str
    key: str
    reason: str


class Case(NamedTuple):
    """One text under judgement."""

    texts: ReplyTexts
    event: Event
    language: str
    template: Template
    last: bool


def check(texts: ReplyTexts, file: str) -> list[Problem]:
    """Everything that is wrong with *texts*, in the order of the file; *file* is its name for the reader."""
    found = [*_vocabulary(texts)]
    found += [(f"event.{name}", "missing: this event needs its words") for name in EVENTS if name not in texts.events]
    for name, languages in texts.events.items():
        found += _event(texts, name, languages)
    return [Problem(file, key, reason) for key, reason in found]


def _vocabulary(texts: ReplyTexts) -> Iterator[tuple[str, str]]:
    tables = {f"currency.{code}": words for code, words in texts.currency.items()}
    tables |= {f"card.{source}": words for source, words in texts.card.items()} | {"password": texts.password}
    for key, words in tables.items():
        for language in LANGUAGES:
            word = words.get(language)
            if word is None:
                yield f"{key}.{language}", "missing"
            elif language in GSM_LANGUAGES and septets(word) is None:
                yield f"{key}.{language}", f"{word!r} has a character outside GSM 03.38"
            elif key.startswith("card.") and len(word) > CARD_WORD_LENGTH_MAX:
                yield f"{key}.{language}", f"{word!r} is longer than {CARD_WORD_LENGTH_MAX} letters"
    for language in LANGUAGES:
        if language not in texts.says_charged:
            yield f"says_charged.{language}", "missing"


def _event(texts: ReplyTexts, name: str, languages: Mapping[str, tuple[Template, ...]]) -> Iterator[tuple[str, str]]:
    event = EVENTS.get(name)
    if event is None:
        yield f"event.{name}", "there is no such event"
        return
    for language in LANGUAGES:
        if language not in languages:
            yield f"event.{name}.{language}", "missing"
    for language, templates in languages.items():
        key = f"event.{name}.{language}"
        if language not in LANGUAGES:
            yield key, f"no such language; there are {', '.join(LANGUAGES)}"
            continue
        for template in templates:
            case = Case(texts, event, language, template, last=template is templates[-1])
            yield from ((key, f"{reason}: {template.text}") for reason in _reasons(case))


def _reasons(case: Case) -> Iterator[str]:
    """What is wrong with one text. A text that cannot be filled is not judged further."""
    unusable = [*_placeholders(case)]
    yield from unusable
    if not unusable:
        for rule in RULES:
            yield from rule(case)


def _placeholders(case: Case) -> Iterator[str]:
    constants = case.texts.constants.keys()
    for name in sorted(case.template.names - case.event.values - constants):
        if name not in case.event.optional:
            yield f"the event has no value {{{name}}}"
        elif case.last:
            yield f"{{{name}}} is not always there, but this is the last text"
    known = case.event.values | case.event.optional
    for name in sorted(case.template.names & known - case.texts.sample.keys()):
        yield f"[sample] has no {{{name}}}"


def _one_segment(case: Case) -> Iterator[str]:
    if case.last:
        limit = GSM_UNITS_MAX if case.language in GSM_LANGUAGES else UCS2_UNITS_MAX
        units = min(_units(case, form) for form in shortened(longest(case), shows_code=case.event.shows_code))
        if units > limit:
            yield f"{units} of {limit} with the longest values"


def _units(case: Case, form: Mapping[str, str]) -> int:
    filled = case.template.text.format_map(form)
    # A text outside the alphabet is told by its own rule; here its characters count once.
    return (septets(filled) or len(filled)) if case.language in GSM_LANGUAGES else len(filled)


def _gsm(case: Case) -> Iterator[str]:
    if case.language in GSM_LANGUAGES and septets(case.template.text) is None:
        foreign = {letter for letter in case.template.text if septets(letter) is None}
        yield f"outside GSM 03.38: {' '.join(sorted(foreign))}"


def _code_in_front(case: Case) -> Iterator[str]:
    if not case.event.shows_code:
        return
    if not 0 <= case.template.text.find("{code}") <= CODE_POSITION_MAX:
        yield f"{{code}} must begin within the first {CODE_POSITION_MAX} characters"
    elif not _CODE_ALONE.search(case.template.text):
        yield "{code} must stand between spaces"


def _no_second_code(case: Case) -> Iterator[str]:
    values = {name: "0" if name in NUMBERS_ALLOWED else value for name, value in longest(case).items()}
    digits = _SIX_DIGITS.search(case.template.text.format_map(values))
    if digits:
        yield f"{digits[0]} may be taken for the code: no other group of six digits"


def _no_link_with_parameters(case: Case) -> Iterator[str]:
    link = _LINK_WITH_PARAMETERS.search(case.template.text.format_map(longest(case)))
    if link:
        yield f"a link with parameters ({link[0]}) looks like fraud"


def _says_whether_charged(case: Case) -> Iterator[str]:
    words = case.texts.says_charged.get(case.language, ())
    if case.event.refusal and not any(word in case.template.text.lower() for word in words):
        yield f"does not say whether money was charged ({', '.join(words)})"


RULES: Final[tuple[Callable[[Case], Iterator[str]], ...]] = (
    _gsm,
    _one_segment,
    _code_in_front,
    _no_second_code,
    _no_link_with_parameters,
    _says_whether_charged,
)


def longest(case: Case) -> Mapping[str, str]:
    """The longest values in the words of this language: [sample], with the longest currency and source of money."""
    values = case.texts.spoken(case.texts.sample, case.language)
    currencies = [words.get(case.language, "") for words in case.texts.currency.values()]
    cards = [words.get(case.language, "") for words in case.texts.card.values()]
    return values | {
        "cur": max((*currencies, values.get("cur", "")), key=len),
        "card": max((*cards, values.get("card", "")), key=len),
    }
