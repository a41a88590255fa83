"""What one may text to try a gateway, in the languages of its subscribers."""

from __future__ import annotations

from typing import Final, NamedTuple


class Samples(NamedTuple):
    """Texts of one language; `code` is its BCP 47 tag, `name` what its speakers call it, `short` in two letters."""

    code: str
    name: str
    short: str
    texts: tuple[str, ...]


SAMPLES: Final = (
    Samples("en", "English", "EN", ("BALANCE", "HELP", "0", "SARKOR*n25656*50000*parol1")),
    Samples("ru", "Русский", "РУ", ("БАЛАНС", "ПОМОЩЬ", "НЕТ", "САРКОР*n25656*50000*parol1")),
    Samples("uz", "O‘zbekcha", "O‘Z", ("BALANS", "YORDAM", "BEKOR", "TO'LOV sarkor n25656 50000 parol1")),
    Samples("uz-Cyrl", "Ўзбекча", "ЎЗ", ("ҚОЛДИҚ", "ЁРДАМ", "БЕКОР", "ТЎЛОВ саркор n25656 50000 parol1")),
)
"""In each language: the balance, help, no, and a payment."""
