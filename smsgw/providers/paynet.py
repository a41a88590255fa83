"""Paynet's protocol for providers, in its JSON-RPC 2.0 form: one phase, keyed by `transactionId`.

Rule 1: the parameters of each method are made once, stored, and sent as stored ever after; the login travels in a
header that is added when a request is sent.
Rule 2: a payment is accepted by a whole result of PerformTransaction, or by CheckTransaction with state 1. The code
201, "exists already", accepts nothing: it only says that CheckTransaction has to be asked.
Rule 3: there is no unfinished payment to be withdrawn. A cancel takes a credit back, and only a person orders that.
"""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Mapping
from decimal import Decimal
from typing import Final
from zoneinfo import ZoneInfo

from smsgw.domain.calls import (
    Absent,
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
from smsgw.domain.statement import NoStatement, Period, Statement, StatementLine
from smsgw.providers.credentials import basic
from smsgw.providers.http import Completed, HttpClient, Lane, Request
from smsgw.providers.jsonrpc import JSON_HEADERS, RpcError, RpcResult, request_id_of, rpc_answer, rpc_body
from smsgw.providers.paynet_dialect import NOT_LET_IN, PaynetDialect
from smsgw.providers.profile import ProfileError, ProviderProfile, read_dialect
from smsgw.providers.statements import STATEMENT_DEADLINE_S, json_statement
from smsgw.providers.wire import local_time, our_reference, scalar_text
from smsgw.settlement.exchange import deadline_s

METHODS: Final[Mapping[Verb, str]] = {
    Verb.CHECK: "GetInformation",
    Verb.PAY: "PerformTransaction",
    Verb.STATUS: "CheckTransaction",
    Verb.CANCEL: "CancelTransaction",
}
STATEMENT_METHOD: Final = "GetStatement"
# Statements are not about one payment, so the id of their requests says nothing.
STATEMENT_ID: Final = 1
# Sums are integer tiyin, so only a currency with hundredths can be carried.
DIGITS: Final = 2

PERFORMED: Final = "1"
TAKEN_BACK: Final = "2"

_INTEGER: Final = re.compile(r"-?[0-9]{1,18}")


class Paynet:
    """One provider that speaks this protocol."""

    def __init__(self, profile: ProviderProfile, http: HttpClient) -> None:
        if not profile.login or not profile.secret:
            raise ProfileError("login", "the protocol needs a login and a secret")
        self._dialect = read_dialect(PaynetDialect, profile.dialect)
        profile.check_account_fields(self._dialect.account_fields)
        self._profile = profile
        self._zone = ZoneInfo(profile.time_zone)
        self._lane = Lane(http, profile.parallel_max)
        self._capabilities = profile.capabilities(
            Capabilities(status=True, cancels=True, statement=True, dedupes_by_reference=True)
        )

    @property
    def capabilities(self) -> Capabilities:
        """What the protocol and the contract allow."""
        return self._capabilities

    def parameters(self, kind: Kind, order: Order) -> Mapping[str, str] | None:
        """Our reference, and what each method of this kind is given, as JSON; None for a sum that is not in tiyin."""
        if order.amount.currency.digits != DIGITS:
            return None
        service = {"serviceId": self._dialect.service_id}
        time = local_time(order.created_at_us, self._zone)
        transaction = {**service, "transactionId": order.reference, "transactionTime": time}
        fields = dict(zip(self._dialect.account_fields, order.account, strict=True))
        methods: dict[Verb, Mapping[str, object]]
        match kind:
            case Kind.CHECK:
                methods = {Verb.CHECK: {**service, "time": time, "fields": fields}}
            case Kind.PAY:
                perform = {**transaction, "amount": order.amount.minor, "fields": fields}
                methods = {Verb.PAY: perform, Verb.STATUS: transaction}
            case Kind.CANCEL:
                methods = {Verb.CANCEL: transaction, Verb.STATUS: transaction}
        texts = {METHODS[verb]: json.dumps(params, ensure_ascii=False) for verb, params in methods.items()}
        return {"reference": str(order.reference), **texts}

    async def call(self, question: Question, may_send: Callable[[], bool]) -> Answer:
        """Send the stored parameters of the verb's method."""
        method = METHODS[question.verb]  # the capabilities offer no other verb
        parameters = question.parameters
        body = rpc_body(method, json.loads(parameters[method]), _request_id(parameters))
        limit_s = deadline_s(question.verb, self._capabilities)
        exchange = await self._lane.exchange(self._request(body), limit_s, may_send)
        return self.read(question, exchange) if isinstance(exchange, Completed) else exchange

    async def statement(self, period: Period) -> Statement | NoStatement:
        """What the provider has credited, by its own clock."""
        params = {
            "serviceId": self._dialect.service_id,
            "dateFrom": local_time(period.since_us, self._zone),
            "dateTo": local_time(period.until_us, self._zone),
        }
        request = self._request(rpc_body(STATEMENT_METHOD, params, STATEMENT_ID))
        path = "result.statements.item"
        return await json_statement(self._lane, request, STATEMENT_DEADLINE_S, path, statement_line)

    def read(self, question: Question, completed: Completed) -> Answer:
        """What a completed exchange means. Never raises, whatever the body."""
        match rpc_answer(completed, _request_id(question.parameters), NOT_LET_IN):
            case RpcResult(values=values):
                return self._result(question, values)
            case RpcError(code=code):
                return self._dialect.error(question.verb, code, repeat=question.repeat)
            case Unknown() as unknown:
                return unknown

    def _result(self, question: Question, values: Mapping[str, object]) -> Answer:
        # Some billings put the code of an error beside a state that means nothing then, so it is read first.
        status = scalar_text(0 if values.get("status") is None else values["status"])
        if not _INTEGER.fullmatch(status):
            return Unknown("a status that is no number", alarm=True)
        if int(status) != 0:
            return self._dialect.error(question.verb, int(status), repeat=question.repeat)
        reference = question.parameters["reference"]
        if values.get("transactionId") is not None and scalar_text(values["transactionId"]) != reference:
            return Unknown("the answer is about another transaction", alarm=True)
        return _RESULTS[question.verb](values)

    def _request(self, body: bytes) -> Request:
        headers = {**JSON_HEADERS, **basic(self._profile.login, self._profile.secret)}
        return Request("POST", self._profile.address, headers, body)


def _request_id(parameters: Mapping[str, str]) -> int:
    return request_id_of(int(parameters["reference"]))


def statement_line(item: Mapping[str, object]) -> StatementLine | None:
    """One line of GetStatement; None for a payment that was taken back.

    Raises:
        ValueError: it has no key, a sum that is no whole number above 0, or a state of another kind.
    """
    state = _state(item)
    if state not in {PERFORMED, TAKEN_BACK}:
        raise ValueError("a line whose state is neither done nor taken back")
    key = scalar_text(item.get("transactionId"))
    if not key:
        raise ValueError("a line without a transactionId")
    if state == TAKEN_BACK:
        return None
    amount_minor = _tiyin(item.get("amount"))
    return StatementLine(our_reference(key), key, amount_minor, scalar_text(item.get("providerTrnId")))


def _tiyin(value: object) -> int | None:
    """A sum in tiyin; None where there is none."""
    if value is None:
        return None
    text = str(int(value)) if isinstance(value, Decimal) and value == value.to_integral_value() else scalar_text(value)
    if not _INTEGER.fullmatch(text) or int(text) <= 0:
        raise ValueError("a line whose sum is no whole number of tiyin")
    return int(text)


def _state(values: Mapping[str, object]) -> str:
    """The state where the method need not name one."""
    state = values.get("transactionState")
    return PERFORMED if state is None else scalar_text(state)


def _found(values: Mapping[str, object]) -> Answer:
    fields = values.get("fields")
    return Found(scalar_text(fields.get("name")) if isinstance(fields, dict) else "")


def _performed(values: Mapping[str, object]) -> Answer:
    reference = scalar_text(values.get("providerTrnId"))
    if not reference or _state(values) != PERFORMED:
        return Unknown("the result of PerformTransaction is not whole")
    return Accepted(reference)


def _checked(values: Mapping[str, object]) -> Answer:
    match scalar_text(values.get("transactionState")):
        case "1":
            return Accepted(scalar_text(values.get("providerTrnId")))
        case "2":
            return Cancelled("state 2")
        case "3":
            return Absent()
        case _:
            return Unknown("a state that the protocol does not have", alarm=True)


def _cancelled(values: Mapping[str, object]) -> Answer:
    taken_back = scalar_text(values.get("transactionState")) == TAKEN_BACK
    return Cancelled("state 2") if taken_back else Unknown("the result of CancelTransaction does not say state 2")


_RESULTS: Final[Mapping[Verb, Callable[[Mapping[str, object]], Answer]]] = {
    Verb.CHECK: _found,
    Verb.PAY: _performed,
    Verb.STATUS: _checked,
    Verb.CANCEL: _cancelled,
}
