"""Each money verb is the transfers that an accountant would write, with ids that make a repeat the same."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

import pytest

from smsgw.domain.money import UZS, Money
from smsgw.domain.payment import Payment, State
from smsgw.domain.phones import Msisdn
from smsgw.ledger.accounts import Account
from smsgw.ledger.rules import KEY_LENGTH_MAX, adjustment, close_day, hold, post, refund, top_up, void
from smsgw.ledger.transfers import TRANSFER_ID_LENGTH_MAX, Code, Transfer, TransferKind, apply

NUMBER = Msisdn("+998901234567")
WALLET, PROVIDER, FEE, RETURNS = "wallet:+998901234567", "provider:sarkor", "fee:sarkor", "returns:sarkor"
PAYOUT = "payout:sarkor"
PAYMENT = Payment(
    id=77,
    number=44742441,
    msisdn=NUMBER,
    link="operator",
    provider="sarkor",
    account=("n25656",),
    amount=Money(5_000, UZS),
    fee=Money(50, UZS),
    state=State.PROCESSING,
    nonce=b"nonce",
    key_id="k1",
    language="ru",
    created_at_us=1,
)
Verb = Callable[[Payment], tuple[Transfer, ...]]
FREE = replace(PAYMENT, fee=Money(0, UZS))


def row(transfer: Transfer) -> tuple[str, str, str, str, int, str, str]:
    """A transfer as a line of a journal."""
    return (
        transfer.id,
        transfer.kind.value,
        transfer.debit,
        transfer.credit,
        transfer.amount.minor,
        transfer.code.value,
        transfer.pending_id,
    )


def test_a_hold_sets_amount_and_fee_aside() -> None:
    assert [row(transfer) for transfer in hold(PAYMENT)] == [
        ("77:hold", "hold", WALLET, PROVIDER, 5_000, "payment", ""),
        ("77:hold:fee", "hold", WALLET, FEE, 50, "fee", ""),
    ]


def test_posting_ends_both_holds_in_full() -> None:
    assert [row(transfer) for transfer in post(PAYMENT)] == [
        ("77:post", "post", WALLET, PROVIDER, 5_000, "payment", "77:hold"),
        ("77:post:fee", "post", WALLET, FEE, 50, "fee", "77:hold:fee"),
    ]


def test_voiding_ends_both_holds_in_full() -> None:
    assert [row(transfer) for transfer in void(PAYMENT)] == [
        ("77:void", "void", WALLET, PROVIDER, 5_000, "payment", "77:hold"),
        ("77:void:fee", "void", WALLET, FEE, 50, "fee", "77:hold:fee"),
    ]


@pytest.mark.parametrize(("provider_cancelled", "source"), [(True, PROVIDER), (False, RETURNS)])
def test_a_refund_gives_amount_and_fee_back(source: str, *, provider_cancelled: bool) -> None:
    """From the provider if it has cancelled, else from what we settle with it later."""
    assert [row(transfer) for transfer in refund(PAYMENT, provider_cancelled=provider_cancelled)] == [
        ("77:return", "direct", source, WALLET, 5_000, "refund", ""),
        ("77:return:fee", "direct", FEE, WALLET, 50, "refund_fee", ""),
    ]


def test_a_payment_is_refunded_once_whoever_decides() -> None:
    """Both ways use the same ids, so the second is refused by the books."""
    ids = [transfer.id for transfer in refund(PAYMENT)]

    assert ids == [transfer.id for transfer in refund(PAYMENT, provider_cancelled=True)]


@pytest.mark.parametrize("verb", [hold, post, void, refund])
def test_without_a_fee_there_is_one_transfer(verb: Verb) -> None:
    transfers = verb(FREE)

    assert len(transfers) == 1
    assert transfers[0].amount == FREE.amount


@pytest.mark.parametrize("verb", [hold, post, void, refund])
def test_every_transfer_names_its_payment_and_is_the_same_each_time(verb: Verb) -> None:
    once = verb(PAYMENT)
    again = verb(PAYMENT)

    assert once == again
    assert {77} == {transfer.payment_id for transfer in once}


def test_ids_of_all_steps_differ_and_fit_their_column() -> None:
    largest = replace(PAYMENT, id=2**63 - 1)
    ids = [transfer.id for verb in (hold, post, void, refund) for transfer in verb(largest)]

    assert len(set(ids)) == len(ids) == 8
    assert max(map(len, ids)) <= TRANSFER_ID_LENGTH_MAX


def test_a_top_up_is_what_the_agent_owes_and_the_subscriber_has() -> None:
    transfer = top_up("2f6b", NUMBER, "kiosk7", Money(900, UZS))

    assert row(transfer) == ("topup:kiosk7:2f6b", "direct", "cash:kiosk7", WALLET, 900, "topup", "")


def test_two_agents_may_use_the_same_key() -> None:
    assert top_up("1", NUMBER, "a", Money(1, UZS)).id != top_up("1", NUMBER, "b", Money(1, UZS)).id


def test_the_longest_key_and_agent_fit_a_transfer_id() -> None:
    transfer = top_up("k" * KEY_LENGTH_MAX, NUMBER, "a" * 16, Money(1, UZS))

    assert len(transfer.id) <= TRANSFER_ID_LENGTH_MAX


@pytest.mark.parametrize("key", ["", "k" * (KEY_LENGTH_MAX + 1)])
def test_a_key_that_does_not_fit_is_refused(key: str) -> None:
    with pytest.raises(ValueError, match="idempotency key"):
        top_up(key, NUMBER, "kiosk7", Money(1, UZS))
    with pytest.raises(ValueError, match="idempotency key"):
        adjustment(key, WALLET, Money(1, UZS), into_account=True)


@pytest.mark.parametrize("agent", ["", "a" * 17, "a:b", "a b", "киоск", "kiosk\n"])
def test_an_agent_with_a_name_that_does_not_fit_is_refused(agent: str) -> None:
    with pytest.raises(ValueError, match="agent"):
        top_up("1", NUMBER, agent, Money(1, UZS))


@pytest.mark.parametrize(
    ("into_account", "debit", "credit"), [(True, "suspense", PROVIDER), (False, PROVIDER, "suspense")]
)
def test_a_correction_always_stands_against_suspense(debit: str, credit: str, *, into_account: bool) -> None:
    transfer = adjustment("case-12", PROVIDER, Money(5, UZS), into_account=into_account)

    assert row(transfer) == ("adjust:case-12", "direct", debit, credit, 5, "adjustment", "")


DAY = "2026-11-21"


def test_a_closed_day_goes_to_what_is_paid_out() -> None:
    transfer = close_day("sarkor", DAY, Money(5_000, UZS))

    assert row(transfer) == ("close:sarkor:2026-11-21:1", "direct", PROVIDER, PAYOUT, 5_000, "payout", "")
    assert transfer.payment_id is None


def test_a_day_is_closed_again_under_the_next_serial() -> None:
    """The same serial again is the same transfer, so that a day is not paid out twice."""
    once, again, more = (close_day("sarkor", DAY, Money(5, UZS), serial) for serial in (1, 1, 2))

    assert once == again
    assert more.id == "close:sarkor:2026-11-21:2"


def test_days_are_closed_from_the_first_serial_on() -> None:
    with pytest.raises(AssertionError, match="serial 1"):
        close_day("sarkor", DAY, Money(5, UZS), 0)


def test_the_longest_provider_and_any_serial_fit_a_transfer_id() -> None:
    transfer = close_day("p" * 32, DAY, Money(5, UZS), 10**13)

    assert len(transfer.id) <= TRANSFER_ID_LENGTH_MAX


Accounts = dict[str, Account]


def after(accounts: Accounts, *transfers: Transfer) -> Accounts:
    for transfer in transfers:
        debited, credited = apply(transfer, accounts[transfer.debit], accounts[transfer.credit])
        accounts = accounts | {debited.name: debited, credited.name: credited}
    return accounts


@pytest.fixture
def books() -> Accounts:
    """A wallet with exactly the total of the payment in it."""
    accounts = {name: Account(name, UZS) for name in (WALLET, PROVIDER, FEE, RETURNS, "cash:kiosk7")}
    return after(accounts, top_up("1", NUMBER, "kiosk7", PAYMENT.total))


def balances(accounts: Accounts) -> dict[str, int]:
    return {name: account.balance.minor for name, account in accounts.items() if account.balance.minor}


def test_an_executed_payment_leaves_the_amount_with_the_provider_and_the_fee_with_us(books: Accounts) -> None:
    books = after(books, *hold(PAYMENT), *post(PAYMENT))

    assert balances(books) == {"cash:kiosk7": -5_050, PROVIDER: 5_000, FEE: 50}
    assert not any(account.debits_pending or account.credits_pending for account in books.values())


def test_a_refused_payment_leaves_everything_as_it_was(books: Accounts) -> None:
    assert books == after(books, *hold(PAYMENT), *void(PAYMENT))


def test_a_returned_payment_gives_the_subscriber_everything_back(books: Accounts) -> None:
    """The provider keeps what it was given, and `returns` says what it owes."""
    books = after(books, *hold(PAYMENT), *post(PAYMENT), *refund(PAYMENT))

    assert balances(books) == {"cash:kiosk7": -5_050, PROVIDER: 5_000, RETURNS: -5_000, WALLET: 5_050}


def test_a_cancellation_of_the_provider_leaves_nothing_but_the_wallet(books: Accounts) -> None:
    books = after(books, *hold(PAYMENT), *post(PAYMENT), *refund(PAYMENT, provider_cancelled=True))

    assert balances(books) == {"cash:kiosk7": -5_050, WALLET: 5_050}


def test_a_closed_day_leaves_nothing_that_is_owed_but_what_is_paid_out(books: Accounts) -> None:
    books |= {PAYOUT: Account(PAYOUT, UZS)}
    books = after(books, *hold(PAYMENT), *post(PAYMENT), close_day("sarkor", DAY, PAYMENT.amount))

    assert balances(books) == {"cash:kiosk7": -5_050, PAYOUT: 5_000, FEE: 50}


def test_every_verb_of_a_payment_uses_its_own_kinds_and_codes() -> None:
    kinds = {
        TransferKind.HOLD: hold(PAYMENT),
        TransferKind.POST: post(PAYMENT),
        TransferKind.VOID: void(PAYMENT),
        TransferKind.DIRECT: refund(PAYMENT),
    }

    assert all({kind} == {transfer.kind for transfer in transfers} for kind, transfers in kinds.items())
    assert [transfer.code for transfer in kinds[TransferKind.DIRECT]] == [Code.REFUND, Code.REFUND_FEE]
