"""Hostile files behave as the index beside them says; skipped where that folder is not at hand."""

import json
import os
from collections.abc import Iterator
from pathlib import Path

import pytest

from ingestion import cleaning
from ingestion.errors import Damaged, EmptyFile, NoText, ReadingFailed
from ingestion.model import Parsed
from ingestion.naming import display_name, is_document_name, member_path, safe_name
from ingestion.reading.pool import ReadingPool
from retrieval.catalog import Catalog
from tests.integration.ingestion_place import Place

_FOLDER = Path(__file__).parents[3] / "shared" / "attacks" / "hostile-files"
pytestmark = pytest.mark.skipif(not _FOLDER.is_dir(), reason="the hostile files are not here")

_LONGEST_NAME = 255  # bytes, of a file system
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


def test_links_and_pictures_of_markdown_lead_nowhere(pool: ReadingPool) -> None:
    _, text = _read(pool, "exfil.md")
    assert "3,000円" in text
    assert "127.0.0.1" not in text
    assert not any(word in text for word in _CANARY)


@pytest.mark.parametrize("name", ["truncated.pdf", "xref-garbage.pdf"])
def test_a_broken_pdf_gives_text_or_says_that_it_is_damaged(pool: ReadingPool, name: str) -> None:
    try:
        _, text = _read(pool, name)
    except (Damaged, NoText) as failure:
        text = failure.message("ja")
    assert text


def test_formulas_of_a_table_are_kept_as_the_text_they_are(pool: ReadingPool) -> None:
    parsed, text = _read(pool, "formula.csv")
    assert parsed.media_type == "text/csv"
    assert "=" in text  # what exports a cell quotes it; reading changes nothing


def test_every_file_of_the_index_is_looked_at_by_name() -> None:
    source = Path(__file__).read_text(encoding="utf-8")
    for entry in json.loads((_FOLDER / "index.json").read_text(encoding="utf-8")):
        stem = entry["file"].removeprefix("text-").removesuffix(".txt")
        assert stem in source, entry["file"]


def test_files_of_hostile_names_are_documents_like_others(tmp_path: Path) -> None:
    folder = tmp_path / "documents"
    folder.mkdir()
    names = [os.fsencode(each) for each in _hostile_names()] + [b"\x8b\x4b\x92\xf6.txt"]
    made = 0
    for raw in names:
        path = Path(os.fsdecode(os.fsencode(folder) + b"/" + raw.replace(b"/", b"\xef\xbc\x8f")))
        if not raw or b"\0" in raw or raw in {b".", b".."} or len(raw) > _LONGEST_NAME:
            continue  # no file can be called that
        path.write_text(f"文書{made}の本文です。", encoding="utf-8")
        made += is_document_name(path.name)
    assert made >= 35
    with Catalog(tmp_path / "catalog.sqlite") as catalog:
        place = Place(tmp_path, catalog)
        report = place.run()
        assert len(report.added) == made
        assert len(place.texts()) == made
        assert place.run().unchanged == made
    assert [path.name for path in tmp_path.iterdir() if "passwd" in path.name] == []


def _hostile_names() -> list[str]:
    names = json.loads((_FOLDER / "hostile-filenames.json").read_text(encoding="utf-8"))
    return [str(name) for name in names]


def test_hostile_names_are_data() -> None:
    for name in _hostile_names():
        assert safe_name(name).encode("utf-8") or not name
        assert "\n" not in display_name(name)
        assert ".." not in member_path(name).split("/")
