"""Folding: the key under which all spellings of one word meet.

Rule 1: case, apostrophes and script do not matter; `TO'LOV`, `toʻlov` and `ТЎЛОВ` are one word. The tables are our
own because `str.lower` makes two characters of the Turkic capital İ.
Rule 2: x, kh and h are one letter, zh and j are one letter; nothing else is merged: a fold that guesses sounds would
pay the wrong provider.
Rule 3: in a word of two scripts a letter may be a look-alike of the other script; `readings` gives both keys.
"""

from __future__ import annotations

import re
from typing import Final

from smsgw.parser.normalise import clean

# Each letter with what it becomes: Russian, then Uzbek, Kyrgyz, Kazakh, Tajik, Azerbaijani and Ukrainian.
_CYRILLIC: Final = (
    "аa бb вv гg дd еe ёe жj зz иi йy кk лl мm нn оo пp рr сs тt уu фf хh цts чch шsh щshch ъ ыy ь эe юyu яya"
    " ўo қq ғg ҳh өo үu ңn әe ұu һh іi ҷj ӣi ӯu ҹj ҝg їi єe"
)
_LATIN: Final = "xh əe öo üu ğg şsh çch ıi ñn õo ǵg"
_PLAIN: Final = "aa bb cc dd ee ff gg hh ii jj kk ll mm nn oo pp qq rr ss tt uu vv ww yy zz"
_LOWER: Final = {pair[0]: pair[1:] for pair in f"{_PLAIN} {_LATIN} {_CYRILLIC}".split()}
_FOLD: Final = str.maketrans(
    {capital: key for letter, key in _LOWER.items() for capital in (letter, letter.upper())} | {"İ": "i", "'": ""}
)
# Capitals look alike in twelve pairs; of the small letters only those below do.
_CYRILLIC_LOOKS: Final = "АВЕКМНОРСТУХІЈЅаекорсухіјѕ"
_LATIN_LOOKS: Final = "ABEKMHOPCTYXIJSaekopcyxijs"
_AS_LATIN: Final = str.maketrans(_CYRILLIC_LOOKS, _LATIN_LOOKS)
_AS_CYRILLIC: Final = str.maketrans(_LATIN_LOOKS, _CYRILLIC_LOOKS)
_AS_DIGITS: Final = str.maketrans("OoОоlIІіЗз", "0000111133")
_LATIN_LETTER: Final = re.compile(r"[A-Za-z]")
_CYRILLIC_LETTER: Final = re.compile(r"[\u0400-\u04ff]")


def fold(text: str) -> str:
    """The key of a word or of words (white space stays as it is)."""
    key = clean(text).translate(_FOLD)
    return key.replace("kh", "h").replace("zh", "j") if "h" in key else key


def readings(text: str) -> tuple[str, ...]:
    """The keys a word may have: the spelling as it is and, if it mixes two scripts, with look-alikes exchanged."""
    key = fold(text)
    if not mixes_scripts(text):
        return (key,)
    twin = fold(" ".join(map(_one_script, text.split())))
    return (key,) if twin == key else (key, twin)


def mixes_scripts(text: str) -> bool:
    """True if Latin and Cyrillic letters stand in *text*."""
    return not text.isascii() and bool(_LATIN_LETTER.search(text) and _CYRILLIC_LETTER.search(text))


def latin_looks(text: str) -> str:
    """The text with each Cyrillic look-alike as its Latin twin."""
    return text.translate(_AS_LATIN)


def digit_looks(text: str) -> str:
    """The text with each letter that looks like a digit as that digit. Fit for codes and suggestions alone."""
    return text.translate(_AS_DIGITS)


def _one_script(word: str) -> str:
    cyrillic, latin = len(_CYRILLIC_LETTER.findall(word)), len(_LATIN_LETTER.findall(word))
    return word.translate(_AS_CYRILLIC if cyrillic > latin else _AS_LATIN)
