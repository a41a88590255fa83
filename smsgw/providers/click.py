"""Click's SHOP API: Prepare reserves a payment, Complete credits it; forms in, JSON out, a signature on each request.

Rule 1: every field of a request is stored, `sign_time` and the text of the sum among them, for both are signed. The
signature holds the secret, so it is made when a request is sent and never stored.
Rule 2: the protocol has no pure check. The account is looked at when the payment is reserved, so a check here asks
nobody, and a wrong account is refused by Prepare, with nothing charged.
Rule 3: the protocol has no status question. A repeat of Complete answers 0 or -4 ("paid already") and credits nothing.
Rule 4: Complete with an error below 0 drops what was reserved. An answer of 0 to it is no drop: a shop that does not
look at the error of the request may have credited.
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Mapping
from dataclasses import field
from typing import Final
from urllib.parse import urlencode
from zoneinfo import ZoneInfo

from pydantic import ConfigDict
from pydantic.dataclasses import dataclass

from smsgw.domain.calls import (
    Accepted,
    Answer,
    Capabilities,
    Found,
    Kind,
    NotSent,
    Order,
    Prepared,
    Question,
    RefusalReason,
    Refused,
    Unknown,
    Verb,
)
from smsgw.domain.secret import Secret
from smsgw.domain.statement import NoStatement, Period
from smsgw.providers.addresses import billing_url
from smsgw.providers.http import Completed, HttpClient, Lane, Request
from smsgw.providers.meanings import Meaning, answer_of, with_overrides
from smsgw.providers.profile import ProfileError, ProviderProfile, read_dialect
from smsgw.providers.reading import fault_of, json_object, unreadable
from smsgw.providers.sums import decimal_text, whole_text
from smsgw.providers.wire import RESULT_CODE, local_time, scalar_text
from smsgw.settlement.exchange import deadline_s

FORM_HEADERS: Final = {"Content-Type": "application/x-www-form-urlencoded; charset=UTF-8"}
PREPARE_ACTION: Final = "0"
COMPLETE_ACTION: Final = "1"
# The error that Click itself sends with a Complete when the payer's side has failed.
DROP_ERROR: Final = "-5017"

BAD_SIGNATURE: Final = -1
PAID_ALREADY: Final = -4
NO_TRANSACTION: Final = -6

CODES: Final[Mapping[int, Meaning]] = {
    BAD_SIGNATURE: Meaning.CONFIGURATION,
    -2: Meaning.AMOUNT,
    -3: Meaning.CONFIGURATION,
    PAID_ALREADY: Meaning.CONFIGURATION,
    -5: Meaning.NO_ACCOUNT,
    NO_TRANSACTION: Meaning.REFUSED,
    -7: Meaning.UNKNOWN,
    -8: Meaning.CONFIGURATION,
    -9: Meaning.CANCELLED,
}
"""The protocol's codes, as far as they do not depend on what was sent before."""

_ECHOED: Final = ("click_trans_id", "merchant_trans_id")
_PREPARE_ID: Final = "merchant_prepare_id"


@dataclass(frozen=True, slots=True, kw_only=True, config=ConfigDict(extra="forbid"))
class ClickDialect:
    """What differs between providers.

    `service_id` is the number of the service. `whole_units`: sums are written `5000` and not `5000.00`.
    `complete_url` is the address of Complete where it has one of its own. `codes` gives a code another of the
    meanings of `Meaning`; that of -4 is changed for Prepare alone (`refused`, where an account is a bill that can be
    paid once).
    """

    service_id: int
    whole_units: bool = False
    complete_url: str = ""
    codes: Mapping[str, str] = field(default_factory=dict)

    def __post_init__(self) -> None:
        if self.service_id <= 0:
            raise ProfileError("dialect.service_id", "a number above 0, as the provider gave it")
        try:
            billing_url(self.complete_url or "https://localhost")
        except ValueError as error:
            raise ProfileError("dialect.complete_url", str(error)) from None
        for code, meaning in self.codes.items():
            if meaning in {Meaning.OK, Meaning.ABSENT}:
                raise ProfileError(f"dialect.codes.{code}", f"{meaning!s} is nothing that an error of Click can mean")


class Click:
    """One provider that speaks this protocol."""

    def __init__(self, profile: ProviderProfile, http: HttpClient) -> None:
        if profile.account_parts != 1:
            raise ProfileError("account_parts", "the protocol has one field for the account")
        if not profile.secret:
            raise ProfileError("secret_env", "the protocol signs every request with a secret")
        self._dialect = read_dialect(ClickDialect, profile.dialect)
        self._profile = profile
        self._zone = ZoneInfo(profile.time_zone)
        self._complete_url = billing_url(self._dialect.complete_url or profile.url)
        # Only hosts that were admitted are called, and the address of Complete may have another one than Prepare.
        admitted = http.admit(self._complete_url.host or "", profile.networks, profile.tls)
        self._lane = Lane(admitted, profile.parallel_max)
        self._codes = with_overrides(CODES, self._dialect.codes)
        self._capabilities = profile.capabilities(
            Capabilities(prepares=True, withdraws=True, dedupes_by_reference=True)
        )

    @property
    def capabilities(self) -> Capabilities:
        """What the protocol and the contract allow."""
        return self._capabilities

    def parameters(self, kind: Kind, order: Order) -> Mapping[str, str] | None:
        """What every request has in common; nothing for a check. None for a sum that cannot be written."""
        assert kind is not Kind.CANCEL, "the protocol takes nothing back, and its capabilities say so"
        amount = whole_text(order.amount) if self._dialect.whole_units else decimal_text(order.amount)
        if amount is None or kind is Kind.CHECK:
            return None if amount is None else {}
        (account,) = order.account
        return {
            "click_trans_id": str(order.reference),
            "service_id": str(self._dialect.service_id),
            "click_paydoc_id": str(order.reference),
            "merchant_trans_id": account,
            "amount": amount,
            "sign_time": local_time(order.created_at_us, self._zone),
        }

    async def call(self, question: Question, may_send: Callable[[], bool]) -> Answer:
        """Send the stored fields with those of the action, signed; a check is answered here."""
        if question.verb is Verb.CHECK:
            return Found()
        limit_s = deadline_s(question.verb, self._capabilities)
        exchange = await self._lane.exchange(self._request(question), limit_s, may_send)
        return self.read(question, exchange) if isinstance(exchange, Completed) else exchange

    async def statement(self, period: Period) -> NoStatement:
        """The protocol has none, and its capabilities say so."""
        return NoStatement(f"the protocol has no statements ({period})")

    def read(self, question: Question, completed: Completed) -> Answer:
        """What a completed exchange means. Never raises, whatever the body."""
        fault = fault_of(completed)
        if fault is not None:
            return fault
        fields = json_object(completed.body) or {}
        code = _code(fields.get("error"))
        if code is None:
            return unreadable(completed.status, "no answer of the protocol")
        if any(scalar_text(fields.get(name)) not in {"", question.parameters[name]} for name in _ECHOED):
            return Unknown("the answer is about another payment", alarm=True)
        return _good(question.verb, fields) if code == 0 else self._bad(question, code, fields)

    def _bad(self, question: Question, code: int, fields: Mapping[str, object]) -> Answer:
        verb = question.verb
        completed_before = verb is Verb.WITHDRAW or (verb is Verb.PAY and question.repeat)
        if code == PAID_ALREADY and completed_before:
            late = "a payment that was to be dropped was paid already" if verb is Verb.WITHDRAW else ""
            return Accepted(scalar_text(fields.get("merchant_confirm_id")), late)
        if code == NO_TRANSACTION and completed_before:
            return Unknown(f"result {code}")
        # A code that nobody agreed on refuses a reservation, which costs nothing, and leaves a payment in doubt.
        unlisted = Meaning.REFUSED if verb is Verb.PREPARE else Meaning.CONFIGURATION
        meaning = self._codes.get(code, unlisted)
        if code == BAD_SIGNATURE and meaning is Meaning.CONFIGURATION:
            # Refused at the door: nothing was carried out, and the payment waits for the secret to be mended.
            return NotSent(f"result {code}", alarm=True)
        surprise = code == PAID_ALREADY and verb is not Verb.PREPARE
        if surprise or (verb is Verb.WITHDRAW and meaning is not Meaning.CANCELLED):
            return Unknown(f"result {code}", alarm=True)
        if verb is Verb.PAY and meaning is Meaning.AMOUNT:
            return Refused(RefusalReason.AMOUNT, str(code), alarm="the sum was refused after it had been reserved")
        return answer_of(meaning, str(code))

    def _request(self, question: Question) -> Request:
        prepare = question.verb is Verb.PREPARE
        values = dict(question.parameters)
        if not prepare:
            values[_PREPARE_ID] = question.memory[_PREPARE_ID]
        values["action"] = PREPARE_ACTION if prepare else COMPLETE_ACTION
        dropped = question.verb is Verb.WITHDRAW
        values["error"], values["error_note"] = (DROP_ERROR, "Cancelled") if dropped else ("0", "Success")
        values["sign_string"] = signature(values, self._profile.secret)
        url = self._profile.address if prepare else self._complete_url
        return Request("POST", url, FORM_HEADERS, urlencode(values).encode("ascii"))


def signature(values: Mapping[str, str], secret: Secret[str]) -> str:
    """The `sign_string` of a request: MD5 over the texts of its fields as they are sent, without separators."""
    before = values["click_trans_id"] + values["service_id"] + secret.reveal() + values["merchant_trans_id"]
    after = values["amount"] + values["action"] + values["sign_time"]
    signed = before + values.get(_PREPARE_ID, "") + after
    return hashlib.md5(signed.encode("utf-8"), usedforsecurity=False).hexdigest()


def _good(verb: Verb, fields: Mapping[str, object]) -> Answer:
    match verb:
        case Verb.PREPARE:
            prepare_id = scalar_text(fields.get(_PREPARE_ID))
            # It is signed and sent back, so it must be had as it is, and not cut short.
            if not prepare_id or prepare_id != str(fields[_PREPARE_ID]):
                return Unknown("a reservation without a number", alarm=True)
            return Prepared({_PREPARE_ID: prepare_id})
        case Verb.PAY:
            return Accepted(scalar_text(fields.get("merchant_confirm_id")))
        case _:
            return Unknown("a drop was answered as if it were a payment", alarm=True)


def _code(error: object) -> int | None:
    """The result, a number with or without quotes. An error inside an error is read too, but never as success."""
    nested = isinstance(error, dict)
    text = scalar_text(error.get("error") if isinstance(error, dict) else error)
    if not RESULT_CODE.fullmatch(text) or (nested and int(text) == 0):
        return None
    return int(text)
