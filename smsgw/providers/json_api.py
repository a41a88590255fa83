"""A payment protocol of our own, for billings that have none: JSON over HTTP, written down in docs/protocols/json.md.

Rule 1: one payment is one address. POST there pays, GET tells what became of it, POST to its `cancel` takes it back.
POST and never PUT, which libraries and proxies may send a second time by themselves (RFC 9110, 9.2.2).
Rule 2: sums are decimal text with all digits of their currency (`50000.00`): no parser makes a binary fraction of a
text, and nobody has to agree on what the minor unit of a soum is. References are text too, for they have 63 bits.
Rule 3: a document is believed only if reference, sum and currency are ours. A refusal is a problem document (RFC 9457)
with a `reason` of the protocol; without one, a 4xx comes from something that does not speak the protocol.
Rule 4: the body is made once, stored, and sent as stored ever after; credentials are added when it is sent.
"""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Mapping
from dataclasses import field
from datetime import UTC
from enum import StrEnum
from typing import Final
from urllib.parse import quote, urlencode

from pydantic import ConfigDict
from pydantic.dataclasses import dataclass
from yarl import URL

from smsgw.domain.calls import (
    Accepted,
    Answer,
    Cancelled,
    Capabilities,
    Found,
    Kind,
    Order,
    Pending,
    Question,
    Refused,
    Unknown,
    Verb,
)
from smsgw.domain.money import CURRENCIES, money
from smsgw.domain.secret import Secret
from smsgw.domain.statement import NoStatement, Period, Statement, StatementLine
from smsgw.providers.addresses import with_query
from smsgw.providers.credentials import basic
from smsgw.providers.http import Completed, HttpClient, Lane, Request
from smsgw.providers.meanings import Meaning, answer_of
from smsgw.providers.profile import ProfileError, ProviderProfile, read_dialect
from smsgw.providers.reading import fault_of, json_object, shown, unreadable
from smsgw.providers.statements import STATEMENT_DEADLINE_S, json_statement
from smsgw.providers.wire import local_time, our_reference
from smsgw.settlement.exchange import deadline_s

_REASON: Final = re.compile(r"[a-z][a-z0-9_]{0,63}")
# RFC 6750, 2.1: what may follow "Bearer". Anything else could end the header and begin another one.
_BEARER: Final = re.compile(r"[A-Za-z0-9._~+/-]+=*")
# A key of somebody else's is only shown; a longer one is no key.
_KEY_LENGTH_MAX: Final = 64
# What a document must repeat, character for character.
_ECHOED: Final = ("reference", "amount", "currency")
_ANOTHER: Final = Unknown("the answer is about another payment", alarm=True)


class State(StrEnum):
    """Where a payment stands at the provider."""

    ACCEPTED = "accepted"
    PENDING = "pending"
    REFUSED = "refused"
    CANCELLED = "cancelled"


REASONS: Final[Mapping[str, Meaning]] = {
    "account_not_found": Meaning.NO_ACCOUNT,
    "amount_too_small": Meaning.AMOUNT,
    "amount_too_large": Meaning.AMOUNT,
    "amount_not_accepted": Meaning.AMOUNT,
    "refused": Meaning.REFUSED,
    "conflict": Meaning.CONFIGURATION,
    "try_later": Meaning.REPEAT,
}
"""Reasons of problems that answer a check or a pay. `not_found` is none of them: only a question can find nothing."""

_OF_STATUS: Final = {"not_found": Meaning.ABSENT, "try_later": Meaning.REPEAT}
_OF_CANCEL: Final = {**_OF_STATUS, "cannot_cancel": Meaning.REFUSED, "conflict": Meaning.CONFIGURATION}


@dataclass(frozen=True, slots=True, kw_only=True, config=ConfigDict(extra="forbid"))
class JsonDialect:
    """What a provider offers, and its own words.

    `account_fields` are the names of an account's parts, in their order. `status`, `statement` and `cancels` are false
    where the provider left these out. `reasons` gives a reason for refusing one of the meanings of `Meaning`:
    `{"contract_closed": "no_account"}`.
    """

    account_fields: tuple[str, ...] = ("account",)
    status: bool = True
    statement: bool = True
    cancels: bool = True
    reasons: Mapping[str, str] = field(default_factory=dict)

    def __post_init__(self) -> None:
        if len(set(self.account_fields)) != len(self.account_fields):
            raise ProfileError("dialect.account_fields", "each part needs a name of its own")
        words = set(Meaning) - {Meaning.OK}  # what is good stands in a payment's state
        for reason, meaning in self.reasons.items():
            if not _REASON.fullmatch(reason) or meaning not in words:
                raise ProfileError(f"dialect.reasons.{reason}", f"a reason, and one of {', '.join(sorted(words))}")


class JsonApi:
    """One provider that speaks this protocol."""

    def __init__(self, profile: ProviderProfile, http: HttpClient) -> None:
        if profile.address.raw_query_string:
            raise ProfileError("url", "without a query; the protocol adds its own")
        if not profile.login and profile.secret and not _BEARER.fullmatch(profile.secret.reveal()):
            raise ProfileError("secret_env", "a bearer token has letters, digits and -._~+/ only")
        dialect = read_dialect(JsonDialect, profile.dialect)
        profile.check_account_fields(dialect.account_fields)
        self._account_fields = dialect.account_fields
        self._base = str(profile.address).rstrip("/")
        self._authorization = authorization(profile.login, profile.secret)
        self._lane = Lane(http, profile.parallel_max)
        self._refusals = {**REASONS, **{key: Meaning(word) for key, word in dialect.reasons.items()}}
        self._capabilities = profile.capabilities(
            Capabilities(
                status=dialect.status,
                statement=dialect.statement,
                cancels=dialect.cancels,
                dedupes_by_reference=True,
                duplicate_checked_first=True,
            )
        )

    @property
    def capabilities(self) -> Capabilities:
        """What the protocol and the contract allow."""
        return self._capabilities

    def parameters(self, kind: Kind, order: Order) -> Mapping[str, str]:
        """The body, byte for byte, and what the answer is compared with. Every sum of ours can be carried."""
        echoed = {
            "reference": str(order.reference),
            "amount": order.amount.fixed(),
            "currency": order.amount.currency.code,
        }
        if kind is Kind.CANCEL:
            return {**echoed, "body": _json({"reason": "requested"})}
        account = dict(zip(self._account_fields, order.account, strict=True))
        asked = {"account": account, "amount": echoed["amount"], "currency": echoed["currency"]}
        if kind is Kind.CHECK:
            return {"body": _json(asked)}
        return {**echoed, "body": _json({**asked, "created_at": _rfc3339(order.created_at_us)})}

    async def call(self, question: Question, may_send: Callable[[], bool]) -> Answer:
        """Send the stored body; the answer by its document or its problem."""
        request = self._request(question.verb, question.parameters)
        exchange = await self._lane.exchange(request, deadline_s(question.verb, self._capabilities), may_send)
        if not isinstance(exchange, Completed):
            return exchange
        return self.read(question.verb, question.parameters, exchange)

    async def statement(self, period: Period) -> Statement | NoStatement:
        """What was accepted in the period and is not cancelled."""
        query = urlencode({"from": _rfc3339(period.since_us), "to": _rfc3339(period.until_us)}, quote_via=quote)
        request = Request("GET", with_query(self._url("/statement"), query), self._authorization)
        return await json_statement(self._lane, request, STATEMENT_DEADLINE_S, "payments.item", read_line)

    def read(self, verb: Verb, parameters: Mapping[str, str], completed: Completed) -> Answer:
        """What a completed exchange means. Never raises, whatever the body."""
        fault = fault_of(completed)
        if fault is not None:
            return fault
        document = json_object(completed.body) or {}
        if completed.status >= 400:
            return self._problem(verb, document, completed.status)
        if verb is Verb.CHECK:
            found = document.get("found") is True
            return Found(_text(document.get("name"))) if found else Unknown("no answer of the protocol")
        return self._payment(verb, parameters, document)

    def _problem(self, verb: Verb, document: Mapping[str, object], status: int) -> Answer:
        reason = document.get("reason")
        if not isinstance(reason, str) or not _REASON.fullmatch(reason):
            return unreadable(status, "no problem document of the protocol")
        reasons = {Verb.STATUS: _OF_STATUS, Verb.CANCEL: _OF_CANCEL}.get(verb, self._refusals)
        # A reason that nobody agreed on refuses a check, which costs nothing, and leaves all else in doubt.
        unlisted = Meaning.REFUSED if verb is Verb.CHECK else Meaning.CONFIGURATION
        return answer_of(reasons.get(reason, unlisted), reason)

    def _payment(self, verb: Verb, sent: Mapping[str, str], document: Mapping[str, object]) -> Answer:
        state = document.get("state")
        if state not in list(State):
            return Unknown("no payment document")
        if any(document.get(key) != sent[key] for key in _ECHOED):
            return _ANOTHER
        reason = _text(document.get("reason"))
        if state == State.PENDING:
            return Pending(reason)
        if state == State.CANCELLED:
            return Cancelled(reason)
        if verb is Verb.CANCEL:
            return Unknown(f"{state} in answer to a cancel", alarm=True)
        return _accepted(document) if state == State.ACCEPTED else self._refused(reason)

    def _refused(self, reason: str) -> Answer:
        answer = answer_of(self._refusals.get(reason, Meaning.REFUSED), reason)
        return answer if isinstance(answer, Refused) else Unknown(f"refused, but {reason}", alarm=True)

    def _request(self, verb: Verb, parameters: Mapping[str, str]) -> Request:
        if verb is Verb.STATUS:
            return Request("GET", self._url(f"/payments/{parameters['reference']}"), self._authorization)
        path, key = _address(verb, parameters)
        headers = {**self._authorization, **key, "Content-Type": "application/json"}
        return Request("POST", self._url(path), headers, parameters["body"].encode("utf-8"))

    def _url(self, path: str) -> URL:
        return URL(self._base + path, encoded=True)


def authorization(login: str, secret: Secret[str]) -> Mapping[str, str]:
    """The header that says who asks: Basic with a login, Bearer (RFC 6750) with a secret alone, else none."""
    if login or not secret:
        return basic(login, secret)
    return {"Authorization": f"Bearer {secret.reveal()}"}


def read_line(line: Mapping[str, object]) -> StatementLine:
    """One payment of a statement.

    Raises:
        ValueError: it is not written as the protocol says.
    """
    texts = {key: value for key, value in line.items() if isinstance(value, str)}
    key, currency = texts.get("reference", ""), CURRENCIES.get(texts.get("currency", ""))
    if not 1 <= len(key) <= _KEY_LENGTH_MAX or currency is None:
        raise ValueError("a line of the statement has no reference or no currency")
    amount = money(texts.get("amount", ""), currency)
    return StatementLine(our_reference(key), shown(key), amount.minor, shown(texts.get("provider_reference", "")))


def _address(verb: Verb, parameters: Mapping[str, str]) -> tuple[str, Mapping[str, str]]:
    """The path of a POST, and the key by which the provider knows a repeat; a check needs none."""
    if verb is Verb.CHECK:
        return "/check", {}
    reference = parameters["reference"]
    if verb is Verb.CANCEL:
        return f"/payments/{reference}/cancel", {"Idempotency-Key": f"{reference}-cancel"}
    assert verb is Verb.PAY, "the protocol has one phase, and its capabilities say so"
    return f"/payments/{reference}", {"Idempotency-Key": reference}


def _accepted(document: Mapping[str, object]) -> Accepted:
    receipt = _text(document.get("provider_reference"))
    return Accepted(receipt, "" if receipt else "the provider named no reference of its own")


def _json(value: Mapping[str, object]) -> str:
    return json.dumps(value, ensure_ascii=False, separators=(",", ":"))


def _rfc3339(at_us: int) -> str:
    """RFC 3339 in UTC, with all six digits: one form for every time."""
    return local_time(at_us, UTC, "%Y-%m-%dT%H:%M:%S.%fZ")


def _text(value: object) -> str:
    return shown(value) if isinstance(value, str) else ""
