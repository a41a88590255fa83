"""Secrets travel as `Secret`, and no log line can hold one, or anything that a subscriber wrote."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator
from typing import Final

import pytest

from tests.repo.test_logs import CATALOGUE, log_calls
from tests.repo.tree import Module, modules

# A name that says what is inside.
SECRET: Final = re.compile(r"(^|_)(password|secret|token|master|passphrase|code_key)$")
# What shows itself wherever it is shown; pydantic's SecretStr is what it makes of a table or a body, for a moment.
PLAIN: Final = re.compile(r"\b(str|bytes|object|Any)\b")
HIDDEN: Final = re.compile(r"\b(Secret|SecretStr)\b")
# Secrets that are plain, and why that is no harm.
PLAIN_BY_INTENT: Final[dict[str, str]] = {
    "smsgw/commands/demo.py secret": "the demo's own, made for one run and given to its simulated billing",
    "smsgw/commands/stage.py billing_secret": "the same, on its way into the environment of a process",
    "smsgw/sessions/keys.py master": "octets on their way into HKDF, within one call",
    "smsgw/settings/load.py master": "octets on their way into HKDF, within one call",
}
# Where secrets are used up: hashed, judged, compared, or written where they belong.
USED_UP: Final[dict[str, str]] = {
    "smsgw/app.py": "the database is opened",
    "smsgw/wiring.py": "the database is opened",
    "smsgw/commands/client.py": "the operations API is asked",
    "smsgw/commands/copies.py": "a copy is made or put back",
    "smsgw/commands/upkeep.py": "the database is opened",
    "smsgw/domain/secret.py": "two are compared",
    "smsgw/parser/payment.py": "its letters are judged: is it a password at all?",
    "smsgw/providers/click.py": "a request is signed",
    "smsgw/providers/credentials.py": "a header is made",
    "smsgw/providers/json_api.py": "a header is made",
    "smsgw/providers/sarkor.py": "the protocol has it in the body",
    "smsgw/service/confirm.py": "a code is derived and compared",
    "smsgw/service/outbox.py": "a code is derived, to be sent",
    "smsgw/sessions/keys.py": "things are digested and sealed",
    "smsgw/sessions/passwords.py": "a new password is judged",
    "smsgw/sessions/remembered.py": "a password is digested",
    "smsgw/settings/load.py": "what pydantic has read becomes a Secret; keys are derived",
    "smsgw/settings/sections.py": "the form of a URL is judged",
    "smsgw/smpp/connection.py": "the bind",
    "smsgw/smpp/link_settings.py": "its octets are judged",
    "smsgw/web/api.py": "what pydantic has read becomes a Secret",
    "smsgw/web/operators.py": "a token is digested",
}
ASKS: Final = frozenset({"reveal", "get_secret_value"})

# Every field that a log line may have stands on the page of events. Whoever adds one looks at it: can it hold a text?
FIELDS: Final = frozenset(re.findall(r"`([a-z0-9_]+)`", CATALOGUE.read_text(encoding="utf-8"))) | {"exc_info"}
# These are people's: only what `masked` leaves of them is shown.
NUMBERS: Final = frozenset({"number", "sender", "to"})
MASKED: Final = re.compile(r"masked\(|^sender$")
# What a person wrote or must not be read. `long_texts` is a setting, and names of events are ours.
TOLD: Final = re.compile(r"\b(text|body|password|secret|token|code|short_message|values|msisdn|account)\b")

pytestmark = pytest.mark.proves("I23")


def declared(module: Module) -> Iterator[tuple[str, ast.expr]]:
    """(name, annotation) of every parameter and of every field of a class."""
    for node in ast.walk(module.tree):
        if isinstance(node, ast.arg) and node.annotation:
            yield node.arg, node.annotation
        elif isinstance(node, ast.ClassDef):
            for field in node.body:
                if isinstance(field, ast.AnnAssign):
                    yield ast.unparse(field.target), field.annotation


def plain_secrets(module: Module) -> set[str]:
    """Parameters and fields that hold a secret and would show it."""
    found = {name for name, kind in declared(module) if SECRET.search(name) and _shows(ast.unparse(kind))}
    return {f"{module.path} {name}" for name in found}


def _shows(kind: str) -> bool:
    return bool(PLAIN.search(HIDDEN.sub("", kind).replace("[str]", "").replace("[bytes]", "")))


def asked(module: Module) -> bool:
    return any(isinstance(node, ast.Attribute) and node.attr in ASKS for node in ast.walk(module.tree))


def told(module: Module) -> list[str]:
    """Log calls that may tell too much."""
    return [f"{module.at(call)} {why}" for call in log_calls(module) for why in _faults(call)]


def _faults(call: ast.Call) -> Iterator[str]:
    for field in call.keywords:
        value = ast.unparse(field.value)
        if field.arg is None:
            continue  # `**fields`: the fields are checked where the dictionary is made, by the test of leaks
        if field.arg not in FIELDS:
            yield f"{field.arg}: no field that docs/logs.md knows"
        if field.arg in NUMBERS and not MASKED.search(value):
            yield f"{field.arg}: a person's number, and not masked"
        if any(isinstance(node, ast.JoinedStr) for node in ast.walk(field.value)):
            yield f"{field.arg}: a sentence; what varies is a field of its own"
        if "masked(" not in value and TOLD.search(value):
            yield f"{field.arg}: {value}"


def test_secrets_are_of_a_type_that_hides_them() -> None:
    """A parameter or field with such a name that is a plain text would be shown by the next repr or f-string."""
    found = {each for module in modules("smsgw") for each in plain_secrets(module)}
    assert found == set(PLAIN_BY_INTENT)


def test_secrets_are_asked_for_only_where_they_are_used_up() -> None:
    """A new place is a line of the table, so that somebody looks at it."""
    assert {module.path for module in modules("smsgw") if asked(module)} == set(USED_UP)


def test_no_log_line_has_a_text_or_a_number_of_a_person() -> None:
    found = [where for module in modules("smsgw") for where in told(module)]
    assert not found, "\n".join(found)


@pytest.mark.parametrize(
    "source",
    [
        "class A:\n    password: str",
        "class A:\n    token: str | None = None",
        "class A:\n    secrets: int\n    billing_secret: bytes",
        "def f(self, api_token: str) -> None: ...",
    ],
)
def test_a_plain_secret_would_be_found(source: str) -> None:
    assert plain_secrets(snippet(source))


@pytest.mark.parametrize(
    "source", ["class A:\n    password: Secret[str]", "def f(token: Secret[bytes] | None) -> None: ..."]
)
def test_a_hidden_secret_is_none_of_them(source: str) -> None:
    assert not plain_secrets(snippet(source))


@pytest.mark.parametrize(
    "fields",
    [
        "reason=f'bad {x}'",
        "reason=sms.text",
        "why=password",
        "answer=code",
        "number=msisdn",
        "sender=delivered.msisdn",
        "to=sms.to",
        "reason=str(values)",
        "body=x",
        "why=intent.password.reveal()",
    ],
)
def test_a_log_line_that_tells_too_much_would_be_found(fields: str) -> None:
    assert told(snippet(f"log.info('a.b', {fields})"))


def snippet(source: str) -> Module:
    return Module("smsgw/bad.py", source, ast.parse(source))
