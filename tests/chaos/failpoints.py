"""Failpoints: named places of one payment at which a gateway kills itself; `NAME:3` = at its third passing.

The product knows nothing of them. `arm` wraps its edges in a process that a test has started: the store's commit, the
link's writing, the exchange with a provider. What is renamed there is missed at once, by `_wrap`.

Rule 1: a point is passed just before or just after one durable step or one outside effect; POINTS lists all of them.
Rule 2: `.written` and `.sent` are passed once the loop has handed the octets to the kernel.
"""

from __future__ import annotations

import asyncio
import os
import signal
import sys
import threading
from collections.abc import Callable, Mapping
from contextvars import ContextVar
from functools import wraps
from typing import Any, Final

from smsgw.parser.intents import Confirm, Pay
from smsgw.providers.http import Lane
from smsgw.service import outbox as sender
from smsgw.service.desk import Desk
from smsgw.service.intake import Intake
from smsgw.service.settle import Settlement
from smsgw.smpp.connection import Connection
from smsgw.smpp.session import Session
from smsgw.store.calls import SqlCalls
from smsgw.store.outbox import SqlOutbox
from smsgw.store.postgres import PostgresConnection
from smsgw.store.sqlite import SqliteConnection

COMMITS: Final[Mapping[str, str]] = {
    "order": "the text that asks for a payment: its row, the payment, the call that checks the account",
    "check-intent": "the account is about to be checked",
    "check-outcome": "the account is good: the code waits in the outbox",
    "code-submitted": "the operator has the text with the code",
    "confirm": "the text with the code: its row, the hold, the call that pays",
    "pay-intent": "the payment is about to be posted",
    "pay-outcome": "the answer to the payment: hold posted, receipt in the outbox",
    "receipt-submitted": "the operator has the receipt",
    "followed": "a delivery receipt",
    "calls-claimed": "calls whose lease is over are taken in hand",
    "texts-claimed": "texts whose lease is over are taken in hand",
}
EFFECTS: Final[Mapping[str, str]] = {
    "order.read": "the text is read, nothing is done",
    "order-ack.before": "deliver_sm_resp is not written",
    "order-ack.written": "deliver_sm_resp is written",
    "check.before": "connected to the provider, no octet sent",
    "check.sent": "the question is sent, the answer not read",
    "check.answered": "the answer is read, nothing committed",
    "code.before": "submit_sm is not written",
    "code.written": "submit_sm is written, its answer not read",
    "confirm.read": "the text with the code is read, nothing is done",
    "confirm-ack.before": "deliver_sm_resp is not written",
    "confirm-ack.written": "deliver_sm_resp is written",
    "pay.before": "connected to the provider, no octet sent",
    "pay.sent": "the payment is sent, the answer not read",
    "pay.answered": "the answer is read, nothing committed",
    "receipt.before": "submit_sm is not written",
    "receipt.written": "submit_sm is written, its answer not read",
}
POINTS: Final = tuple(EFFECTS) + tuple(f"{name}.{moment}" for name in COMMITS for moment in ("commit", "committed"))

# A turn of the loop in which the session writes, one in which a body is written, and one for uvloop's own queue.
TURNS_TO_KERNEL: Final = 3

_text: ContextVar[str] = ContextVar("text", default="")
_verb: ContextVar[str] = ContextVar("verb", default="")
_sms: ContextVar[str] = ContextVar("sms", default="")


class Failpoint:
    """One armed point."""

    def __init__(self, armed: str) -> None:
        self._name, _, count = armed.partition(":")
        self._left = int(count or 1)
        self._unit = threading.local()
        assert self._name in POINTS, f"no failpoint {self._name!r}"

    def passed(self, name: str) -> None:
        """Die if this is the point and the time."""
        if name != self._name:
            return
        self._left -= 1
        if self._left <= 0:
            os.kill(os.getpid(), signal.SIGKILL)

    def passed_soon(self, name: str, turns: int = TURNS_TO_KERNEL) -> None:
        """Pass the point when what is being written has left."""
        if name != self._name:
            return
        then = (self.passed, name) if turns == 1 else (self.passed_soon, name, turns - 1)
        asyncio.get_running_loop().call_soon(*then)

    def begun(self) -> None:
        """A transaction begins in this thread."""
        self._unit.names = []

    def holds(self, name: str) -> None:
        """The transaction that is open in this thread does this."""
        self._unit.names.append(name)

    def committing(self, moment: str) -> None:
        """The transaction that is open in this thread is about to be committed, or has been."""
        for name in self._unit.names:
            self.passed(f"{name}.{moment}")


def arm(armed: str) -> None:
    """Arm a point in this process, which is the gateway that is to die."""
    point = Failpoint(armed)
    _arm_commits(point)
    _arm_texts(point)
    _arm_submits(point)
    _arm_exchanges(point)
    sys.stderr.write(f"failpoint armed: {armed}\n")


def _wrap(owner: Any, name: str, make: Callable[[Any], Any]) -> None:
    inner = getattr(owner, name)
    setattr(owner, name, wraps(inner)(make(inner)))


def _arm_commits(point: Failpoint) -> None:
    def begin(inner: Any) -> Any:
        def wrapped(connection: Any) -> int:
            point.begun()
            return int(inner(connection))

        return wrapped

    def commit(inner: Any) -> Any:
        def wrapped(connection: Any) -> None:
            point.committing("commit")
            inner(connection)
            point.committing("committed")

        return wrapped

    def named(name: Callable[[Any, Any], str]) -> Callable[[Any], Any]:
        def make(inner: Any) -> Any:
            def wrapped(*args: Any) -> Any:
                result = inner(*args)
                if found := name(result, args):
                    point.holds(found)
                return result

            return wrapped

        return make

    for connection in (SqliteConnection, PostgresConnection):
        _wrap(connection, "begin", begin)
        _wrap(connection, "commit", commit)
    _wrap(Desk, "take", named(lambda _, args: _kind(args[2].intent)))
    _wrap(Settlement, "_begin", named(lambda _, args: f"{args[2].value}-intent"))
    _wrap(Settlement, "_conclude", named(lambda _, args: f"{args[2].value}-outcome"))
    _wrap(sender, "_record", named(lambda _, args: f"{args[0].event}-submitted"))
    _wrap(SqlCalls, "claim", named(lambda rows, _: "calls-claimed" if rows else ""))
    _wrap(SqlOutbox, "claim", named(lambda rows, _: "texts-claimed" if rows else ""))
    _wrap(SqlOutbox, "receipt", named(lambda *_: "followed"))


def _kind(intent: object) -> str:
    return {Pay: "order", Confirm: "confirm"}.get(type(intent), "")


def _arm_texts(point: Failpoint) -> None:
    def take(inner: Any) -> Any:
        async def wrapped(intake: Any, request: Any) -> Any:
            # The answer is written by the same task.
            _text.set(_kind(request.intent))
            point.passed(f"{_text.get()}.read")
            return await inner(intake, request)

        return wrapped

    def respond(inner: Any) -> Any:
        def wrapped(*args: Any) -> Any:
            point.passed(f"{_text.get()}-ack.before")
            result = inner(*args)
            point.passed_soon(f"{_text.get()}-ack.written")
            return result

        return wrapped

    _wrap(Intake, "_take", take)
    _wrap(Session, "respond", respond)


def _arm_submits(point: Failpoint) -> None:
    def submit(inner: Any) -> Any:
        async def wrapped(self: Any, sms: Any, *args: Any) -> Any:
            _sms.set(sms.event)
            return await inner(self, sms, *args)

        return wrapped

    def send(inner: Any) -> Any:
        def wrapped(*args: Any) -> Any:
            point.passed(f"{_sms.get()}.before")
            result = inner(*args)
            point.passed_soon(f"{_sms.get()}.written")
            return result

        return wrapped

    _wrap(sender.Sender, "_submit", submit)
    _wrap(Connection, "send", send)


def _arm_exchanges(point: Failpoint) -> None:
    def ask(inner: Any) -> Any:
        async def wrapped(self: Any, provider: Any, call: Any, verb: Any, last_s: float) -> Any:
            _verb.set(verb.value)
            return await inner(self, provider, call, verb, last_s)

        return wrapped

    def exchange(inner: Any) -> Any:
        async def wrapped(self: Any, request: Any, deadline_s: float, may_send: Callable[[], bool]) -> Any:
            verb = _verb.get()

            def passing() -> bool:
                point.passed(f"{verb}.before")
                point.passed_soon(f"{verb}.sent")
                return may_send()

            answer = await inner(self, request, deadline_s, passing)
            point.passed(f"{verb}.answered")
            return answer

        return wrapped

    _wrap(Settlement, "_ask", ask)
    _wrap(Lane, "exchange", exchange)
