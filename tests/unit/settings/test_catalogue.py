"""A table of providers.toml becomes a payee."""

from pathlib import Path

from smsgw.domain.catalogue import CheckDigit, Fee
from smsgw.domain.money import UZS, Money
from smsgw.settings.catalogue import read_providers

TABLE = {
    "title": "IMEI",
    "protocol": "osmp",
    "url": "http://127.0.0.1/",
    "amount": {"min": "30000", "max": "30000.50", "step": "0.50", "price": "30000"},
    "fee": {"fixed": "5", "percent": "1.25"},
    "account": [{"lengths": [15], "check_digit": "luhn"}],
}


def test_sums_are_read_as_text_and_percent_as_hundredths() -> None:
    sections, problems = read_providers({"imei": TABLE}, Path("providers.toml"))
    payee = sections["imei"].payee("imei")

    assert problems == []
    assert (payee.amount.maximum, payee.amount.step_minor) == (Money(3_000_050, UZS), 50)
    assert payee.amount.fixed_price == Money(3_000_000, UZS)
    assert payee.fee == Fee(500, 125)
    assert payee.account[0].check_digit is CheckDigit.LUHN


def test_a_bad_table_is_a_problem_and_the_others_are_read() -> None:
    sections, problems = read_providers({"imei": TABLE, "Bad Name": TABLE, "x": {}}, Path("providers.toml"))

    assert list(sections) == ["imei"]
    assert {problem.key.split(".")[0] for problem in problems} == {"Bad Name", "x"}
