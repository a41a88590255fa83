"""config/providers.toml: each table becomes a payee of the catalogue and the profile of its protocol."""

from __future__ import annotations

import ssl
from collections.abc import Mapping
from decimal import Decimal
from ipaddress import IPv4Network, IPv6Network, ip_network
from pathlib import Path
from typing import Annotated, Any, Final, Literal, Self

from pydantic import BeforeValidator, Field, ValidationError

from smsgw.domain.catalogue import AccountPart, AmountRule, Category, CheckDigit, Fee, Provider
from smsgw.domain.money import CURRENCIES, Currency, Money, money
from smsgw.settings.problems import Problem, problems_of
from smsgw.settings.sections import Section
from smsgw.settings.tls import client_context

# A month: whoever has not answered by then has lost the payment, and a longer number is a mistake of units.
PATIENCE_S_MAX: Final = 30 * 24 * 3600
# A stop of the gateway waits for exchanges in hand, and no service manager waits longer than this for a stop.
DEADLINE_S_MAX: Final = 300.0


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
    """What is taken, on top of the amount or from it: a fixed sum and a percentage, both as text."""

    fixed: str = "0"
    percent: Decimal = Field(default=Decimal(0), ge=0, le=100, decimal_places=2)
    from_amount: bool = False

    def read(self, currency: Currency) -> Fee:
        """The catalogue's fee.

        Raises:
            ValueError: a value cannot be used; the message names it.
        """
        return Fee(money(self.fixed, currency).minor, int(self.percent * 100), self.from_amount)


def _network(text: object) -> IPv4Network | IPv6Network:
    return ip_network(str(text))  # as text: a bare number would be an address, too


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
    source_fees: dict[Literal["wallet"], FeeSection] = Field(default_factory=dict)
    protocol: str
    url: str
    login: str = ""
    secret_env: str = ""
    dialect: dict[str, Any] = Field(default_factory=dict)
    parallel_max: int = Field(default=8, ge=1)
    networks: tuple[Annotated[IPv4Network | IPv6Network, BeforeValidator(_network)], ...] = ()
    tls_ca_file: Path | None = None
    tls_certificate_file: Path | None = None
    tls_key_file: Path | None = None
    dedupes_by_reference: bool | None = None
    duplicate_checked_first: bool | None = None
    max_late_apply_s: int | None = Field(default=None, le=PATIENCE_S_MAX)
    repeat_after_s: int | None = Field(default=None, ge=1, le=PATIENCE_S_MAX)
    back_off_s: tuple[Annotated[int, Field(ge=1, le=PATIENCE_S_MAX)], ...] = ()
    lifetime_s: int | None = Field(default=None, ge=60, le=PATIENCE_S_MAX)
    check_deadline_s: float = Field(default=15.0, gt=0, le=DEADLINE_S_MAX)
    pay_deadline_s: float = Field(default=60.0, gt=0, le=DEADLINE_S_MAX)
    time_zone: str = "Asia/Tashkent"
    statement: bool = True

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
            fee=self.fee.read(currency),
            source_fees={source: fee.read(currency) for source, fee in self.source_fees.items()},
            phone=self.phone,
        )

    def at(self, folder: Path) -> Self:
        """The same, with the paths of files as seen from anywhere: relative ones start at *folder*."""
        files = {key: getattr(self, key) for key in ("tls_ca_file", "tls_certificate_file", "tls_key_file")}
        return self.model_copy(update={key: folder / file for key, file in files.items() if file is not None})

    def tls(self) -> ssl.SSLContext | None:
        """What the billing's certificate is verified by, and ours; None where no file is named.

        Raises:
            ValueError: a file cannot be used; the message begins with the key.
        """
        if self.tls_key_file and not self.tls_certificate_file:
            raise ValueError("tls_key_file needs its certificate: tls_certificate_file")
        if not (self.tls_ca_file or self.tls_certificate_file):
            return None
        if self.url.lower().startswith("http:"):
            raise ValueError("certificates are named, but the url begins with http: and nothing is encrypted")
        return client_context(self.tls_ca_file, self.tls_certificate_file, self.tls_key_file)

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
    """Read every table of *file*; what cannot be read is a problem, the others are returned."""
    sections: dict[str, ProviderSection] = {}
    problems: list[Problem] = []
    for name, table in tables.items():
        try:
            section = ProviderSection.model_validate(table).at(file.parent)
            section.payee(name)
            section.tls()
        except ValidationError as error:
            problems += problems_of(error, str(file), name)
        except ValueError as error:
            problems.append(Problem(str(file), name, str(error)))
        else:
            sections[name] = section
    return sections, problems
