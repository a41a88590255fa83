"""The tests mirror the code: what smsgw/PATH/NAME.py does is tested by tests/unit/PATH/test_NAME.py.

Plain declarations (constants, enums, values, ports) need no test of their own. What cannot be tried without I/O is
mirrored elsewhere: `ELSEWHERE` says what, where, and why.
"""

from __future__ import annotations

from pathlib import PurePosixPath
from typing import Final

import pytest

from tests.repo.tree import ROOT, modules

# Folder or module (a prefix of its path) → where its mirror may also stand (a folder of tests, or the one file that
# tries it as a whole), and the reason.
ELSEWHERE: Final[dict[str, tuple[str, str]]] = {
    "smsgw/store/": ("contract", "SQL is only true in a database, and must be equally true in each of them"),
    "smsgw/providers/": ("contract", "a protocol is tried against a provider that speaks it over HTTP"),
    "smsgw/web/": ("integration", "pages and the API are tried over HTTP"),
    "smsgw/commands/": ("integration", "a command is tried as the process that people start"),
    "smsgw/smpp/link.py": ("integration", "the one socket is tried with a socket"),
    "smsgw/smpp/connection.py": ("integration", "the same socket"),
    "smsgw/hashing.py": ("integration", "a pool of threads is tried with threads"),
    "smsgw/system.py": ("integration", "the real clock and the real chance"),
    "smsgw/worker.py": ("integration", "a pump is tried while it runs"),
    "smsgw/settings/": ("integration", "a configuration is a file and the environment"),
    "smsgw/service/": ("integration", "a use case is a transaction: it is tried on a store"),
    "smsgw/shelf.py": ("integration", "a folder is tried on a disk"),
    "smsgw/app.py": ("integration", "the wiring is tried as a whole gateway"),
    "smsgw/node.py": ("integration/test_app.py", "the same wiring; the simulation runs it too"),
    "smsgw/wiring.py": ("integration/test_app.py", "the same wiring"),
    "smsgw/cli.py": ("integration", "a command is tried as the process that people start"),
}


def mirrors(path: str) -> list[str]:
    """Where the tests of the module at *path* may stand, the usual place first."""
    inner = PurePosixPath(path).relative_to("smsgw")
    mirror = inner.parent / f"test_{inner.name}"
    places = ["unit", *(place for prefix, (place, _) in ELSEWHERE.items() if path.startswith(prefix))]
    return [f"tests/{place if place.endswith('.py') else PurePosixPath(place) / mirror}" for place in places]


def has_mirror(path: str) -> bool:
    """True if a mirror of the module at *path* exists."""
    return any((ROOT / place).is_file() for place in mirrors(path))


def test_every_module_has_its_tests() -> None:
    needing = [m.path for m in modules("smsgw") if m.does_something]
    missing = [f"{path}: write {' or '.join(mirrors(path))}" for path in needing if not has_mirror(path)]
    assert not missing, "\n".join(missing)


def mirrored(path: str) -> bool:
    """True if the module that *path* tests exists. test_NAME_ASPECT.py tests one aspect of NAME."""
    inner = PurePosixPath(path).relative_to("tests/unit")
    words = inner.stem.removeprefix("test_").split("_")
    names = ["_".join(words[:count]) for count in range(1, len(words) + 1)]
    home = ROOT if inner.parts[0] == "simulator" else ROOT / "smsgw"
    return any((home / inner.parent / f"{name}.py").is_file() for name in names)


def test_no_test_outlives_its_module() -> None:
    tests = [module.path for module in modules("tests/unit") if PurePosixPath(module.path).name.startswith("test_")]
    orphans = [path for path in tests if not mirrored(path)]
    assert not orphans, "\n".join(orphans)


@pytest.mark.parametrize("entry", ELSEWHERE)
def test_the_table_names_what_exists(entry: str) -> None:
    if not (ROOT / entry).exists():
        pytest.skip(f"{entry} is not written yet")
    place = ELSEWHERE[entry][0]
    assert not place.endswith(".py") or (ROOT / "tests" / place).is_file(), f"tests/{place} does not exist"


def test_test_folders_are_no_packages() -> None:
    """Names of test files repeat in different folders; packages would make them collide."""
    packages = [module.path for module in modules("tests") if module.path.endswith("/__init__.py")]
    assert not packages, packages
