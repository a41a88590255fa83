"""The protocol of Sarkor Telecom: JSON in a POST, operation 30 asks for an account, operation 10 pays.

Rule 1: the credentials travel inside the body. They are put in when it is sent and never stand in the parameters.
Rule 2: there is no status question, no way back and no statement, and nothing is known of a second operation 10 under
the same `trans_id`. So a pay in doubt is parked, until the provider confirms in writing that it dedupes
(`dedupes_by_reference` in the profile).
Rule 3: error texts are not specified. A pay is refused only by a status or a text that the settings list.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from dataclasses import field
from typing import Final

from pydantic import ConfigDict
from pydantic.dataclasses import dataclass
from yarl import URL

from smsgw.domain.calls import (
    Accepted,
    Answer,
    Capabilities,
    Found,
    Kind,
    Order,
    Question,
    RefusalReason,
    Refused,
    Unknown,
    Verb,
)
from smsgw.domain.statement import NoStatement, Period
from smsgw.providers.http import Completed, HttpClient, Lane, Request
from smsgw.providers.profile import ProfileError, ProviderProfile, read_dialect
from smsgw.providers.reading import fault_of, json_object, unreadable
from smsgw.providers.sums import whole_text
from smsgw.providers.wire import RESULT_CODE, scalar_text, untrimmed_text
from smsgw.settlement.exchange import deadline_s

CHECK_OPERATION: Final = "30"
PAY_OPERATION: Final = "10"
DONE: Final = "1"
# Numbers on the wire; everything else is text.
_NUMBERS: Final = frozenset({"operation", "amount", "trans_id"})


@dataclass(frozen=True, slots=True, kw_only=True, config=ConfigDict(extra="forbid"))
class SarkorDialect:
    """`refusals`: a status or an exact error text, and the `RefusalReason` that it surely means."""

    refusals: Mapping[str, str] = field(default_factory=dict)

    def __post_init__(self) -> None:
        for text, reason in self.refusals.items():
            if reason not in list(RefusalReason):
                raise ProfileError(f"dialect.refusals.{text}", f"{reason!r}: one of {', '.join(RefusalReason)}")
            if text.strip() == DONE:
                raise ProfileError(f"dialect.refusals.{text}", "this status is success")


class Sarkor:
    """One provider that speaks this protocol."""

    def __init__(self, profile: ProviderProfile, http: HttpClient) -> None:
        if profile.account_parts != 1:
            raise ProfileError("account_parts", "the protocol has one field for the account")
        if profile.address.raw_query_string:
            raise ProfileError("url", "without a query; the protocol adds its own")
        if not profile.login or not profile.secret:
            raise ProfileError("login", "the protocol needs a login and a secret")
        dialect = read_dialect(SarkorDialect, profile.dialect)
        self._refusals = {text.strip(): RefusalReason(reason) for text, reason in dialect.refusals.items()}
        self._login, self._secret = profile.login, profile.secret
        self._url = URL(f"{str(profile.address).rstrip('/')}/payment/?type=json", encoded=True)
        self._lane = Lane(http, profile.parallel_max)
        self._capabilities = profile.capabilities(Capabilities())

    @property
    def capabilities(self) -> Capabilities:
        """What the protocol and the contract allow."""
        return self._capabilities

    def parameters(self, kind: Kind, order: Order) -> Mapping[str, str] | None:
        """The body's fields without the credentials; None for a sum that is not whole."""
        assert kind is not Kind.CANCEL, "the protocol takes nothing back, and its capabilities say so"
        amount = whole_text(order.amount)
        if amount is None:
            return None
        (account,) = order.account
        if kind is Kind.CHECK:
            return {"operation": CHECK_OPERATION, "client_id": account}
        return {
            "operation": PAY_OPERATION,
            "client_id": account,
            "amount": amount,
            "trans_id": str(order.reference),
        }

    async def call(self, question: Question, may_send: Callable[[], bool]) -> Answer:
        """Send the stored fields with the credentials."""
        verb = question.verb
        assert verb in {Verb.CHECK, Verb.PAY}, "the protocol has no other verb, and its capabilities say so"
        request = self._request(question.parameters)
        exchange = await self._lane.exchange(request, deadline_s(verb, self._capabilities), may_send)
        return self.read(verb, exchange) if isinstance(exchange, Completed) else exchange

    async def statement(self, period: Period) -> NoStatement:
        """The protocol has none, and its capabilities say so."""
        return NoStatement(f"the protocol has no statements ({period})")

    def read(self, verb: Verb, completed: Completed) -> Answer:
        """What a completed exchange means. Never raises, whatever the body."""
        fault = fault_of(completed)
        if fault is not None:
            return fault
        answer = json_object(completed.body)
        status = scalar_text((answer or {}).get("status"))
        if answer is None or not RESULT_CODE.fullmatch(status) or _is_of_http(status, completed):
            return unreadable(completed.status, "no answer of the protocol")
        message = answer.get("message")
        if status == DONE:
            return Found() if verb is Verb.CHECK else Accepted(scalar_text(message))
        return self._refusal(verb, status, untrimmed_text(message).strip())

    def _refusal(self, verb: Verb, status: str, text: str) -> Answer:
        """*text* is the whole text of the error: what is cut to be shown would match nothing, or too much."""
        reason = self._refusals.get(text) or self._refusals.get(status)
        if reason is None and verb is Verb.PAY:
            return Unknown(f"status {status}", alarm=True)
        return Refused(reason or RefusalReason.OTHER, status)

    def _request(self, parameters: Mapping[str, str]) -> Request:
        fields = {key: int(value) if key in _NUMBERS else value for key, value in parameters.items()}
        body = json.dumps(
            {"paysys_login": self._login, "paysys_pass": self._secret.reveal(), **fields}, ensure_ascii=False
        )
        return Request("POST", self._url, {"Content-Type": "text/plain; charset=utf-8"}, body.encode("utf-8"))


def _is_of_http(status: str, completed: Completed) -> bool:
    """True for a web server's own 4xx: its body repeats the status (RFC 9457, 3.1.2), as the protocol never does."""
    return completed.status >= 400 and status == str(completed.status)
