"""What phones, operator and providers know, against what the gateway has done: rules that no one transaction shows."""

from __future__ import annotations

import json
import sqlite3
from collections import Counter
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Final

from simulator.smsc.journal import Answer, Entry
from simulator.smsc.mo import Mo, MoState
from simulator.smsc.mt import Mt
from tests.simulation.audit import Auditor, Row
from tests.simulation.configuration import CODE_TTL_S
from tests.simulation.people import PASSWORD, Phone

# The last wrong code that a payment survives, and the way of a text there and back.
WRONG_CODES_MAX: Final = 4
TRAVEL_S_MAX: Final = 10.0
# Verdicts after which silence is right.
SILENT: Final = frozenset({"flood_silence", "stranger_silence", "machine_sender", "part_again"})
# Verdicts after which the answer is another text: the code, the receipt, the same code again, that of the last part.
TOLD: Final = SILENT | {"checking", "confirmed", "resent", "part"}
VERDICTS: Final = "SELECT verdict FROM messages WHERE msisdn = ?"
TEXTS: Final = "SELECT event FROM outbox WHERE msisdn = ?"
SENT: Final = "SELECT count(*) FROM outbox WHERE msisdn = ? AND state IN ('sent', 'delivered')"
OPEN: Final = {
    "payments open": "SELECT count(*) FROM payments WHERE state IN ('checking', 'awaiting_code')",
    "calls due": "SELECT count(*) FROM provider_calls WHERE state = 'due'",
    "texts to send": "SELECT count(*) FROM outbox WHERE state = 'queued'",
}


@dataclass(frozen=True, kw_only=True)
class Judge:
    """*broken* is told of every rule that is broken. `clocks_jump`: times on the phones say nothing then."""

    database: sqlite3.Connection
    auditor: Auditor
    phones: Mapping[str, Phone]
    clocks_jump: bool
    broken: Callable[[str, str], None]

    def hears(self, entry: Entry) -> None:
        """Look at what passes the operator."""
        match entry.item:
            case Mt(text=text) if "PAID" in text:
                self._executed(text)
            case Answer(state=MoState.ACKED):
                self._committed(entry.number)
            case _:
                pass

    def open(self) -> dict[str, int]:
        """What has not ended: texts at the operator, payments without an outcome, texts of ours."""
        unacknowledged = sum(not mo.over for phone in self.phones.values() for _, mo in phone.sent)
        counts = {what: int(self.database.execute(question).fetchone()[0]) for what, question in OPEN.items()}
        return {"texts not acknowledged": unacknowledged, **counts}

    def close(self) -> None:
        """Lay the books of all sides side by side, once nothing moves any more."""
        self.auditor.look()
        self.auditor.agree()
        rows = self.auditor.payments()
        self._parked_or_known(rows)
        for row in rows:
            if row.confirmed_at_us:
                self._rightly_confirmed(row)
        for number, phone in self.phones.items():
            self._answered(number, phone)
            self._ordered(number, phone, rows)
        if PASSWORD.encode() in self.database.serialize():
            self.broken("I23", "the password is in the database")

    def _executed(self, text: str) -> None:
        """I16: no receipt before what it says is so."""
        executed = [row for row in self.auditor.payments() if row.state in {"executed", "returned"}]
        if not any(str(row.number) in text for row in executed):
            self.broken("I16", f"a receipt for what is not executed: {text}")

    def _committed(self, number: str) -> None:
        """I13: what was acknowledged is committed."""
        acked = {mo.text.text for mo in _acked(self.phones[number])}
        question = "SELECT count(*) FROM messages WHERE msisdn = ?"
        (count,) = self.database.execute(question, ("+" + number,)).fetchone()
        if count < len(acked):
            self.broken("I13", f"{number}: {len(acked)} different texts acknowledged, {count} committed")

    def _parked_or_known(self, rows: list[Row]) -> None:
        """I26: a payment whose outcome nobody knows has a call that waits for a person."""
        question = "SELECT payment_id FROM provider_calls WHERE state = 'parked'"
        parked = {payment for (payment,) in self.database.execute(question)}
        lost = [row.number for row in rows if row.state == "processing" and row.id not in parked]
        if lost:
            self.broken("I26", f"neither known nor parked: {lost}")

    def _rightly_confirmed(self, row: Row) -> None:
        """I19, I21: its own phone has sent its own code, in time.

        Where clocks jump, a guess may come at a time before its payment: it is then too late, and not compared at all.
        """
        phone = self.phones[row.msisdn.removeprefix("+")]
        (account,) = json.loads(row.account)
        texted_s, code = phone.codes.get(account, (0.0, ""))
        sent_s = [at_s for at_s, mo in phone.sent if mo.text.text == code and at_s >= texted_s]
        if not sent_s:
            self.broken("I19", f"{row.number} was confirmed, and its phone never sent its code")
        elif not self.clocks_jump:
            self._in_time(row, min(sent_s) - texted_s)
            self._not_guessed(row, phone, texted_s, min(sent_s))

    def _in_time(self, row: Row, took_s: float) -> None:
        if took_s > CODE_TTL_S + TRAVEL_S_MAX:
            self.broken("I21", f"{row.number} was confirmed {took_s:.0f} s after its code")

    def _not_guessed(self, row: Row, phone: Phone, since_s: float, until_s: float) -> None:
        """I20: not after too many wrong codes, whatever came between them."""
        ours = {code for _, code in phone.codes.values()}
        guesses = {
            mo.text.text
            for at_s, mo in phone.sent
            if since_s < at_s and at_s + (mo.latency_s or 0.0) < until_s and mo.text.text.isdecimal()
        }
        wrong = {guess for guess in guesses - ours if len(guess) == len(next(iter(ours)))}
        if len(wrong) > WRONG_CODES_MAX:
            self.broken("I20", f"{row.number} was confirmed after {len(wrong)} wrong codes")

    def _answered(self, number: str, phone: Phone) -> None:
        """I14: every text has had its answer, or an outcome that is told later, or a silence with a reason."""
        verdicts = Counter(v for (v,) in self.database.execute(VERDICTS, ("+" + number,)))
        written = Counter(e for (e,) in self.database.execute(TEXTS, ("+" + number,)))
        lacking = {
            verdict: count for verdict, count in verdicts.items() if count > written[verdict] and verdict not in TOLD
        }
        if lacking:
            self.broken("I14", f"{number}: more texts taken than answered: {lacking} of {dict(written)}")
        left = sum(self.database.execute(SENT, ("+" + number,)).fetchone())
        if left > len(phone.inbox):
            self.broken("I14", f"{number}: {left} texts count as sent, {len(phone.inbox)} have come")
        self._told_in_the_end(number, phone, silent=bool(SILENT & verdicts.keys()))

    def _told_in_the_end(self, number: str, phone: Phone, *, silent: bool) -> None:
        """After the last text that was taken something has come, unless silence has a reason."""
        first: dict[str, float] = {}
        for mo in _acked(phone):
            first.setdefault(mo.text.text, mo.sent_at_s)
        last_s = max((read.at_s for read in phone.inbox), default=-1.0)
        unanswered = [text for text, sent_s in first.items() if sent_s > last_s]
        if unanswered and not silent:
            self.broken("I14", f"{number}: nothing came after {unanswered}")

    def _ordered(self, number: str, phone: Phone, rows: list[Row]) -> None:
        """I15: however often a text was delivered, no more was paid than was asked for.

        A delivery that comes minutes late may open a payment again, whose code nobody has to send.
        """
        paid = [row for row in rows if row.msisdn == "+" + number and row.confirmed_at_us]
        made = Counter((*json.loads(row.account), row.provider) for row in paid)
        for (account, payee), count in made.items():
            orders = [mo for _, mo in phone.sent if account in mo.text.text and payee.upper() in mo.text.text]
            if count > len(orders):
                self.broken("I15", f"{number}: {count} payments for {account} of {len(orders)} texts")


def _acked(phone: Phone) -> list[Mo]:
    return [mo for _, mo in phone.sent if mo.state is MoState.ACKED]
