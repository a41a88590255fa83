"""Payme: every error with its meaning in each method, and what a provider may settle otherwise."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import pytest

from smsgw.domain.calls import Verb
from smsgw.providers.meanings import Meaning
from smsgw.providers.payme_dialect import PaymeDialect
from smsgw.providers.profile import ProfileError, read_dialect

ORDER = (Verb.CHECK, Verb.PREPARE)
TRANSACTION = (Verb.PAY, Verb.STATUS)
TAKE_BACK = (Verb.WITHDRAW, Verb.CANCEL)
CONFIGURATION, REPEAT, ABSENT = Meaning.CONFIGURATION, Meaning.REPEAT, Meaning.ABSENT


@pytest.mark.parametrize(
    ("code", "order", "transaction", "take_back"),
    [
        (-32300, CONFIGURATION, CONFIGURATION, CONFIGURATION),
        (-32504, CONFIGURATION, CONFIGURATION, CONFIGURATION),
        (-32600, CONFIGURATION, CONFIGURATION, CONFIGURATION),
        (-32601, CONFIGURATION, CONFIGURATION, CONFIGURATION),
        (-32602, CONFIGURATION, CONFIGURATION, CONFIGURATION),
        (-32700, CONFIGURATION, CONFIGURATION, CONFIGURATION),
        (-32400, REPEAT, REPEAT, REPEAT),
        (-31001, Meaning.AMOUNT, ABSENT, ABSENT),
        (-31003, None, ABSENT, ABSENT),
        (-31007, None, None, Meaning.REFUSED),
        (-31008, Meaning.REFUSED, Meaning.UNKNOWN, Meaning.UNKNOWN),
        (-31049, None, None, None),
        (-31050, Meaning.NO_ACCOUNT, ABSENT, ABSENT),
        (-31075, Meaning.NO_ACCOUNT, ABSENT, ABSENT),
        (-31099, Meaning.NO_ACCOUNT, ABSENT, ABSENT),
        (-31100, None, None, None),
        (0, None, None, None),
    ],
)
def test_codes(code: int, order: Meaning | None, transaction: Meaning | None, take_back: Meaning | None) -> None:
    """What names an id alone can only say "no such transaction" where others speak of account or sum."""
    expected = (
        dict.fromkeys(ORDER, order) | dict.fromkeys(TRANSACTION, transaction) | dict.fromkeys(TAKE_BACK, take_back)
    )
    assert {verb: PaymeDialect().codes_of(verb).get(code) for verb in Verb} == expected


def test_the_table_above_has_every_code() -> None:
    codes = {code for verb in Verb for code in PaymeDialect().codes_of(verb)}
    general = {-32300, -32504, -32600, -32601, -32602, -32700, -32400, -31001, -31003, -31007, -31008}
    assert codes == general | set(range(-31099, -31049))


def test_overrides_are_for_their_own_methods() -> None:
    """A code that refuses an order must not refuse a pay by the way."""
    dialect = PaymeDialect(codes={"-31060": "amount"}, transaction_codes={"-31008": "absent"})
    for verb in Verb:
        assert dialect.codes_of(verb)[-31060] is (Meaning.AMOUNT if verb in ORDER else ABSENT)
        assert dialect.codes_of(verb)[-31008] is (Meaning.REFUSED if verb in ORDER else ABSENT)


@pytest.mark.parametrize(
    ("settings", "key"),
    [
        ({"acount_fields": ["login"]}, "dialect.acount_fields"),
        ({"account_fields": "login"}, "dialect.account_fields"),
        ({"account_fields": ["a", "a"]}, "dialect.account_fields"),
        ({"account_fields": [""]}, "dialect.account_fields"),
        ({"codes": {"-31050": "ok"}}, "dialect.codes.-31050"),
        ({"transaction_codes": {"-31003": "ok"}}, "dialect.transaction_codes.-31003"),
    ],
)
def test_a_dialect_that_cannot_work_is_named(settings: Mapping[str, Any], key: str) -> None:
    with pytest.raises(ProfileError) as caught:
        read_dialect(PaymeDialect, settings)
    assert caught.value.key == key


def test_a_dialect_without_settings_is_the_standard() -> None:
    assert PaymeDialect().account_fields == ("login",)
