"""What the parts of one transaction share: the way to run a statement, the time, and what is handed over after it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from smsgw.domain.calls import ProviderCall
from smsgw.domain.sms import OutboundSms
from smsgw.ports import Chance, Clock
from smsgw.sessions.keys import Keyring
from smsgw.store.connection import Connection
from smsgw.store.sql import NO_VALUES, Row, Statement, Values


@dataclass(frozen=True, slots=True)
class Surroundings:
    """What a store needs from the process: time, randomness, and the keys of encrypted parts."""

    clock: Clock
    chance: Chance
    keyring: Keyring


class Unit:
    """One unit of work while it runs. `calls` and `texts` leave it only if it is committed."""

    __slots__ = ("_connection", "_sql", "around", "calls", "now_us", "texts")

    def __init__(self, connection: Connection, around: Surroundings, now_us: int) -> None:
        self._connection = connection
        self._sql = connection.sql
        self.around = around
        self.now_us = now_us
        self.calls: list[ProviderCall] = []
        self.texts: list[OutboundSms] = []

    @property
    def shard(self) -> int:
        """The row of house accounts that this writer adds to."""
        return self._connection.shard

    def run(self, statement: Statement, values: Values = NO_VALUES) -> int:
        """Run a statement that changes rows; return how many."""
        return self._connection.execute(self._sql[statement], values).rowcount

    def row(self, statement: Statement, values: Values = NO_VALUES) -> Row | None:
        """Run a statement that finds at most one row."""
        return self._connection.execute(self._sql[statement], values).fetchone()

    def rows(self, statement: Statement, values: Values = NO_VALUES) -> Sequence[Row]:
        """Run a statement and return its rows."""
        return self._connection.execute(self._sql[statement], values).fetchall()


class Part:
    """One part of the transaction, as the ports name them."""

    __slots__ = ("_unit",)

    def __init__(self, unit: Unit) -> None:
        self._unit = unit
