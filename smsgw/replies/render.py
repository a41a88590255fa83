"""One event's texts and its values become one SMS.

Rule 1: never two segments. A code SMS whose second part is lost would hide what is being paid.
Rule 2: shortened in this order: names to 12 characters, the account to `..123456`, then the next, shorter text.
Rule 3: beside a code the account stays whole, up to 16 characters: it is read against the bill before money moves.
Longer ones keep their head and their tail. Only what would not fit in any other way is treated as a longer one.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from string import Formatter
from typing import Final, NamedTuple, Self

from smsgw.smpp.text import cut, fits_one_segment, length

NAME_LENGTH_MAX: Final = 12  # enough to know a payee by; what the longest values of the check are measured with
NAMES: Final = ("prov", "prov2", "bad")  # `bad` is what a stranger wrote: it has any length
ACCOUNT_TAIL: Final = 6  # enough to tell one's own accounts apart
CODE_ACCOUNT_HEAD: Final = 4  # with the tail enough to notice a typing error, beside the payee's name
CODE_ACCOUNT_LENGTH_MAX: Final = 16  # above it (a bank account has 20) the account is not shown whole beside a code
CUT_MARK: Final = ".."


class Template(NamedTuple):
    """One text with its placeholders."""

    text: str
    names: frozenset[str]

    @classmethod
    def of(cls, text: str) -> Self:
        """Read a text.

        Raises:
            ValueError: a brace stands alone, or a placeholder is more than a plain `{name}`.
        """
        names = set()
        for _, name, form, conversion in Formatter().parse(text):
            if name is None:
                continue
            if form or conversion or not name.isidentifier():
                raise ValueError(f"a placeholder is a plain {{name}}, not {{{name}...}}")
            names.add(name)
        return cls(text, frozenset(names))


def render(templates: Sequence[Template], values: Mapping[str, str], *, shows_code: bool) -> str:
    """Fill the first template that has all its values and fits into one segment.

    If none fits (longer values than the check knows), the shortest one is cut off at the end of the segment.

    Raises:
        KeyError: a value of the last template is missing.
    """
    usable = [template for template in templates if template.names <= values.keys()] or templates[-1:]
    forms = tuple(shortened(values, shows_code=shows_code))
    attempts = [(template, form) for template in usable for form in forms]
    if shows_code:
        attempts.append((usable[-1], forms[-1] | {"acc": _head_and_tail(values["acc"])}))
    text = ""
    for template, form in attempts:
        text = template.text.format_map(form)
        if fits_one_segment(text):
            return text
    measured = length(text)
    return cut(text, measured.alphabet, measured.units_max)[0]


def shortened(values: Mapping[str, str], *, shows_code: bool) -> Iterator[dict[str, str]]:
    """The values as they are, then with short names, then (without a code) with the account cut to its tail."""
    form = dict(values)
    account = form.get("acc", "")
    if shows_code and len(account) > CODE_ACCOUNT_LENGTH_MAX:
        form["acc"] = _head_and_tail(account)
    yield form
    form = form | {name: _short(form[name]) for name in NAMES if name in form}
    yield form
    if account and not shows_code:
        yield form | {"acc": _tail(account)}


def _short(name: str) -> str:
    return name[:NAME_LENGTH_MAX].rstrip()


def _tail(account: str) -> str:
    return account if len(account) <= ACCOUNT_TAIL + len(CUT_MARK) else CUT_MARK + account[-ACCOUNT_TAIL:]


def _head_and_tail(account: str) -> str:
    whole = len(account) <= CODE_ACCOUNT_HEAD + len(CUT_MARK) + ACCOUNT_TAIL
    return account if whole else account[:CODE_ACCOUNT_HEAD] + CUT_MARK + account[-ACCOUNT_TAIL:]
