"""config/providers.toml: each table becomes a payee of the catalogue and the profile of its protocol."""

from __future__ import annotations

from collections.abc import Mapping
from decimal import Decimal
from pathlib import Path
from typing import Any

from pydantic import Field, ValidationError

from smsgw.domain.catalogue import AccountPart, AmountRule, Category, CheckDigit, Fee, Provider
from smsgw.domain.money import CURRENCIES, Currency, Money, money
from smsgw.settings.problems import Problem, problems_of
from smsgw.settings.sections import Section


class AccountSection(Section):
    """One field of an account."""

    pattern: str = "[0-9]+"
    lengths: tuple[int, ...] = ()
    check_digit: CheckDigit = CheckDigit.NONE
    fold_case: bool = False
    example: str = ""


class AmountSection(Section):
    """Sums in the major unit, as text: `"500"`, `"0.01"`. `price` fixes the amount."""

    min: str
    max: str
    step: str = "0.01"
    price: str | None = None


class FeeSection(Section):
    """What is taken on top: a fixed sum and a percentage, both as text."""

    fixed: str = "0"
    percent: Decimal = Field(default=Decimal(0), ge=0, le=100, decimal_places=2)


class ProviderSection(Section):
    """One provider. What is not about the payee goes to its protocol as it stands."""

    title: str
    aliases: tuple[str, ...] = ()
    category: Category = Category.OTHER
    currency: str = "UZS"
    phone: str = ""
    account: tuple[AccountSection, ...] = (AccountSection(),)
    amount: AmountSection
    fee: FeeSection = FeeSection()
    protocol: str
    url: str
    login: str = ""
    secret_env: str = ""
    dialect: dict[str, Any] = Field(default_factory=dict)
    parallel_max: int = Field(default=8, ge=1)
    dedupes_by_reference: bool | None = None
    duplicate_checked_first: bool = False
    max_late_apply_s: int | None = None
    repeat_after_s: int = Field(default=60, ge=1)
    lifetime_s: int = Field(default=24 * 3600, ge=60)
    check_deadline_s: float = Field(default=15.0, gt=0)
    pay_deadline_s: float = Field(default=60.0, gt=0)

    def payee(self, name: str) -> Provider:
        """The catalogue's entry.

        Raises:
            ValueError: a value cannot be used; the message names it.
        """
        currency = CURRENCIES.get(self.currency)
        if currency is None:
            raise ValueError(f"currency {self.currency!r} is unknown here; there are {', '.join(CURRENCIES)}")
        return Provider(
            name=name,
            title=self.title,
            currency=currency,
            amount=self._amount(currency),
            aliases=self.aliases,
            category=self.category,
            account=tuple(AccountPart(**part.model_dump()) for part in self.account),
            fee=Fee(money(self.fee.fixed, currency).minor, int(self.fee.percent * 100)),
            phone=self.phone,
        )

    def _amount(self, currency: Currency) -> AmountRule:
        amount = self.amount
        price: Money | None = money(amount.price, currency) if amount.price is not None else None
        return AmountRule(
            minimum=money(amount.min, currency),
            maximum=money(amount.max, currency),
            step_minor=money(amount.step, currency).minor,
            fixed_price=price,
        )


def read_providers(tables: Mapping[str, object], file: Path) -> tuple[dict[str, ProviderSection], list[Problem]]:
    """Read every table; what cannot be read is a problem, the others are returned."""
    sections: dict[str, ProviderSection] = {}
    problems: list[Problem] = []
    for name, table in tables.items():
        try:
            section = ProviderSection.model_validate(table)
            section.payee(name)
        except ValidationError as error:
            problems += problems_of(error, str(file), name)
        except ValueError as error:
            problems.append(Problem(str(file), name, str(error)))
        else:
            sections[name] = section
    return sections, problems
