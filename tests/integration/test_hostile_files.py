"""Hostile files behave as the index beside them says; skipped where that folder is not at hand."""

import json
from collections.abc import Iterator
from pathlib import Path

import pytest

from ingestion import cleaning
from ingestion.errors import Damaged, EmptyFile, NoText, ReadingFailed
from ingestion.model import Parsed
from ingestion.naming import display_name, member_path, safe_name
from ingestion.reading.pool import ReadingPool

_FOLDER = Path(__file__).parents[3] / "shared" / "attacks" / "hostile-files"
pytestmark = pytest.mark.skipif(not _FOLDER.is_dir(), reason="the hostile files are not here")

_CANARY = ("CANARY", "canary", "無視して")


@pytest.fixture(scope="module")
def pool() -> Iterator[ReadingPool]:
    with ReadingPool(1) as pool:
        yield pool


def _try(pool: ReadingPool, path: Path) -> str:
    """Returns the text, or the reason why there is none."""
    try:
        return "".join(block.text for block in pool.read(path, path.name).blocks)
    except ReadingFailed as failure:
        return failure.message("ja")


def _read(pool: ReadingPool, name: str) -> tuple[Parsed, str]:
    parsed = pool.read(_FOLDER / name, name)
    return parsed, cleaning.clean(parsed).text


def test_every_file_gives_text_or_a_reason(pool: ReadingPool) -> None:
    for entry in json.loads((_FOLDER / "index.json").read_text(encoding="utf-8")):
        path = _FOLDER / entry["file"]
        if path.exists():
            assert _try(pool, path)


@pytest.mark.parametrize(
    ("name", "shown"),
    [("hidden-text.docx", "25日"), ("invisible-text.pdf", "3000"), ("hidden.html", "")],
)
def test_hidden_text_is_dropped_and_counted(pool: ReadingPool, name: str, shown: str) -> None:
    parsed, text = _read(pool, name)
    assert parsed.hidden_characters > 0
    assert shown in text
    assert not any(word in text for word in _CANARY)


@pytest.mark.parametrize(
    "encoding", ["cp932", "euc_jp", "iso2022_jp", "utf-16le", "utf-16", "utf-7"]
)
def test_undeclared_japanese_is_decoded(pool: ReadingPool, encoding: str) -> None:
    _, text = _read(pool, f"text-{encoding}.txt")
    assert text.startswith("第1章 総則")
    assert text.endswith("申請期限は3月31日です。")


@pytest.mark.parametrize("name", ["bidi.txt", "ascii-smuggling.txt", "zero-width.txt"])
def test_invisible_characters_are_dropped_and_counted(pool: ReadingPool, name: str) -> None:
    parsed = pool.read(_FOLDER / name, name)
    cleaned = cleaning.clean(parsed)
    assert cleaned.invisible > 0
    assert all(not 0xE0000 <= ord(char) <= 0xE007F for char in cleaned.text)
    assert not set(cleaned.text) & set("\u202a\u202e\u2066\u200b\u200d\ufeff")


def test_broken_utf_8_is_read_with_a_warning(pool: ReadingPool) -> None:
    parsed, text = _read(pool, "invalid-utf8.txt")
    assert "replaced-characters" in parsed.warnings
    assert "\0" not in text


def test_files_that_are_not_what_they_claim_are_refused(pool: ReadingPool) -> None:
    with pytest.raises(EmptyFile):
        _read(pool, "empty.pdf")
    with pytest.raises(Damaged):
        _read(pool, "not-a-pdf.pdf")


def test_a_hidden_sheet_and_a_formula_are_not_followed(pool: ReadingPool) -> None:
    with pytest.raises(NoText):  # the only sheet with cells is the hidden one
        _read(pool, "hidden-sheet.xlsx")
    _, text = _read(pool, "formula.xlsx")
    assert "WEBSERVICE" not in text


def test_an_archive_in_the_old_japanese_code_page_names_its_member(
    pool: ReadingPool, tmp_path: Path
) -> None:
    (member,) = pool.unpack(_FOLDER / "sjis-name.zip", "sjis-name.zip", tmp_path)
    assert any("ぁ" <= char <= "龥" for char in member.name)


def test_an_attachment_cannot_leave_its_mail(pool: ReadingPool, tmp_path: Path) -> None:
    parsed, _ = _read(pool, "attach-traversal.eml")
    assert any("ぁ" <= char <= "龥" for char in parsed.title)
    members = pool.unpack(_FOLDER / "attach-traversal.eml", "a.eml", tmp_path)
    assert members
    assert all("/" not in member.name and ".." not in member.name for member in members)


def test_hostile_names_are_data() -> None:
    names = json.loads((_FOLDER / "hostile-filenames.json").read_text(encoding="utf-8"))
    for entry in names:
        name = entry if isinstance(entry, str) else str(entry.get("name", ""))
        assert safe_name(name).encode("utf-8") or not name
        assert "\n" not in display_name(name)
        assert ".." not in member_path(name).split("/")
