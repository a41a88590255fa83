"""The files of config/ fit the code: every word, reply and provider in them names something that exists."""

from __future__ import annotations

import ast
import re
import tomllib
from collections.abc import Iterator
from pathlib import Path
from typing import Any, Final

import pytest

from smsgw.domain.catalogue import Catalogue
from smsgw.parser.intents import Reason
from smsgw.parser.words import Lexicon
from smsgw.replies.check import check
from smsgw.replies.events import EVENTS
from smsgw.replies.texts import ReplyTexts
from smsgw.settings.load import load
from tests.repo.tree import ROOT, modules

CONFIG: Final = ROOT / "config"

# The functions that put an answer into the outbox; their first word is the name of its event.
ANSWERS: Final = frozenset({"answer", "put_answer", "put_code", "put_result", "Reply"})


def table(name: str) -> dict[str, Any]:
    """One file of config/; skips the test while nobody has written it."""
    path = CONFIG / name
    if not path.exists():
        pytest.skip(f"config/{name} is not written yet")
    return tomllib.loads(path.read_text(encoding="utf-8"))


def test_the_replies_are_good() -> None:
    """Every rule of `smsgw check`: placeholders, one segment, all languages, no event without words."""
    texts = ReplyTexts.of(table("replies.toml"), constants={"sc": "1400", "cc": "8001003900"})
    problems = check(texts, "config/replies.toml")
    assert not problems, "\n".join(f"{problem.key}: {problem.reason}" for problem in problems)


def test_the_command_words_mean_one_thing_each() -> None:
    Lexicon.of(table("words.toml"), Catalogue(()))


def test_every_reason_of_the_parser_has_a_reply() -> None:
    assert {reason.value for reason in Reason} <= set(EVENTS)


def shipped() -> list[Path]:
    """The main file of every configuration in config/."""
    return sorted(CONFIG.rglob("smsgw*.toml"))


def test_every_shipped_configuration_is_good(monkeypatch: pytest.MonkeyPatch) -> None:
    """What `smsgw check` says of them, given the secrets that they name."""
    if not shipped():
        pytest.skip("config/smsgw.toml is not written yet")
    for path in shipped():
        tables = "".join(file.read_text(encoding="utf-8") for file in path.parent.glob("*.toml"))
        named = re.findall(r'_env\s*=\s*"(\w+)"', tables)
        environment = dict.fromkeys(named, "secret") | {"SMSGW_KEYS__MASTER": "00" * 32, "SMSGW_HTTP__TOKEN": "t" * 32}
        for name, value in environment.items():
            monkeypatch.setenv(name, value)
        load(path, environment)


def answers() -> Iterator[str]:
    """The events that the use cases name in full."""
    calls = [call for module in modules("smsgw/service") for call in module.calls()]
    for call in calls:
        if ast.unparse(call.func).split(".")[-1] in ANSWERS:
            words = [a.value for a in call.args if isinstance(a, ast.Constant) and isinstance(a.value, str)]
            yield from words[:1]


def test_every_answer_has_its_words() -> None:
    assert set(answers()) <= set(EVENTS), set(answers()) - set(EVENTS)


def test_every_reply_is_sent_by_somebody() -> None:
    """Words that nobody sends are a promise that the service does not keep."""
    code = [module for module in modules("smsgw") if not module.path.startswith("smsgw/replies/")]
    constants = [node for module in code for node in ast.walk(module.tree) if isinstance(node, ast.Constant)]
    silent = set(EVENTS) - {node.value for node in constants if isinstance(node.value, str)}
    assert not silent, f"no code names: {', '.join(sorted(silent))}"
