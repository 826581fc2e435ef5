"""Which titles a question names: by all that tells them apart, under the asker's rules alone."""

from dataclasses import dataclass

import pytest

from retrieval.naming import Named, Titles, split_title

MINE, CLOSED = 1, 2


@dataclass(frozen=True)
class Titled:
    id: str
    title: str
    acl_id: int = MINE


REPORTS = [
    Titled(f"{company}_{year}_10K", f"{company}_{year}_10K")
    for company in ("3M", "ADOBE", "AMERICANWATERWORKS", "BOEING", "CVSHEALTH", "NIKE")
    for year in (2018, 2021, 2022)
]
RULES = [
    Titled("travel", "出張旅費規程（2024年度改訂版）.docx"),
    Titled("work2023", "就業規則 2023年版"),
    Titled("work2024", "就業規則 令和6年版"),
    Titled("expense", "経費精算のしかた"),
]


def names(question: str, titles: list[Titled], allowed: int = MINE) -> list[str]:
    found = Titles(titles).find(question.casefold(), frozenset({allowed}))
    return [each.document_ids[0] for each in found if each.whole]


@pytest.mark.parametrize(
    ("question", "document"),
    [
        ("What is the FY2018 capital expenditure amount for 3M?", "3M_2018_10K"),
        ("Does Adobe have an improving margin as of FY2022?", "ADOBE_2022_10K"),
        ("How did American Water Works do in 2021?", "AMERICANWATERWORKS_2021_10K"),
        ("Is CVS Health's growth in 2022 organic?", "CVSHEALTH_2022_10K"),
    ],
)
def test_a_report_is_named_by_its_company_and_year(question: str, document: str) -> None:
    assert names(question, REPORTS) == [document]


@pytest.mark.parametrize(
    ("question", "documents"),
    [
        ("出張旅費規程では日当はいくらですか", ["travel"]),
        ("2024年の就業規則の定年", ["work2024"]),
        ("令和5年の就業規則", ["work2023"]),
        ("経費精算のやり方", ["expense"]),
        ("天気はどうですか", []),
    ],
)
def test_a_japanese_title_is_named_without_version_and_particles(
    question: str, documents: list[str]
) -> None:
    assert names(question, RULES) == documents


def test_a_company_without_a_year_names_what_its_titles_share() -> None:
    found = Titles(REPORTS).find("How does Boeing make money?".casefold(), frozenset({MINE}))
    shared = [each for each in found if not each.whole]
    ids = tuple(f"BOEING_{year}_10K" for year in (2018, 2021, 2022))
    assert shared == [Named("BOEING", ids, False)]


def test_a_single_letter_of_a_code_is_nothing_to_narrow_to() -> None:
    titles = [Titled(f"b{n}", f"軸 KS-4410-B 図面{n}", MINE) for n in range(2)]
    titles += [Titled(f"a{n}", f"軸 KS-4410-A 図面{n}", MINE) for n in range(2)]
    titles += [Titled(f"n{n}", f"手順書 {n}", MINE) for n in range(20)]
    found = Titles(titles).find("ks-4410-b", frozenset({MINE}))
    assert [each.name for each in found if not each.whole] in (["KS"], ["4410"])


def test_closed_titles_are_neither_named_nor_counted() -> None:
    closed = [Titled(f"secret{n}", f"ADOBE_{2000 + n}_SECRET", CLOSED) for n in range(19)]
    question = "Does Adobe have an improving margin as of FY2022?".casefold()
    alone = Titles(REPORTS).find(question, frozenset({MINE}))
    assert Titles([*REPORTS, *closed]).find(question, frozenset({MINE})) == alone
    assert Titles(closed).find(question, frozenset({MINE})) == []


def test_an_empty_or_odd_title_harms_nothing() -> None:
    assert split_title("") == []
    odd = [Titled("a", ""), Titled("b", "。"), Titled("c", "2024"), Titled("d", "\ud800")]
    assert names("2024年のこと", odd) == ["c"]
