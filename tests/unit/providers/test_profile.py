"""Profiles: mistakes are found when they are made, and named by key and reason."""

from __future__ import annotations

from dataclasses import replace
from ipaddress import IPv4Network, IPv6Network, ip_network
from typing import Any

import pytest
from pydantic import ConfigDict
from pydantic.dataclasses import dataclass

from smsgw.domain.calls import Capabilities
from smsgw.domain.secret import Secret
from smsgw.providers.profile import ProfileError, ProviderProfile, read_dialect


def NET(*texts: str) -> tuple[IPv4Network | IPv6Network, ...]:  # noqa: N802 -- short in a table
    return tuple(ip_network(text) for text in texts)


def profile(**changes: Any) -> ProviderProfile:
    return ProviderProfile(**({"name": "isp", "protocol": "osmp", "url": "https://a.uz/osmp"} | changes))


def test_a_secret_is_never_printed() -> None:
    assert "canary" not in repr(profile(login="smsgw", secret=Secret("canary")))


@pytest.mark.parametrize(
    ("changes", "key"),
    [
        ({"url": "http://a.uz/"}, "url"),
        ({"parallel_max": 0}, "parallel_max"),
        ({"parallel_max": 65}, "parallel_max"),
        ({"account_parts": 0}, "account_parts"),
        ({"repeat_after_s": 0}, "repeat_after_s"),
        ({"back_off_s": (60, 0)}, "back_off_s"),
        ({"time_zone": "Asia/Samarqand"}, "time_zone"),
        ({"time_zone": "../etc/passwd"}, "time_zone"),
        ({"time_zone": ""}, "time_zone"),
        ({"url": "https://169.254.169.254/"}, "url"),
        ({"url": "https://[fe80::1]/", "networks": NET("fe80::/16")}, "networks"),
        ({"url": "https://10.8.0.1/"}, "networks"),
        ({"url": "https://10.8.0.1/", "networks": NET("10.9.0.0/16")}, "networks"),
        ({"url": "https://8.8.8.8/", "networks": NET("10.9.0.0/16")}, "networks"),
        ({"url": "https://[::ffff:10.8.0.1]/"}, "networks"),
        ({"networks": NET("0.0.0.0/0")}, "networks"),
        ({"networks": NET("::/0")}, "networks"),
        ({"networks": NET("169.254.0.0/16")}, "networks"),
        ({"networks": NET("127.0.0.0/8")}, "networks"),
        ({"networks": NET("10.8.0.0/16", "::1/128")}, "networks"),
        ({"lifetime_s": 0}, "lifetime_s"),
        ({"check_deadline_s": 0.0}, "check_deadline_s"),
        ({"pay_deadline_s": -1.0}, "pay_deadline_s"),
        ({"max_late_apply_s": -1}, "max_late_apply_s"),
    ],
)
def test_a_setting_that_cannot_work_is_named(changes: dict[str, Any], key: str) -> None:
    with pytest.raises(ProfileError, match=f"^{key}: ") as caught:
        profile(**changes)
    assert caught.value.key == key
    assert "canary" not in str(caught.value)


@pytest.mark.parametrize(
    "changes",
    [
        {"url": "https://10.8.0.1/", "networks": NET("10.9.0.0/16", "10.8.0.0/16")},
        {"url": "https://[fd00::1]/", "networks": NET("fd00::/8")},
        {"url": "https://8.8.8.8/"},
        {"url": "http://127.0.0.1:8090/"},
        {"url": "https://[::1]/"},
        {"networks": NET("192.168.0.0/16")},
        {"back_off_s": (60, 300)},
        {"time_zone": "Europe/Moscow"},
    ],
)
def test_settings_that_work(changes: dict[str, Any]) -> None:
    assert profile(**changes).capabilities(Capabilities()).time_zone in {"Asia/Tashkent", "Europe/Moscow"}


PROMISED = Capabilities(
    prepares=True,
    status=True,
    dedupes_by_reference=True,
    duplicate_checked_first=True,
    max_late_apply_s=60,
    repeat_after_s=30,
    back_off_s=(60,),
    lifetime_s=43_200,
)


@pytest.mark.parametrize(
    ("key", "agreed"),
    [
        ("dedupes_by_reference", False),
        ("duplicate_checked_first", False),
        ("max_late_apply_s", 0),
        ("repeat_after_s", 2),
        ("back_off_s", (5, 10)),
        ("lifetime_s", 7200),
        ("check_deadline_s", 5.0),
        ("pay_deadline_s", 9.0),
        ("time_zone", "Europe/Moscow"),
    ],
)
def test_the_contract_beats_the_protocol_in_what_it_names(key: str, agreed: Any) -> None:
    assert profile(**{key: agreed}).capabilities(PROMISED) == replace(PROMISED, **{key: agreed})


def test_what_the_contract_does_not_name_is_the_protocols_promise() -> None:
    """The two tables of defaults must not drift apart."""
    assert profile().capabilities(PROMISED) == PROMISED
    assert profile().capabilities(Capabilities()) == Capabilities()


@dataclass(frozen=True, config=ConfigDict(extra="forbid"))
class Dialect:
    size: int = 1

    def __post_init__(self) -> None:
        if self.size < 0:
            raise ProfileError("dialect.size", "not below 0")


def test_a_dialect_is_read_from_a_table() -> None:
    assert read_dialect(Dialect, {"size": 3}) == Dialect(3)


@pytest.mark.parametrize(
    ("settings", "message"),
    [
        ({"colour": "red"}, r"dialect\.colour: Unexpected keyword argument"),
        ({"size": "big"}, r"dialect\.size: Input should be a valid integer"),
        ({"size": -1}, r"dialect\.size: not below 0"),
    ],
)
def test_a_dialects_mistake_is_named(settings: dict[str, object], message: str) -> None:
    with pytest.raises(ProfileError, match=message):
        read_dialect(Dialect, settings)


@pytest.mark.parametrize(
    ("built", "protocol", "asked"),
    [(True, True, True), (False, True, False), (True, False, False), (False, False, False)],
)
def test_a_statement_is_asked_for_where_the_protocol_has_it_and_the_provider_built_it(
    built: bool,  # noqa: FBT001 -- a column of the table
    protocol: bool,  # noqa: FBT001 -- the same
    asked: bool,  # noqa: FBT001 -- the same
) -> None:
    """A provider that answers "no such method" every night would otherwise be an alarm every night."""
    assert profile(statement=built).capabilities(Capabilities(statement=protocol)).statement is asked
