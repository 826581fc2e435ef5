"""Tasks on the sample company: the known changes of its rules and price lists, and its mail."""

import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest

from app.answering.answerer import Answerer
from app.tasking.desk import Desk, Tools
from app.tasking.finding import Finder
from app.tasking.forms import FormShelf
from app.tasking.model import (
    ChangeKind,
    Comparison,
    ComparisonOrder,
    Summary,
    SummaryOrder,
)
from ingestion.pipeline import Pipeline
from ingestion.reading.pool import ReadingPool
from retrieval.catalog import Catalog, NewSource
from retrieval.embedding.cache import CachedEmbedder, EmbeddingCache
from retrieval.model import Access
from retrieval.originals import OriginalStore
from tests.fakes.desk import STAFF, finish
from tests.fakes.embedder import HashEmbedder
from tests.fakes.services import CatalogSearcher

_DOCUMENTS = Path(__file__).resolve().parents[2] / "data" / "documents"
_TAKEN = (
    "人事/就業規則_2022年版.pdf",
    "人事/就業規則_2023年版.docx",
    "人事/就業規則_2024年版.docx",
    "sales/価格表_2021年版.pdf",
    "sales/価格表_2024年版.xlsx",
    "america/meeting-minutes-2024-08.md",
)


class _Place:
    def __init__(self, home: Path, catalog: Catalog) -> None:
        folder = home / "documents"
        for name in _TAKEN:
            (folder / name).parent.mkdir(parents=True, exist_ok=True)
            shutil.copy(_DOCUMENTS / name, folder / name)
        access = Access(allow=frozenset({"everyone"}))
        source = catalog.sources.add(NewSource("sample", "folder", str(folder), access=access))
        embedder = CachedEmbedder(HashEmbedder(), EmbeddingCache(home / "embeddings.sqlite"))
        with ReadingPool(2) as pool:
            pipeline = Pipeline(catalog, OriginalStore(home / "originals"), embedder, pool)
            pipeline.run(source, lambda _: None, pause=lambda: None)
        searcher = CatalogSearcher(catalog)
        self.finder = Finder(catalog, searcher)
        self.desk = Desk(Tools(self.finder, FormShelf(home / "forms"), Answerer(searcher, None)))

    def id(self, name: str) -> str:
        return self.finder.find(name, STAFF).id

    def compare(self, before: str, after: str) -> Comparison:
        order = ComparisonOrder(self.id(before), self.id(after), STAFF, "ja")
        result = finish(self.desk.compare(order))[1]
        assert isinstance(result, Comparison)
        return result


@pytest.fixture(scope="module")
def place(tmp_path_factory: pytest.TempPathFactory) -> Iterator[_Place]:
    if not _DOCUMENTS.is_dir():
        pytest.skip("the sample documents have not been made")
    home = tmp_path_factory.mktemp("tasks")
    with Catalog(home / "catalog.sqlite") as catalog:
        yield _Place(home, catalog)


def figures(comparison: Comparison) -> set[tuple[str, str]]:
    return {(each.before, each.after) for change in comparison.changes for each in change.figures}


def test_the_known_changes_of_the_work_rules_are_found(place: _Place) -> None:
    found = place.compare("就業規則_2023年版.docx", "就業規則_2024年版.docx")
    assert {
        ("4か月", "3か月"),
        ("36時間", "30時間"),
        ("10日", "12日"),
        ("20日", "22日"),
        ("3日", "5日"),
        ("3日", "4日"),
        ("62歳", "65歳"),
        ("67歳", "70歳"),
        ("20時間", "30時間"),
        ("令和5年4月1日", "令和6年4月1日"),
    } <= figures(found)
    added = "".join(each.after for each in found.changes if each.kind is ChangeKind.ADDED)
    for article in ("第11条の2", "第20条の2", "第22条", "第41条", "試用期間の延長は行わない"):
        assert article in added
    removed = [each.before for each in found.changes if each.kind is ChangeKind.REMOVED]
    assert removed == ["会社が必要と認めた場合は、1か月を限度に延長することがある。"]
    same = ("第1条", "第2条", "第11条（勤務時間）", "第31条")
    assert not [each for each in found.changes if each.before.startswith(same)]
    first = [bool(each.figures) for each in found.changes]
    assert first == sorted(first, reverse=True)


def test_a_pdf_is_compared_with_a_word_file_sentence_by_sentence(place: _Place) -> None:
    found = place.compare("就業規則_2022年版.pdf", "就業規則_2023年版.docx")
    assert {("6か月", "4か月"), ("40時間", "36時間"), ("60歳", "62歳"), ("14日", "30日")} <= (
        figures(found)
    )


def test_price_lists_are_compared_row_by_row(place: _Place) -> None:
    found = place.compare("価格表_2021年版.pdf", "価格表_2024年版.xlsx")
    rows = {each.row: each for each in found.changes if each.row.startswith("KS-")}
    assert {
        name: [(f.kind.value, f.before, f.after) for f in row.figures]
        for name, row in rows.items()
        if row.kind is ChangeKind.CHANGED
    } == {
        "KS-4410-A": [("amount", "10,900", "13400")],
        "KS-4410-B": [("amount", "12,300", "15800")],
        "KS-5120-C": [("amount", "8,450", "9980")],
        "KS-6030-D": [("amount", "6,200", "7650")],
        "KS-7200-E": [("amount", "21,500", "26400")],
    }
    assert rows["KS-8001-F"].kind is ChangeKind.ADDED
    assert "KS-4410-A 10,900 → 13400" in found.overview.en


def test_editions_are_found_and_the_wrong_order_is_told(place: _Place) -> None:
    rules = place.finder.editions(place.id("就業規則_2024年版.docx"), STAFF)
    names = [Path(each.external_id).name for each in rules]
    assert names == ["就業規則_2023年版.docx", "就業規則_2022年版.pdf"]
    [prices] = place.finder.editions(place.id("価格表_2024年版.xlsx"), STAFF)
    assert prices.external_id.endswith("価格表_2021年版.pdf")
    assert place.finder.editions(place.id("meeting-minutes-2024-08.md"), STAFF) == []
    backwards = place.compare("就業規則_2024年版.docx", "就業規則_2023年版.docx")
    assert "newer-first" in [each.code for each in backwards.notices]


def test_minutes_are_summarised_by_their_decisions(place: _Place) -> None:
    order = SummaryOrder(place.id("meeting-minutes-2024-08.md"), STAFF, "en", most=6)
    summary = finish(place.desk.summarise(order))[1]
    assert isinstance(summary, Summary)
    said = " ".join(each.text for section in summary.sections for each in section.sentences)
    assert "October 17, 2024" in said
    assert "93.4 percent" in said
    assert "June 30, 2026" in said
    assert summary.language == "en"
