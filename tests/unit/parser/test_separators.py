"""Where fields begin and end."""

from __future__ import annotations

import pytest

from smsgw.parser.separators import Separator, split, without_ussd


@pytest.mark.parametrize(
    ("body", "values", "separator"),
    [
        ("a*b", ["a", "b"], Separator.STAR),
        ("a *b#c;d e", ["a", "b#c;d e"], Separator.STAR),
        ("a#b;c/d e", ["a", "b;c/d e"], Separator.HASH),
        ("a;b|c\nd\te/f", ["a", "b", "c", "d", "e/f"], Separator.LINE),
        ("a/b c/d", ["a", "b c", "d"], Separator.SLASH),
        ("a b/c", ["a", "b/c"], Separator.SPACE),
        ("a  b\xa0c", ["a", "b", "c"], Separator.SPACE),
        ("a,b.c-d", ["a,b.c-d"], Separator.SPACE),
        ("a**b", ["a", "", "b"], Separator.STAR),
        ("*a*b#", ["a", "b"], Separator.STAR),
        ("a*b**", ["a", "b", ""], Separator.STAR),
        ("**a", ["", "a"], Separator.STAR),
        ("*", [], Separator.SPACE),
        ("**", [], Separator.SPACE),
        ("", [], Separator.SPACE),
    ],
)
def test_the_strongest_separator_cuts(body: str, values: list[str], separator: Separator) -> None:
    assert split(body) == (values, separator)


@pytest.mark.parametrize(
    ("body", "rest"), [("*100#", "100"), ("a#", "a"), ("#a", "a"), ("#", ""), ("a", "a"), ("**a##", "*a#")]
)
def test_one_star_or_hash_at_each_end_is_a_habit(body: str, rest: str) -> None:
    assert without_ussd(body) == rest
