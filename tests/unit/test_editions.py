"""Which documents are editions of one work, and which of two is the newer."""

from dataclasses import replace
from datetime import date

import pytest

from retrieval.editions import Edition, effective_date, group_editions, series
from retrieval.model import Document
from tests.fakes.searcher import make_passage


def document(title: str, *tags: str, path: str = "", department: str = "総務") -> Document:
    made = make_passage("本文", name=title).document
    facts = replace(made.metadata, tags=tags, department=department)
    name = path or title
    return replace(made, id=f"{department}/{name}", external_id=name, metadata=facts)


@pytest.mark.parametrize(
    ("titles", "name"),
    [
        (
            ["就業規則_2024年版", "就業規則（令和6年4月1日改定）", "旧就業規則", "就業規則"],
            "就業規則",
        ),
        (["旅費規程（旧）", "旅費規程_R6.4", "旅費規程_20240401.docx"], "旅費規程"),
        (["Travel policy 2022", "Travel policy (old)", "Travel_policy_v2.1"], "travelpolicy"),
        (["価格表_2024年4月版", "価格表 FY2023", "価格表 令和五年度"], "価格表"),
        (["KX-100 仕様書 第3版", "KX-100 仕様書"], "kx100仕様書"),
        (["2024", "第3版"], ""),
    ],
)
def test_editions_have_one_name(titles: list[str], name: str) -> None:
    assert {series(document(title)) for title in titles} == {name}


@pytest.mark.parametrize("title", ["KX-200 仕様書", "新人ガイド", "Gold card policy", "newsletter"])
def test_other_works_keep_what_tells_them_apart(title: str) -> None:
    assert series(document(title)) == title.replace("-", "").replace(" ", "").lower()


@pytest.mark.parametrize(
    ("made", "day"),
    [
        (document("規程 2020年版", "effective:2024-04-01"), date(2024, 4, 1)),
        (document("規程_20240401"), date(2024, 4, 1)),
        (document("規程（令和6年4月1日改定）"), date(2024, 4, 1)),
        (document("予算 令和五年度"), date(2023, 4, 1)),
        (document("Budget FY2023"), date(2023, 4, 1)),
        (document("規程", path="2021/規程.docx"), date(2021, 1, 1)),
        (document("規程 2024年2月31日"), None),
        (document("規程", "effective:soon"), None),
    ],
)
def test_the_day_a_document_holds_from(made: Document, day: date | None) -> None:
    assert effective_date(made) == day


def test_date_goes_before_version_and_version_before_mark() -> None:
    dated = [document("規程", "effective:2020-01-01", "version:9"), document("規程 2024")]
    numbered = [document("規程", "version:2.9"), document("規程", "version:2.10")]
    lettered = [document("規程", "version:B"), document("規程", "version:C")]
    marked = [document("規程", "status:superseded"), document("規程")]
    for older, newer in (dated, numbered, lettered, marked):
        assert Edition.of(older).precedes(Edition.of(newer))
        assert not Edition.of(newer).precedes(Edition.of(older))


def test_departments_have_works_of_their_own_and_folders_of_years_are_none() -> None:
    sales, workshop = (
        document("規程 2020", department="営業"),
        document("規程 2024", department="製造"),
    )
    assert group_editions([sales, workshop]) == []
    years = [document("規程", path=f"{year}/規程", department=year) for year in ("2020", "2023")]
    (family,) = group_editions(years[::-1])
    assert [each.document for each in family] == years


def test_what_is_marked_as_superseded_is_an_edition_wherever_it_lies() -> None:
    old = document("規程", "status:superseded", path="旧/規程", department="旧")
    new = document("規程")
    (family,) = group_editions([new, old])
    assert [each.document for each in family] == [old, new]


def test_records_are_a_family_of_their_own() -> None:
    reports = [document(f"売上報告 {year}年度", "type:report") for year in (2022, 2023)]
    assert group_editions(reports) == []
    (family,) = group_editions(reports, records=True)
    assert [sorted(each.years) for each in family] == [[2022], [2023]]
