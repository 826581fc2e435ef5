"""Listing a folder: everything, whatever its name, or an error."""

import os
from pathlib import Path

import pytest

from ingestion.errors import SourceUnavailable
from ingestion.sources.folder import list_folder


def _names(root: Path) -> list[str]:
    return [item.external_id for item in list_folder(root).items]


def test_files_are_listed_at_any_depth_in_order(tmp_path: Path) -> None:
    for name in ("b.txt", "a/c/d.txt", "a/b.txt"):
        path = tmp_path / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text("x")
    assert _names(tmp_path) == ["a/b.txt", "a/c/d.txt", "b.txt"]


@pytest.mark.parametrize(
    "name",
    [
        *(".kura.toml", ".git/config", "~$規程.docx", "a.tmp", "b.txt~", "Thumbs.db", "x.part"),
        *("__pycache__/a.txt", "b.pyc", "node_modules/c.txt", ".DS_Store", "lost+found/d.txt"),
        *("$RECYCLE.BIN/e.txt", "System Volume Information/f.txt", "@eaDir/g.txt"),
    ],
)
def test_hidden_and_temporary_files_are_no_documents(tmp_path: Path, name: str) -> None:
    path = tmp_path / name
    path.parent.mkdir(exist_ok=True)
    path.write_text("x")
    assert _names(tmp_path) == []


@pytest.mark.parametrize(
    ("raw", "listed"),
    [
        (b"a\nb.txt", "a\nb.txt"),
        (b"\x8b\x4b\x92\xf6.txt", r"\x8bK\x92\xf6.txt"),
        ("report\u202efdp.txt".encode(), "report\u202efdp.txt"),
        (b"x" * 251 + b".txt", "x" * 251 + ".txt"),
        ("カ\u3099イト.txt".encode(), "カ\u3099イト.txt"),
        (b"-rf.txt", "-rf.txt"),
        (b"$(touch x).txt", "$(touch x).txt"),
    ],
)
def test_strange_names_are_data(tmp_path: Path, raw: bytes, listed: str) -> None:
    path = Path(os.fsdecode(os.fsencode(tmp_path) + b"/" + raw))
    path.write_text("x")
    (item,) = list_folder(tmp_path).items
    assert item.external_id == listed
    assert item.external_id.encode("utf-8")
    assert item.path.read_text() == "x"


def test_links_that_leave_the_folder_or_go_in_circles_are_not_followed(tmp_path: Path) -> None:
    root = tmp_path / "root"
    (root / "inside").mkdir(parents=True)
    (root / "inside" / "a.txt").write_text("x")
    (tmp_path / "secret.txt").write_text("x")
    (root / "out.txt").symlink_to(tmp_path / "secret.txt")
    (root / "up").symlink_to(tmp_path)
    (root / "inside" / "circle").symlink_to(root)
    (root / "broken.txt").symlink_to(root / "nowhere")
    (root / "within.txt").symlink_to(root / "inside" / "a.txt")
    assert _names(root) == ["inside/a.txt", "within.txt"]


def test_the_signature_changes_with_the_file(tmp_path: Path) -> None:
    path = tmp_path / "a.txt"
    path.write_text("one")
    before = list_folder(tmp_path).items[0]
    assert list_folder(tmp_path).items[0].signature == before.signature
    path.write_text("three")
    assert list_folder(tmp_path).items[0].signature != before.signature


def test_a_folder_that_is_not_there_is_an_error(tmp_path: Path) -> None:
    with pytest.raises(SourceUnavailable, match="nowhere"):
        list_folder(tmp_path / "nowhere")


def test_a_file_is_no_folder(tmp_path: Path) -> None:
    path = tmp_path / "a.txt"
    path.write_text("x")
    with pytest.raises(SourceUnavailable, match="not a folder"):
        list_folder(path)


@pytest.mark.skipif(os.geteuid() == 0, reason="the superuser may list every folder")
def test_a_folder_that_cannot_be_listed_makes_the_listing_fail(tmp_path: Path) -> None:
    locked = tmp_path / "locked"
    locked.mkdir(mode=0)
    try:
        with pytest.raises(SourceUnavailable):
            list_folder(tmp_path)
    finally:
        locked.chmod(0o700)
