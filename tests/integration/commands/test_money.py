"""`smsgw topup`, `payment`, `ledger`: what moved, what stands, and the proof."""

import json
import sqlite3
from contextlib import closing
from dataclasses import astuple, replace

import pytest

from smsgw.commands.money import show_one
from smsgw.ledger.day_hash import NO_DAY_BEFORE, DayHashing
from tests.integration.commands.conftest import Shell

ANNA = "+998901234567"


@pytest.fixture
def enrolled(smsgw: Shell) -> Shell:
    assert smsgw("subscriber", "add", ANNA, "--password-stdin", stdin="parol12\n").code == 0
    return smsgw


def test_money_is_put_in_once_under_one_key(enrolled: Shell) -> None:
    first = enrolled("topup", ANNA, "1000.50", "--key", "k1")
    again = json.loads(enrolled("topup", ANNA, "1000.50", "--key", "k1", "--json").out)
    other = enrolled("topup", ANNA, "2000", "--key", "k1")

    assert "1000.50 UZS" in first.out
    assert (again["outcome"], again["available"]["amount"]) == ("repeated", "1000.50")
    assert (other.code, other.out) == (1, "")


def test_two_top_ups_without_a_key_are_two(enrolled: Shell) -> None:
    enrolled("topup", ANNA, "1")
    assert json.loads(enrolled("topup", ANNA, "1", "--json").out)["available"]["amount"] == "2.00"


@pytest.mark.parametrize("amount", ["0", "-5", "1,5", "many"])
def test_an_amount_that_is_none_is_refused(enrolled: Shell, amount: str) -> None:
    assert enrolled("topup", ANNA, amount).code in {1, 2}


def test_an_empty_history_is_said_in_words_and_in_json(smsgw: Shell) -> None:
    assert smsgw("payment", "list").out == "There is no payment yet.\n"
    assert json.loads(smsgw("payment", "list", "--json").out) == {"payments": []}
    assert smsgw("payment", "show", "12345678") == (1, "", "smsgw: there is no payment 12345678\n")


def test_good_books_are_balanced(enrolled: Shell) -> None:
    enrolled("topup", ANNA, "1000")
    checked = enrolled("ledger", "check")

    assert (checked.code, checked.out.split(":")[0]) == (0, "balanced")
    assert json.loads(enrolled("ledger", "check", "--json").out)["balanced"] is True


@pytest.mark.parametrize("form", [(), ("--json",)])
def test_books_that_were_tampered_with_fail_the_check(enrolled: Shell, form: tuple[str, ...]) -> None:
    enrolled("topup", ANNA, "1000")
    with closing(sqlite3.connect(enrolled.folder / "var" / "smsgw.sqlite", isolation_level=None)) as database:
        database.execute("UPDATE accounts SET credits_posted = credits_posted + 1 WHERE name LIKE 'wallet:%'")
    checked = enrolled("ledger", "check", *form)

    assert checked.code == 1
    assert f"wallet:{ANNA}" in checked.err


def test_closed_days_are_compared_with_their_hashes(enrolled: Shell) -> None:
    """A day that was closed with a transfer which is gone; the next one is as it was."""
    assert json.loads(enrolled("ledger", "days", "--json").out) == {"as_closed": True, "days": []}
    assert enrolled("ledger", "days").out.startswith("No day of the books is closed yet")
    first = DayHashing("2026-11-20", 1, 2, NO_DAY_BEFORE)
    second = DayHashing("2026-11-21", 2, 3, "a" * 64).result()
    with closing(sqlite3.connect(enrolled.folder / "var" / "smsgw.sqlite", isolation_level=None)) as database:
        for day in (replace(first.result(), transfers=1, sha256="a" * 64), second):
            database.execute("INSERT INTO day_hashes VALUES (?, ?, ?, ?, ?)", astuple(day))
    checked = enrolled("ledger", "days")

    assert checked.code == 1
    assert checked.err == "smsgw: not as closed: 2026-11-20; docs/runbook.md says how to find out what changed\n"
    assert second.sha256[:20] in checked.out
    assert enrolled("ledger", "days", "--last", "1").code == 0


def test_a_payment_shows_its_texts_and_which_may_have_gone_out_twice(capsys: pytest.CaptureFixture[str]) -> None:
    code = {"event": "code", "state": "delivered", "created_at": "2026-11-21T12:00:00+00:00", "attempts": 2}
    show_one({"number": "44742441", "texts": [code | {"possibly_twice": True}], "actions": []})
    out = capsys.readouterr().out
    assert "44742441" in out
    assert out.splitlines()[-1].split() == ["2026-11-21", "12:00:00", "UTC", "code", "delivered", "2", "yes"]


def test_a_payment_shows_what_people_did_about_it(capsys: pytest.CaptureFixture[str]) -> None:
    refund = {"asked_at": None, "id": "refund:44742441:1", "state": "done", "asked_by": "aziza"}
    more = {"reason": "paid twice", "decided_by": "bobur", "note": None}
    show_one({"number": "44742441", "texts": [], "actions": [refund | more]})
    assert "refund:44742441:1  done   aziza" in capsys.readouterr().out
