"""Calls for the tests of settlement, as they stand after their first exchanges were begun."""

from __future__ import annotations

from dataclasses import replace
from typing import Any, Final

from smsgw.domain.calls import Capabilities, Kind, ProviderCall, Verb
from smsgw.domain.phones import Msisdn
from smsgw.settlement.exchange import begun, next_verb

S: Final = 1_000_000
BORN: Final = 1_795_289_389 * S
PARKS: Final = Capabilities()


def a_call(kind: Kind = Kind.PAY, **changes: Any) -> ProviderCall:
    call = ProviderCall(
        payment_id=7,
        kind=kind,
        msisdn=Msisdn("+998901234567"),
        provider="isp",
        parameters={"query": "command=pay"},
        created_at_us=BORN,
        due_at_us=BORN,
    )
    return replace(call, **changes)


def first_pay(capabilities: Capabilities = PARKS, **changes: Any) -> ProviderCall:
    """A call whose first pay has just been begun."""
    verb = next_verb(a_call(), capabilities)
    assert verb is Verb.PAY
    return replace(begun(a_call(), verb, BORN + S), **changes)


def repeated_pay(**changes: Any) -> ProviderCall:
    return begun(first_pay(**changes), Verb.PAY, BORN + 61 * S)
