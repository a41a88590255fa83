"""Values in GSM letters: a Cyrillic name or account inside a text that must stay GSM 03.38.

The letters follow one fixed table, so that the same name reads the same in every SMS. What has no row becomes `?`.
"""

from __future__ import annotations

from typing import Final

from smsgw.smpp.text import septets

# Russian, then Uzbek, Kyrgyz, Azerbaijani letters and the signs that people's phones put in.
_LETTERS: Final[dict[str, str]] = (
    dict(zip("абвгдеёзийклмнопрстуфыэ", "abvgdeeziyklmnoprstufye", strict=True))
    | {"ж": "zh", "х": "kh", "ц": "ts", "ч": "ch", "ш": "sh", "щ": "shch", "ъ": "", "ь": "", "ю": "yu", "я": "ya"}
    | {"ў": "o'", "ғ": "g'", "қ": "q", "ҳ": "h", "ң": "ng", "ө": "o", "ү": "u"}
    | {"ə": "e", "ğ": "g", "ı": "i", "ş": "sh", "ç": "ch", "ó": "o", "á": "a", "í": "i", "ú": "u"}
)
_SIGNS: Final[dict[str, str]] = (
    dict.fromkeys("ʻʼ’‘`´′", "'") | dict.fromkeys("«»“”„", '"') | {"–": "-", "—": "-", "№": "No"}
)
_TABLE: Final = str.maketrans(
    _LETTERS | {small.upper(): latin.capitalize() for small, latin in _LETTERS.items()} | {"İ": "I"} | _SIGNS
)


def in_gsm_letters(value: str) -> str:
    """*value* in characters of GSM 03.38 only."""
    if septets(value) is not None:
        return value
    return "".join(letter if septets(letter) is not None else "?" for letter in value.translate(_TABLE))
