"""Subscribers who pay, one payment after another, whatever happens to the gateway meanwhile."""

from __future__ import annotations

import asyncio
import random
from collections.abc import Callable
from dataclasses import dataclass, field
from itertools import count
from typing import Final

from simulator.app import Simulator
from simulator.smsc.mo import Mo, MoState, Text
from simulator.smsc.mt import Mt
from smsgw.domain.phones import Msisdn
from tests.integration.gateway import PASSWORD, SHORT_CODE, code_in

# From one text of a dialogue to the next, with kills and starts of the gateway between them.
ANSWER_S: Final = 60.0
# Of the dialogues: how many pay the provider that offers no second try, and how many begin with a wrong code.
SARKOR_SHARE: Final = 0.25
WRONG_CODE_SHARE: Final = 0.25
LOOK_EVERY_S: Final = 0.02
CHECK_FAILED: Final = "The payment cannot be made now"


def code_for(account: str, text: str) -> bool:
    """True for a text with the code of this payment."""
    return text.startswith("Code ") and account in text


@dataclass
class Tally:
    """What the load has done."""

    texts: list[Mo] = field(default_factory=list)
    wrong_codes: dict[str, int] = field(default_factory=dict)
    checks_given_up: int = 0

    @property
    def dialogues(self) -> int:
        return len(self.wrong_codes)


class Load:
    """Subscribers who pay, one payment after another, and read what comes."""

    def __init__(self, simulator: Simulator, chance: random.Random) -> None:
        self.tally = Tally()
        self._simulator = simulator
        self._chance = chance
        self._ending = asyncio.Event()

    def end(self) -> None:
        """Let each subscriber finish the payment in hand."""
        self._ending.set()

    async def acked(self, count: int) -> None:
        """Wait until so many more texts are acknowledged."""
        least = self._acked() + count
        async with asyncio.timeout(ANSWER_S):
            while self._acked() < least:  # noqa: ASYNC110 -- counted, not told
                await asyncio.sleep(LOOK_EVERY_S)

    def _acked(self) -> int:
        return sum(mo.state is MoState.ACKED for mo in self.tally.texts)

    async def subscriber(self, msisdn: Msisdn) -> None:
        while not self._ending.is_set():
            await self._dialogue(msisdn)

    async def _dialogue(self, msisdn: Msisdn) -> None:
        """Pay once; every text of it must be answered, whatever happens to the gateway meanwhile."""
        number = len(self.tally.wrong_codes) + 1
        sarkor = self._chance.random() < SARKOR_SHARE
        account = f"n{100_000 + number}1" if sarkor else f"ali_{number}_x"
        self.tally.wrong_codes[account] = 0
        code = await self._code(msisdn, f"{'SARKOR' if sarkor else 'COMNET'}*{account}*", account)
        if self._chance.random() < WRONG_CODE_SHARE:
            self.tally.wrong_codes[account] = 1
            miss = self._send(msisdn, f"{(int(code) + number) % 1_000_000:06d}")
            await self._answer(msisdn, miss, lambda text: "Wrong code" in text)
        confirmed = self._send(msisdn, code)
        await self._answer(msisdn, confirmed, lambda text: account in text and not code_for(account, text))

    async def _code(self, msisdn: Msisdn, order: str, account: str) -> str:
        """Order until there is a code: a check that was cut off in both of its tries has ended the payment.

        Each order is another text: the same one within a minute would be the same delivery.
        """

        def answers(text: str) -> bool:
            return text.startswith(CHECK_FAILED) or code_for(account, text)

        seen: Mo | Mt = self._send(msisdn, f"{order}1000*{PASSWORD}")
        for tries in count(1):
            seen = await self._answer(msisdn, seen, answers)
            if code_for(account, seen.text):
                return code_in(seen)
            self.tally.checks_given_up += 1
            self._send(msisdn, f"{order}{' ' * tries}1000*{PASSWORD}")
        raise AssertionError

    def _send(self, msisdn: Msisdn, text: str) -> Mo:
        mo = self._simulator.send_mo(Text(msisdn, SHORT_CODE, text))
        self.tally.texts.append(mo)
        return mo

    async def _answer(self, msisdn: Msisdn, after: Mo | Mt, is_it: Callable[[str], bool]) -> Mt:
        """The first text that is the answer; a text that comes twice is read and forgotten, as people do."""
        since = after.id
        async with asyncio.timeout(ANSWER_S):
            while True:
                mt = await self._simulator.next_mt(msisdn, since, ANSWER_S)
                if is_it(mt.text):
                    return mt
                since = mt.id
