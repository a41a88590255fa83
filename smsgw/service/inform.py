"""Help, list, status, balance: answers that change nothing and disturb no payment."""

from __future__ import annotations

from typing import Final

from smsgw.domain.catalogue import Category, Fee, Provider
from smsgw.domain.funds import WALLET
from smsgw.domain.money import Currency, Money
from smsgw.domain.payment import OPEN, Payment, State
from smsgw.ledger.accounts import wallet_of
from smsgw.parser.fold import fold
from smsgw.parser.intents import Help, List, Reason, Status
from smsgw.replies.events import NAMES_PER_PAGE
from smsgw.service.conversation import Conversation
from smsgw.service.pay import amount_values
from smsgw.service.values import minutes, time_values

STATUS_EVENTS: Final = {
    State.CHECKING: "status_checking",
    State.AWAITING_CODE: "status_awaiting_code",
    State.PROCESSING: "status_processing",
    State.EXECUTED: "status_executed",
    State.NOT_EXECUTED: "status_not_executed",
    State.RETURNED: "status_returned",
}


def help_about(talk: Conversation, intent: Help) -> None:
    """The commands, or how one provider is paid."""
    provider = talk.rules.catalogue.find(intent.provider) if intent.provider else None
    if provider is None:
        talk.answer("help")
    else:
        talk.answer(_help_event(provider), _provider_values(talk, provider))


def list_providers(talk: Conversation, intent: List) -> None:
    """The headings, or the names under one of them, or those that begin with what was asked."""
    if intent.category is None and not intent.search:
        talk.answer("list")
        return
    names = [provider.title for provider in _found(talk, intent.category, intent.search or "")]
    first = (intent.page - 1) * NAMES_PER_PAGE
    page = {"names": ", ".join(names[first : first + NAMES_PER_PAGE])}
    if not page["names"]:
        talk.answer("list_empty")
        return
    if first + NAMES_PER_PAGE < len(names):
        asked = str(list(Category).index(intent.category) + 1) if intent.category else (intent.search or "").upper()
        page["more"] = f"{asked} {intent.page + 1}"
    talk.answer("list_names", page)


def status_of(talk: Conversation, intent: Status) -> None:
    """The latest payment, or the one whose number was given; of this subscriber only."""
    msisdn = talk.delivered.msisdn
    payment = talk.tx.payments.by_number(msisdn, int(intent.number)) if intent.number else talk.latest_payment
    if payment is None:
        talk.answer("status_none")
        return
    answer_status(talk, payment)


def answer_status(talk: Conversation, payment: Payment) -> None:
    """Where a payment stands."""
    if payment.state is State.AWAITING_CODE and talk.now_us > payment.code_deadline_us:
        talk.answer_about(payment, "code_expired")
        return
    when = payment.finished_at_us or payment.confirmed_at_us or payment.created_at_us
    more = dict(time_values(when, talk.rules))
    if payment.state in OPEN:
        more["m"] = minutes(payment.code_deadline_us - talk.now_us)
    talk.answer_about(payment, STATUS_EVENTS.get(payment.state, "status_closed"), more)


def not_understood(talk: Conversation) -> None:
    """A text that means nothing. While a payment is carried out, whoever writes wants to know where that stands."""
    latest = talk.latest_payment
    if latest is not None and latest.state is State.PROCESSING:
        answer_status(talk, latest)
    else:
        talk.answer(Reason.UNKNOWN.value)


def balance_of(talk: Conversation) -> None:
    """What the wallet has, and what may still be paid this month."""
    rules = talk.rules
    msisdn = talk.delivered.msisdn
    wallet = talk.tx.ledger.account(wallet_of(msisdn), rules.currency)
    spent = talk.tx.turnover.of(msisdn, rules.month(talk.now_us))
    left = Money(max(0, talk.allowance.month.minor - spent), rules.currency)
    values = {
        "amt": wallet.available.text(),
        "spent": Money(spent, rules.currency).text(),
        "left": left.text(),
        "cur": rules.currency.code,
    }
    talk.answer("balance", values | time_values(talk.now_us, rules))


def _found(talk: Conversation, category: Category | None, search: str) -> list[Provider]:
    catalogue = talk.rules.catalogue
    providers = catalogue.of(category) if category else catalogue.providers
    return [p for p in providers if any(fold(name).startswith(search) for name in p.names)]


def _help_event(provider: Provider) -> str:
    if provider.amount.fixed_price is not None:
        return "help_fixed"
    return "help_fee_inside" if provider.fee_of(WALLET).from_amount else "help_provider"


def _provider_values(talk: Conversation, provider: Provider) -> dict[str, str]:
    rule = talk.rules.lexicon.find(provider.name)
    assert rule is not None, f"no name in the lexicon for {provider.name}"
    price = provider.amount.fixed_price or provider.amount.minimum
    return amount_values(provider, price) | {
        "fee": fee_text(provider.fee_of(WALLET), provider.currency),
        "fmt": rule.example,
    }


def fee_text(fee: Fee, currency: Currency) -> str:
    """The fee as a rule: `0`, `500`, `1.5%`, `1.5%+500`."""
    percent, hundredths = divmod(fee.basis_points, 100)
    share = f"{percent}.{hundredths:02d}".rstrip("0").rstrip(".") + "%" if fee.basis_points else ""
    fixed = Money(fee.fixed_minor, currency).text() if fee.fixed_minor else ""
    return "+".join(piece for piece in (share, fixed) if piece) or "0"
