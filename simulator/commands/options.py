"""From dataclasses to options: a command's fields are what one may type.

Rule: what cannot be read is a ValueError that names the option; the command line makes wrong usage of it.
"""

from __future__ import annotations

import inspect
import os
from collections import Counter
from collections.abc import Callable, Iterable
from dataclasses import MISSING, fields
from typing import Annotated, Any, Final, ParamSpec, TypeVar, get_type_hints

import typer
from yarl import URL

from simulator.billing.provider import BillingSetup
from simulator.commands.output import err
from simulator.configuration.addresses import read_address
from simulator.configuration.problems import ConfigurationError
from simulator.configuration.sections import judge_password, judge_system_id
from simulator.settings import judge_token
from simulator.tapes.following import Door

WRONG: Final = 2
"""The exit code of wrong usage, a file's too."""

SECONDS_MAX: Final = 86_400.0
"""Of a wait that is typed: a day. No trial waits longer."""

TokenEnv = Annotated[
    str, typer.Option(help="The environment variable with the simulator's token, if it has one.", show_default=False)
]

Options = TypeVar("Options")
Values = ParamSpec("Values")
Value = TypeVar("Value")


def takes(options: type[Options]) -> Callable[[Callable[[Options], int]], Callable[..., None]]:
    """Make a command of a function that takes *options* and returns its exit code."""

    def decorate(function: Callable[[Options], int]) -> Callable[..., None]:
        def command(**values: Any) -> None:
            raise typer.Exit(function(options(**values)))

        hints = get_type_hints(options, include_extras=True)
        parameters = [
            inspect.Parameter(name, inspect.Parameter.KEYWORD_ONLY, default=default, annotation=hints[name])
            for name, default in _defaults(options)
        ]
        command.__name__, command.__doc__ = function.__name__, function.__doc__
        command.__annotations__ = hints
        # Typer looks at the signature, which a dataclass has already: there is no need to write it twice.
        command.__signature__ = inspect.Signature(parameters)  # type: ignore[attr-defined] # functions have one
        return command

    return decorate


def _defaults(options: type[Any]) -> list[tuple[str, Any]]:
    def default(one: Any) -> Any:
        if one.default_factory is not MISSING:
            return one.default_factory()
        return inspect.Parameter.empty if one.default is MISSING else one.default

    return [(one.name, default(one)) for one in fields(options)]


def typed(read: Callable[Values, Value], *values: Values.args, **named: Values.kwargs) -> Value:
    """Read what was typed; what cannot be read is wrong usage."""
    try:
        return read(*values, **named)
    except ConfigurationError as error:
        for problem in error.problems:
            err().print(str(problem), markup=False, soft_wrap=True)
        raise typer.Exit(WRONG) from None
    except OSError as error:
        about_a_file = error.filename is not None and error.strerror
        raise typer.BadParameter(f"{error.filename}: {error.strerror}" if about_a_file else str(error)) from None
    except ValueError as error:
        raise typer.BadParameter(str(error)) from None


def address(option: str, words: str) -> tuple[str, int]:
    """HOST:PORT. Raises ValueError."""
    try:
        return read_address(words)
    except ValueError as error:
        raise ValueError(f"{option}: {error}") from None


def seconds(option: str, value: float) -> float:
    """A time to wait; infinity and what is no number are none. Raises ValueError."""
    if not 0 <= value <= SECONDS_MAX:
        raise ValueError(f"{option}: 0 to {SECONDS_MAX:.0f} seconds")
    return value


def pair(option: str, words: str, separator: str) -> tuple[str, str]:
    """Two halves with *separator* between them. Raises ValueError."""
    key, found, value = words.partition(separator)
    if not (key and found):
        raise ValueError(f"{option}: {words!r} has no {separator!r} between its two halves")
    return key, value


def pairs(option: str, some: Iterable[str], separator: str) -> dict[str, str]:
    """Pairs by their first halves, each of which is there once. Raises ValueError."""
    found = [pair(option, words, separator) for words in some]
    judge_twins(option, (key for key, _ in found))
    return dict(found)


def judge_twins(option: str, names: Iterable[str]) -> None:
    """Refuse a name that is there twice: which of the two is meant? Raises ValueError."""
    for name, count in Counter(names).items():
        if count > 1:
            raise ValueError(f"{option}: {name!r} is there twice: leave one out")


def accounts(option: str, some: Iterable[str]) -> dict[str, str]:
    """SYSTEM_ID:PASSWORD, such as a bind can carry. Raises ValueError."""
    found = pairs(option, some, ":")
    for system_id, password in found.items():
        try:
            judge_system_id(system_id)
            judge_password(password)
        except ValueError as error:
            raise ValueError(f"{option}: {system_id!r}: {error}") from None
    return found


def read_token(option: str, variable: str) -> str:
    """The token in an environment variable; empty where none is named. Raises ValueError."""
    if not variable:
        return ""
    token = os.environ.get(variable)
    if not token:
        raise ValueError(f"{option}: the environment has no variable {variable}")
    try:
        judge_token(token)
    except ValueError as error:
        raise ValueError(f"{option}: the variable {variable}: {error}") from None
    return token


def door(url: str, token_env: str) -> Door:
    """Where a running simulator is, from --url and --token-env. Raises ValueError."""
    if not _is_address(url):
        raise ValueError(f"--url: {url!r} is no address such as http://127.0.0.1:8090")
    return Door(url, read_token("--token-env", token_env))


def _is_address(url: str) -> bool:
    try:
        parsed = URL(url)
    except ValueError:
        return False
    return parsed.scheme in {"http", "https"} and bool(parsed.host) and parsed.path_qs in {"", "/"}


def provider(words: str) -> BillingSetup:
    """NAME:PROTOCOL[:LOGIN[:PASSWORD]]. Raises ValueError."""
    parts = words.split(":", 3)
    if len(parts) < 2 or not all(parts[:2]):
        raise ValueError(f"--provider: {words!r} is no NAME:PROTOCOL[:LOGIN[:PASSWORD]], such as comnet:osmp")
    name, protocol, login, password = [*parts, "", ""][:4]
    try:
        return BillingSetup(name=name, protocol=protocol, login=login, password=password)
    except ValueError as error:
        raise ValueError(f"--provider: {error}") from None
