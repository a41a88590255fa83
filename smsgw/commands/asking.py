"""Commands that ask one question: a function from arguments to the question, given `--config` and `--json` here."""

from __future__ import annotations

import inspect
from collections.abc import Awaitable, Callable
from pathlib import Path
from typing import Any, Final, TypeVar

import typer

from smsgw.commands.desk import Desk, ask
from smsgw.commands.money_desk import MoneyDesk
from smsgw.commands.terminal import CONFIG, ConfigOption, JsonOption, err, fields, print_json
from smsgw.web.documents import Document
from smsgw.web.problems import Problem

Question = Callable[[Desk], Awaitable[Document | Problem]]
MoneyQuestion = Callable[[MoneyDesk], Awaitable[Document | Problem]]
Show = Callable[[Document], None]
B = TypeVar("B", bound=Callable[..., Question | MoneyQuestion])

COMMON: Final = (
    inspect.Parameter("config", inspect.Parameter.KEYWORD_ONLY, default=CONFIG, annotation=ConfigOption),
    inspect.Parameter("as_json", inspect.Parameter.KEYWORD_ONLY, default=False, annotation=JsonOption),
)
"""The options of every command that asks."""


def asking(
    group: typer.Typer,
    name: str,
    example: str,
    show: Show = fields,
    through: Callable[[Path, Any], Document] | None = None,
) -> Callable[[B], B]:
    """Make a command of a function that builds the question; *show* prints the answer for people.

    *through* puts the question to a desk, `desk.ask` if left out.
    """

    def register(build: B) -> B:
        def command(*, config: Any, as_json: Any, **arguments: Any) -> None:
            question: Any = build(**arguments)
            with err().status("Asking ..."):
                answer = (through or ask)(config, question)
            (print_json if as_json else show)(answer)

        signature = inspect.signature(build, eval_str=True)
        both = [*signature.parameters.values(), *COMMON]
        command.__signature__ = signature.replace(parameters=both, return_annotation=None)  # type: ignore[attr-defined]  # what Typer reads
        command.__annotations__ = {parameter.name: parameter.annotation for parameter in both}
        group.command(name, help=build.__doc__, epilog=f"Example: {example}")(command)
        return build

    return register
