"""A provider is trusted with nothing that its table does not declare."""

from __future__ import annotations

from smsgw.domain.calls import CallState, Capabilities, Kind, ProviderCall
from smsgw.domain.phones import Msisdn


def test_a_provider_that_declares_nothing_is_asked_nothing_twice() -> None:
    """The careful answer is the default: no status, no repeats, and no time after which a payment is surely absent."""
    careful = Capabilities()

    assert not any((careful.status, careful.dedupes_by_reference, careful.duplicate_checked_first))
    assert careful.max_late_apply_s is None


def test_a_payment_has_longer_than_a_check_and_may_be_repeated_no_sooner() -> None:
    careful = Capabilities()

    assert careful.check_deadline_s < careful.pay_deadline_s <= careful.repeat_after_s < careful.lifetime_s


def test_a_new_call_is_due_unsent_and_in_its_first_epoch() -> None:
    call = ProviderCall(
        payment_id=1,
        kind=Kind.PAY,
        msisdn=Msisdn("+998901234567"),
        provider="sarkor",
        parameters={},
        created_at_us=1,
    )

    assert (
        call.state,
        call.attempts,
        call.first_sent_at_us,
        call.sent_at_us,
        call.epoch,
    ) == (CallState.DUE, 0, 0, 0, 1)
