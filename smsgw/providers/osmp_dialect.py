"""How providers depart from the OSMP standard: names, forms and codes, and ready sets for well-known departures.

Rule 1: a set (`preset`) is nothing but defaults. Every key can be given over again, and of a table every single entry.
Rule 2: a table of codes is for one question: what a code says of a payment it need not say of a status or a cancel.
Rule 3: a code that does not surely refuse is no refusal.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from dataclasses import field
from typing import Final
from urllib.parse import quote, quote_plus, urlencode

from pydantic import ConfigDict
from pydantic.dataclasses import dataclass

from smsgw.domain.calls import Verb
from smsgw.providers.meanings import Meaning, with_overrides
from smsgw.providers.profile import ProfileError, read_dialect

# "Fatal" in the protocol's words is a refusal here, "not fatal" is something to be repeated. 6 and 9 are of ABillS, a
# billing that many providers of the region run: terminal unknown, key wrong.
CODES: Final[Mapping[int, Meaning]] = {
    0: Meaning.OK,
    1: Meaning.REPEAT,
    4: Meaning.NO_ACCOUNT,
    5: Meaning.NO_ACCOUNT,
    6: Meaning.CONFIGURATION,
    7: Meaning.REFUSED,
    8: Meaning.REFUSED,
    9: Meaning.CONFIGURATION,
    31: Meaning.REFUSED,
    32: Meaning.REFUSED,
    79: Meaning.REFUSED,
    90: Meaning.PENDING,
    241: Meaning.AMOUNT,
    242: Meaning.AMOUNT,
    243: Meaning.REFUSED,
    300: Meaning.REFUSED,
}
# Sber numbers its codes for itself. 2, 6 and 12 find fault with our request; 8 is a duplicate, see `duplicates`; 300 is
# an error inside of the provider, of which open implementations show that the payment may stand behind it.
SBER_CODES: Final[Mapping[int, Meaning]] = {
    0: Meaning.OK,
    1: Meaning.REPEAT,
    2: Meaning.CONFIGURATION,
    3: Meaning.NO_ACCOUNT,
    4: Meaning.NO_ACCOUNT,
    5: Meaning.REFUSED,
    6: Meaning.CONFIGURATION,
    7: Meaning.REFUSED,
    8: Meaning.UNKNOWN,
    9: Meaning.AMOUNT,
    10: Meaning.AMOUNT,
    11: Meaning.AMOUNT,
    12: Meaning.CONFIGURATION,
    300: Meaning.UNKNOWN,
}
# No text of the protocol has these two questions; what is listed is all that providers were seen to agree on.
STATUS_CODES: Final[Mapping[int, Meaning]] = {
    0: Meaning.OK,
    1: Meaning.REPEAT,
    79: Meaning.ABSENT,
    90: Meaning.PENDING,
}
CANCEL_CODES: Final[Mapping[int, Meaning]] = {
    0: Meaning.OK,
    1: Meaning.REPEAT,
    6: Meaning.CONFIGURATION,
    9: Meaning.CONFIGURATION,
    79: Meaning.ABSENT,
    90: Meaning.PENDING,
}
UNLISTED: Final[Mapping[Verb, Meaning]] = {
    Verb.CHECK: Meaning.REFUSED,
    Verb.PAY: Meaning.CONFIGURATION,
    Verb.STATUS: Meaning.CONFIGURATION,
    Verb.CANCEL: Meaning.REFUSED,
}
"""What a code that nobody agreed on means. A check costs nothing, and what was not taken back stays paid."""

# What can be renamed in a request, and in an answer (`name`: the subscriber's, for people).
NAMES: Final = ("command", "txn_id", "txn_date", "sum", "prv_txn")
ANSWER_NAMES: Final[Mapping[str, str]] = {
    "osmp_txn_id": "osmp_txn_id",
    "prv_txn": "prv_txn",
    "sum": "sum",
    "result": "result",
    "name": "fields/FIO",
}
# The words of `check_sum` that are no sum.
REAL_SUM: Final = "real"
NO_SUM: Final = "none"

_SUM: Final = re.compile(r"[0-9]{1,12}(\.[0-9]{2})?")
# The parts of a date that are numbers; the others would follow the language of the machine.
_DATE_FORMAT: Final = re.compile(r"(%[YmdHMS]|[^%])+")

PRESETS: Final[Mapping[str, Mapping[str, object]]] = {
    "qiwi": {},
    "sber": {
        "names": {
            "command": "ACTION", "txn_id": "PAY_ID", "txn_date": "PAY_DATE", "sum": "AMOUNT",
        },
        "answer_names": {"prv_txn": "EXT_ID", "sum": "AMOUNT", "result": "CODE", "name": "FIO"},
        "account_fields": ("ACCOUNT",),
        "pay_command": "payment",
        "check_with_txn_id": False,
        "check_sum": NO_SUM,
        "date_format": "%d.%m.%Y_%H:%M:%S",
        "duplicates": (8,),
    },
    "pay24": {"answer_names": {"osmp_txn_id": "txn_id"}},
    # ABillS says 8 to a double request too, and answers a status of what it does not know with 1.
    "comnet": {
        "check_with_txn_id": False,
        "whole_units": True,
        "codes": {"8": "unknown"},
        "status_codes": {"1": "absent"},
    },
}  # fmt: skip
_TABLES: Final[Mapping[str, Mapping[int, Meaning]]] = {"sber": SBER_CODES}


@dataclass(frozen=True, slots=True, kw_only=True, config=ConfigDict(extra="forbid"))
class OsmpDialect:
    """How a provider departs from the standard; docs/protocols/osmp.md explains every key.

    `names` and `answer_names` rename what requests and answers carry. `account_fields` are the parameters of an
    account's parts, in their order. `check_sum` is `real`, `none` or a fixed sum. `date_format` is of `txn_date`, in
    the directives of strftime that are numbers. `extra` goes with every request. `codes` (of check and pay),
    `status_codes` and `cancel_codes` give a result another of the words of `Meaning`. `duplicates` are results that
    say that the payment stands there already.
    """

    preset: str = "qiwi"
    method: str = "GET"
    names: Mapping[str, str] = field(default_factory=dict)
    answer_names: Mapping[str, str] = field(default_factory=dict)
    account_fields: tuple[str, ...] = ("account",)
    check_command: str = "check"
    pay_command: str = "pay"
    check_with_txn_id: bool = True
    check_sum: str = REAL_SUM
    whole_units: bool = False
    plus_for_space: bool = False
    date_format: str = "%Y%m%d%H%M%S"
    extra: Mapping[str, str] = field(default_factory=dict)
    codes: Mapping[str, str] = field(default_factory=dict)
    status_codes: Mapping[str, str] = field(default_factory=dict)
    cancel_codes: Mapping[str, str] = field(default_factory=dict)
    duplicates: tuple[int, ...] = ()
    status: bool = False
    cancel: bool = False
    registry: bool = True

    def __post_init__(self) -> None:
        if self.method not in {"GET", "POST"}:
            raise ProfileError("dialect.method", f"{self.method!r}: GET or POST")
        if self.check_sum not in {REAL_SUM, NO_SUM} and not _SUM.fullmatch(self.check_sum):
            raise ProfileError("dialect.check_sum", f"{self.check_sum!r}: {REAL_SUM}, {NO_SUM}, or a sum such as 1.00")
        if not _DATE_FORMAT.fullmatch(self.date_format):
            raise ProfileError(
                "dialect.date_format", f"{self.date_format!r}: of %Y %m %d %H %M %S and plain characters"
            )
        _check_known("dialect.names", self.names, NAMES)
        _check_known("dialect.answer_names", self.answer_names, ANSWER_NAMES)
        sent = [*map(self.name, NAMES), *self.account_fields, *self.extra]
        if len(set(sent)) < len(sent):
            raise ProfileError("dialect.names", "two parameters of a request would have one name")

    def name(self, parameter: str) -> str:
        """What this provider calls a parameter of the standard."""
        return self.names.get(parameter, parameter)

    def answer_name(self, element: str) -> str:
        """What this provider calls an element of an answer."""
        return self.answer_names.get(element, ANSWER_NAMES[element])

    def query(self, pairs: Iterable[tuple[str, str]]) -> str:
        """The encoded query of a request, ASCII."""
        return urlencode([*pairs, *self.extra.items()], quote_via=quote_plus if self.plus_for_space else quote, safe="")

    def tables(self) -> Mapping[Verb, Mapping[int, Meaning]]:
        """What the results of each question mean.

        Raises:
            ProfileError: an override that is no integer, or no word of `Meaning`.
        """
        paying = with_overrides(_TABLES.get(self.preset, CODES), self.codes)
        return {
            Verb.CHECK: paying,
            Verb.PAY: paying,
            Verb.STATUS: _overridden(STATUS_CODES, "dialect.status_codes", self.status_codes),
            Verb.CANCEL: _overridden(CANCEL_CODES, "dialect.cancel_codes", self.cancel_codes),
        }


def osmp_dialect(settings: Mapping[str, object]) -> OsmpDialect:
    """Read the dialect of a provider, on top of the set that it names.

    Raises:
        ProfileError: a key or a set that does not exist, or a value that cannot work.
    """
    chosen = settings.get("preset", "qiwi")
    if not isinstance(chosen, str) or chosen not in PRESETS:
        raise ProfileError("dialect.preset", f"{chosen!r} is unknown; there are {', '.join(PRESETS)}")
    preset = PRESETS[chosen]
    return read_dialect(OsmpDialect, {**preset, **{key: _over(preset.get(key), settings[key]) for key in settings}})


def _over(default: object, given: object) -> object:
    """What is given, over the default: of two tables each entry, of anything else the whole."""
    return {**default, **given} if isinstance(default, Mapping) and isinstance(given, Mapping) else given


def _overridden(standard: Mapping[int, Meaning], key: str, overrides: Mapping[str, str]) -> Mapping[int, Meaning]:
    try:
        return with_overrides(standard, overrides)
    except ProfileError as error:
        raise ProfileError(f"{key}.{error.key.removeprefix('dialect.codes.')}", error.reason) from None


def _check_known(key: str, given: Iterable[str], known: Iterable[str]) -> None:
    for name in given:
        if name not in known:
            raise ProfileError(f"{key}.{name}", f"unknown; there are {', '.join(known)}")
