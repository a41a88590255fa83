"""Bodies: exactly the known keys, exactly the right types, and no value of them in a refusal."""

import pytest
from hypothesis import given, settings, strategies as st

from smsgw.web.bodies import NewLevel, NewSubscriber, NewTopUp, read_body
from smsgw.web.problems import Problem

TOP_UP = '{"number":"+998901234567","agent":"till","amount":"500.00"}'


def test_a_body_is_read() -> None:
    body = read_body(NewTopUp, TOP_UP.encode())

    assert isinstance(body, NewTopUp)
    assert (body.amount, body.key) == ("500.00", "")


@pytest.mark.proves("A82")
@pytest.mark.parametrize(
    ("octets", "reason", "names"),
    [
        (b"", "no_json", "JSON"),
        (b"{", "no_json", "JSON"),
        (b"[]", "wrong_value", "body"),
        (b"{}", "wrong_value", "number"),
        (TOP_UP.replace('"500.00"', "500").encode(), "wrong_value", "amount"),
        (TOP_UP.replace('"500.00"', "5e2").encode(), "wrong_value", "amount"),
        (TOP_UP.replace("}", ',"balance":"1"}').encode(), "unknown_key", "balance"),
        (b"[" * 60_000, "no_json", "JSON"),
        (b"\xff\xfe", "no_json", "JSON"),
    ],
    ids=["empty", "broken", "list", "nothing", "number", "exponent", "unknown", "deep", "no text"],
)
def test_what_is_wrong_is_named(octets: bytes, reason: str, names: str) -> None:
    problem = read_body(NewTopUp, octets)

    assert isinstance(problem, Problem)
    assert problem.reason == reason
    assert names in problem.detail


def test_a_password_prints_nowhere() -> None:
    body = read_body(NewSubscriber, b'{"password":"canary77"}')
    refused = read_body(NewSubscriber, b'{"password":"canary77","language":"canary77","more":"canary77"}')

    assert "canary77" not in repr(body)
    assert "canary77" not in repr(refused)


def test_a_new_level_is_named_even_if_it_is_none() -> None:
    body, nothing = read_body(NewLevel, b'{"level":""}'), read_body(NewLevel, b"{}")

    assert isinstance(body, NewLevel)
    assert body.level == ""
    assert isinstance(nothing, Problem)


@given(st.binary(max_size=200))
@settings(max_examples=200)
def test_any_octets_are_a_body_or_a_problem(octets: bytes) -> None:
    assert isinstance(read_body(NewTopUp, octets), NewTopUp | Problem)
