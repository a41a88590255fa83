"""The Merchant API of Payme (Paycom), with us in the place of Payme: JSON-RPC 2.0, two phases, an id for everything.

Rule 1: `id`, `time`, amount and account of a payment are made once, stored, and sent as stored ever after.
Rule 2: only PerformTransaction credits. It did if `state` is 2 and there is a time of performing; nothing else says so.
Rule 3: PerformTransaction, CheckTransaction and CancelTransaction carry an id and nothing else. What a provider says
there about a sum or an account can only mean that it does not know the id.
Rule 4: CreateTransaction is not believed when it refuses what may stand there already, or when it says that the
payment is performed: CheckTransaction has the word, in the same call and within its deadline.
"""

from __future__ import annotations

import asyncio
import json
from collections.abc import Callable, Mapping
from typing import Final

from smsgw.domain.calls import (
    Absent,
    Accepted,
    Answer,
    Capabilities,
    Found,
    Kind,
    NotSent,
    Order,
    Question,
    RefusalReason,
    Refused,
    Unknown,
    Verb,
)
from smsgw.domain.statement import NoStatement, Period, Statement
from smsgw.providers.credentials import basic
from smsgw.providers.http import Completed, HttpClient, Lane, Request
from smsgw.providers.jsonrpc import JSON_HEADERS, RpcError, RpcResult, request_id_of, rpc_answer, rpc_body
from smsgw.providers.meanings import Meaning, answer_of
from smsgw.providers.payme_dialect import IMPOSSIBLE, PaymeDialect
from smsgw.providers.payme_transaction import METHODS, answer_about, id_of, read_line, reference_of
from smsgw.providers.profile import ProfileError, ProviderProfile, read_dialect
from smsgw.providers.reading import fault_of, shown
from smsgw.providers.statements import STATEMENT_DEADLINE_S, json_statement
from smsgw.settlement.exchange import deadline_s

LOGIN: Final = "Paycom"
# A provider drops by itself what was created 12 hours ago and not performed.
EXPIRY_S: Final = 12 * 3600
# One hour before that we begin to withdraw, while the provider still answers about it.
LIFETIME_S: Final = EXPIRY_S - 3600
# Statements are about no payment; GetStatement has an id for form's sake.
STATEMENT_REQUEST_ID: Final = 1

# Why a transaction is cancelled, in the numbers of the protocol: time-out, refund.
REASONS: Final[Mapping[Verb, int]] = {Verb.WITHDRAW: 4, Verb.CANCEL: 5}

# Where billings were seen to put a subscriber's name: `additional` is theirs to fill.
_NAMES: Final = ("name", "full_name", "fullname", "fio", "FIO")
LOST: Final = "the provider does not know what it has reserved"


class Payme:
    """One provider that speaks the Merchant API."""

    def __init__(self, profile: ProviderProfile, http: HttpClient) -> None:
        self._dialect = read_dialect(PaymeDialect, profile.dialect)
        profile.check_account_fields(self._dialect.account_fields)
        if not profile.secret:
            raise ProfileError("secret_env", "the protocol needs the key that the provider gives out")
        if profile.lifetime_s is not None and profile.lifetime_s >= EXPIRY_S:
            raise ProfileError("lifetime_s", f"below {EXPIRY_S}: the provider drops what is older by itself")
        self._url = profile.address
        self._headers = {**JSON_HEADERS, **basic(profile.login or LOGIN, profile.secret)}
        self._codes = {verb: self._dialect.codes_of(verb) for verb in Verb}
        self._lane = Lane(http, profile.parallel_max)
        self._capabilities = profile.capabilities(
            Capabilities(
                prepares=True,
                status=True,
                withdraws=True,
                cancels=True,
                statement=True,
                dedupes_by_reference=True,
                lifetime_s=LIFETIME_S,
            )
        )

    @property
    def capabilities(self) -> Capabilities:
        """What the protocol and the contract allow."""
        return self._capabilities

    def parameters(self, kind: Kind, order: Order) -> Mapping[str, str] | None:
        """The id, and the finished `params` of the method that names account and sum.

        None where the sum is no whole number of tiyin, hundredths of the currency.
        """
        amount, finer = divmod(order.amount.minor * 100, order.amount.currency.scale)
        if finer:
            return None
        known = {"id": id_of(order.reference)}
        if kind is Kind.CANCEL:
            return known | {"transaction": order.provider_reference}
        sent: dict[str, object] = {**known, "time": order.created_at_us // 1000} if kind is Kind.PAY else {}
        sent |= {"amount": amount, "account": dict(zip(self._dialect.account_fields, order.account, strict=True))}
        return known | {"params": json.dumps(sent, ensure_ascii=False)}

    async def call(self, question: Question, may_send: Callable[[], bool]) -> Answer:
        """Make the exchange; where CreateTransaction must not be believed alone, ask CheckTransaction too."""
        until_s = asyncio.get_running_loop().time() + deadline_s(question.verb, self._capabilities)
        answer = await self._exchange(question, until_s, may_send)
        if question.verb is not Verb.PREPARE or not _to_be_confirmed(question, answer):
            return answer
        status = Question(verb=Verb.STATUS, parameters=question.parameters)
        return confirmed(answer, await self._exchange(status, until_s, may_send))

    async def statement(self, period: Period) -> Statement | NoStatement:
        """GetStatement, by the `time` of our payments; both ends are in it."""
        params = {"from": period.since_us // 1000, "to": (period.until_us - 1) // 1000}
        request = self._request("GetStatement", params, STATEMENT_REQUEST_ID)
        return await json_statement(self._lane, request, STATEMENT_DEADLINE_S, "result.transactions.item", read_line)

    def read(self, question: Question, completed: Completed) -> Answer:
        """What a completed exchange means. Never raises, whatever the body.

        The protocol answers with status 200 always; another one is an error of the system, whatever the body says.
        """
        if completed.status != 200:
            return fault_of(completed) or Unknown(f"HTTP {completed.status}", alarm=True)
        match rpc_answer(completed, _request_id(question)):
            case RpcError(code=code):
                return self._error(question, code)
            case RpcResult(values=values) if question.verb is Verb.CHECK:
                return _found(values)
            case RpcResult(values=values):
                return answer_about(question, values)
            case Unknown() as unknown:
                return unknown

    def request(self, question: Question) -> Request:
        """The exchange as it goes out: the same question is the same bytes."""
        if question.verb in {Verb.CHECK, Verb.PREPARE}:
            params = json.loads(question.parameters["params"])
        else:
            params = {"id": question.parameters["id"]}
        if question.verb in REASONS:
            params["reason"] = REASONS[question.verb]
        return self._request(METHODS[question.verb], params, _request_id(question))

    def _request(self, method: str, params: Mapping[str, object], request_id: int) -> Request:
        return Request("POST", self._url, self._headers, rpc_body(method, params, request_id))

    async def _exchange(self, question: Question, until_s: float, may_send: Callable[[], bool]) -> Answer:
        left_s = until_s - asyncio.get_running_loop().time()
        exchange = await self._lane.exchange(self.request(question), left_s, may_send)
        return self.read(question, exchange) if isinstance(exchange, Completed) else exchange

    def _error(self, question: Question, code: int) -> Answer:
        # A code that nobody agreed on refuses a check, which costs nothing, and leaves everything else in doubt.
        unlisted = Meaning.REFUSED if question.verb is Verb.CHECK else Meaning.CONFIGURATION
        meaning = self._codes[question.verb].get(code, unlisted)
        if meaning is Meaning.ABSENT and question.memory:
            return Absent(LOST)
        return answer_of(meaning, str(code))


def confirmed(created: Answer, status: Answer) -> Answer:
    """What is true after CreateTransaction answered *created* and CheckTransaction then answered *status*.

    Nothing is reserved where the one refuses and the other does not know the id. The first request was sent, so that
    the whole is never `NotSent`.
    """
    match status:
        case Absent() if isinstance(created, Refused):
            return created
        case Absent():
            return Unknown("CreateTransaction says performed, and CheckTransaction does not know it", alarm=True)
        case NotSent():
            return Unknown(status.why, status.alarm)
        case _:
            return status


def _to_be_confirmed(question: Question, answer: Answer) -> bool:
    """True if CheckTransaction has to be asked about an answer to CreateTransaction."""
    if isinstance(answer, Refused):
        return question.repeat or answer.code == str(IMPOSSIBLE)
    return isinstance(answer, Accepted)


def _request_id(question: Question) -> int:
    return request_id_of(reference_of(question.parameters["id"]))


def _found(values: Mapping[str, object]) -> Answer:
    allow, more = values.get("allow"), values.get("additional")
    if allow is False:
        return Refused(RefusalReason.OTHER, "allow: false")
    if allow is not True:
        return Unknown("neither allowed nor refused", alarm=True)
    names = [more.get(key) for key in _NAMES] if isinstance(more, dict) else []
    return Found(next((shown(name) for name in names if isinstance(name, str)), ""))
