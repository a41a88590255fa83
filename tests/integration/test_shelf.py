"""The shelf: files for providers, each whole, private, and under its own name."""

from __future__ import annotations

from pathlib import Path

import pytest

from smsgw.shelf import FolderShelf


def test_a_file_is_put_where_its_folder_did_not_exist_yet(tmp_path: Path) -> None:
    folder = tmp_path / "registries" / "2026"
    FolderShelf(folder).put("SMSGW_comnet_202611211.csv", b"Total: 0 0.00\r\n")
    (file,) = folder.iterdir()
    assert (file.name, file.read_bytes()) == ("SMSGW_comnet_202611211.csv", b"Total: 0 0.00\r\n")
    assert file.stat().st_mode & 0o007 == 0


def test_the_same_file_again_is_the_same_file(tmp_path: Path) -> None:
    shelf = FolderShelf(tmp_path)
    for octets in (b"one", b"one", b"two"):
        shelf.put("a.csv", octets)
    assert [file.read_bytes() for file in tmp_path.iterdir()] == [b"two"]


@pytest.mark.parametrize("name", ["../a.csv", "a/b.csv", "/etc/a.csv"])
def test_a_name_leads_nowhere_else(tmp_path: Path, name: str) -> None:
    with pytest.raises(AssertionError, match="no plain file name"):
        FolderShelf(tmp_path).put(name, b"")


def test_a_folder_that_cannot_be_made_is_told(tmp_path: Path) -> None:
    (tmp_path / "file").write_bytes(b"")
    with pytest.raises(OSError, match=r"."):
        FolderShelf(tmp_path / "file").put("a.csv", b"")
