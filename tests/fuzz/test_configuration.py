"""Whatever stands in the files of a configuration, they are read whole or refused by file, key and reason."""

from __future__ import annotations

import asyncio
import json
import tomllib
from collections.abc import Iterator, Mapping
from datetime import UTC, date, datetime, time
from pathlib import Path
from typing import Any, Final

import pytest
from hypothesis import given, strategies as st

from smsgw.providers.http import HttpClient
from smsgw.settings.load import Configuration, load
from smsgw.settings.problems import ConfigurationError
from smsgw.wiring import build_providers
from tests.fuzz.budget import cases

SHIPPED: Final = {
    name: (Path("config") / name).read_bytes()
    for name in ("smsgw.toml", "providers.toml", "words.toml", "replies.toml")
}
TABLES: Final[Mapping[str, dict[str, Any]]] = {name: tomllib.loads(file.decode()) for name, file in SHIPPED.items()}
ENVIRONMENT: Final = {
    "SMSGW_KEYS__MASTER": "ab" * 32,
    "SMSGW_HTTP__TOKEN": "t" * 32,
    "SIMULATOR_PASSWORD": "simpass",
    "SARKOR_SECRET": "sarkor",
}
# A whole configuration takes fifty milliseconds: as long as ten cases of the others.
COST: Final = 10
FILES: Final = st.sampled_from(list(SHIPPED))

# Texts that mean something to somebody: a path, a zone, a pattern, a sum, an address, a placeholder.
TEXTS: Final = (
    st.sampled_from(
        [
            "", " ", "\0", "a", "/", "/dev/null", "..", "Asia", "[", "(?P<id>", "a{99999999999}", "(" * 500, "(a|b)*",
            "{", "}", "{code}", "{code!r:>9}", "{0}", "{code.x}", "0", "-1", "1e5", "NaN", "9" * 30, "0x10", "٣",
            "http://[::1", "https://a.uz:99999/", "file:///etc/passwd", "1.2.3.4:80", ":", "::", "UZS", "ESME_ROK",
            "0" * 10, "99999999999", "\U0001f600", "İ", "é", "24:00", "*", "x" * 500, "postgresql://", "sqlite:///\0",
        ]
    )
    | st.text(max_size=12)
)  # fmt: skip
LEAVES: Final = (
    TEXTS
    | st.sampled_from([0, -1, 1, 255, 70_000, 2**31, 2**63, -(2**70), 10**60])
    | st.sampled_from([0.0, -0.0, 0.5, 1e-320, 1e300, float("inf"), float("-inf"), float("nan")])
    | st.sampled_from([True, False, date(2026, 2, 28), time(23, 59), datetime(2026, 1, 1, tzinfo=UTC)])
)
KEYS: Final = st.text(max_size=8) | st.sampled_from(["host", "port", "en", "what", "pattern", "min", "statuses", "url"])
VALUES: Final = st.recursive(
    LEAVES, lambda inner: st.lists(inner, max_size=3) | st.dictionaries(KEYS, inner, max_size=3), max_leaves=6
)


def written(value: object) -> str:
    """A value as TOML writes it; tables stand in braces."""
    match value:
        case str():
            return json.dumps(value, ensure_ascii=False).replace("\x7f", "\\u007f")
        case list():
            return f"[{', '.join(map(written, value))}]"
        case dict():
            return f"{{{', '.join(f'{written(key)} = {written(inner)}' for key, inner in value.items())}}}"
        case date() | time():
            return value.isoformat()
        case _:
            return str(value).lower()  # true, 1, 1e300, inf, nan


def document(tables: Mapping[str, object]) -> bytes:
    return "\n".join(f"{written(key)} = {written(value)}" for key, value in tables.items()).encode()


@st.composite
def changed(draw: st.DrawFn, tables: dict[str, Any]) -> dict[str, Any]:
    """The tables with one value, at any depth, made another; or one more key, or one less."""
    key = draw(st.sampled_from(sorted(tables))) if tables else draw(KEYS)
    inner = tables.get(key)
    if isinstance(inner, dict) and draw(st.integers(0, 9)):
        return {**tables, key: draw(changed(inner))}
    if isinstance(inner, list) and inner and draw(st.booleans()):
        place = draw(st.integers(0, len(inner) - 1))
        element = draw(changed(inner[place])) if isinstance(inner[place], dict) else draw(VALUES)
        return {**tables, key: [*inner[:place], element, *inner[place + 1 :]]}
    match draw(st.integers(0, 3)):
        case 0:
            return {name: value for name, value in tables.items() if name != key}
        case 1:
            return {**tables, draw(KEYS): draw(VALUES)}
        case _:
            return {**tables, key: draw(VALUES)}


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Path]:
    with pytest.MonkeyPatch.context() as patch:
        for name, value in ENVIRONMENT.items():
            patch.setenv(name, value)
        yield tmp_path_factory.mktemp("config")


def outcome(folder: Path, name: str, octets: bytes) -> Configuration | ConfigurationError:
    """What a start of the gateway makes of the shipped files, one of them with other octets."""
    for each, shipped in SHIPPED.items():
        (folder / each).write_bytes(octets if each == name else shipped)
    try:
        configuration = load(folder / "smsgw.toml", ENVIRONMENT)
        asyncio.run(try_providers(configuration))
    except ConfigurationError as error:
        return error
    return configuration


async def try_providers(configuration: Configuration) -> None:
    async with HttpClient() as http:
        build_providers(configuration.providers, configuration.secrets, http)


def judge(result: Configuration | ConfigurationError) -> None:
    """A problem has a file and a reason; a key stands wherever the file could be read as TOML."""
    if isinstance(result, ConfigurationError):
        assert result.problems
        for problem in result.problems:
            assert problem.file
            assert problem.reason.strip()


def test_the_shipped_tables_survive_our_own_writing(folder: Path) -> None:
    """Else changing them would try nothing but the reader of TOML."""
    for name, tables in TABLES.items():
        assert isinstance(outcome(folder, name, document(tables)), Configuration)


@cases(15, COST)
@given(name=FILES, octets=st.binary(max_size=60))
def test_octets_of_chance_are_refused_or_say_nothing(folder: Path, name: str, octets: bytes) -> None:
    judge(outcome(folder, name, octets))


@cases(15, COST)
@given(name=FILES, data=st.data())
def test_a_file_with_a_hole_or_noise_is_read_or_refused(folder: Path, name: str, data: st.DataObject) -> None:
    good = SHIPPED[name]
    start = data.draw(st.integers(0, len(good)))
    end = data.draw(st.integers(start, min(len(good), start + 200)))
    noise = data.draw(st.binary(max_size=6) | st.sampled_from([b'"', b"]", b"=", b"\n[", b"[[" * 700, b"9" * 5000]))
    judge(outcome(folder, name, good[:start] + noise + good[end:]))


@cases(40, COST)
@given(name=FILES, data=st.data())
def test_a_value_of_any_kind_in_any_place_is_taken_or_refused(folder: Path, name: str, data: st.DataObject) -> None:
    """What is taken can be put together: its providers are built, or their own mistakes are named."""
    judge(outcome(folder, name, document(data.draw(changed(TABLES[name])))))
