"""Values in GSM letters."""

import pytest
from hypothesis import given, settings, strategies as st

from smsgw.replies.latin import in_gsm_letters
from smsgw.smpp.text import septets


@pytest.mark.parametrize(
    ("value", "latin"),
    [
        ("SARKOR TELEC", "SARKOR TELEC"),
        ("n25656*50000", "n25656*50000"),
        ("Сарқор", "Sarqor"),
        ("БИЛАЙН", "BILAYN"),
        ("Щука, ёж", "Shchuka, ezh"),
        ("подъезд", "podezd"),
        ("Ўзбектелеком", "O'zbektelekom"),
        ("oʻz toʼlov to’lov", "o'z to'lov to'lov"),
        ("Şirkət İ-net", "Shirket I-net"),
        ("№5 «Дом» – 1", 'No5 "Dom" - 1'),
        ("50.000₽", "50.000?"),
        ("中😀", "??"),
    ],
)
def test_a_value_is_spelt_in_gsm_letters(value: str, latin: str) -> None:
    """One fixed table; what it does not know is a question mark."""
    assert in_gsm_letters(value) == latin


@settings(max_examples=200)
@given(st.text())
def test_whatever_comes_the_result_is_gsm(value: str) -> None:
    assert septets(in_gsm_letters(value)) is not None
