"""Our `replace` is the standard one, only faster."""

from __future__ import annotations

import dataclasses
from typing import Any

import pytest

from smsgw.domain.calls import Kind, ProviderCall
from smsgw.domain.changes import replace
from smsgw.domain.phones import Msisdn
from smsgw.domain.subscriber import Subscriber

ANNA = Subscriber(msisdn=Msisdn("+998901234567"), language="uz", answers=3)
CALL = ProviderCall(
    payment_id=7, kind=Kind.PAY, msisdn=ANNA.msisdn, provider="sarkor", parameters={}, created_at_us=1, due_at_us=1
)


@dataclasses.dataclass(frozen=True, slots=True)
class Span:
    """A value that checks itself."""

    first: int
    last: int

    def __post_init__(self) -> None:
        assert self.first <= self.last, "a span ends before it begins"


@pytest.mark.parametrize(
    ("value", "changes"),
    [(ANNA, {}), (ANNA, {"language": "ru"}), (CALL, {"attempts": 2, "told": True}), (Span(1, 2), {"last": 9})],
)
def test_it_gives_what_the_standard_one_gives(value: Any, changes: dict[str, Any]) -> None:
    before = dataclasses.asdict(value)
    assert replace(value, **changes) == dataclasses.replace(value, **changes)
    assert dataclasses.asdict(value) == before, "the old value stays as it was"


def test_the_copy_is_as_frozen_as_the_value() -> None:
    with pytest.raises(dataclasses.FrozenInstanceError):
        replace(ANNA, answers=4).answers = 5  # type: ignore[misc]


def test_the_copy_checks_itself() -> None:
    with pytest.raises(AssertionError, match="before it begins"):
        replace(Span(1, 2), last=0)


def test_a_name_that_is_no_field_is_refused() -> None:
    with pytest.raises(TypeError, match=r"no answer$"):
        replace(ANNA, answer=1)  # type: ignore[call-arg]
