"""Sets of golden questions: what is taken, and how a mistake in one is told."""

import json
from pathlib import Path

import pytest

from app.evaluating.errors import SetMissing, SetThere, SetUnreadable, SetUnwritable, SetWrong
from app.evaluating.matching import holds_fact
from app.evaluating.reading import read_set
from app.evaluating.templating import write_template
from app.sample import QUESTIONS


def write(folder: Path, *rows: object, name: str = "own.jsonl") -> Path:
    file = folder / name
    lines = (row if isinstance(row, str) else json.dumps(row, ensure_ascii=False) for row in rows)
    file.write_text("\n".join(lines), encoding="utf-8")
    return file


def test_a_question_alone_and_its_document_are_enough(tmp_path: Path) -> None:
    read = read_set(write(tmp_path, {"question": "休みは何日？", "documents": ["就業規則.docx"]}))
    [golden] = read.questions
    assert (golden.language, golden.kind, golden.expect) == ("ja", "answerable", "answer")
    assert golden.principals is None
    assert golden.set_name == "own"


def test_a_question_without_any_document_must_be_refused(tmp_path: Path) -> None:
    [golden] = read_set(write(tmp_path, {"question": "Who is the mayor?"})).questions
    assert (golden.expect, golden.kind, golden.language) == ("refuse", "unanswerable", "en")


def test_an_id_that_nobody_gave_stays_the_same_when_lines_are_added(tmp_path: Path) -> None:
    rows = [{"question": f"{number} は何ですか"} for number in ("一", "二", "三")]
    before = read_set(write(tmp_path, *rows[1:])).questions
    after = read_set(write(tmp_path, *rows)).questions
    assert [golden.id for golden in after[1:]] == [golden.id for golden in before]
    other = read_set(write(tmp_path, {**rows[1], "as": ["group:hr"]})).questions
    assert other[0].id != before[0].id


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "cp932"])
def test_a_table_as_spreadsheets_save_it_is_read(tmp_path: Path, encoding: str) -> None:
    file = tmp_path / "own.csv"
    text = (
        "# 説明の行\nquestion,documents,facts,as,cross\n"
        '"休みは、何日？",規則.docx|別の規則.md,12日|12 days;有給,group:staff|group:hr,\n'
        "市長は誰,,,,\n"
    )
    file.write_bytes(text.encode(encoding))
    first, second = read_set(file).questions
    assert first.question == "休みは、何日？"
    assert first.documents == ("規則.docx", "別の規則.md")
    assert first.facts == (("12日", "12 days"), ("有給",))
    assert first.principals == {"everyone", "group:staff", "group:hr"}
    assert (second.expect, second.principals) == ("refuse", None)
    assert first.origin == "own.csv:3"


@pytest.mark.parametrize(
    ("row", "field"),
    [
        ({"question": ""}, "question"),
        ({"question": 5}, "question"),
        ({"question": "何", "lang": "fr"}, "lang"),
        ({"question": "何", "expect": "answer"}, "documents"),
        ({"question": "何", "documents": "規則"}, "documents"),
        ({"question": "何", "facts": ["12日"]}, "facts"),
        ({"question": "何", "as": ["staff"]}, "as"),
        ({"question": "何", "history": [{"question": "x"}]}, "history"),
        ({"question": "何", "document": ["規則"]}, "document"),
        ({"question": "何", "id": "a"}, "id"),
        ("{", ""),
    ],
    ids=str,
)
def test_a_wrong_line_names_file_line_field_and_what_is_allowed(
    tmp_path: Path, row: object, field: str
) -> None:
    file = write(tmp_path, {"question": "一", "id": "a"}, "# 注釈", row)
    with pytest.raises(SetWrong) as caught:
        read_set(file)
    assert (caught.value.details["line"], caught.value.details["file"]) == (3, file)
    for language in ("ja", "en"):
        message = caught.value.message(language)
        assert str(file) in message
        assert "3" in message
        assert field in message


def test_a_cell_whose_quotation_mark_is_never_closed_does_not_take_the_rows_below(
    tmp_path: Path,
) -> None:
    file = tmp_path / "set.csv"
    file.write_text('# 注釈\nquestion,documents\n一,a\n"二,b\n三,c\n', encoding="utf-8")
    with pytest.raises(SetWrong) as caught:
        read_set(file)
    assert caught.value.details["line"] == 4


def test_a_file_that_is_none_or_holds_nothing_is_told(tmp_path: Path) -> None:
    with pytest.raises(SetMissing):
        read_set(tmp_path / "none.jsonl")
    with pytest.raises(SetUnreadable):
        read_set(write(tmp_path, "# nothing"))
    (tmp_path / "image.jsonl").write_bytes(b"\xff\xfe\x00\x81")
    with pytest.raises(SetUnreadable):
        read_set(tmp_path / "image.jsonl")


@pytest.mark.parametrize("name", ["own.jsonl", "own.csv"])
def test_a_template_can_be_filled_in_and_is_never_overwritten(tmp_path: Path, name: str) -> None:
    file = tmp_path / name
    write_template(file)
    with pytest.raises(SetThere):
        write_template(file)
    text = file.read_text(encoding="utf-8-sig")
    if name.endswith("csv"):
        file.write_text(text + "何日ですか,規則.docx,,,,,,,,,\n", encoding="utf-8")
        assert [each.documents for each in read_set(file).questions] == [("規則.docx",)]
    else:
        file.write_text(text.replace('# {"', '{"'), encoding="utf-8")
        assert [each.expect for each in read_set(file).questions] == ["answer", "answer", "refuse"]


def test_the_samples_set_is_read_whole() -> None:
    read = read_set(QUESTIONS)
    assert len(read.questions) == 197
    assert sum(golden.expect == "refuse" for golden in read.questions) == 39
    cells = [golden for golden in read.questions if golden.expect == "answer"]
    assert (
        100 < sum(bool(golden.evidence) for golden in cells) < 158
    )  # cells of tables are too weak


def test_a_number_is_no_fact_inside_a_longer_one() -> None:
    assert holds_fact("上限は 15 日です", "15日")
    assert not holds_fact("上限は 150 日", "15")
    assert holds_fact("３０，０００円", "30000円")


def test_a_template_is_not_written_where_it_cannot_be_or_would_not_be_read(tmp_path: Path) -> None:
    (tmp_path / "file").touch()
    for place in (tmp_path / "own.txt", tmp_path / "own", tmp_path / "file" / "own.jsonl"):
        with pytest.raises(SetUnwritable) as refused:
            write_template(place)
        assert str(place) in refused.value.message("en")
    assert [each.name for each in tmp_path.iterdir()] == ["file"]
