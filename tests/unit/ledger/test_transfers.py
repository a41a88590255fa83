"""Transfers keep the books: judged in order of precedence, done once, and never overdrawing a wallet."""

from __future__ import annotations

from dataclasses import FrozenInstanceError, dataclass, field, replace
from typing import Any

import pytest
from hypothesis import given, settings, strategies as st

from smsgw.domain.money import KGS, UZS, Money
from smsgw.ledger.accounts import Account, is_wallet
from smsgw.ledger.transfers import (
    TRANSFER_ID_LENGTH_MAX,
    Change,
    Code,
    Facts,
    Outcome,
    Transfer,
    TransferKind,
    apply,
    change,
    judge,
)

WALLET, PROVIDER, FEE = "wallet:+998901234567", "provider:sarkor", "fee:sarkor"


def transfer(kind: TransferKind = TransferKind.HOLD, **changes: object) -> Transfer:
    values: dict[str, object] = {
        "id": f"1:{kind}",
        "kind": kind,
        "debit": WALLET,
        "credit": PROVIDER,
        "amount": Money(100, UZS),
        "code": Code.PAYMENT,
        "payment_id": 1,
        "pending_id": "1:hold" if kind in {TransferKind.POST, TransferKind.VOID} else "",
    }
    return Transfer(**(values | changes))  # type: ignore[arg-type]


HOLD, POST, VOID = transfer(), transfer(TransferKind.POST), transfer(TransferKind.VOID)
DIRECT = transfer(TransferKind.DIRECT)
RICH = Account(WALLET, UZS, credits_posted=1_000)
EMPTY = Account(WALLET, UZS)
HOUSE = Account(PROVIDER, UZS)


@pytest.mark.parametrize(
    ("attempt", "facts", "outcome"),
    [
        # The same transfer again, whatever has become of the accounts since; the time is no part of it.
        (HOLD, Facts(debit=EMPTY, credit=HOUSE, existing=HOLD), Outcome.EXISTS),
        (HOLD, Facts(debit=EMPTY, credit=HOUSE, existing=transfer(created_at_us=9)), Outcome.EXISTS),
        (POST, Facts(debit=EMPTY, credit=HOUSE, existing=POST, pending=HOLD, resolved_by=POST), Outcome.EXISTS),
        # Another transfer under a used id, with each field in turn.
        (HOLD, Facts(debit=RICH, credit=HOUSE, existing=transfer(amount=Money(99, UZS))), Outcome.EXISTS_DIFFERENT),
        (HOLD, Facts(debit=RICH, credit=HOUSE, existing=transfer(amount=Money(100, KGS))), Outcome.EXISTS_DIFFERENT),
        (HOLD, Facts(debit=RICH, credit=HOUSE, existing=transfer(debit="wallet:+1")), Outcome.EXISTS_DIFFERENT),
        (HOLD, Facts(debit=RICH, credit=HOUSE, existing=transfer(credit="provider:x")), Outcome.EXISTS_DIFFERENT),
        (HOLD, Facts(debit=RICH, credit=HOUSE, existing=transfer(code=Code.FEE)), Outcome.EXISTS_DIFFERENT),
        (HOLD, Facts(debit=RICH, credit=HOUSE, existing=transfer(payment_id=2)), Outcome.EXISTS_DIFFERENT),
        (HOLD, Facts(debit=RICH, credit=HOUSE, existing=replace(DIRECT, id=HOLD.id)), Outcome.EXISTS_DIFFERENT),
        (POST, Facts(debit=RICH, credit=HOUSE, existing=replace(POST, pending_id="2:hold")), Outcome.EXISTS_DIFFERENT),
        # Accounts and currencies.
        (transfer(credit=WALLET), Facts(debit=RICH, credit=RICH), Outcome.ACCOUNTS_SAME),
        (HOLD, Facts(debit=replace(RICH, currency=KGS), credit=HOUSE), Outcome.CURRENCY_DIFFERS),
        (HOLD, Facts(debit=RICH, credit=replace(HOUSE, currency=KGS)), Outcome.CURRENCY_DIFFERS),
        (transfer(amount=Money(100, KGS)), Facts(debit=RICH, credit=HOUSE), Outcome.CURRENCY_DIFFERS),
        # The end of a hold: once, in full, and only of a hold.
        (POST, Facts(debit=RICH, credit=HOUSE), Outcome.PENDING_NOT_FOUND),
        (POST, Facts(debit=RICH, credit=HOUSE, pending=replace(DIRECT, id="1:hold")), Outcome.PENDING_NOT_FOUND),
        (POST, Facts(debit=RICH, credit=HOUSE, pending=transfer(id="2:hold")), Outcome.PENDING_DIFFERS),
        (POST, Facts(debit=RICH, credit=HOUSE, pending=transfer(amount=Money(99, UZS))), Outcome.PENDING_DIFFERS),
        (POST, Facts(debit=RICH, credit=HOUSE, pending=transfer(debit="wallet:+1")), Outcome.PENDING_DIFFERS),
        (POST, Facts(debit=RICH, credit=HOUSE, pending=transfer(credit=FEE)), Outcome.PENDING_DIFFERS),
        (POST, Facts(debit=RICH, credit=HOUSE, pending=transfer(code=Code.FEE)), Outcome.PENDING_DIFFERS),
        (POST, Facts(debit=RICH, credit=HOUSE, pending=transfer(payment_id=2)), Outcome.PENDING_DIFFERS),
        (VOID, Facts(debit=RICH, credit=HOUSE, pending=HOLD, resolved_by=POST), Outcome.PENDING_ALREADY_POSTED),
        (POST, Facts(debit=RICH, credit=HOUSE, pending=HOLD, resolved_by=VOID), Outcome.PENDING_ALREADY_VOIDED),
        (
            replace(POST, id="1:post:again"),
            Facts(debit=RICH, credit=HOUSE, pending=HOLD, resolved_by=POST),
            Outcome.PENDING_ALREADY_POSTED,
        ),
        (POST, Facts(debit=EMPTY, credit=HOUSE, pending=HOLD), Outcome.POSTED),
        (VOID, Facts(debit=EMPTY, credit=HOUSE, pending=HOLD), Outcome.POSTED),
        # Money: to the last unit, and what is held is not there.
        (HOLD, Facts(debit=EMPTY, credit=HOUSE), Outcome.INSUFFICIENT_FUNDS),
        (DIRECT, Facts(debit=EMPTY, credit=HOUSE), Outcome.INSUFFICIENT_FUNDS),
        (HOLD, Facts(debit=Account(WALLET, UZS, credits_posted=99), credit=HOUSE), Outcome.INSUFFICIENT_FUNDS),
        (HOLD, Facts(debit=Account(WALLET, UZS, credits_posted=100), credit=HOUSE), Outcome.POSTED),
        (
            HOLD,
            Facts(debit=Account(WALLET, UZS, credits_posted=200, debits_pending=101), credit=HOUSE),
            Outcome.INSUFFICIENT_FUNDS,
        ),
        (
            HOLD,
            Facts(debit=Account(WALLET, UZS, credits_posted=200, debits_posted=50, debits_pending=50), credit=HOUSE),
            Outcome.POSTED,
        ),
        (
            HOLD,
            Facts(debit=Account(WALLET, UZS, credits_pending=500), credit=HOUSE),
            Outcome.INSUFFICIENT_FUNDS,
        ),
        (transfer(debit=PROVIDER, credit=WALLET), Facts(debit=HOUSE, credit=EMPTY), Outcome.POSTED),
    ],
)
def test_a_transfer_is_judged_by_the_first_guard_that_holds(attempt: Transfer, facts: Facts, outcome: Outcome) -> None:
    assert outcome is judge(attempt, facts)


@pytest.mark.parametrize(
    ("attempt", "facts", "outcome"),
    [
        (
            transfer(credit=WALLET, amount=Money(1, KGS)),
            Facts(debit=EMPTY, credit=EMPTY, existing=transfer()),
            Outcome.EXISTS_DIFFERENT,
        ),
        (transfer(credit=WALLET, amount=Money(1, KGS)), Facts(debit=EMPTY, credit=EMPTY), Outcome.ACCOUNTS_SAME),
        (transfer(amount=Money(1, KGS)), Facts(debit=EMPTY, credit=HOUSE), Outcome.CURRENCY_DIFFERS),
        (replace(POST, amount=Money(1, KGS)), Facts(debit=EMPTY, credit=HOUSE), Outcome.CURRENCY_DIFFERS),
        (
            replace(POST, amount=Money(1, UZS)),
            Facts(debit=EMPTY, credit=HOUSE, pending=HOLD, resolved_by=VOID),
            Outcome.PENDING_DIFFERS,
        ),
    ],
)
def test_of_several_faults_the_one_that_stands_first_is_named(
    attempt: Transfer, facts: Facts, outcome: Outcome
) -> None:
    assert outcome is judge(attempt, facts)


@pytest.mark.parametrize("outcome", list(Outcome))
def test_a_transfer_stands_in_the_books_if_it_was_posted_now_or_earlier(outcome: Outcome) -> None:
    assert outcome.done is (outcome in {Outcome.POSTED, Outcome.EXISTS})


def test_facts_of_other_accounts_are_a_bug() -> None:
    with pytest.raises(AssertionError, match="other accounts"):
        judge(HOLD, Facts(debit=HOUSE, credit=RICH))


def test_facts_of_another_transfer_are_a_bug() -> None:
    with pytest.raises(AssertionError, match="another transfer"):
        judge(HOLD, Facts(debit=RICH, credit=HOUSE, existing=DIRECT))


@pytest.mark.parametrize(
    ("changes", "reason"),
    [
        ({"id": ""}, "id of 0 characters"),
        ({"id": "i" * (TRANSFER_ID_LENGTH_MAX + 1)}, "id of 65 characters"),
        ({"amount": Money(0, UZS)}, "moves nothing"),
        ({"amount": Money(-1, UZS)}, "moves nothing"),
        ({"pending_id": "2:hold"}, "only post and void"),
        ({"kind": TransferKind.POST}, "only post and void"),
        ({"kind": TransferKind.VOID}, "only post and void"),
        ({"kind": TransferKind.POST, "pending_id": "1:hold"}, "ends itself"),
    ],
)
def test_a_transfer_cannot_be_built_wrong(changes: dict[str, object], reason: str) -> None:
    """No nothing, no negative sums, no hold that ends itself, no end of a hold without a hold."""
    with pytest.raises(AssertionError, match=reason):
        replace(HOLD, **changes)  # type: ignore[arg-type]


def test_the_least_amount_under_the_longest_id_is_a_transfer() -> None:
    assert transfer(id="i" * TRANSFER_ID_LENGTH_MAX, amount=Money(1, UZS)).created_at_us == 0


def test_a_transfer_is_never_changed_in_place() -> None:
    with pytest.raises(FrozenInstanceError):
        HOLD.debit = FEE  # type: ignore[misc]


@pytest.mark.parametrize(
    ("kind", "added"),
    [
        (TransferKind.DIRECT, Change(pending=0, posted=7)),
        (TransferKind.HOLD, Change(pending=7, posted=0)),
        (TransferKind.POST, Change(pending=-7, posted=7)),
        (TransferKind.VOID, Change(pending=-7, posted=0)),
    ],
)
def test_each_kind_moves_its_counters(kind: TransferKind, added: Change) -> None:
    assert added == change(kind, 7)


@pytest.mark.parametrize(
    ("attempt", "debited", "credited"),
    [
        (DIRECT, {"debits_posted": 110, "debits_pending": 100}, {"credits_posted": 120, "credits_pending": 100}),
        (HOLD, {"debits_posted": 10, "debits_pending": 200}, {"credits_posted": 20, "credits_pending": 200}),
        (POST, {"debits_posted": 110, "debits_pending": 0}, {"credits_posted": 120, "credits_pending": 0}),
        (VOID, {"debits_posted": 10, "debits_pending": 0}, {"credits_posted": 20, "credits_pending": 0}),
    ],
)
def test_a_transfer_changes_the_counters_of_its_two_sides_only(
    attempt: Transfer, debited: dict[str, Any], credited: dict[str, Any]
) -> None:
    wallet = replace(RICH, debits_posted=10, debits_pending=100)
    house = replace(HOUSE, credits_posted=20, credits_pending=100)
    after = apply(attempt, wallet, house)

    assert (replace(wallet, **debited), replace(house, **credited)) == after


def test_applying_what_would_overdraw_a_wallet_is_a_bug() -> None:
    with pytest.raises(AssertionError, match="overdrawn"):
        apply(HOLD, EMPTY, HOUSE)


def test_posting_what_was_never_held_is_a_bug() -> None:
    with pytest.raises(AssertionError, match="out of range"):
        apply(POST, RICH, HOUSE)


def test_applying_to_other_accounts_is_a_bug() -> None:
    with pytest.raises(AssertionError, match="other accounts"):
        apply(HOLD, HOUSE, RICH)


# --- random sequences against a shadow: a model that knows balances and holds and nothing of counters ---

ACCOUNTS = ("wallet:+1", "wallet:+2", "provider:a", "fee:a", "cash:k")


@dataclass
class Books:
    """The smallest store: judges and applies as a real one must."""

    accounts: dict[str, Account] = field(default_factory=lambda: {name: Account(name, UZS) for name in ACCOUNTS})
    transfers: dict[str, Transfer] = field(default_factory=dict)

    def write(self, attempt: Transfer) -> Outcome:
        facts = Facts(
            debit=self.accounts[attempt.debit],
            credit=self.accounts[attempt.credit],
            existing=self.transfers.get(attempt.id),
            pending=self.transfers.get(attempt.pending_id),
            resolved_by=next(
                (t for t in self.transfers.values() if attempt.pending_id and t.pending_id == attempt.pending_id), None
            ),
        )
        outcome = judge(attempt, facts)
        if outcome is Outcome.POSTED:
            debited, credited = apply(attempt, facts.debit, facts.credit)
            self.accounts |= {debited.name: debited, credited.name: credited}
            self.transfers[attempt.id] = attempt
        return outcome


@dataclass
class Shadow:
    """Money as people think of it: purses, and envelopes that wait."""

    purses: dict[str, int] = field(default_factory=lambda: dict.fromkeys(ACCOUNTS, 0))
    envelopes: dict[str, Transfer] = field(default_factory=dict)
    written: set[str] = field(default_factory=set)

    def write(self, attempt: Transfer) -> bool:
        """True if money or an envelope moved."""
        if attempt.id in self.written or attempt.debit == attempt.credit or not self._may(attempt):
            return False
        self.written.add(attempt.id)
        minor = attempt.amount.minor
        match attempt.kind:
            case TransferKind.DIRECT:
                self._move(attempt.debit, -minor)
                self._move(attempt.credit, minor)
            case TransferKind.HOLD:
                self._move(attempt.debit, -minor)
                self.envelopes[attempt.id] = attempt
            case TransferKind.POST:
                self._move(self.envelopes.pop(attempt.pending_id).credit, minor)
            case TransferKind.VOID:
                self._move(self.envelopes.pop(attempt.pending_id).debit, minor)
        return True

    def _may(self, attempt: Transfer) -> bool:
        if attempt.pending_id:
            held = self.envelopes.get(attempt.pending_id)
            return held is not None and (held.debit, held.credit, held.amount) == (
                attempt.debit,
                attempt.credit,
                attempt.amount,
            )
        return not is_wallet(attempt.debit) or self.purses[attempt.debit] >= attempt.amount.minor

    def _move(self, name: str, minor: int) -> None:
        self.purses[name] += minor


@st.composite
def attempts(draw: st.DrawFn) -> list[Transfer]:
    """Few ids, few accounts and small sums, so that repeats, clashes and empty wallets are common."""
    made: list[Transfer] = []
    for _ in range(draw(st.integers(1, 25))):
        kind = draw(st.sampled_from(TransferKind))
        holds = [t for t in made if t.kind is TransferKind.HOLD]
        if kind in {TransferKind.POST, TransferKind.VOID} and holds:
            held = draw(st.sampled_from(holds))
            made.append(replace(held, id=f"e{draw(st.integers(1, 9))}", kind=kind, pending_id=held.id))
            continue
        made.append(
            Transfer(
                id=f"t{draw(st.integers(1, 20))}",
                kind=TransferKind.DIRECT if kind is TransferKind.DIRECT else TransferKind.HOLD,
                debit=draw(st.sampled_from(ACCOUNTS)),
                credit=draw(st.sampled_from(ACCOUNTS)),
                amount=Money(draw(st.integers(1, 9)), UZS),
                code=Code.PAYMENT,
            )
        )
    return made


@given(attempts())
@settings(max_examples=150)
def test_any_sequence_of_transfers_conserves_money_and_never_overdraws(sequence: list[Transfer]) -> None:
    """After every step: what left one account came to another, no wallet is short, and the shadow agrees."""
    books, shadow = Books(), Shadow()
    for attempt in sequence:
        outcome = books.write(attempt)
        assert shadow.write(attempt) is (outcome is Outcome.POSTED)
        accounts = books.accounts.values()
        assert sum(account.balance.minor for account in accounts) == 0
        assert sum(account.debits_pending for account in accounts) == sum(a.credits_pending for a in accounts)
        assert all(account.available.minor >= 0 for account in accounts if account.no_overdraft)
        assert {account.name: account.available.minor for account in accounts} == shadow.purses


@given(attempts())
@settings(max_examples=60)
def test_a_sequence_sent_twice_is_a_sequence_sent_once(sequence: list[Transfer]) -> None:
    """Each transfer that was written answers EXISTS the second time, and nothing moves."""
    books = Books()
    written = [attempt for attempt in sequence if books.write(attempt) is Outcome.POSTED]
    before = dict(books.accounts)

    assert [Outcome.EXISTS] * len(written) == [books.write(attempt) for attempt in written]
    assert before == books.accounts
