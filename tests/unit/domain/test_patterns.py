"""A pattern of a configuration is compiled, or refused by what is wrong with it."""

from __future__ import annotations

import pytest

from smsgw.domain.patterns import compiled


def test_a_pattern_is_read() -> None:
    assert compiled("[a-z]{2}(?P<id>[0-9]+)").fullmatch("ab17")


@pytest.mark.parametrize(
    ("pattern", "why"),
    [
        ("[", "unterminated character set"),
        ("a{99999999999}", "repetition number is too large"),
        ("(" * 5000, "recursion"),
        ("[[a-z]+]", "Possible nested set"),
        ("a(?i)b", "global flags not at the start"),
    ],
)
def test_what_is_no_pattern_or_will_not_be_one_is_refused(pattern: str, why: str) -> None:
    with pytest.raises(ValueError, match=f"is no regular expression: .*{why}"):
        compiled(pattern)
