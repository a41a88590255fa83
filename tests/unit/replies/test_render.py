"""One event's texts and its values become one SMS."""

from collections.abc import Mapping

import pytest
from hypothesis import given, settings, strategies as st

from smsgw.replies.render import Template, render, shortened
from smsgw.smpp.text import fits_one_segment

SIXTEEN = "1234567890123456"
TWENTY = "20208000900123456789"


def fill(texts: list[str], values: Mapping[str, str], *, shows_code: bool = False) -> str:
    return render([Template.of(text) for text in texts], values, shows_code=shows_code)


def test_the_placeholders_of_a_text_are_known() -> None:
    assert Template.of("{prov} {acc}: {prov}").names == {"prov", "acc"}


@pytest.mark.parametrize("text", ["{amt", "amt}", "{}", "{0}", "{amt!r}", "{amt:>5}", "{amt.real}", "{amt[0]}"])
def test_only_plain_placeholders_are_taken(text: str) -> None:
    """Formats and attributes would let a text reach into our values."""
    with pytest.raises(ValueError, match=r"placeholder|'}'|'{'|brace"):
        Template.of(text)


def test_the_fullest_text_that_fits_is_sent() -> None:
    texts = ["{prov}: " + "a" * 150, "{prov}: short"]
    assert fill(texts, {"prov": "ABCDE"}) == "ABCDE: " + "a" * 150
    assert fill(texts, {"prov": "ABCDEFGHIJKL"}) == "ABCDEFGHIJKL: short"


def test_a_text_whose_values_are_not_all_there_is_passed_over() -> None:
    texts = ["Copy {line}", "Look at HELP"]
    assert fill(texts, {"line": "A*1*2"}) == "Copy A*1*2"
    assert fill(texts, {}) == "Look at HELP"


def test_a_missing_value_of_the_last_text_is_a_bug() -> None:
    with pytest.raises(KeyError, match="amt"):
        fill(["{amt} of {lim}", "{amt}"], {})


def test_names_are_cut_before_the_account() -> None:
    """160 septets hold it with a name of 12 and the whole account."""
    text = fill(["{prov} {acc} " + "a" * 130], {"prov": "SARKOR TELECOM GROUP", "acc": SIXTEEN})
    assert text == f"SARKOR TELEC {SIXTEEN} " + "a" * 130


def test_the_account_is_cut_before_the_text_gets_shorter() -> None:
    texts = ["{prov} {acc} " + "a" * 138, "{prov} {acc}"]
    assert fill(texts, {"prov": "SARKOR TELEC", "acc": SIXTEEN}) == "SARKOR TELEC ..123456 " + "a" * 138


def test_a_name_is_not_cut_after_a_space() -> None:
    assert fill(["{prov}: " + "a" * 146], {"prov": "SARKOR TELE COM"}) == "SARKOR TELE: " + "a" * 146


@pytest.mark.parametrize(
    ("account", "cut"), [("123456789", "..456789"), ("12345678", "12345678"), ("n25656", "n25656")]
)
def test_an_account_is_cut_only_where_that_makes_it_shorter(account: str, cut: str) -> None:
    assert [form["acc"] for form in shortened({"acc": account}, shows_code=False)][-1] == cut


@pytest.mark.parametrize(
    ("account", "shown"),
    [(SIXTEEN, SIXTEEN), (SIXTEEN + "7", "1234..234567"), (TWENTY, "2020..456789"), ("n25656", "n25656")],
)
def test_beside_a_code_an_account_of_sixteen_stays_whole(account: str, shown: str) -> None:
    """It is what the subscriber compares before money moves."""
    assert fill(["Code {code} {acc}"], {"code": "483920", "acc": account}, shows_code=True) == f"Code 483920 {shown}"


def test_beside_a_code_the_text_gets_shorter_before_the_account_does() -> None:
    texts = ["{code} {acc} " + "a" * 150, "{code} {acc}"]
    assert fill(texts, {"code": "483920", "acc": SIXTEEN}, shows_code=True) == f"483920 {SIXTEEN}"


def test_beside_a_code_the_account_is_cut_rather_than_the_end_of_the_text() -> None:
    text = fill(["{code} {acc} " + "a" * 138], {"code": "483920", "acc": SIXTEEN}, shows_code=True)
    assert text == "483920 1234..123456 " + "a" * 138


@pytest.mark.parametrize(
    ("written", "units"), [("a", 160), ("я", 70), ("[", 80)], ids=["GSM", "UCS-2", "GSM, two septets each"]
)
def test_what_fits_in_no_way_is_cut_off_at_the_segment(written: str, units: int) -> None:
    assert fill(["{names}"], {"names": written * 200}) == written * units


@settings(max_examples=150)
@given(
    values=st.fixed_dictionaries({name: st.text(max_size=90) for name in ("code", "prov", "acc", "amt", "bad")}),
    shows_code=st.booleans(),
)
def test_whatever_the_values_it_is_one_segment(values: dict[str, str], *, shows_code: bool) -> None:
    texts = ["{code} {prov} {acc} {amt} {bad} - tail", "{code} {acc}"]
    assert fits_one_segment(fill(texts, values, shows_code=shows_code))


def test_braces_in_a_value_stay_as_they_are() -> None:
    assert fill(["{bad} is unclear"], {"bad": "{code}"}) == "{code} is unclear"
