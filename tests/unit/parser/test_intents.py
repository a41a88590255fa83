"""Intents are values, and a password is in none of their texts."""

from __future__ import annotations

import dataclasses

import pytest

from smsgw.domain.money import UZS, Money
from smsgw.domain.secret import Secret
from smsgw.parser.intents import Pay, Reason, Unclear

PAY = Pay("sarkor", ("n25656",), Money(500_00, UZS), Secret("s3cretpass"))


def test_a_password_is_not_printed() -> None:
    """Repr and str of a payment show everything but the password."""
    assert "s3cretpass" not in repr(PAY) + str(PAY)
    assert "n25656" in repr(PAY)


def test_intents_cannot_be_changed() -> None:
    with pytest.raises(dataclasses.FrozenInstanceError):
        PAY.provider = "other"  # type: ignore[misc]


def test_an_unclear_text_has_no_values_unless_told() -> None:
    """The values of two intents are never one dictionary that somebody may fill."""
    assert dict(Unclear(Reason.UNKNOWN).values) == {}
    with pytest.raises(TypeError):
        Unclear(Reason.UNKNOWN).values["acc"] = "1"  # type: ignore[index]
