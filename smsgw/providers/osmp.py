"""The OSMP (QIWI) provider protocol: `check`, then `pay`, in a query or a form, answered in XML.

Rule 1: the exact query is made once, stored, and sent as stored ever after; credentials are added when it is sent.
Rule 2: the protocol has no status question. A repeat of `pay` under the same `txn_id` credits nothing and answers as
the first did; that is why this protocol dedupes by reference unless its provider is known not to.
Rule 3: only the result decides. Texts are for people, `txn_date` is never compared.
Rule 4: `status` and `cancel` are in no text of the protocol. They are asked only where the dialect switches them on.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from decimal import Decimal
from typing import Final, NamedTuple
from zoneinfo import ZoneInfo

from smsgw.domain.calls import (
    Accepted,
    Answer,
    Cancelled,
    Capabilities,
    Found,
    Kind,
    Order,
    Question,
    Unknown,
    Verb,
)
from smsgw.domain.statement import NoStatement, Period
from smsgw.providers.addresses import with_query
from smsgw.providers.credentials import basic
from smsgw.providers.http import Completed, HttpClient, Lane, Request
from smsgw.providers.meanings import Meaning, answer_of
from smsgw.providers.osmp_dialect import NO_SUM, REAL_SUM, UNLISTED, osmp_dialect
from smsgw.providers.profile import ProfileError, ProviderProfile
from smsgw.providers.reading import fault_of, shown, unreadable, xml_response
from smsgw.providers.sums import decimal_text, whole_text
from smsgw.providers.wire import RESULT_CODE, local_time
from smsgw.settlement.exchange import deadline_s

STATUS_COMMAND: Final = "status"
CANCEL_COMMAND: Final = "cancel"

_SUM: Final = re.compile(r"[0-9]{1,18}([.,][0-9]{1,18})?")
# What stands for "no number" in an answer's `prv_txn`.
_NO_NUMBER: Final = frozenset({"", "0"})


class _Reply(NamedTuple):
    """What an answer says that we look at."""

    code: int
    txn_id: str
    prv_txn: str
    amount: str
    name: str


class Osmp:
    """One provider that speaks OSMP."""

    def __init__(self, profile: ProviderProfile, http: HttpClient) -> None:
        self._profile = profile
        self._dialect = osmp_dialect(profile.dialect)
        profile.check_account_fields(self._dialect.account_fields)
        if profile.secret and not profile.login:
            raise ProfileError("login", "a secret without a login is never sent; name the login too")
        self._tables = self._dialect.tables()
        self._zone = ZoneInfo(profile.time_zone)
        self._lane = Lane(http, profile.parallel_max)
        self._capabilities = profile.capabilities(
            Capabilities(
                status=self._dialect.status,
                cancels=self._dialect.cancel,
                registry=self._dialect.registry,
                dedupes_by_reference=True,
            )
        )

    @property
    def capabilities(self) -> Capabilities:
        """What the protocol and the contract allow."""
        return self._capabilities

    def parameters(self, kind: Kind, order: Order) -> Mapping[str, str] | None:
        """The query, byte for byte, and the values that the answer is compared with.

        None where the sum does not fit the unit of the protocol (two digits, or whole units by dialect), and for a
        cancel of a payment of which the provider has told no number of its own.
        """
        if kind is Kind.CANCEL:
            return self._cancel(order) if order.provider_reference else None
        amount = whole_text(order.amount) if self._dialect.whole_units else decimal_text(order.amount)
        if amount is None:
            return None
        return self._check(order, amount) if kind is Kind.CHECK else self._pay(order, amount)

    async def call(self, question: Question, may_send: Callable[[], bool]) -> Answer:
        """Send the stored query, or the question about it; the answer by the tables of the dialect."""
        verb, parameters = question.verb, question.parameters
        assert verb in self._tables, "OSMP has one phase, and its capabilities say so"
        query = self._status(parameters["txn_id"]) if verb is Verb.STATUS else parameters["query"]
        limit_s = deadline_s(verb, self._capabilities)
        exchange = await self._lane.exchange(self._request(query), limit_s, may_send)
        return self.read(question, exchange) if isinstance(exchange, Completed) else exchange

    async def statement(self, period: Period) -> NoStatement:
        """The protocol has none, and its capabilities say so."""
        return NoStatement(f"the protocol has no statements ({period})")

    def read(self, question: Question, completed: Completed) -> Answer:
        """What a completed exchange means. Never raises, whatever the body."""
        fault = fault_of(completed)
        if fault is not None:
            return fault
        reply = self._reply(completed)
        if reply is None:
            return unreadable(completed.status, "no OSMP response")
        txn_id = question.parameters["txn_id"]
        if txn_id and reply.txn_id not in {"", txn_id}:
            return Unknown("the answer is about another txn_id", alarm=True)
        if question.verb is Verb.PAY and reply.code in self._dialect.duplicates:
            return _duplicate(question, reply)
        meaning = self._tables[question.verb].get(reply.code, UNLISTED[question.verb])
        return _good(question, reply) if meaning is Meaning.OK else answer_of(meaning, str(reply.code))

    def _check(self, order: Order, amount: str) -> Mapping[str, str]:
        dialect = self._dialect
        txn_id = str(order.reference) if dialect.check_with_txn_id else ""
        pairs = [(dialect.name("command"), dialect.check_command)]
        if txn_id:
            pairs.append((dialect.name("txn_id"), txn_id))
        pairs += zip(dialect.account_fields, order.account, strict=True)
        if dialect.check_sum != NO_SUM:
            pairs.append((dialect.name("sum"), amount if dialect.check_sum == REAL_SUM else dialect.check_sum))
        return {"query": dialect.query(pairs), "txn_id": txn_id, "sum": amount}

    def _pay(self, order: Order, amount: str) -> Mapping[str, str]:
        dialect, txn_id = self._dialect, str(order.reference)
        pairs = [
            (dialect.name("command"), dialect.pay_command),
            (dialect.name("txn_id"), txn_id),
            (dialect.name("txn_date"), local_time(order.created_at_us, self._zone, self._dialect.date_format)),
            *zip(dialect.account_fields, order.account, strict=True),
            (dialect.name("sum"), amount),
        ]
        return {"query": dialect.query(pairs), "txn_id": txn_id, "sum": amount}

    def _cancel(self, order: Order) -> Mapping[str, str]:
        """The payment's own `txn_id` goes along: the command tells the two requests apart, as with a check."""
        dialect, txn_id = self._dialect, str(order.reference)
        pairs = [
            (dialect.name("command"), CANCEL_COMMAND),
            (dialect.name("txn_id"), txn_id),
            (dialect.name("prv_txn"), order.provider_reference),
        ]
        return {"query": dialect.query(pairs), "txn_id": txn_id}

    def _status(self, txn_id: str) -> str:
        name = self._dialect.name
        return self._dialect.query([(name("command"), STATUS_COMMAND), (name("txn_id"), txn_id)])

    def _request(self, query: str) -> Request:
        headers = dict(basic(self._profile.login, self._profile.secret))
        if self._dialect.method == "GET":
            return Request("GET", with_query(self._profile.address, query), headers)
        headers["Content-Type"] = "application/x-www-form-urlencoded; charset=utf-8"
        return Request("POST", self._profile.address, headers, query.encode("ascii"))

    def _reply(self, completed: Completed) -> _Reply | None:
        """The answer's own values; None for what is no answer of the protocol. Both tags of the id are in use."""
        texts = xml_response(completed.body, completed.content_type)
        name = self._dialect.answer_name
        result = (texts or {}).get(name("result"), "")
        if texts is None or not RESULT_CODE.fullmatch(result):
            return None
        return _Reply(
            code=int(result),
            txn_id=next(filter(None, map(texts.get, (name("osmp_txn_id"), "osmp_txn_id", "txn_id"))), ""),
            prv_txn=shown(texts.get(name("prv_txn"), "")),
            amount=texts.get(name("sum"), ""),
            name=shown(texts.get(name("name"), "")),
        )


def _good(question: Question, reply: _Reply) -> Answer:
    match question.verb:
        case Verb.CHECK:
            return Found(reply.name)
        case Verb.CANCEL:
            return Cancelled()
        case _:
            return Accepted(reply.prv_txn, _sum_alarm(reply.amount, question.parameters.get("sum", "")))


def _duplicate(question: Question, reply: _Reply) -> Answer:
    """The provider has this `txn_id` already: ours, if we have sent it before and the answer names a payment like it.

    On a first pay it is somebody else's, and nobody knows what became of ours.
    """
    if question.repeat and reply.prv_txn not in _NO_NUMBER and not _sum_alarm(reply.amount, question.parameters["sum"]):
        return Accepted(reply.prv_txn)
    return Unknown(f"result {reply.code}, a duplicate", alarm=not question.repeat)


def _sum_alarm(answered: str, sent: str) -> str:
    """What to tell a person if the answer names another sum.

    Blank sums are common and mean nothing; a cancel, whose status may be asked too, sends none.
    """
    if not answered or not sent:
        return ""
    if not _SUM.fullmatch(answered):
        return "the provider answered with a sum that is no number"
    same = Decimal(answered.replace(",", ".")) == Decimal(sent)
    return "" if same else f"the provider answered with the sum {answered}"
