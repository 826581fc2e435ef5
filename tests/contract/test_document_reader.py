"""What every document reader must do, shown on the fake and on the real pool."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from ingestion.errors import EmptyFile, NoText, ReadingFailed, Unreadable
from ingestion.ports import DocumentReader
from ingestion.reading.pool import ReadingPool
from tests.fakes.reader import TextReader


@pytest.fixture(scope="module", params=["fake", "pool"])
def reader(request: pytest.FixtureRequest) -> Iterator[DocumentReader]:
    if request.param == "fake":
        yield TextReader()
        return
    with ReadingPool(1) as pool:
        yield pool


def test_text_comes_back_in_order(reader: DocumentReader, tmp_path: Path) -> None:
    path = tmp_path / "a.txt"
    path.write_text("休暇は年間20日です。\n\n申請は前日までです。", encoding="utf-8")
    parsed = reader.read(path, "a.txt")
    assert [block.text for block in parsed.blocks] == [
        "休暇は年間20日です。",
        "申請は前日までです。",
    ]


def test_the_media_type_is_told(reader: DocumentReader, tmp_path: Path) -> None:
    path = tmp_path / "a.txt"
    path.write_text("Twenty days.", encoding="utf-8")
    assert reader.read(path, "a.txt").media_type == "text/plain"


def test_an_empty_file_is_refused_with_a_reason(reader: DocumentReader, tmp_path: Path) -> None:
    path = tmp_path / "empty.txt"
    path.touch()
    with pytest.raises(EmptyFile, match=r"empty\.txt"):
        reader.read(path, "empty.txt")


def test_a_file_of_spaces_is_refused_rather_than_read_as_nothing(
    reader: DocumentReader, tmp_path: Path
) -> None:
    path = tmp_path / "blank.txt"
    path.write_text(" \n\n \n", encoding="utf-8")
    with pytest.raises(NoText):
        reader.read(path, "blank.txt")


def test_a_file_that_is_gone_is_refused_with_a_reason(
    reader: DocumentReader, tmp_path: Path
) -> None:
    with pytest.raises(Unreadable):
        reader.read(tmp_path / "gone.txt", "gone.txt")


def test_a_reader_goes_on_after_a_failure(reader: DocumentReader, tmp_path: Path) -> None:
    path = tmp_path / "good.txt"
    path.write_text("good", encoding="utf-8")
    with pytest.raises(ReadingFailed):
        reader.read(tmp_path / "gone.txt", "gone.txt")
    assert reader.read(path, "good.txt").blocks[0].text == "good"
