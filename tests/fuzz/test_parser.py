"""Mutated payments: whatever the parser takes as a payment is what a second, stricter reader sees in the same text."""

from __future__ import annotations

import re
import tomllib
from pathlib import Path

from hypothesis import given, strategies as st

from smsgw.domain.catalogue import AccountPart, AmountRule, Catalogue, Provider
from smsgw.domain.money import UZS, Money
from smsgw.parser.intents import Confirm, Pay, Unclear
from smsgw.parser.parse import parse
from smsgw.parser.words import Lexicon
from tests.fuzz.budget import cases

WORDS = tomllib.loads((Path(__file__).parents[2] / "config" / "words.toml").read_text("utf-8"))
SARKOR = Provider(
    "sarkor",
    "SARKOR",
    UZS,
    AmountRule(Money(500_00, UZS), Money(5_000_000_00, UZS)),
    account=(AccountPart(r"[a-z]?\d{4,8}", fold_case=True),),
)
LEXICON = Lexicon.of(WORDS, Catalogue((SARKOR,)))

VALID = (
    "SARKOR*n25656*50000*parol1",
    "саркор n25656 1500.50 parol1",
    "pay sarkor#25656#12,970.24#parol1",
    "*SARKOR*n25656*50 000*parol1#",
)
INSERTED = "*#;|/ \n.,'-+0123456789OolnЗаkсум$\u200b٣＊²½eE"
# Digits with no leading zero, alone or in groups of three (dots and commas only where no third decimal is possible).
GROUPED = re.compile(
    r"(0|[1-9]\d*|[1-9]\d{0,2}(?: \d{3})+|[1-9]\d{0,2}(?:'\d{3})+"
    r"|[1-9]\d{0,2}(?:,\d{3})+(?=\.\d\d?$)|[1-9]\d{0,2}(?:\.\d{3})+(?=,\d\d?$)"
    r"|[1-9]\d{0,2}(?:,\d{3}){2,}|[1-9]\d{0,2}(?:\.\d{3}){2,})(?:[.,](\d\d?))?",
    re.ASCII,
)
TWINS = str.maketrans("٣аоскру", "3aockpy", "\u200b")


@st.composite
def mutated(draw: st.DrawFn) -> str:
    """A valid payment with one to four characters put in, taken out or exchanged."""
    text = draw(st.sampled_from(VALID))
    for _ in range(draw(st.integers(1, 4))):
        place = draw(st.integers(0, len(text)))
        dropped = draw(st.integers(0, 1))
        text = text[:place] + draw(st.sampled_from(("", *INSERTED))) + text[place + dropped :]
    return text


def strict_amounts(text: str) -> set[int]:
    """Every sum, in minor units, that *text* names beyond doubt in the field before the last, however it is cut."""
    plain = text.translate(TWINS).replace("＊", "*").strip("*# \n")
    fields = set()
    for separators in ("*", "#", ";|\n", "/", " \n"):
        cut = [field.strip() for field in re.split(f"[{separators}]+", plain)]
        before_last = "".join(cut[-2:-1])
        fields.add(" ".join(cut[-3:-1]) if before_last.isalpha() else before_last)
    found = (GROUPED.fullmatch(re.sub(r"\s*(?:cум|so'?m)$", "", field)) for field in fields)
    return {int(re.sub(r"\D", "", m[1])) * 100 + int((m[2] or "0").ljust(2, "0")) for m in found if m}


@given(mutated())
@cases(1500)
def test_a_payment_pays_what_a_strict_reader_reads(text: str) -> None:
    """Neither the amount nor the account of a payment is anything that does not stand in the text."""
    intent = parse(text, LEXICON)
    assert intent == parse(text, LEXICON)
    if isinstance(intent, Pay):
        assert intent.amount.minor in strict_amounts(text)
        assert intent.account[0] in text.casefold().translate(TWINS)
        assert SARKOR.account[0].accepts(intent.account[0])


@given(st.text("0123456789 -OlЗкодyes:.", max_size=12))
@cases(500)
def test_a_code_is_always_as_long_as_a_code(text: str) -> None:
    """Whatever is taken as an attempt has exactly six ASCII digits."""
    intent = parse(text, LEXICON)
    if isinstance(intent, Confirm):
        assert re.fullmatch("[0-9]{6}", intent.code.reveal())


@given(st.text("SARKOsarkor*#; n25656.,", max_size=60), st.integers(0, 60))
@cases(500)
def test_passwords_never_show(text: str, place: int) -> None:
    """A word that nobody would take for an account or a sum is repeated in no answer, wherever it stands."""
    intent = parse(text[:place] + "*Zq7xW9vB*" + text[place:], LEXICON)
    assert "zq7xw9vb" not in repr(intent).casefold()
    assert not isinstance(intent, Unclear) or not any(
        "zq7xw9vb" in value.casefold() for value in intent.values.values()
    )
