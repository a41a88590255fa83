"""config/smsgw.toml, section by section. Every key may be overridden by the environment as `SMSGW_SECTION__KEY`."""

from __future__ import annotations

import re
from ipaddress import ip_address
from pathlib import Path
from typing import Annotated, Final, Literal, Self
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from pydantic import AfterValidator, BaseModel, ConfigDict, Field, SecretStr, model_validator
from pydantic_settings import BaseSettings, PydanticBaseSettingsSource, SettingsConfigDict, TomlConfigSettingsSource

from smsgw.domain.money import CURRENCIES
from smsgw.domain.patterns import compiled
from smsgw.smpp.constants import Status
from smsgw.smpp.link_settings import Bind
from smsgw.smpp.policy import Reaction, Then
from smsgw.smpp.receipts import MessageIdForm
from smsgw.smpp.segments import Method
from smsgw.smpp.text import Alphabet
from smsgw.smpp.validity import Validity

RESPONSE_S_MAX: Final = 10.0
"""A text is leased for 30 s: for two waits of 10 s before it leaves, and this one. With more patience its lease could
end while the answer is still awaited, and the text would go out twice."""


PORT_MAX: Final = 65535
STATUS_MAX: Final = 0xFFFFFFFF  # four octets (SMPP 3.4, 3.2)
# SHA-256 of no octets at all.
EMPTY_SHA256: Final = "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855"


class Section(BaseModel):
    """A table of the file: unknown keys are mistakes, values never change."""

    model_config = ConfigDict(extra="forbid", frozen=True, allow_inf_nan=False)


def _zone(name: str) -> str:
    try:
        ZoneInfo(name)
    except (ZoneInfoNotFoundError, ValueError, OSError):  # `Asia` is a folder
        raise ValueError(f"{name!r} is no time zone; write one of the IANA names, such as Asia/Tashkent") from None
    return name


def _currency(code: str) -> str:
    if code not in CURRENCIES:
        raise ValueError(f"{code!r} is unknown here; there are {', '.join(CURRENCIES)}")
    return code


def _receipt_pattern(pattern: str) -> str:
    names = compiled(pattern).groupindex.keys()
    if "id" not in names:
        raise ValueError("the pattern needs a group (?P<id>…) for the message's id, and mostly (?P<stat>…)")
    return pattern


def _status(name: str) -> str:
    number = int(name) if re.fullmatch(r"[0-9]{1,10}", name) else Status.__members__.get(name.upper(), -1)
    if not 0 < number <= STATUS_MAX:
        raise ValueError(
            f"{name!r} is no command_status of a refusal; write a name such as ESME_RX_T_APPN, or a number above 0"
        )
    return name.upper()


def _digest(digest: str) -> str:
    # Who takes the token itself for its digest must not read it in a message, so no message shows the text.
    if re.fullmatch(r"[0-9a-f]{64}", digest) is None:
        raise ValueError("64 hexadecimal digits are needed; make them: printf %s TOKEN | sha256sum")
    if digest == EMPTY_SHA256:
        raise ValueError("this is the digest of nothing; was the variable with the token empty?")
    return digest


def _time_of_day(text: str) -> str:
    if re.fullmatch(r"([01][0-9]|2[0-3]):[0-5][0-9]", text) is None:
        raise ValueError(f"{text!r} is no time of day; write HH:MM, such as 06:00")
    return text


def _like(pattern: str, words: str) -> AfterValidator:
    """Text of one form; whoever wrote another is told the form in words."""

    def check(text: str) -> str:
        if re.fullmatch(pattern, text) is None:
            raise ValueError(f"{text!r} does not fit: {words}")
        return text

    return AfterValidator(check)


def _host(host: str) -> str:
    """A name or an address; an IPv6 address may stand in its brackets."""
    return host.removeprefix("[").removesuffix("]")


def _listening(address: str) -> str:
    host, _, port = address.rpartition(":")
    if not (host and port.isascii() and port.isdigit() and int(port) <= PORT_MAX):
        raise ValueError(f"{address!r} is no HOST:PORT, such as 127.0.0.1:8080")
    return address


def is_loopback(host: str) -> bool:
    """True for addresses that never leave the machine."""
    try:
        return ip_address(host).is_loopback
    except ValueError:
        return host == "localhost"


def _store_url(url: SecretStr) -> SecretStr:
    if not url.get_secret_value().startswith(("sqlite:///", "postgresql://")):
        raise ValueError("it is sqlite:///FILE or postgresql://…")
    return url


class ServiceSection(Section):
    """[service]: what subscribers see."""

    short_code: Annotated[str, _like(r"[0-9]{3,8}", "a short code has 3 to 8 digits")]
    currency: Annotated[str, AfterValidator(_currency)] = "UZS"
    time_zone: Annotated[str, AfterValidator(_zone)] = "Asia/Tashkent"
    language: Literal["en", "ru", "uz", "ru-Latn"] = "ru"
    call_centre: Annotated[str, _like(r"[+0-9]{3,13}", "a telephone number has 3 to 13 digits, perhaps a +")]


class StoreSection(Section):
    """[store]: the database."""

    # It may hold a password.
    url: Annotated[SecretStr, AfterValidator(_store_url)]


class KeysSection(Section):
    """[keys]: the master key, 32 octets as 64 hexadecimal digits, in a file or in the environment."""

    file: Path | None = None
    master: SecretStr | None = None
    previous: tuple[Path, ...] = ()


class OtpSection(Section):
    """[otp]: one-time codes."""

    digits: int = Field(default=6, ge=6, le=8)
    ttl_s: int = Field(default=300, ge=30, le=600)
    attempts_max: int = Field(default=5, ge=1, le=10)
    resends_max: int = Field(default=3, ge=0, le=10)


class OperatorSection(Section):
    """[operators.NAME]: a person who may move money, known by the SHA-256 of a token of the person's own."""

    token_sha256: Annotated[str, AfterValidator(_digest)]


class MoneySection(Section):
    """[money]: money actions of people, in the currency's major unit."""

    four_eyes_above: str = "1000000"


class AllowanceSection(Section):
    """[limits.levels.NAME]: what differs for subscribers of one level of identification."""

    payment: str | None = None
    day: str | None = None
    month: str | None = None


class LimitsSection(Section):
    """[limits]: most that one subscriber pays by SMS, in the currency's major unit."""

    payment: str | None = None
    day: str = "5000000"
    month: str = "60000000"
    answers_per_hour: int = Field(default=20, ge=1)
    levels: dict[
        Annotated[str, _like(r"[a-z][a-z0-9_]{0,31}", "a level has 1 to 32 of a-z, 0-9 and _, a letter first")],
        AllowanceSection,
    ] = {}


class ReactionSection(Section):
    """[links.NAME.statuses]: what follows when this SMSC refuses a text with a status."""

    then: Then
    wait_s: float = 0.0

    @model_validator(mode="after")
    def _fits(self) -> Self:
        Reaction(self.then, self.wait_s)
        return self


class LinkSection(Section):
    """[links.NAME]: one operator's SMSC."""

    host: Annotated[str, AfterValidator(_host)]
    port: int = Field(ge=1, le=PORT_MAX)
    system_id: str = Field(max_length=15)
    password_env: str
    system_type: str = Field(default="", max_length=12)
    bind: Bind = Bind.TRANSCEIVER
    sessions: int = Field(default=1, ge=1, le=16)
    window: int = Field(default=10, ge=1, le=1000)
    inbound_window: int = Field(default=200, ge=1, le=2000)
    rate: float = Field(default=0.0, ge=0)
    region: Annotated[str, _like(r"[A-Z]{2}", "a region has two capital letters, such as UZ")] = "UZ"
    alphabet: Alphabet = Alphabet.GSM0338
    long_texts: Method = Method.UDH8
    validity: Validity = Validity.RELATIVE
    message_id_form: MessageIdForm = MessageIdForm.OPAQUE
    receipt_pattern: Annotated[str, AfterValidator(_receipt_pattern), Field(max_length=500)] | None = None
    retry_status: Annotated[str, AfterValidator(_status)] = "ESME_RX_T_APPN"
    statuses: dict[Annotated[str, AfterValidator(_status)], ReactionSection] = {}
    timestamp_tlv: int | None = Field(default=None, ge=0x1400, le=0x3FFF)
    prefixes: tuple[Annotated[str, _like(r"\+[1-9][0-9]{0,14}", "a prefix is + and digits, such as +99890")], ...] = ()
    source_ton: int = Field(default=0, ge=0, le=255)
    source_npi: int = Field(default=0, ge=0, le=255)
    connect_s: float = Field(default=10.0, gt=0, le=300)
    session_init_s: float = Field(default=30.0, gt=0, le=300)
    enquire_link_s: float = Field(default=30.0, gt=0, le=3600)
    enquire_link_response_s: float = Field(default=30.0, gt=0, le=3600)
    inactivity_s: float = Field(default=0.0, ge=0)
    response_s: float = Field(default=10.0, gt=0, le=RESPONSE_S_MAX)
    pdu_read_s: float = Field(default=10.0, gt=0, le=300)
    tls: bool = False
    tls_ca_file: Path | None = None
    tls_certificate_file: Path | None = None
    tls_key_file: Path | None = None
    plaintext_ok: bool = False

    @model_validator(mode="after")
    def _no_passwords_in_the_open(self) -> Self:
        if not (self.tls or self.plaintext_ok or is_loopback(self.host)):
            raise ValueError(
                "texts with passwords would cross the network in the open: set tls = true, "
                "or plaintext_ok = true where a VPN carries the link"
            )
        return self

    @model_validator(mode="after")
    def _no_idle_certificates(self) -> Self:
        if not self.tls and (self.tls_ca_file or self.tls_certificate_file or self.tls_key_file):
            raise ValueError("certificates are named, but without tls = true nothing is encrypted")
        if self.tls_key_file and not self.tls_certificate_file:
            raise ValueError("tls_key_file needs its certificate: tls_certificate_file")
        return self


class HttpSection(Section):
    """[http]: health, metrics and the operations API."""

    listen: Annotated[str, AfterValidator(_listening)] = "127.0.0.1:8080"
    token_file: Path | None = None
    token: SecretStr | None = None

    @property
    def address(self) -> tuple[str, int]:
        """Host and port."""
        host, _, port = self.listen.rpartition(":")
        return host.strip("[]"), int(port)


class SettlementSection(Section):
    """[settlement]: texts in hand at once (how many calls are is each provider's `parallel_max`), and the day's end."""

    texts_max: int = Field(default=256, ge=1, le=4096)
    reconcile_at: Annotated[str, AfterValidator(_time_of_day)] = "06:00"
    registry_folder: Path = Path("var/registries")


class LogSection(Section):
    """[log]: lines on stderr."""

    level: Literal["debug", "info", "warning", "error"] = "info"
    format: Literal["json", "text"] = "json"


class Settings(BaseSettings):
    """The whole file."""

    model_config = SettingsConfigDict(
        env_prefix="SMSGW_",
        env_nested_delimiter="__",
        extra="forbid",
        frozen=True,
        nested_model_default_partial_update=True,
    )

    service: ServiceSection
    store: StoreSection
    keys: KeysSection = KeysSection()
    otp: OtpSection = OtpSection()
    limits: LimitsSection = LimitsSection()
    links: dict[str, LinkSection]
    http: HttpSection = HttpSection()
    operators: dict[
        Annotated[str, _like(r"[a-z0-9_.-]{1,32}", "an operator has 1 to 32 of a-z, 0-9, _, . and -")], OperatorSection
    ] = {}
    money: MoneySection = MoneySection()
    settlement: SettlementSection = SettlementSection()
    log: LogSection = LogSection()

    @classmethod
    def settings_customise_sources(  # type: ignore[override]  # of five sources we want one; all come by name
        cls, settings_cls: type[BaseSettings], *, env_settings: PydanticBaseSettingsSource, **_: object
    ) -> tuple[PydanticBaseSettingsSource, ...]:
        """The environment wins over the file; nothing else is read."""
        return env_settings, TomlConfigSettingsSource(settings_cls)
