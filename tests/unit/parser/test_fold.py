"""All spellings of one word meet under one key, and no two words do."""

from __future__ import annotations

import pytest
from hypothesis import given, settings, strategies as st

from smsgw.parser.fold import digit_looks, fold, latin_looks, mixes_scripts, readings


@pytest.mark.proves("A44")
@pytest.mark.parametrize(
    ("spellings", "key"),
    [
        (["TO'LOV", "toʻlov", "TO’LOV", "tolov", "ТЎЛОВ", "tölov"], "tolov"),
        (["YOQ", "YO'Q", "ЙЎҚ"], "yoq"),
        (["İNFO", "INFO", "ınfo", "info"], "info"),
        (["ПЛАТЁЖ", "ПЛАТЕЖ", "PLATEZH", "PLATEJ"], "platej"),
        (["ХОЛАТ", "ҲОЛАТ", "XOLAT", "HOLAT", "KHOLAT"], "holat"),
        (["ЩИТ", "SHCHIT"], "shchit"),
        (["ŞABLON", "SHABLON", "ШАБЛОН"], "shablon"),
        (["ÇEK", "CHEK", "ЧЕК"], "chek"),
        (["ПОМОЩЬ"], "pomoshch"),
        (["ӨЧҮР"], "ochur"),
        (["LƏĞV", "LEGV"], "legv"),
        (["ＳＡＲＫＯＲ", "САРКОР"], "sarkor"),
        (["MTS-1", "мтс-1"], "mts-1"),
    ],
)
def test_spellings_of_one_word(spellings: list[str], key: str) -> None:
    assert {fold(spelling) for spelling in spellings} == {key}


@pytest.mark.parametrize(
    ("one", "other"), [("NET", "NETT"), ("SARKOR", "SARCOR"), ("SOM", "SHOM"), ("O", "0"), ("l", "1")]
)
def test_different_words_stay_different(one: str, other: str) -> None:
    """Nothing is merged by sound or by looks but what the rules say."""
    assert fold(one) != fold(other)


@pytest.mark.parametrize(
    ("text", "keys"),
    [
        ("SARKOR", ("sarkor",)),
        ("САРКОР", ("sarkor",)),
        ("РAYNET", ("raynet", "paynet")),  # the first letter is Cyrillic
        ("САРKOR", ("sarkor", "capkor")),  # the first three are
        ("БИЛАЙH", ("bilayh", "bilayn")),  # the last is Latin
        ("САРКОР telecom", ("sarkor telecom",)),
    ],
)
def test_a_word_of_two_scripts_has_two_readings(text: str, keys: tuple[str, ...]) -> None:
    assert readings(text) == keys


def test_scripts_and_looks() -> None:
    assert [mixes_scripts(text) for text in ("ABC", "АБВ", "AБ", "ö")] == [False, False, True, False]
    assert latin_looks("АВС12с") == "ABC12c"
    assert digit_looks("48З92O l") == "483920 1"


@given(st.text(max_size=20))
@settings(max_examples=200)
def test_folding_is_total_and_case_blind_in_ascii(text: str) -> None:
    fold(text)
    ascii_part = text.encode("ascii", "ignore").decode()
    assert fold(ascii_part.upper()) == fold(ascii_part.lower())
