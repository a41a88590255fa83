"""What reading a text costs: the usual ways of writing a payment, a code, a question."""

from __future__ import annotations

import tomllib
from functools import partial
from pathlib import Path
from typing import Final

from bench.figures import Figure, Section, cost_us
from smsgw.domain.catalogue import Catalogue
from smsgw.parser.parse import parse
from smsgw.parser.words import Lexicon
from smsgw.settings.catalogue import read_providers

CONFIG: Final = Path(__file__).parents[1] / "config"

TEXTS: Final = {
    "a payment with stars": "SARKOR*n25656*50000*secret1",
    "a payment in Cyrillic with spaces": "САРКОР n25656 50000 secret1",
    "a code": "483920",
    "a question": "BALANCE",
    "a payment with a mistake": "SARKO*n25656*50.000*secret1",
}


def measure(rounds: int) -> Section:
    """Read each text with the shipped words and providers."""
    lexicon = shipped_lexicon()
    costs = cost_us({name: partial(parse, text, lexicon) for name, text in TEXTS.items()}, rounds)
    figures = (Figure(name, f"{cost:.1f} µs", f"`{TEXTS[name]}`") for name, cost in costs.items())
    return Section("Parser, µs a text", tuple(figures))


def shipped_lexicon() -> Lexicon:
    """The words and providers of config/."""
    providers, problems = read_providers(_table("providers.toml"), CONFIG / "providers.toml")
    assert not problems, problems
    payees = tuple(section.payee(name) for name, section in providers.items())
    return Lexicon.of(_table("words.toml"), Catalogue(payees))


def _table(name: str) -> dict[str, dict[str, list[str]]]:
    return tomllib.loads((CONFIG / name).read_text(encoding="utf-8"))
