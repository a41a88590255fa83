"""Words that must not stand in any file, and references that must lead somewhere."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Final

import pytest

from tests.repo.tree import ROOT, texts

# This file names the forbidden words, so it builds them from halves.
FORBIDDEN: Final[dict[str, str]] = {
    "/" + "work": "a path of one machine",
    "/" + "root/": "a path of one machine",
    "/" + "tmp/": "a path of one machine; tests are given a folder",
    "sha" + "red/": "a folder outside the project",
    "iss" + "ue #": "a number that leads nowhere",
    "TO" + "DO": "work that is not done yet is not in the tree",
    "FIX" + "ME": "work that is not done yet is not in the tree",
    "# XX" + "X": "work that is not done yet is not in the tree",
    "extra-" + "index": "packages come from where the reader's pip looks",
    "lorem " + "ipsum": "words that say nothing",
}

MARKDOWN: Final = [path for path, _ in texts() if path.endswith(".md")]


@pytest.mark.parametrize("word", FORBIDDEN)
def test_no_file_says(word: str) -> None:
    pattern = re.compile(rf"(?<![\w.]){re.escape(word)}(?![a-z])" if word.startswith("/") else re.escape(word))
    found = [path for path, text in texts() if pattern.search(text)]
    assert not found, f"{FORBIDDEN[word]}: {', '.join(found)}"


@pytest.mark.parametrize("path", MARKDOWN)
def test_links_lead_somewhere(path: str) -> None:
    text = (ROOT / path).read_text(encoding="utf-8")
    links = re.findall(r"\]\((?!https?:|mailto:|#)([^)#\s]+)", text)
    dead = [link for link in links if not (ROOT / Path(path).parent / link).exists()]
    assert not dead, f"{path} links to what does not exist: {dead}"


def test_documents_that_are_named_exist() -> None:
    """A comment that sends the reader to `name.md` sends them to a file of this repository."""
    known = {Path(path).name for path in MARKDOWN}
    pattern = re.compile(r"[\w-]+\.md\b")
    dead = [f"{path}: {name}" for path, text in texts() for name in pattern.findall(text) if name not in known]
    dead = [entry for entry in dead if not entry.endswith(": name.md")]
    assert not dead, "\n".join(sorted(set(dead)))
