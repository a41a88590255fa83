"""What the errors of the Merchant API of Payme mean, and how a provider may fill in the protocol.

Rule 1: the methods that name an account and a sum, and those that name an id alone, have tables of their own: one
code means "no such account" in the one and "no such transaction" in the other.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import field
from typing import Final

from pydantic import ConfigDict
from pydantic.dataclasses import dataclass

from smsgw.domain.calls import Verb
from smsgw.providers.meanings import Meaning, with_overrides
from smsgw.providers.profile import ProfileError

# "Impossible in this state": what state that is, CheckTransaction says.
IMPOSSIBLE: Final = -31008
# Errors in the fields of the account; each provider has its own.
_ACCOUNT_CODES: Final = range(-31099, -31049)
# No POST, bad authorization, bad envelope, no such method, bad parameters, no JSON; and the error of the system.
_ANYWHERE: Final[Mapping[int, Meaning]] = {
    **dict.fromkeys((-32300, -32504, -32600, -32601, -32602, -32700), Meaning.CONFIGURATION),
    -32400: Meaning.REPEAT,
}

ORDER_CODES: Final[Mapping[int, Meaning]] = {
    **_ANYWHERE,
    **dict.fromkeys(_ACCOUNT_CODES, Meaning.NO_ACCOUNT),
    -31001: Meaning.AMOUNT,
    IMPOSSIBLE: Meaning.REFUSED,
}
"""The errors of the methods that name an account and a sum."""

TRANSACTION_CODES: Final[Mapping[int, Meaning]] = {
    **_ANYWHERE,
    **dict.fromkeys((*_ACCOUNT_CODES, -31001, -31003), Meaning.ABSENT),
    IMPOSSIBLE: Meaning.UNKNOWN,
}
"""The errors of the methods that name an id alone."""

CANCEL_CODES: Final[Mapping[int, Meaning]] = {**TRANSACTION_CODES, -31007: Meaning.REFUSED}
"""The errors of CancelTransaction."""


@dataclass(frozen=True, slots=True, kw_only=True, config=ConfigDict(extra="forbid"))
class PaymeDialect:
    """How a provider fills in the protocol.

    `account_fields` are its names for the parts of an account, in their order. `codes` gives errors of
    CheckPerformTransaction and CreateTransaction other meanings (words of `Meaning`, without `ok`),
    `transaction_codes` those of the methods that name an id alone.
    """

    account_fields: tuple[str, ...] = ("login",)
    codes: Mapping[str, str] = field(default_factory=dict)
    transaction_codes: Mapping[str, str] = field(default_factory=dict)

    def __post_init__(self) -> None:
        if len(set(self.account_fields)) != len(self.account_fields) or "" in self.account_fields:
            raise ProfileError("dialect.account_fields", "each part of an account needs a name of its own")
        for key in ("codes", "transaction_codes"):
            for code, meaning in getattr(self, key).items():
                if meaning == Meaning.OK:
                    raise ProfileError(f"dialect.{key}.{code}", "an error is never good")

    def codes_of(self, verb: Verb) -> Mapping[int, Meaning]:
        """What the errors of the verb's method mean with this provider."""
        if verb in {Verb.CHECK, Verb.PREPARE}:
            return with_overrides(ORDER_CODES, self.codes)
        cancels = verb in {Verb.WITHDRAW, Verb.CANCEL}
        return with_overrides(CANCEL_CODES if cancels else TRANSACTION_CODES, self.transaction_codes)
