"""The settings of one provider's protocol, as values that cannot be wrong.

Rule 1: a mistake is found when the profile is made, and named by its key and its reason.
Rule 2: secrets are values here, resolved by the settings.
"""

from __future__ import annotations

import ssl
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Final, TypeVar
from zoneinfo import ZoneInfo

from pydantic import ValidationError
from yarl import URL

from smsgw.domain.calls import Capabilities
from smsgw.domain.secret import Secret
from smsgw.providers.addresses import IPNetwork, as_address, billing_url, is_never_called, may_be_called
from smsgw.providers.http import PARALLEL

D = TypeVar("D")

# More connections at once than any billing has agreed to; each costs a socket, and a place in the books' commits.
PARALLEL_MAX: Final = 64


class ProfileError(ValueError):
    """A setting of a provider that cannot work: `key` is where it stands, `reason` how to mend it."""

    def __init__(self, key: str, reason: str) -> None:
        super().__init__(f"{key}: {reason}")
        self.key = key
        self.reason = reason


@dataclass(frozen=True, slots=True, kw_only=True)
class ProviderProfile:
    """One provider: its protocol, address, credentials and promises.

    `login` and `secret` are the credentials in whatever place the protocol has for them; empty = none.
    `account_parts` is the number of fields that an account has in the catalogue. `dialect` holds what the protocol's
    own settings class reads. `networks`: where the billing's addresses lie, and nowhere else; empty = anywhere in
    public. `tls`: what its certificate is verified by, with ours where it asks for one; None = the system's
    authorities. `statement`: false where the protocol has statements and this provider has not built its own. What is
    None of the rest is what the protocol's specification promises; the meanings are those of `Capabilities`.
    """

    name: str
    protocol: str
    url: str
    login: str = ""
    secret: Secret[str] = Secret("")  # noqa: RUF009 -- it never changes
    account_parts: int = 1
    dialect: Mapping[str, object] = field(default_factory=dict)
    parallel_max: int = PARALLEL
    networks: tuple[IPNetwork, ...] = ()
    tls: ssl.SSLContext | None = field(default=None, repr=False)
    dedupes_by_reference: bool | None = None
    duplicate_checked_first: bool | None = None
    max_late_apply_s: int | None = None
    repeat_after_s: int | None = None
    back_off_s: tuple[int, ...] = ()
    lifetime_s: int | None = None
    check_deadline_s: float = 15.0
    pay_deadline_s: float = 60.0
    statement: bool = True
    time_zone: str = "Asia/Tashkent"

    def __post_init__(self) -> None:
        try:
            billing_url(self.url)
        except ValueError as error:
            raise ProfileError("url", str(error)) from None
        self._check_networks()
        if not 1 <= self.parallel_max <= PARALLEL_MAX:
            raise ProfileError("parallel_max", f"1 to {PARALLEL_MAX} requests at a time")
        for key in (
            "account_parts",
            "parallel_max",
            "repeat_after_s",
            "lifetime_s",
            "check_deadline_s",
            "pay_deadline_s",
        ):
            value = getattr(self, key)
            if value is not None and value <= 0:
                raise ProfileError(key, "it must be above 0")
        if any(wait_s <= 0 for wait_s in self.back_off_s):
            raise ProfileError("back_off_s", "every wait must be above 0")
        if self.max_late_apply_s is not None and self.max_late_apply_s < 0:
            raise ProfileError("max_late_apply_s", "not below 0; leave it out where nothing is promised")
        try:
            ZoneInfo(self.time_zone)
        except (OSError, ValueError, LookupError):
            raise ProfileError("time_zone", f"{self.time_zone!r} is no zone of the IANA database") from None

    def check_account_fields(self, names: Sequence[str]) -> None:
        """See to it that a dialect names every part of an account. Raises ProfileError."""
        if len(names) != self.account_parts:
            raise ProfileError("dialect.account_fields", f"an account has {self.account_parts} parts; name each")

    def _check_networks(self) -> None:
        for network in self.networks:
            if network.is_loopback or is_never_called(network.network_address):
                raise ProfileError("networks", f"{network}: no billing is there; name its own network")
        host = self.address.host or ""
        address = as_address(host)
        if address is not None and is_never_called(address):
            raise ProfileError("url", f"{host} is an address that no billing has")
        if address is not None and not may_be_called(address, host, self.networks):
            raise ProfileError("networks", f"{host} is not public, or in none of these; name its network here")

    @property
    def address(self) -> URL:
        """The billing's address."""
        return billing_url(self.url)

    def capabilities(self, protocol: Capabilities) -> Capabilities:
        """What may be done with this provider: what its protocol promises, and what was agreed otherwise."""
        agreed = {
            key: value
            for key in (
                "dedupes_by_reference",
                "duplicate_checked_first",
                "max_late_apply_s",
                "repeat_after_s",
                "lifetime_s",
            )
            if (value := getattr(self, key)) is not None
        }
        return replace(
            protocol,
            statement=self.statement and protocol.statement,
            back_off_s=self.back_off_s or protocol.back_off_s,
            check_deadline_s=self.check_deadline_s,
            pay_deadline_s=self.pay_deadline_s,
            time_zone=self.time_zone,
            **agreed,
        )


def read_dialect(kind: type[D], settings: Mapping[str, object]) -> D:
    """Make a protocol's own settings, a pydantic dataclass, from a table of the configuration.

    Raises:
        ProfileError: a key that the protocol does not have, or a value that cannot work.
    """
    try:
        return kind(**settings)
    except ValidationError as error:
        first = error.errors(include_url=False)[0]
    cause = first.get("ctx", {}).get("error")
    if isinstance(cause, ProfileError):
        raise cause
    raise ProfileError(".".join(("dialect", *map(str, first["loc"]))), first["msg"])
