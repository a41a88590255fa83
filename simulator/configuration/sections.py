"""The tables of the file, as pydantic reads them: strictly, and all their mistakes at once."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from typing import Annotated, Any, Final, Literal

from pydantic import AfterValidator, BaseModel, BeforeValidator, ConfigDict, Field, model_validator

from simulator.billing.provider import SERVERS
from simulator.configuration.addresses import read_address
from simulator.configuration.receipts import ReceiptsSection
from simulator.settings import DELIVER_AGAIN
from simulator.smsc.fates import DELAY_S_MAX
from simulator.smsc.mo import NUMBER_MAX
from simulator.smsc.statuses import read_status

WINDOW_MAX: Final = 10_000
"""No gateway keeps so many texts in hand."""

ATTEMPTS_MAX: Final = 1_000_000

SYSTEM_ID_MAX: Final = 15
PASSWORD_MAX: Final = 8
"""Characters, both (SMPP 3.4, 4.1.1)."""

Seconds = Annotated[float, Field(ge=0, le=DELAY_S_MAX, allow_inf_nan=False)]
SomeSeconds = Annotated[float, Field(gt=0, le=30 * DELAY_S_MAX, allow_inf_nan=False)]
Listen = Annotated[tuple[str, int], BeforeValidator(read_address)]


def _prefix(value: str) -> str:
    if not (value.isascii() and value.isdecimal() and len(value) <= NUMBER_MAX):
        raise ValueError(f"{value!r}: digits are needed, without plus, such as 99890")
    return value


def _protocol(value: str) -> str:
    if value not in SERVERS:
        raise ValueError(f"{value!r} is not simulated: there are {', '.join(SERVERS)}")
    return value


def judge_password(value: str) -> None:
    """Refuse what no bind can carry. Raises ValueError."""
    if not (value.isascii() and len(value) <= PASSWORD_MAX):
        raise ValueError(f"a password has at most {PASSWORD_MAX} ASCII characters: shorten it")


def judge_system_id(value: str) -> None:
    """Refuse what no bind can carry. Raises ValueError."""
    if not (value.isascii() and value.isprintable() and 1 <= len(value) <= SYSTEM_ID_MAX):
        raise ValueError(f"a system_id has 1 to {SYSTEM_ID_MAX} ASCII characters: shorten it")


def stray_routes(routes: Mapping[str, str], accounts: Collection[str]) -> list[tuple[str, str]]:
    """The routes (short code, system_id) to nobody's account. Where there are no accounts, everybody may bind."""
    return [(code, system_id) for code, system_id in routes.items() if accounts and system_id not in accounts]


def _statuses(value: object) -> object:
    return [read_status(one) for one in value] if isinstance(value, list) else value


class Section(BaseModel):
    """Any table: a key that nobody knows, or a value of another type, is a mistake."""

    model_config = ConfigDict(extra="forbid", strict=True)


class HttpSection(Section):
    """For people and scripts. `token_env` names the variable of the environment that holds the token."""

    listen: Listen = ("127.0.0.1", 8090)
    token_env: str = ""


class SecretSection(Section):
    """A password, here or in a variable of the environment."""

    password: str = ""
    password_env: str = ""

    @model_validator(mode="after")
    def _one_of_two(self) -> SecretSection:
        if self.password and self.password_env:
            raise ValueError("password and password_env exclude each other: leave one out")
        return self


class AccountSection(SecretSection):
    """One system_id; text instead of a table is its password."""

    binds: list[Literal["transmitter", "receiver", "transceiver"]] = []
    binds_max: int = Field(default=0, ge=0)

    @model_validator(mode="after")
    def _is_short(self) -> AccountSection:
        judge_password(self.password)
        return self

    @model_validator(mode="before")
    @classmethod
    def _text(cls, value: Any) -> Any:
        return {"password": value} if isinstance(value, str) else value


class RedeliverySection(Section):
    """When a text of a subscriber that was not taken is delivered again, and when it is given up."""

    statuses: Annotated[list[int], BeforeValidator(_statuses)] = sorted(DELIVER_AGAIN)
    delay_s: Seconds = 1.0
    growth: float = Field(default=1.0, ge=1, le=1_000)
    delay_max_s: Seconds = 3_600.0
    attempts_max: int = Field(default=50, ge=1, le=ATTEMPTS_MAX)
    ttl_s: SomeSeconds | None = None
    response_s: SomeSeconds = 30.0


class TlsSection(Section):
    """PEM files; relative paths start where the file is."""

    certificate: str
    key: str = ""
    clients: str = ""


class OperatorSection(Section):
    """One operator."""

    listen: Listen
    prefixes: list[Annotated[str, AfterValidator(_prefix)]] = []
    system_id: str = Field(default="SIMULATOR", max_length=SYSTEM_ID_MAX)
    accounts: dict[str, AccountSection] = {}
    routes: dict[str, str] = {}
    window: int = Field(default=50, ge=1, le=WINDOW_MAX)
    gateway_window: int = Field(default=10, ge=1, le=WINDOW_MAX)
    alphabet: Literal["gsm0338", "latin1", "ucs2"] = "gsm0338"
    interface_version: int = Field(default=0x34, ge=0, le=255)
    message_ids: Literal["hex", "decimal"] = "hex"
    first_id: int = Field(default=1, ge=1, le=2**31)
    delivery_s: Seconds = 0.0
    seed: int = 1
    scenario: str = ""
    tls: TlsSection | None = None
    redelivery: RedeliverySection = RedeliverySection()
    receipts: ReceiptsSection = ReceiptsSection()


class ProviderSection(SecretSection):
    """One billing."""

    protocol: Annotated[str, AfterValidator(_protocol)]
    login: str = ""
    dedupes: bool = True
    duplicate_checked_first: bool = True
