"""The events that have words: what may stand in the texts of each, and what the texts must say.

Rule 1: `EVENTS` is the contract between whoever answers and config/replies.toml. Adding an event here without its
words there (or the reverse) is told by the check.
Rule 2: the last text of every language needs `values` only; a fuller one may use `optional` ones where they are known.
"""

from __future__ import annotations

from typing import Final, NamedTuple

LANGUAGES: Final = ("en", "uz", "ru", "ru-Latn")
"""English, Uzbek in Latin letters, Russian, and Russian in Latin letters (160 of them fit where 70 Cyrillic do)."""

GSM_LANGUAGES: Final = frozenset({"en", "uz", "ru-Latn"})
"""Written in GSM 03.38 only: one character from elsewhere makes the whole SMS UCS-2, and 160 become 70."""

# Who misses a text reads the nearest language: the same one in other letters, then Russian, which is read all over
# the region, and English only when nothing else is left. Languages that are not here read Russian too.
FALLBACK: Final[dict[str, tuple[str, ...]]] = {
    "en": ("ru-Latn", "ru", "uz"),
    "uz": ("ru", "ru-Latn", "en"),
    "ru": ("ru-Latn", "uz", "en"),
    "ru-Latn": ("ru", "uz", "en"),
}
FALLBACK_OF_OTHERS: Final = ("ru", "ru-Latn", "uz", "en")

NAMES_PER_PAGE: Final = 4
"""Names on one page of LIST: four of twelve characters leave room for the next step, in 70 characters too."""


class Event(NamedTuple):
    """What may stand in the texts of one event.

    `values` are always given, `optional` ones not always. A `refusal` must say whether money was charged. `shows_code`:
    the text is the page to check before paying, so its code stands in front and its account is never cut to the tail.
    """

    values: frozenset[str]
    optional: frozenset[str]
    refusal: bool
    shows_code: bool


def _event(values: str = "", optional: str = "", *, refusal: bool = False, shows_code: bool = False) -> Event:
    return Event(frozenset(values.split()), frozenset(optional.split()), refusal, shows_code)


def _refusal(values: str = "", optional: str = "") -> Event:
    return _event(values, optional, refusal=True)


EVENTS: Final[dict[str, Event]] = {
    # The code.
    "code": _event("code prov acc amt fee cur m", shows_code=True),
    "resent": _event("code prov acc amt fee cur m", shows_code=True),
    "no_more_resend": _refusal("m"),
    "resend_wait": _refusal("m s"),
    "wrong_code": _refusal("n"),
    "code_dead": _refusal("prov amt cur"),
    "code_expired": _refusal("prov amt cur"),
    "code_of_old": _refusal("prov amt cur"),
    "nothing_pending": _refusal(),
    "need_code": _refusal("prov amt cur"),
    "replaced": _refusal("prov amt cur"),
    "checking": _refusal("prov acc amt cur"),
    # The payment.
    "receipt": _event("no dt d prov acc amt fee total cur card"),
    "processing": _event("no prov acc amt cur"),
    "still_processing": _event("no prov acc amt cur"),
    "processing_day": _event("no prov acc amt cur"),
    "returned": _event("no dt prov acc total cur"),
    "not_executed": _refusal("no prov acc amt cur"),
    "no_money": _refusal("no prov amt fee total cur card"),
    "bank_down": _refusal("", "prov"),
    "cancelled": _refusal("prov amt cur"),
    "nothing_to_cancel": _event(),
    "too_late_to_cancel": _event("no prov acc amt cur"),
    "duplicate": _refusal("no prov acc amt cur m"),
    # The line that was not understood.
    "format": _refusal("fmt", "prov line"),
    "unknown": _refusal(),
    "unpaid_digits": _refusal(),
    "no_password": _refusal("prov acc amt line"),
    "corrected": _refusal("prov acc amt line"),
    "card_number": _refusal(),
    "pass_letters": _refusal(),
    # The provider and the account.
    "did_you_mean": _refusal("prov", "line"),
    "which_one": _refusal("prov prov2", "line line2"),
    "no_provider": _refusal("", "fmt"),
    "bad_account": _refusal("prov fmt", "acc need got"),
    "bad_digit": _refusal("prov fmt", "acc"),
    "account_suggest": _refusal("prov fmt alt1", "acc line"),
    "no_account": _refusal("prov acc"),
    # The amount.
    "amount_unclear": _refusal("bad alt1 alt2", "prov acc line"),
    "amount_suggest": _refusal("bad alt1", "prov acc fmt line"),
    "amount_range": _refusal("prov min max amt cur", "acc fmt total"),
    "amount_step": _refusal("prov step amt cur", "acc fmt"),
    "amount_fixed": _refusal("prov acc amt cur line"),
    "wrong_currency": _refusal("prov cur", "acc amt alt1 line"),
    "over_limit_payment": _refusal("lim amt cur"),
    "over_limit": _refusal("left lim amt cur"),
    "over_limit_day": _refusal("left lim amt cur"),
    # The sender.
    "wrong_password": _refusal("n"),
    "locked": _refusal("m"),
    "locked_long": _refusal(),
    "is_blocked": _refusal(),
    "not_registered": _refusal(),
    "flood": _refusal("m"),
    "stale": _refusal("dt"),
    # Information.
    "help": _event(),
    "help_provider": _event("prov fmt min max fee cur"),
    "help_fee_inside": _event("prov fmt min max fee cur"),
    "help_fixed": _event("prov fmt amt fee cur"),
    "list": _event(),
    "list_names": _event("names", "more"),
    "list_empty": _event(),
    "balance": _event("dt amt spent left cur"),
    "status_executed": _event("no dt prov acc amt fee total cur"),
    "status_processing": _event("no prov acc amt cur"),
    "status_awaiting_code": _refusal("no prov acc amt cur m"),
    "status_checking": _refusal("no prov acc amt cur"),
    "status_not_executed": _refusal("no prov acc amt cur"),
    "status_closed": _refusal("no prov acc amt cur"),
    "status_returned": _event("no dt prov acc total cur"),
    "status_none": _event(),
}
