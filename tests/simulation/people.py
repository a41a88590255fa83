"""Who texts: the honest, the clumsy, and those who want other people's money. All they know is what they read."""

from __future__ import annotations

import asyncio
import re
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field
from random import Random
from typing import Final, NamedTuple

from simulator.smsc.mo import Mo, Text
from smsgw.domain.phones import Msisdn
from tests.simulation.configuration import PAYEES, SHORT_CODE

PASSWORD: Final = "kanareika7"
# How long somebody looks at the phone for an answer before doing something else.
PATIENCE_S: Final = 45.0
CODE: Final = re.compile(r"Code ([0-9]{6})\b")
GUESSES_MAX: Final = 9
# After so many guesses the code is asked for again, in the hope that the count begins anew.
GUESSES_BEFORE_RESEND: Final = 3
# A code is not sent again sooner.
RESEND_AFTER_S: Final = 31.0
# Accounts that end so are unknown at the provider (the books' own rule).
UNKNOWN_ENDING: Final = "000"


class Read(NamedTuple):
    """A text on a phone."""

    at_s: float
    text: str


@dataclass
class Phone:
    """One subscriber's phone: what was sent from it, what was read on it, and the codes by account."""

    number: Msisdn
    random: Random
    send: Callable[[Text], Mo]
    account: Callable[[], str]
    inbox: list[Read] = field(default_factory=list)
    sent: list[tuple[float, Mo]] = field(default_factory=list)
    codes: dict[str, tuple[float, str]] = field(default_factory=dict)
    news: asyncio.Event = field(default_factory=asyncio.Event)

    def reads(self, text: str) -> None:
        """A text has come."""
        now_s = asyncio.get_running_loop().time()
        self.inbox.append(Read(now_s, text))
        found, account = CODE.search(text), re.search(r"\b(1[0-9]{5})\b", text)
        if found and account:
            self.codes.setdefault(account[1], (now_s, found[1]))
        self.news.set()

    def says(self, text: str) -> Mo:
        """Send a text to the short code."""
        mo = self.send(Text(self.number, SHORT_CODE, text))
        self.sent.append((asyncio.get_running_loop().time(), mo))
        return mo

    async def hears(self, is_it: Callable[[str], bool], since: int, patience_s: float = PATIENCE_S) -> str | None:
        """The first text from the place *since* of the inbox on that is the one; None after a while."""
        try:
            async with asyncio.timeout(patience_s):
                while True:
                    for read in self.inbox[since:]:
                        if is_it(read.text):
                            return read.text
                    self.news.clear()
                    await self.news.wait()
        except TimeoutError:
            return None

    async def thinks(self, longest_s: float) -> None:
        """Wait."""
        await asyncio.sleep(self.random.uniform(0.1, longest_s))

    def order(self, account: str, amount: int) -> str:
        """How a payment is asked for."""
        return f"{self.random.choice(PAYEES).upper()}*{account}*{amount}*{PASSWORD}"

    async def code_for(self, account: str, order: str) -> str | None:
        """Ask for a payment, until its code is read."""
        for _ in range(3):
            since = len(self.inbox)
            self.says(order)
            if await self.hears(lambda text: account in text and bool(CODE.search(text)), since):
                return self.codes[account][1]
            await self.thinks(40)
        return None


Person = Callable[[Phone], Awaitable[None]]


async def honest(phone: Phone) -> None:
    """Pay once, and wait for the receipt."""
    account = phone.account()
    code = await phone.code_for(account, phone.order(account, phone.random.randint(500, 50_000)))
    if code is None:
        return
    await phone.thinks(20)
    for _ in range(3):
        since = len(phone.inbox)
        phone.says(code)
        if await phone.hears(lambda text: account in text and not CODE.search(text), since):
            return


async def clumsy(phone: Phone) -> None:
    """Do one of the things that people do."""
    slips = (_wrong_code_first, _twice, _changes_mind, _too_late, _mistypes, _long_text, _asks)
    await phone.random.choice(slips)(phone)


async def _wrong_code_first(phone: Phone) -> None:
    account = phone.account()
    code = await phone.code_for(account, phone.order(account, 1000))
    if code is not None:
        for _ in range(phone.random.randint(1, 3)):
            phone.says(f"{(int(code) + phone.random.randint(1, 999_999)) % 1_000_000:06d}")
            await phone.thinks(10)
        phone.says(code)


async def _twice(phone: Phone) -> None:
    account = phone.account()
    order = phone.order(account, 2000)
    phone.says(order)
    await phone.thinks(70)
    code = await phone.code_for(account, order)
    if code is not None:
        phone.says(code)
        await phone.thinks(70)
        phone.says(code)
        phone.says(order)


async def _changes_mind(phone: Phone) -> None:
    first, second = phone.account(), phone.account()
    code = await phone.code_for(first, phone.order(first, 3000))
    other = await phone.code_for(second, phone.order(second, 4000))
    phone.says(phone.random.choice(("0", "cancel", code or "0", other or "0")))
    await phone.thinks(10)
    phone.says(other or "status")


async def _too_late(phone: Phone) -> None:
    account = phone.account()
    code = await phone.code_for(account, phone.order(account, 5000))
    await asyncio.sleep(phone.random.uniform(100, 150))
    if code is not None:
        phone.says(code)


async def _mistypes(phone: Phone) -> None:
    account = phone.account()
    good = phone.order(account, 6000)
    phone.says(phone.random.choice((good[:-1], good.replace("*6000", ""), good.replace("*", " ", 1), "ALPHA**", "пыщ")))
    await phone.thinks(5)
    phone.says(phone.order(account[:3] + UNKNOWN_ENDING, 700))


async def _long_text(phone: Phone) -> None:
    account = phone.account()
    order = phone.order(account, 800).replace("*", " " * 60 + "*")
    code = await phone.code_for(account, order)
    if code is not None:
        phone.says(code)


async def _asks(phone: Phone) -> None:
    phone.says(phone.random.choice(("balance", "status", "help", "yes")))


async def guesses(phone: Phone) -> None:
    """Somebody who has the password but not the phone: guess codes, then use the right one, which was read late."""
    account = phone.account()
    order = phone.order(account, 900)
    code = await phone.code_for(account, order)
    for number in range(phone.random.randint(5, GUESSES_MAX)):
        if number == GUESSES_BEFORE_RESEND:
            await asyncio.sleep(RESEND_AFTER_S)
            phone.says(phone.random.choice(("resend", order)))
        phone.says(f"{phone.random.randrange(1_000_000):06d}")
        await phone.thinks(6)
    await phone.thinks(5)
    if code is not None:
        phone.says(code)


async def floods(phone: Phone) -> None:
    """Text without end."""
    for number in range(phone.random.randint(20, 70)):
        phone.says(f"status {number}" if phone.random.random() < 0.5 else phone.order(phone.account(), 1000) + "x")
        await phone.thinks(1)


ATTACKS: Final[tuple[Person, ...]] = (guesses, floods)
