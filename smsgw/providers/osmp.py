"""The OSMP (QIWI) provider protocol: `check`, then `pay`, in a query or a form, answered in XML.

Rule 1: the exact query is made once, stored, and sent as stored ever after; credentials are added when it is sent.
Rule 2: the protocol has no status question. A repeat of `pay` under the same `txn_id` credits nothing and answers as
the first did; that is why this protocol dedupes by reference unless its provider is known not to.
Rule 3: only `result` decides. `comment` and `fields` are for people, `txn_date` is never compared.
"""

from __future__ import annotations

import base64
import re
from collections.abc import Callable, Mapping
from dataclasses import field
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from enum import StrEnum
from typing import Final
from urllib.parse import quote, urlencode
from zoneinfo import ZoneInfo

from pydantic import ConfigDict
from pydantic.dataclasses import dataclass

from smsgw.domain.calls import (
    Accepted,
    Answer,
    Capabilities,
    Found,
    Kind,
    Order,
    Pending,
    Question,
    RefusalReason,
    Refused,
    Unknown,
    Verb,
)
from smsgw.domain.statement import NoStatement, Period
from smsgw.providers.addresses import with_query
from smsgw.providers.http import Completed, HttpClient, Lane, Request
from smsgw.providers.profile import ProfileError, ProviderProfile, read_dialect
from smsgw.providers.reading import fault_of, shown, unreadable, xml_response
from smsgw.providers.sums import decimal_text, whole_text

_EPOCH: Final = datetime(1970, 1, 1, tzinfo=UTC)
_RESULT: Final = re.compile(r"-?[0-9]{1,9}")
_SUM: Final = re.compile(r"[0-9]{1,18}([.,][0-9]{1,18})?")


class Meaning(StrEnum):
    """What a result code means; the words of the `codes` setting."""

    OK = "ok"
    REPEAT = "repeat"
    PENDING = "pending"
    NO_ACCOUNT = "no_account"
    AMOUNT = "amount"
    REFUSED = "refused"
    UNKNOWN = "unknown"
    CONFIGURATION = "configuration"


# The codes of the protocol; 6 and 9 are of ABillS, a billing that many providers of the region run. "Fatal" in the
# protocol's words is a refusal here, "not fatal" is something to be repeated.
CODES: Final[Mapping[int, Meaning]] = {
    0: Meaning.OK,
    1: Meaning.REPEAT,
    4: Meaning.NO_ACCOUNT,
    5: Meaning.NO_ACCOUNT,
    6: Meaning.CONFIGURATION,
    7: Meaning.REFUSED,
    8: Meaning.REFUSED,
    9: Meaning.CONFIGURATION,
    31: Meaning.REFUSED,
    32: Meaning.REFUSED,
    79: Meaning.REFUSED,
    90: Meaning.PENDING,
    241: Meaning.AMOUNT,
    242: Meaning.AMOUNT,
    243: Meaning.REFUSED,
    300: Meaning.REFUSED,
}

_REASONS: Final = {
    Meaning.NO_ACCOUNT: RefusalReason.NO_ACCOUNT,
    Meaning.AMOUNT: RefusalReason.AMOUNT,
    Meaning.REFUSED: RefusalReason.OTHER,
}

# Our names of the parameters, as the standard has them; the `names` setting renames them for a provider.
NAMES: Final = ("command", "txn_id", "sum", "txn_date")


@dataclass(frozen=True, slots=True, kw_only=True, config=ConfigDict(extra="forbid"))
class OsmpDialect:
    """How a provider departs from the standard.

    `names` renames parameters. `account_fields` are the parameters of an account's parts, in their order.
    `extra` is sent with every request (`prv_id`, `ccy`, …). `codes` gives a result code another of the meanings of
    `Meaning`: `{"300": "unknown"}` for a provider that is careless with it, `{"8": "unknown"}` for one that says 8 to
    a repeat. `time_zone` is the zone of `txn_date`. `check_with_txn_id` is false where a check must not carry one.
    """

    method: str = "GET"
    names: Mapping[str, str] = field(default_factory=dict)
    account_fields: tuple[str, ...] = ("account",)
    check_command: str = "check"
    pay_command: str = "pay"
    check_with_txn_id: bool = True
    whole_units: bool = False
    time_zone: str = "Asia/Tashkent"
    extra: Mapping[str, str] = field(default_factory=dict)
    codes: Mapping[str, str] = field(default_factory=dict)

    def __post_init__(self) -> None:
        if self.method not in {"GET", "POST"}:
            raise ProfileError("dialect.method", f"{self.method!r}: GET or POST")
        for name in self.names:
            if name not in NAMES:
                raise ProfileError(f"dialect.names.{name}", f"unknown; there are {', '.join(NAMES)}")
        for code, meaning in self.codes.items():
            if not _RESULT.fullmatch(code) or meaning not in list(Meaning):
                raise ProfileError(f"dialect.codes.{code}", f"an integer, and one of {', '.join(Meaning)}")
        try:
            ZoneInfo(self.time_zone)
        except (OSError, ValueError, LookupError):
            raise ProfileError("dialect.time_zone", f"{self.time_zone!r} is no zone of the IANA database") from None

    def name(self, parameter: str) -> str:
        """What this provider calls a parameter of the standard."""
        return self.names.get(parameter, parameter)


class Osmp:
    """One provider that speaks OSMP."""

    def __init__(self, profile: ProviderProfile, http: HttpClient) -> None:
        self._profile = profile
        self._dialect = read_dialect(OsmpDialect, profile.dialect)
        if len(self._dialect.account_fields) != profile.account_parts:
            raise ProfileError("dialect.account_fields", f"an account has {profile.account_parts} parts; name each")
        self._lane = Lane(http, profile.parallel_max)
        self._capabilities = profile.capabilities(Capabilities(dedupes_by_reference=True))
        overrides = {int(code): Meaning(meaning) for code, meaning in self._dialect.codes.items()}
        self._codes = {**CODES, **overrides}

    @property
    def capabilities(self) -> Capabilities:
        """What the protocol and the contract allow."""
        return self._capabilities

    def parameters(self, kind: Kind, order: Order) -> Mapping[str, str] | None:
        """The query, byte for byte, and the two values that the answer is compared with.

        None where the sum does not fit the unit of the protocol (two digits, or whole units by dialect).
        """
        amount = whole_text(order.amount) if self._dialect.whole_units else decimal_text(order.amount)
        if amount is None:
            return None
        name = self._dialect.name
        pay = kind is Kind.PAY
        pairs = [(name("command"), self._dialect.pay_command if pay else self._dialect.check_command)]
        if pay or self._dialect.check_with_txn_id:
            pairs.append((name("txn_id"), str(order.reference)))
        if pay:
            pairs.append((name("txn_date"), self._date(order.created_at_us)))
        pairs += zip(self._dialect.account_fields, order.account, strict=True)
        pairs += [(name("sum"), amount), *self._dialect.extra.items()]
        reference = str(order.reference) if pay or self._dialect.check_with_txn_id else ""
        return {"query": urlencode(pairs, quote_via=quote, safe=""), "txn_id": reference, "sum": amount}

    async def call(self, question: Question, may_send: Callable[[], bool]) -> Answer:
        """Send the stored query; the answer by the tables of the protocol."""
        verb, parameters = question.verb, question.parameters
        assert verb is not Verb.STATUS, "OSMP has no status question, and its capabilities say so"
        deadline_s = self._capabilities.pay_deadline_s if verb is Verb.PAY else self._capabilities.check_deadline_s
        exchange = await self._lane.exchange(self._request(parameters["query"]), deadline_s, may_send)
        return self.read(verb, parameters, exchange) if isinstance(exchange, Completed) else exchange

    async def statement(self, period: Period) -> NoStatement:
        """The protocol has none, and its capabilities say so."""
        return NoStatement(f"the protocol has no statements ({period})")

    def read(self, verb: Verb, parameters: Mapping[str, str], completed: Completed) -> Answer:
        """What a completed exchange means. Never raises, whatever the body."""
        fault = fault_of(completed)
        if fault is not None:
            return fault
        texts = xml_response(completed.body, completed.content_type)
        if texts is None or not _RESULT.fullmatch(texts.get("result", "")):
            return unreadable(completed.status, "no OSMP response")
        echo = texts.get("osmp_txn_id") or texts.get("txn_id") or ""
        if parameters["txn_id"] and echo not in {"", parameters["txn_id"]}:
            return Unknown("the answer is about another txn_id", alarm=True)
        return self._meaning(verb, texts, parameters["sum"])

    def _meaning(self, verb: Verb, texts: Mapping[str, str], amount: str) -> Answer:
        code = int(texts["result"])
        # A code that nobody agreed on refuses a check, which costs nothing, and leaves a pay in doubt.
        unlisted = Meaning.REFUSED if verb is Verb.CHECK else Meaning.CONFIGURATION
        meaning = self._codes.get(code, unlisted)
        match meaning:
            case Meaning.OK if verb is Verb.CHECK:
                return Found(shown(texts.get("fields/FIO", "")))
            case Meaning.OK:
                return Accepted(shown(texts.get("prv_txn", "")), _sum_alarm(texts.get("sum", ""), amount))
            case Meaning.PENDING:
                return Pending(f"result {code}")
            case Meaning.NO_ACCOUNT | Meaning.AMOUNT | Meaning.REFUSED:
                return Refused(_REASONS[meaning], str(code))
            case _:
                return Unknown(f"result {code}", alarm=meaning is Meaning.CONFIGURATION)

    def _request(self, query: str) -> Request:
        headers = dict(_basic(self._profile.login, self._profile.secret))
        if self._dialect.method == "GET":
            return Request("GET", with_query(self._profile.address, query), headers)
        headers["Content-Type"] = "application/x-www-form-urlencoded; charset=utf-8"
        return Request("POST", self._profile.address, headers, query.encode("ascii"))

    def _date(self, at_us: int) -> str:
        at = _EPOCH + timedelta(microseconds=at_us)
        return at.astimezone(ZoneInfo(self._dialect.time_zone)).strftime("%Y%m%d%H%M%S")


def _basic(login: str, secret: str) -> Mapping[str, str]:
    """The header of HTTP Basic authentication (RFC 7617), in UTF-8; nothing where there is no login."""
    if not login:
        return {}
    return {"Authorization": "Basic " + base64.b64encode(f"{login}:{secret}".encode()).decode("ascii")}


def _sum_alarm(answered: str, sent: str) -> str:
    """What to tell a person if the answer names another sum; blank sums are common and mean nothing."""
    if not answered:
        return ""
    if not _SUM.fullmatch(answered):
        return "the provider answered with a sum that is no number"
    same = Decimal(answered.replace(",", ".")) == Decimal(sent)
    return "" if same else f"the provider answered with the sum {answered}"
