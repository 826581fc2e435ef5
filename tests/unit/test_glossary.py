"""The glossary: what else words are called."""

import csv
import os
from pathlib import Path

import pytest

from retrieval.lexical.glossary import PACKAGED, Glossary, read_glossary
from retrieval.lexical.tokenizing import tokenize

HEAD = "area,japanese,english\n"


@pytest.fixture
def glossary(tmp_path: Path) -> Glossary:
    file = tmp_path / "glossary.csv"
    file.write_text(HEAD + "hr,年次有給休暇|有休,paid leave\nhr,経費精算,expense report\n", "utf-8")
    return Glossary(file)


def others(glossary: Glossary, question: str) -> list[str]:
    concepts = [each for sentence in tokenize(question) for each in glossary.concepts(sentence)]
    return [" ".join(way) for concept in concepts for way in concept.others]


def test_synonyms_and_translations_are_found_whichever_way_is_asked(glossary: Glossary) -> None:
    assert others(glossary, "有休は何日ですか") == ["年次 有給 休暇", "paid leav"]
    assert "年次 有給 休暇" in others(glossary, "How much Paid Leaves do I get?")
    assert others(glossary, "駐車場の予約") == []


def test_words_typed_by_their_sound_are_written_out(glossary: Glossary) -> None:
    assert glossary.write_out("けいひせいさんの期限") == "経費精算の期限"
    assert glossary.write_out("ユウキュウの日数") == "有休の日数"
    for text in ("これはペンです", "ブックをとじる", "どうけいひせいさん", "トレーニング"):
        assert glossary.write_out(text) == text


def test_an_edit_holds_without_a_restart(tmp_path: Path) -> None:
    file = tmp_path / "glossary.csv"
    file.write_text(HEAD + "x,社食,canteen\n", "utf-8")
    glossary = Glossary(file)
    assert others(glossary, "社食") == ["canteen"]
    file.write_text(HEAD + "x,社食|食堂,canteen\n", "utf-8")
    os.utime(file, (1, 1))
    glossary._looked = float("-inf")
    assert others(glossary, "社食") == ["食堂", "canteen"]


@pytest.mark.parametrize("content", ["", "only,these\n1,2\n", "\x00", HEAD + '"unclosed'])
def test_a_broken_file_costs_synonyms_and_nothing_else(tmp_path: Path, content: str) -> None:
    file = tmp_path / "glossary.csv"
    file.write_text(content, "utf-8")
    assert others(Glossary(file), "有休") == []
    assert others(Glossary(tmp_path / "none.csv"), "有休") == []
    assert others(Glossary(None), "有休") == []


@pytest.mark.parametrize(
    "content",
    [
        "japanese,english\n有休|年休,PTO\n".encode("cp932"),
        "japanese\tenglish\r\n有休|年休\tPTO\r\n".encode("utf-16"),
        "\ufeffJapanese; English\n有休｜年休;PTO\n".encode(),
        "日本語,英語\n\n有休\n有休|年休,PTO,and more\n".encode(),
    ],
)
def test_a_glossary_is_read_as_spreadsheets_write_it(tmp_path: Path, content: bytes) -> None:
    file = tmp_path / "glossary.csv"
    file.write_bytes(content)
    assert others(Glossary(file), "有休") == ["年休", "pto"]


def test_an_open_quotation_mark_does_not_swallow_the_lines_behind_it(tmp_path: Path) -> None:
    file = tmp_path / "glossary.csv"
    file.write_text(HEAD + 'hr,"有休,PTO\nhr,直帰,going home\n', "utf-8")
    with pytest.raises(ValueError, match="unexpected end"):
        read_glossary(file)


def test_the_packaged_glossary_is_whole() -> None:
    with PACKAGED.open(encoding="utf-8", newline="") as lines:
        rows = list(csv.DictReader(lines))
    assert len(rows) >= 300
    assert all(row["area"] and row["japanese"] and row["english"] for row in rows)
    assert all(None not in row for row in rows)
    assert "paid leav" in others(Glossary(), "有休")
