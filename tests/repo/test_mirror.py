"""The tests mirror the code: smsgw/PATH/NAME.py is tested by tests/unit/PATH/test_NAME.py.

Code that cannot be tried without I/O is mirrored in tests/integration or tests/contract instead: `NEEDS_IO` says
which, and why. Code that only a running process can show is named in `WHOLE`, with the test that shows it.
"""

from __future__ import annotations

from pathlib import PurePosixPath
from typing import Final

import pytest

from tests.repo.tree import ROOT, modules

# Folder or module (a prefix of its path) → where its mirror may also stand, and the reason.
NEEDS_IO: Final[dict[str, tuple[str, str]]] = {
    "smsgw/store/": ("integration", "SQL is only true in a database"),
    "smsgw/providers/": ("contract", "a protocol is tried against a provider that speaks it over HTTP"),
    "smsgw/web/": ("integration", "pages and the API are tried over HTTP"),
    "smsgw/commands/": ("integration", "a command is tried as the process that people start"),
    "smsgw/smpp/link.py": ("integration", "the one socket is tried with a socket"),
    "smsgw/hashing.py": ("integration", "a pool of threads is tried with threads"),
}

# Modules without a mirror of their own → the test that tries them whole, and the reason.
WHOLE: Final[dict[str, tuple[str, str]]] = {}

# Plain declarations: nothing to run.
DECLARATIONS: Final[dict[str, str]] = {
    "smsgw/ports.py": "Protocols only; every implementation is tested where it stands",
}


def mirrors(path: str) -> list[str]:
    """Where the tests of the module at *path* may stand, the usual place first."""
    inner = PurePosixPath(path).relative_to("smsgw")
    places = ["unit", *(place for prefix, (place, _) in NEEDS_IO.items() if path.startswith(prefix))]
    return [f"tests/{place}/{inner.parent / f'test_{inner.name}'}" for place in places]


def has_mirror(path: str) -> bool:
    """True if a mirror of the module at *path* exists."""
    return any((ROOT / place).is_file() for place in mirrors(path))


def test_every_module_has_its_tests() -> None:
    needing = [m.path for m in modules("smsgw") if m.has_code and m.path not in WHOLE and m.path not in DECLARATIONS]
    missing = [f"{path}: write {' or '.join(mirrors(path))}" for path in needing if not has_mirror(path)]
    assert not missing, "\n".join(missing)


def test_no_test_outlives_its_module() -> None:
    paths = [PurePosixPath(module.path).relative_to("tests/unit") for module in modules("tests/unit")]
    mirrored = {p: f"smsgw/{p.parent / p.name.removeprefix('test_')}" for p in paths if p.name.startswith("test_")}
    orphans = [f"tests/unit/{test}: no {module}" for test, module in mirrored.items() if not (ROOT / module).is_file()]
    assert not orphans, "\n".join(orphans)


@pytest.mark.parametrize("entry", [*NEEDS_IO, *WHOLE, *DECLARATIONS])
def test_the_tables_name_what_exists(entry: str) -> None:
    if not (ROOT / entry).exists():
        pytest.skip(f"{entry} is not written yet")
    assert entry not in WHOLE or (ROOT / WHOLE[entry][0]).is_file(), f"{WHOLE[entry][0]} does not exist"


def test_test_folders_are_no_packages() -> None:
    """Names of test files repeat in different folders; packages would make them collide."""
    packages = [module.path for module in modules("tests") if module.path.endswith("/__init__.py")]
    assert not packages, packages
