"""A whole house for tests: the real use cases, parser, books, words and database, on a clock that is set by hand.

Only the network is missing: texts are given to the intake and read from the outbox, providers answer by script. The
database is in memory.
"""

from __future__ import annotations

import asyncio
import re
import sqlite3
import tomllib
from collections import deque
from collections.abc import Callable, Coroutine, Mapping
from datetime import UTC
from pathlib import Path
from typing import Any, TypeVar

from smsgw.domain.calls import (
    Accepted,
    Answer,
    Cancelled,
    Capabilities,
    Found,
    Kind,
    Order,
    Prepared,
    ProviderCall,
    Question,
    Verb,
)
from smsgw.domain.catalogue import AccountPart, AmountRule, Catalogue, Category, CheckDigit, Fee, Provider
from smsgw.domain.funds import WALLET
from smsgw.domain.money import UZS, Money, money
from smsgw.domain.payment import Payment
from smsgw.domain.phones import Msisdn
from smsgw.domain.secret import Secret
from smsgw.domain.sms import Ack, Attempt, InboundSms, OutboundSms, SubmitOutcome, Submitted
from smsgw.domain.statement import NoStatement, Period, Statement
from smsgw.parser.words import Lexicon
from smsgw.ports import Source
from smsgw.replies.texts import ReplyTexts
from smsgw.service.desk import Desk
from smsgw.service.exchanges import Exchanges
from smsgw.service.intake import Intake
from smsgw.service.outbox import Sender
from smsgw.service.outcomes import Outcomes
from smsgw.service.parties import Parties
from smsgw.service.parts import Parts
from smsgw.service.passwords import PasswordCheck
from smsgw.service.receipts import Receipts
from smsgw.service.rules import Limits, Rules
from smsgw.service.settle import Settlement
from smsgw.service.subscribers import register
from smsgw.service.top_up import top_up_wallet
from smsgw.service.wallet import Wallet
from smsgw.sessions.keys import Keyring
from smsgw.sessions.passwords import Argon2Settings, check, make_verifier
from smsgw.sessions.remembered import Remembered
from smsgw.store.inline import InlineStore, open_inline
from smsgw.store.unit import Surroundings

T = TypeVar("T")

ANNA = Msisdn("+998901234567")
BORIS = Msisdn("+998901234568")
PASSWORD = "parol1"
PAY = f"SARKOR*n25656*50000*{PASSWORD}"
CHEAP = Argon2Settings(memory_kib=8, passes=1)
MASTER = bytes(range(32))


def soums(amount: str) -> Money:
    return money(amount, UZS)


SARKOR = Provider(
    name="sarkor",
    title="SARKOR",
    currency=UZS,
    amount=AmountRule(soums("500"), soums("5000000")),
    aliases=("sarkor telecom", "саркор", "саркор телеком"),
    category=Category.INTERNET,
    account=(AccountPart("[a-z]?[0-9]{4,8}", fold_case=True, example="n25656"),),
    fee=Fee(fixed_minor=0, basis_points=100),
)
COMNET = Provider(
    name="comnet",
    title="COMNET",
    currency=UZS,
    amount=AmountRule(soums("1000"), soums("1000000")),
    category=Category.INTERNET,
    account=(AccountPart("[0-9]{6}", example="123456"),),
)
IMEI = Provider(
    name="imei",
    title="IMEI",
    currency=UZS,
    amount=AmountRule(soums("30000"), soums("30000"), fixed_price=soums("30000")),
    category=Category.FINES,
    account=(AccountPart("[0-9]{15}", lengths=(15,), check_digit=CheckDigit.LUHN, example="490154203237518"),),
)


class HandClock:
    """Implements `ports.Clock`; time passes only when it is told to."""

    def __init__(self) -> None:
        self.time_us = 1_795_000_000_000_000

    def now_us(self) -> int:
        return self.time_us

    def monotonic_s(self) -> float:
        return self.time_us / 1_000_000

    def passes(self, seconds: float) -> None:
        self.time_us += int(seconds * 1_000_000)


class CountedChance:
    """Implements `ports.Chance`; every draw is another one, and every run draws the same."""

    def __init__(self) -> None:
        self.drawn = 0

    def bits(self, count: int) -> int:
        self.drawn += 1
        return self.drawn % (1 << count)

    def octets(self, count: int) -> bytes:
        self.drawn += 1
        return self.drawn.to_bytes(count)


class InlineHasher:
    """Implements `ports.PasswordHasher` without a pool; `full` makes it say that there is no room."""

    def __init__(self) -> None:
        self.full = False
        self.verified = 0

    async def verify(self, verifier: str, digest: bytes) -> bool | None:
        if self.full:
            return None
        self.verified += 1
        return check(verifier, digest)


class ScriptedProvider:
    """Implements `ports.Provider`: gives the scripted answers in turn, then good ones; notes what it was asked."""

    def __init__(self, capabilities: Capabilities | None = None) -> None:
        self._capabilities = capabilities or Capabilities()
        self.answers: dict[Verb, deque[Answer]] = {verb: deque() for verb in Verb}
        self.asked: list[tuple[Verb, Mapping[str, str]]] = []
        self.questions: list[Question] = []
        self.statements: deque[Statement | NoStatement] = deque()
        self.periods: list[Period] = []
        self.carries: Callable[[Order], bool] = lambda _: True

    @property
    def capabilities(self) -> Capabilities:
        return self._capabilities

    def parameters(self, kind: Kind, order: Order) -> Mapping[str, str] | None:
        if not self.carries(order):
            return None
        return {"kind": kind.value, "reference": str(order.reference), "amount": order.amount.fixed()}

    async def call(self, question: Question, may_send: Callable[[], bool]) -> Answer:
        assert may_send()
        verb, parameters = question.verb, question.parameters
        self.asked.append((verb, parameters))
        self.questions.append(question)
        if self.answers[verb]:
            return self.answers[verb].popleft()
        good: dict[Verb, Answer] = {
            Verb.CHECK: Found("A. Aliyev"),
            Verb.PREPARE: Prepared({"draft": "5123"}),
            Verb.CANCEL: Cancelled(),
            Verb.WITHDRAW: Cancelled(),
        }
        return good.get(verb, Accepted(f"prv-{parameters['reference']}"))

    async def statement(self, period: Period) -> Statement | NoStatement:
        self.periods.append(period)
        return self.statements.popleft() if self.statements else NoStatement("none was scripted")


class Phones:
    """Implements `ports.Texting`: every phone is reached at once, unless an outcome is scripted."""

    def __init__(self) -> None:
        self.inbox: list[tuple[Msisdn, str]] = []
        self.outcomes: deque[SubmitOutcome] = deque()
        self.attempts: list[Attempt] = []

    async def submit(self, link: str, to: Msisdn, text: str, attempt: Attempt) -> SubmitOutcome:
        assert attempt.may_send()
        self.attempts.append(attempt)
        outcome = self.outcomes.popleft() if self.outcomes else Submitted(f"{link}-{len(self.inbox) + 1}")
        if isinstance(outcome, Submitted):
            self.inbox.append((to, text))
        return outcome


def words() -> Mapping[str, Any]:
    return tomllib.loads(Path("config/words.toml").read_text(encoding="utf-8"))


def replies() -> ReplyTexts:
    data = tomllib.loads(Path("config/replies.toml").read_text(encoding="utf-8"))
    return ReplyTexts.of(data, {"sc": "1400", "cc": "+998711506006"})


_CATALOGUE = Catalogue((SARKOR, COMNET, IMEI))
_LEXICON = Lexicon.of(words(), _CATALOGUE)
_REPLIES = replies()


def house_rules() -> Rules:
    return Rules(
        catalogue=_CATALOGUE,
        lexicon=_LEXICON,
        keyring=Keyring.from_masters({"k1": MASTER}, "k1"),
        limits=Limits(day=soums("5000000"), month=soums("60000000")),
        currency=UZS,
        zone=UTC,
        language="en",
        four_eyes_above=soums("100000"),
        regions={"operator": "UZ"},
    )


class House:
    """See the module. `text` gives a text to the intake; `answers` is what that subscriber read since the last look."""

    def __init__(self, rules: Rules | None = None, database: sqlite3.Connection | None = None) -> None:
        self.rules = rules or house_rules()
        self.clock = HandClock()
        self.chance = CountedChance()
        around = Surroundings(self.clock, self.chance, self.rules.keyring)
        self.store = open_inline(around) if database is None else InlineStore(database, around)
        self.hasher = InlineHasher()
        self.providers = {provider.name: ScriptedProvider() for provider in self.rules.catalogue.providers}
        self.sources: dict[str, Source] = {WALLET: Wallet()}
        self.parties = Parties(self.providers, self.sources)
        self.outcomes = Outcomes(self.rules, self.sources)
        self.exchanges = Exchanges(dict.fromkeys(self.providers, "scripted"), self.clock)
        self.phones = Phones()
        remembered = Remembered(bytes(32))
        passwords = PasswordCheck(self.store.reads, self.hasher, self.rules.keyring, remembered, self.clock)
        desk = Desk(self.rules, self.parties, _REPLIES, self.clock)
        self.intake = Intake(desk, self.store, passwords, self.clock, self.chance)
        self.parts = Parts(self.rules, self.store, self.intake, {})
        self.receipts = Receipts(self.store)
        self.settlement = Settlement(self.outcomes, self.parties, self.exchanges, self.store, self.clock)
        self.sender = Sender(self.rules, _REPLIES, self.phones, self.store, self.clock)
        self.calls: deque[ProviderCall] = deque()
        self.texts: deque[OutboundSms] = deque()
        self.events: list[str] = []
        self.store.subscribe(self.calls.append, self.texts.append)

    def do(self, work: Coroutine[Any, Any, T]) -> T:
        """Run one use case to its end."""
        return asyncio.run(work)

    async def enrol(
        self, msisdn: Msisdn = ANNA, password: str = PASSWORD, money_in: str = "1000000", language: str = "en"
    ) -> None:
        """Register a subscriber and put money into the wallet."""
        digest = self.rules.keyring.pepper("k1", Secret(password))
        await register(self.store, msisdn, language, make_verifier(digest, bytes(16), CHEAP), "k1")
        if money_in != "0":
            await top_up_wallet(self.store, msisdn, "till", soums(money_in), f"first-{msisdn[-4:]}")

    async def receive(self, text: str, sender: Msisdn = ANNA, sent_at_us: int | None = None) -> Ack:
        """Give one text to the intake, as a delivery of its own."""
        self.chance.drawn += 1
        identity = f"{sender} {text} {self.chance.drawn}".encode()
        return await self.receive_again(text, identity, sender, sent_at_us)

    async def receive_again(
        self, text: str, identity: bytes, sender: Msisdn = ANNA, sent_at_us: int | None = None
    ) -> Ack:
        """Give a text with the identity of a delivery."""
        return await self.intake.receive(
            InboundSms(
                link="operator",
                sender=sender.removeprefix("+"),
                destination="1400",
                text=text,
                identity=identity,
                sent_at_us=sent_at_us,
            )
        )

    async def work_off(self) -> None:
        """Make every call and send every text that is in hand."""
        while self.calls or self.texts:
            if self.calls:
                await self.settlement.exchange(self.calls.popleft())
            else:
                sms = self.texts.popleft()
                self.events.append(sms.event)
                await self.sender.send(sms)

    async def claim(self) -> None:
        """Take over whatever is due and unleased, as the poll of each second does, and work it off."""
        lease_us, rooms = self.clock.now_us() + 30_000_000, dict.fromkeys(self.providers, 100)
        self.calls.extend(await self.store.write("", lambda tx: tx.calls.claim(lease_us, rooms)))
        self.texts.extend(await self.store.write("", lambda tx: tx.outbox.claim(lease_us, 100)))
        await self.work_off()

    async def text(self, text: str, sender: Msisdn = ANNA) -> list[str]:
        """Send one text, let everything happen; return the events of the answers."""
        await self.receive(text, sender)
        await self.work_off()
        events, self.events = self.events, []
        return events

    @property
    def last_text(self) -> str:
        """The newest text on any phone."""
        return self.phones.inbox[-1][1]

    @property
    def code(self) -> str:
        """The code in the newest text that carries one."""
        codes: list[list[str]] = [
            re.findall(r"(?:[Cc]ode|Kod|Код) ([0-9]{6})\b", text) for _, text in self.phones.inbox
        ]
        return next(found[0] for found in reversed(codes) if found)

    async def payment(self, msisdn: Msisdn = ANNA) -> Payment:
        """The subscriber's latest payment."""
        return (await self.store.reads.payments(msisdn, 1))[0]

    async def available(self, msisdn: Msisdn = ANNA) -> str:
        """What the wallet has, as text."""
        name = f"wallet:{msisdn}"
        account = await self.store.write(msisdn, lambda tx: tx.ledger.account(name, UZS))
        return account.available.text()
