"""Telephone numbers: what the SMSC gives as a sender becomes E.164, or is no subscriber's number.

The type of number and numbering plan that arrive with an address are hints that SMSCs fill in carelessly;
the digits and the link's region decide (ITU-T E.164).
"""

from __future__ import annotations

import re
from functools import lru_cache
from typing import Final, NewType

import phonenumbers

Msisdn = NewType("Msisdn", str)
"""A subscriber's number in E.164 with the plus sign: `+998901234567`."""

# E.164 allows 15 digits; with `+` or the exit code `00` before them 17 characters.
ADDRESS_LENGTH_MAX: Final = 17
# Shorter numbers are short codes and services: machines, which must never get an answer (loops).
SUBSCRIBER_DIGITS_MIN: Final = 7
# Parsing costs about 50 microseconds; the senders of a busy hour fit in some 20 MB.
REMEMBERED_MAX: Final = 100_000

_ADDRESS = re.compile(r"(?:\+|00)?[0-9]+")


@lru_cache(maxsize=REMEMBERED_MAX)
def subscriber_number(address: str, region: str) -> Msisdn | None:
    """Return the E.164 number of a sender's *address*, or None where it is no subscriber's.

    *region* is the ISO 3166 code of the operator's country; national forms (`901234567`) are read by it.
    None: alphanumeric senders, short codes, impossible lengths.
    """
    if len(address) > ADDRESS_LENGTH_MAX or not _ADDRESS.fullmatch(address):
        return None
    if len(address.removeprefix("+")) < SUBSCRIBER_DIGITS_MIN:
        return None
    best = _best_reading(address, region)
    if best is None:
        return None
    return Msisdn(phonenumbers.format_number(best, phonenumbers.PhoneNumberFormat.E164))


def load_numbering_plans() -> None:
    """Read the numbering plans of all countries now, a third of a second.

    The library would read each of them with its first number, while everybody waits; and under a lock that it keeps
    for good if there is just then no file to open.
    """
    phonenumbers.PhoneMetadata.load_all()


def masked(number: str) -> str:
    """The number for a log or a screen: the country and the last two digits, `+998*******67`."""
    return number[:4] + "*" * max(0, len(number) - 6) + number[-2:] if len(number) > 6 else "*" * len(number)


def _best_reading(address: str, region: str) -> phonenumbers.PhoneNumber | None:
    """The first valid reading, else the first possible: `901234567` is possible in Turkey and valid in Uzbekistan."""
    possible = None
    for candidate in _candidates(address):
        number = _parsed(candidate, region)
        if number is not None and phonenumbers.is_valid_number(number):
            return number
        possible = possible or number
    return possible


def _candidates(address: str) -> tuple[str, ...]:
    """SMSCs send international digits without a plus more often than national ones."""
    if address.startswith("+"):
        return (address,)
    if address.startswith("00"):
        return ("+" + address[2:],)
    return ("+" + address, address)


def _parsed(candidate: str, region: str) -> phonenumbers.PhoneNumber | None:
    try:
        number = phonenumbers.parse(candidate, region)
    except phonenumbers.NumberParseException:
        return None
    return number if phonenumbers.is_possible_number(number) else None
