"""The repository as facts: its files, its modules, their functions. The tests beside this file judge them.

Rule 1: nothing here judges; sources are read, not run.
Rule 2: what git would not track (environments, caches, local data) is not seen.
"""

from __future__ import annotations

import ast
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Final

ROOT: Final = Path(__file__).resolve().parents[2]

# Folders that are made, not written.
UNTRACKED: Final = frozenset({"var", "dist", "__pycache__", "build"})
# The only hidden names that are ours.
HIDDEN: Final = frozenset({".ci", ".gitignore", ".editorconfig"})


@dataclass(frozen=True, slots=True)
class Function:
    """One function or method: where it stands and how large it is."""

    where: str
    name: str
    node: ast.FunctionDef | ast.AsyncFunctionDef

    @property
    def lines(self) -> int:
        """Lines from `def` to the end, without the docstring."""
        end = self.node.end_lineno or self.node.lineno
        return end - self.node.lineno + 1 - docstring_lines(self.node)

    @property
    def parameters(self) -> int:
        """How many things a caller can pass; self and cls are not passed."""
        arguments = self.node.args
        names = [argument.arg for argument in (*arguments.posonlyargs, *arguments.args, *arguments.kwonlyargs)]
        return len(names) - (names[:1] in (["self"], ["cls"])) + bool(arguments.vararg) + bool(arguments.kwarg)

    @property
    def has_body(self) -> bool:
        """False where only a docstring or `...` stands, as in a Protocol."""
        return any(not (isinstance(s, ast.Expr) and isinstance(s.value, ast.Constant)) for s in self.node.body)

    def __str__(self) -> str:
        return f"{self.where}:{self.node.lineno} {self.name}"


@dataclass(frozen=True, slots=True)
class Module:
    """One Python file; `path` is relative to the repository, with slashes."""

    path: str
    source: str
    tree: ast.Module

    @property
    def name(self) -> str:
        """The dotted name: smsgw.smpp.codec."""
        return self.path.removesuffix(".py").removesuffix("/__init__").replace("/", ".")

    @property
    def does_something(self) -> bool:
        """True if any function has a body; False for plain declarations: constants, enums, values, ports."""
        return any(function.has_body for function in self.functions())

    def functions(self) -> Iterator[Function]:
        """Every function, nested ones too."""
        for node in ast.walk(self.tree):
            if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
                yield Function(self.path, node.name, node)

    def calls(self) -> Iterator[ast.Call]:
        """Every call in the file."""
        return (node for node in ast.walk(self.tree) if isinstance(node, ast.Call))

    def at(self, node: ast.expr | ast.stmt | ast.excepthandler) -> str:
        """Where *node* stands, for a message."""
        return f"{self.path}:{node.lineno}"


def docstring_lines(node: ast.FunctionDef | ast.AsyncFunctionDef) -> int:
    """Lines that the docstring of a function takes; 0 without one."""
    if ast.get_docstring(node, clean=False) is None:
        return 0
    first = node.body[0]
    return (first.end_lineno or first.lineno) - first.lineno + 1


@cache
def files() -> tuple[Path, ...]:
    """Every file of the repository, sorted."""
    return tuple(sorted(_walk(ROOT)))


def _walk(folder: Path) -> Iterator[Path]:
    for path in folder.iterdir():
        hidden = path.name.startswith(".") and path.name not in HIDDEN
        if hidden or path.name in UNTRACKED or path.name.endswith(".egg-info"):
            continue
        if path.is_dir():
            yield from _walk(path)
        elif path.suffix != ".pyc":
            yield path


@cache
def modules(*folders: str) -> tuple[Module, ...]:
    """The Python files under these folders of the repository."""
    found = [path.relative_to(ROOT).as_posix() for path in files() if path.suffix == ".py"]
    return tuple(read(path) for path in found if path.startswith(tuple(f"{folder}/" for folder in folders)))


@cache
def read(path: str) -> Module:
    """Parse one Python file."""
    source = (ROOT / path).read_text(encoding="utf-8")
    return Module(path, source, ast.parse(source, filename=path))


@cache
def texts() -> tuple[tuple[str, str], ...]:
    """(path, content) of every text file: all files that are UTF-8."""
    found = []
    for path in files():
        try:
            found.append((path.relative_to(ROOT).as_posix(), path.read_text(encoding="utf-8")))
        except UnicodeDecodeError:
            continue  # a picture or a capture: no words in it
    return tuple(found)
