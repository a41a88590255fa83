"""Profiles: mistakes are found when they are made, and named by key and reason."""

from __future__ import annotations

from typing import Any

import pytest
from pydantic import ConfigDict
from pydantic.dataclasses import dataclass

from smsgw.domain.calls import Capabilities
from smsgw.providers.profile import ProfileError, ProviderProfile, read_dialect


def profile(**changes: Any) -> ProviderProfile:
    return ProviderProfile(**({"name": "isp", "protocol": "osmp", "url": "https://a.uz/osmp"} | changes))


def test_a_secret_is_never_printed() -> None:
    assert "canary" not in repr(profile(login="smsgw", secret="canary"))


@pytest.mark.parametrize(
    ("changes", "key"),
    [
        ({"url": "http://a.uz/"}, "url"),
        ({"secret": "canary"}, "login"),
        ({"parallel_max": 0}, "parallel_max"),
        ({"parallel_max": 9}, "parallel_max"),
        ({"account_parts": 0}, "account_parts"),
        ({"repeat_after_s": 0}, "repeat_after_s"),
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
    ("declared", "by_protocol", "dedupes"),
    [(None, True, True), (None, False, False), (False, True, False), (True, False, True)],
)
def test_the_contract_beats_the_protocol(*, declared: bool | None, by_protocol: bool, dedupes: bool) -> None:
    capabilities = profile(dedupes_by_reference=declared).capabilities(dedupes_by_protocol=by_protocol)
    assert capabilities.dedupes_by_reference is dedupes


def test_capabilities_are_the_profiles() -> None:
    made = profile(
        duplicate_checked_first=True,
        max_late_apply_s=200,
        repeat_after_s=2,
        lifetime_s=7200,
        check_deadline_s=5.0,
        pay_deadline_s=9.0,
        parallel_max=8,
    )
    assert made.capabilities(dedupes_by_protocol=False) == Capabilities(
        duplicate_checked_first=True,
        max_late_apply_s=200,
        repeat_after_s=2,
        lifetime_s=7200,
        check_deadline_s=5.0,
        pay_deadline_s=9.0,
    )


def test_an_unset_profile_is_as_careful_as_capabilities_are() -> None:
    """The two tables of defaults must not drift apart."""
    assert profile().capabilities(dedupes_by_protocol=False) == Capabilities()


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
