"""What operations and the contact centre may ask and do, whether it comes over HTTP or from a command.

Every method answers with a JSON document, or with the `Problem` that says why not.
"""

from __future__ import annotations

import asyncio
from functools import partial
from typing import Final

from smsgw.domain.calls import Kind
from smsgw.domain.money import AMOUNT_MINOR_MAX, Currency, Money, money
from smsgw.domain.phones import Msisdn, subscriber_number
from smsgw.domain.secret import Secret
from smsgw.domain.subscriber import Subscriber
from smsgw.ledger.accounts import Account, wallet_of
from smsgw.ports import Chance, Store
from smsgw.replies.events import LANGUAGES
from smsgw.service.day_hashes import compare_days
from smsgw.service.rules import Rules
from smsgw.service.subscribers import block, identify, register, unblock
from smsgw.service.top_up import TopUp, top_up_wallet
from smsgw.sessions.passwords import (
    LENGTH_MAX,
    LENGTH_MIN,
    SALT_OCTETS,
    Argon2Settings,
    PasswordProblem,
    make_verifier,
    problem,
)
from smsgw.transaction import Tx
from smsgw.web.documents import (
    Document,
    call_document,
    day_document,
    payment_document,
    subscriber_document,
    sum_document,
    text_document,
)
from smsgw.web.money_documents import action_document
from smsgw.web.problems import Problem, conflicting, missing, wrong

LISTED_MAX: Final = 1000
"""Payments in one answer: more is an export, and would hold up the others."""
MOVED_MINOR_MAX: Final = AMOUNT_MINOR_MAX // 1000
"""A wallet holds what a sum may be. A slip of the pen must not fill it, so that it could take nothing more."""
NUMBER_DIGITS_MAX: Final = 12
"""The numbers of payments have 8 digits; a sequence that has grown further is still found."""

WRONG_LIMIT: Final = wrong(f"limit: 1 to {LISTED_MAX}")
PASSWORD_HINTS: Final = {
    PasswordProblem.TOO_SHORT: f"the password is too short; {LENGTH_MIN} characters are the least",
    PasswordProblem.TOO_LONG: f"the password is too long; {LENGTH_MAX} characters are the most",
    PasswordProblem.NOT_LATIN: "the password may have Latin letters and digits only, so that every phone can type it",
    PasswordProblem.THE_NUMBER: "the password contains the telephone number",
    PasswordProblem.TOO_SIMPLE: "the password is one of those that are guessed first; mix letters and digits",
}


class Operations:
    """See the module."""

    def __init__(self, rules: Rules, store: Store, chance: Chance, cost: Argon2Settings | None = None) -> None:
        self._rules = rules
        self._store = store
        self._chance = chance
        self._cost = cost or Argon2Settings()

    async def show_subscriber(self, number: str) -> Document | Problem:
        """One subscriber, with the wallet."""
        msisdn = read_number(number)
        if isinstance(msisdn, Problem):
            return msisdn
        subscriber = await self._store.reads.subscriber(msisdn)
        if subscriber is None:
            return missing("no_subscriber", f"{msisdn} never texted and was never added")
        return await self._subscriber(subscriber)

    async def add_subscriber(
        self, number: str, password: Secret[str], language: str, level: str = ""
    ) -> Document | Problem:
        """Register a number, or give a registered one a new password; an empty language or level stays as it is."""
        msisdn = read_number(number)
        if isinstance(msisdn, Problem):
            return msisdn
        if language and language not in LANGUAGES:
            return wrong(f"language: there are {', '.join(LANGUAGES)}")
        if not self._rules.limits.known(level):
            return self._no_level()
        refused = problem(password, msisdn)
        if refused is not None:
            return wrong(PASSWORD_HINTS[refused])
        keyring = self._rules.keyring
        digest = keyring.pepper(keyring.current, password)
        verifier = await asyncio.to_thread(make_verifier, digest, self._chance.octets(SALT_OCTETS), self._cost)
        if level:
            # First: who is registered must not be able to pay by other limits for a moment.
            await identify(self._store, msisdn, level)
        return await self._subscriber(await register(self._store, msisdn, language, verifier, keyring.current))

    async def identify(self, number: str, level: str) -> Document | Problem:
        """Set the level whose limits hold for a number; empty for the limits of everybody."""
        msisdn = read_number(number)
        if isinstance(msisdn, Problem):
            return msisdn
        if not self._rules.limits.known(level):
            return self._no_level()
        known = await self._store.reads.subscriber(msisdn)
        if known is None or not known.registered:
            return _not_registered(msisdn)
        return await self._subscriber(await identify(self._store, msisdn, level))

    async def block(self, number: str) -> Document | Problem:
        """Stop all payments of a number."""
        msisdn = read_number(number)
        return msisdn if isinstance(msisdn, Problem) else await self._subscriber(await block(self._store, msisdn))

    async def unblock(self, number: str) -> Document | Problem:
        """Lift a block and every pause."""
        msisdn = read_number(number)
        return msisdn if isinstance(msisdn, Problem) else await self._subscriber(await unblock(self._store, msisdn))

    async def top_up(self, number: str, amount: str, agent: str, key: str) -> Document | Problem:
        """Put money into a wallet; a repeat under the same key moves nothing."""
        msisdn, asked = read_number(number), read_amount(amount, self._rules.currency)
        if isinstance(msisdn, Problem):
            return msisdn
        if isinstance(asked, Problem):
            return asked
        try:
            outcome, available = await top_up_wallet(self._store, msisdn, agent, asked, key)
        except ValueError as error:
            return wrong(str(error))
        match outcome:
            case TopUp.NOT_REGISTERED:
                return _not_registered(msisdn)
            case TopUp.OTHER_UNDER_KEY:
                return conflicting("other_under_key", "this key was used for another top-up; take a new key")
            case TopUp.DONE | TopUp.REPEATED:
                done: Document = {"outcome": outcome.value, "number": msisdn, "agent": agent, "key": key}
                return done | {"amount": sum_document(asked), "available": sum_document(available)}

    async def payments(self, number: str | None, limit: int) -> Document | Problem:
        """The latest payments, newest first; of one subscriber or of all."""
        if not is_listable(limit):
            return WRONG_LIMIT
        msisdn = read_number(number) if number is not None else None
        if isinstance(msisdn, Problem):
            return msisdn
        found = await self._store.reads.payments(msisdn, limit)
        return {"payments": [payment_document(each, whole_number=msisdn is not None) for each in found]}

    async def payment(self, number: str) -> Document | Problem:
        """One payment by the number that people see: the call that pays it, the texts and the actions about it."""
        wanted = read_payment_number(number)
        if isinstance(wanted, Problem):
            return wanted
        payment = await self._store.reads.payment(wanted)
        if payment is None:
            return missing("no_payment", f"there is no payment {number}")
        call = await self._store.reads.call(payment.id, Kind.PAY)
        texts = [text_document(sms) for sms in await self._store.reads.texts(payment.id)]
        asked = await self._store.write(payment.msisdn, lambda tx: tx.actions.for_payment(payment.id))
        actions = [action_document(action, whole_number=True) for action in asked]
        more: Document = {"call": call_document(call), "texts": texts, "actions": actions}
        return payment_document(payment, whole_number=True) | more

    async def check_ledger(self) -> Document | Problem:
        """Prove the books: what they have wrong, in words."""
        findings = list(await self._store.reads.unbalanced())
        return {"balanced": not findings, "findings": findings}

    async def check_days(self, last: int) -> Document | Problem:
        """Compare the *last* closed days with their hashes."""
        if not is_listable(last):
            return WRONG_LIMIT
        compared = await compare_days(self._store.reads, last)
        return {"as_closed": all(each.as_closed for each in compared), "days": list(map(day_document, compared))}

    def _no_level(self) -> Problem:
        levels = ", ".join(self._rules.limits.levels) or "none"
        return wrong(f"level: there is no such level; there are {levels}; see [limits.levels]")

    async def _subscriber(self, subscriber: Subscriber) -> Document:
        work = partial(_wallet, wallet_of(subscriber.msisdn), self._rules.currency)
        wallet, now_us = await self._store.write(subscriber.msisdn, work)
        return subscriber_document(subscriber, wallet, now_us)


def _wallet(name: str, currency: Currency, tx: Tx) -> tuple[Account, int]:
    """One account by its key. The read side only knows how to list them all."""
    return tx.ledger.account(name, currency), tx.now_us


def _not_registered(msisdn: Msisdn) -> Problem:
    return missing("not_registered", f"{msisdn} is not registered: smsgw subscriber add {msisdn}")


def is_listable(limit: int) -> bool:
    """True if so many rows fit into one answer; else the answer is `WRONG_LIMIT`."""
    return 1 <= limit <= LISTED_MAX


def is_whole(text: str) -> bool:
    """True for a number of a length that ours have."""
    return text.isascii() and text.isdigit() and len(text) <= NUMBER_DIGITS_MAX


def read_payment_number(text: str) -> int | Problem:
    """The number of a payment as people see it."""
    return (
        int(text)
        if is_whole(text)
        else wrong("the number of a payment has digits only; it stands first in its receipt")
    )


def read_number(number: str) -> Msisdn | Problem:
    """A telephone number with plus and country code; a national form could be read as another country's."""
    msisdn = subscriber_number(number, "ZZ") if number.startswith("+") else None
    if msisdn is None:
        return wrong("number: write it with + and the country code, such as +998901234567")
    return msisdn


def read_amount(text: str, currency: Currency) -> Money | Problem:
    """A sum above nothing."""
    try:
        amount = money(text, currency)
    except ValueError as error:
        return wrong(f"amount: {error}")
    if amount.minor <= 0:
        return wrong("amount: it must be above 0")
    most = Money(MOVED_MINOR_MAX, currency)
    return amount if amount <= most else wrong(f"amount: {most} is the most at once")
