"""How providers differ behind Paynet's protocol, and what its codes mean by the method that they answer.

Rule 1: a code is believed as far as the method could know: CheckTransaction and CancelTransaction carry no account
and no sum, so a refusal from them that speaks of these is no refusal of the payment.
Rule 2: a code that nobody agreed on refuses a check, which costs nothing, and leaves all else in doubt.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import field
from typing import Final

from pydantic import ConfigDict
from pydantic.dataclasses import dataclass

from smsgw.domain.calls import Answer, NotSent, Unknown, Verb
from smsgw.providers.meanings import Meaning, answer_of, with_overrides
from smsgw.providers.profile import ProfileError

CODES: Final[Mapping[int, Meaning]] = {
    100: Meaning.PENDING,
    101: Meaning.PENDING,
    102: Meaning.UNKNOWN,
    103: Meaning.UNKNOWN,
    113: Meaning.REFUSED,
    140: Meaning.REFUSED,
    141: Meaning.REFUSED,
    201: Meaning.CONFIGURATION,
    202: Meaning.CANCELLED,
    203: Meaning.ABSENT,
    301: Meaning.NO_ACCOUNT,
    302: Meaning.NO_ACCOUNT,
    304: Meaning.REFUSED,
    305: Meaning.CONFIGURATION,
    401: Meaning.CONFIGURATION,
    411: Meaning.CONFIGURATION,
    412: Meaning.CONFIGURATION,
    413: Meaning.AMOUNT,
    414: Meaning.CONFIGURATION,
    415: Meaning.AMOUNT,
    501: Meaning.REFUSED,
    502: Meaning.REFUSED,
    601: Meaning.CONFIGURATION,
    603: Meaning.CONFIGURATION,
}
"""The protocol's own codes."""

# 77: the client has spent the money. Only a cancel can be answered so.
CANCEL_CODES: Final[Mapping[int, Meaning]] = {**CODES, 77: Meaning.REFUSED}
# Login or password, and access: the door was not opened, so nothing was carried out. The payment waits, unsent, for
# the configuration to be mended.
NOT_LET_IN: Final = frozenset({412, 601})
EXISTS: Final = 201
# 201 "exists already"; 302 is "no such client", but some billings say it to what is paid already. On a repeat both
# may be about our own payment, and CheckTransaction knows.
OURS_ON_REPEAT: Final = frozenset({EXISTS, 302})

# What an error may say about a payment, by the method. Doubt and configuration it may always say.
_DOUBT: Final = frozenset({Meaning.UNKNOWN, Meaning.REPEAT, Meaning.CONFIGURATION})
_JUDGED: Final = _DOUBT | {Meaning.PENDING, Meaning.NO_ACCOUNT, Meaning.AMOUNT, Meaning.REFUSED}
_BELIEVED: Final[Mapping[Verb, frozenset[Meaning]]] = {
    Verb.CHECK: _JUDGED,
    Verb.PAY: _JUDGED | {Meaning.CANCELLED},
    Verb.STATUS: _DOUBT | {Meaning.PENDING, Meaning.ABSENT, Meaning.CANCELLED},
    Verb.CANCEL: _DOUBT | {Meaning.PENDING, Meaning.ABSENT, Meaning.CANCELLED, Meaning.REFUSED},
}


@dataclass(frozen=True, slots=True, kw_only=True, config=ConfigDict(extra="forbid"))
class PaynetDialect:
    """What differs between providers.

    `service_id` is the number that the provider gave the service. `account_fields` are the names of an account's parts
    in `fields`, in their order. `codes` gives a code another of the meanings of `Meaning`.
    """

    service_id: int
    account_fields: tuple[str, ...] = ("login",)
    codes: Mapping[str, str] = field(default_factory=dict)

    def __post_init__(self) -> None:
        if self.service_id <= 0:
            raise ProfileError("dialect.service_id", "a number above 0, as the provider gave it")
        if len(set(self.account_fields)) != len(self.account_fields):
            raise ProfileError("dialect.account_fields", "each part needs a name of its own")
        for code, meaning in with_overrides({}, self.codes).items():
            if meaning is Meaning.OK:
                raise ProfileError(f"dialect.codes.{code}", "an error is never good; what is good has a result")

    def error(self, verb: Verb, code: int, *, repeat: bool) -> Answer:
        """What an error means as the answer to a method; *repeat* as in `Question`."""
        if verb is Verb.PAY and repeat and code in OURS_ON_REPEAT:
            return Unknown(f"result {code}")
        if verb is Verb.PAY and code == EXISTS:
            # A first payment, and somebody has had our number before us: what CheckTransaction says would be theirs.
            return Unknown("our transactionId was used before", alarm=True, park=True)
        codes = with_overrides(CANCEL_CODES if verb is Verb.CANCEL else CODES, self.codes)
        # Below 0 are the codes of JSON-RPC: our request is wrong, and the account was not looked at.
        unlisted = Meaning.REFUSED if verb is Verb.CHECK and code > 0 else Meaning.CONFIGURATION
        meaning = codes.get(code, unlisted)
        if meaning is Meaning.CONFIGURATION and code in NOT_LET_IN:
            return NotSent(f"result {code}", alarm=True)
        return answer_of(meaning if meaning in _BELIEVED[verb] else Meaning.CONFIGURATION, str(code))
