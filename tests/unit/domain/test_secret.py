"""A secret is seen by nobody who does not ask for it."""

from __future__ import annotations

import copy
import io
import json
import operator
import pickle
from collections.abc import Callable
from dataclasses import dataclass
from typing import cast

import pytest

from smsgw.domain.secret import PLACEHOLDER, Secret
from smsgw.log import configure, get_logger

CANARY = "canary-7f3a"
TEXT, OCTETS = Secret(CANARY), Secret(CANARY.encode())


@dataclass(frozen=True)
class Holder:
    name: str
    password: Secret[str]


def test_only_who_asks_gets_it() -> None:
    assert (TEXT.reveal(), OCTETS.reveal()) == (CANARY, CANARY.encode())


@pytest.mark.proves("I23", "F33")
@pytest.mark.parametrize("secret", [TEXT, OCTETS])
def test_whatever_shows_values_shows_a_placeholder(secret: Secret[str] | Secret[bytes]) -> None:
    formatted = "%s %r" % (secret, secret)  # noqa: UP031 -- logging formats so
    shown = [repr(secret), str(secret), formatted, str([secret]), json.dumps([secret], default=str)]
    assert all(PLACEHOLDER in text and CANARY not in text for text in shown)
    assert repr(Holder("anna", TEXT)) == f"Holder(name='anna', password={PLACEHOLDER})"


def test_a_log_line_shows_a_placeholder() -> None:
    written = io.StringIO()
    try:
        configure("info", written)
        get_logger("test").warning("test.secret", password=TEXT)
    finally:
        configure("debug", io.StringIO())
    assert CANARY not in written.getvalue()
    assert "Secret" in written.getvalue()


@pytest.mark.proves("I23")
@pytest.mark.parametrize(
    "slip",
    [
        lambda: f"{TEXT}",
        lambda: f"{OCTETS:>9}",
        lambda: "{}".format(TEXT),  # noqa: UP032 -- one of the ways
        lambda: operator.add("password ", TEXT),
        lambda: "".join(cast("list[str]", [TEXT, TEXT])),
        lambda: bytes(cast("bytes", OCTETS)),
        lambda: json.dumps({"password": TEXT}),
        lambda: pickle.dumps(TEXT),
        lambda: copy.deepcopy(Holder("anna", TEXT)),
        lambda: list(cast("str", TEXT)),
        lambda: operator.getitem(cast("str", TEXT), 0),
    ],
)
def test_whatever_makes_text_of_it_is_an_error(slip: Callable[[], object]) -> None:
    """F-strings, pieces, pickles and JSON: a slip is seen in a test and not in a log."""
    with pytest.raises(TypeError) as error:
        slip()
    assert CANARY not in str(error.value)


def test_equal_secrets_are_one() -> None:
    assert Secret(CANARY) == TEXT
    assert len({TEXT, Secret(CANARY)}) == 1
    assert Secret("other") != TEXT
    assert TEXT != CANARY, "a plain text is compared by who has asked for the secret"


def test_an_empty_secret_is_none() -> None:
    assert not Secret("")
    assert len(TEXT) == len(CANARY)


def test_octets_of_no_alphabet_are_compared_all_the_same() -> None:
    """A lone surrogate comes out of the environment where it was no UTF-8."""
    assert Secret("\udc80") == Secret("\udc80")
