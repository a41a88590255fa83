"""One way to write each character."""

from __future__ import annotations

import pytest
from hypothesis import given, settings, strategies as st

from smsgw.parser.normalise import clean, comparable, visible


@pytest.mark.parametrize(
    ("text", "body"),
    [
        ("\ufeff\u202aSARKOR\u202c*1\u200b2\u00ad3\u2060 ", "SARKOR*123"),
        ("a＊b﹡c∗d⁎e٭f✱g✲h⋆i×j", "a*b*c*d*e*f*g*h*i*j"),
        ("a＃b；c｜d／e", "a#b;c|d/e"),
        ("a\r\nb\rc\u2028d", "a\nb\nc\nd"),
        ("\0a\0", "a"),
        ("a*b\n-- \nBest wishes\n* * *", "a*b"),
        ("a--b", "a--b"),
        (" \t\xa0 ", ""),
        ("Па’роль ①", "Па’роль ①"),
        ("“a*b”", "a*b"),
        (" «a*b» ", "a*b"),
        ("'a*b'", "a*b"),
        ("(a", "(a"),
        ("a'", "a'"),
        ("'", "'"),
        ("a*b@", "a*b"),
        ("“a*b” @@\r\n", "a*b"),
        ("a*b\n--\nBest@", "a*b"),
        ("@", ""),
    ],
)
def test_the_whole_text_loses_only_what_no_password_can_hold(text: str, body: str) -> None:
    assert visible(text) == body


# No signature, which goes with whatever follows it, and nothing that is filling already.
TEXTS = st.text(st.sampled_from("aZ09@* \n\"'-ж"), max_size=30).filter(
    lambda text: "--" not in text and not text.rstrip().endswith("@")
)


@given(TEXTS, st.integers(1, 3))
@settings(max_examples=300)
def test_only_what_stands_at_the_end_is_filling(text: str, nuls: int) -> None:
    assert visible(text + "@" * nuls) == visible(text)
    assert visible(text).count("@") == text.count("@"), "every other stays"


@pytest.mark.parametrize(
    ("field", "plain"),
    [
        ("ＳＡＲ", "SAR"),
        ("so’m soʻm so`m so´m soʼm", "so'm so'm so'm so'm so'm"),
        ("٣٠٠ ۳ ３ ३", "300 3 3 3"),
        ("5\xa0000 5\u2009000", "5 000 5 000"),
        ("й", "й"),
        ("САРКОР қайта", "САРКОР қайта"),
    ],
)
def test_a_field_is_written_in_one_way(field: str, plain: str) -> None:
    assert clean(field) == plain


@pytest.mark.parametrize("field", ["50²", "½", "①", "Ⅷ", "5㊾"])
def test_a_numeral_that_is_no_digit_stays_what_it_is(field: str) -> None:
    """NFKC alone would read `50²` as 502."""
    assert clean(field) == field


def test_copies_of_one_sms_are_comparable() -> None:
    """White space and invisible marks differ between phones; anything else makes another text."""
    sent = "Code 483920: 500 UZS to SARKOR n25656, fee 0"
    assert comparable(f"\u200e {sent.replace(' ', '  ')}\r\n") == comparable(sent)
    assert comparable(sent.replace("500", "600")) != comparable(sent)
