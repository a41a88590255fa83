"""The catalogue and the lexicon of the parser's tests: the shipped command words, and one payee of each kind."""

from __future__ import annotations

import tomllib
from pathlib import Path

import pytest

from smsgw.domain.catalogue import AccountPart, AmountRule, Catalogue, Category, CheckDigit, Provider
from smsgw.domain.money import KGS, RUB, UZS, Currency, Money
from smsgw.parser.words import Lexicon

WORDS = Path(__file__).parents[3] / "config" / "words.toml"


def amounts(least: int, most: int, currency: Currency = UZS, fixed: int | None = None) -> AmountRule:
    """Limits in whole units of the currency."""
    scale = currency.scale
    price = None if fixed is None else Money(fixed * scale, currency)
    return AmountRule(Money(least * scale, currency), Money(most * scale, currency), fixed_price=price)


LOGIN = AccountPart(r"[a-z]?\d{4,8}", fold_case=True, example="n25656")
PROVIDERS = (
    Provider(
        "sarkor", "SARKOR", UZS, amounts(500, 5_000_000),
        aliases=("Саркор Телеком",), category=Category.INTERNET, account=(LOGIN,),
    ),
    Provider("sarkor_tv", "SARKOR TV", UZS, amounts(500, 5_000_000), category=Category.TV, account=(LOGIN,)),
    Provider("sochi", "SOCHI", UZS, amounts(500, 5_000_000), account=(AccountPart(r"\d+", lengths=(14,)),)),
    Provider("ecp", "ECP", UZS, amounts(500, 5_000_000), account=(AccountPart(r"\d+", lengths=(16,)),)),
    Provider(
        "imei", "IMEI", UZS, amounts(1, 100_000, fixed=34_000),
        account=(AccountPart(r"\d+", lengths=(15,), check_digit=CheckDigit.LUHN, example="490154203237518"),),
    ),
    Provider(
        "mgts", "MGTS", UZS, amounts(500, 5_000_000), aliases=("МГТС",),
        account=(AccountPart(r"\d{3}"), AccountPart(r"\d{7}"), AccountPart(r"\d{2}")),
    ),
    Provider("bakai", "BAKAI", KGS, amounts(1, 60_000, KGS), account=(AccountPart(r"\d{6}"),)),
    Provider("zhku", "ZHKU", RUB, amounts(1, 60_000, RUB), aliases=("ЖКУ",), account=(AccountPart(r"\d{6}"),)),
)  # fmt: skip


@pytest.fixture(scope="session")
def lexicon() -> Lexicon:
    return Lexicon.of(tomllib.loads(WORDS.read_text("utf-8")), Catalogue(PROVIDERS))
