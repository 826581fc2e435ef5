"""The sample company, read by the real pool: what is in its files and what is kept out."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from ingestion.pipeline import Pipeline
from ingestion.reading.pool import ReadingPool
from ingestion.report import Report
from retrieval.catalog import Catalog, NewSource
from retrieval.embedding.cache import CachedEmbedder, EmbeddingCache
from retrieval.model import Document, DocumentStatus, Scope
from retrieval.originals import OriginalStore
from tests.fakes.embedder import HashEmbedder

_DOCUMENTS = Path(__file__).resolve().parents[2] / "data" / "documents"
_STAFF = frozenset({"everyone", "user:x", "group:staff"})
_ALL = _STAFF | {"group:hr", "group:board", "group:accounting", "group:legal", "group:sales"}


class _Sample:
    """The catalog after two runs, and what both reported."""

    def __init__(self, home: Path, catalog: Catalog) -> None:
        self.catalog = catalog
        source = catalog.sources.add(NewSource("sample", "folder", str(_DOCUMENTS)))
        embedder = CachedEmbedder(HashEmbedder(), EmbeddingCache(home / "embeddings.sqlite"))
        with ReadingPool(2) as pool:
            pipeline = Pipeline(catalog, OriginalStore(home / "originals"), embedder, pool)
            self.first = pipeline.run(source, lambda _: None, pause=lambda: None)
            self.second = pipeline.run(source, lambda _: None, pause=lambda: None)

    def readable(self, principals: frozenset[str]) -> dict[str, Document]:
        found = self.catalog.documents.list(Scope(principals), limit=500)
        return {document.external_id: document for document in found}


@pytest.fixture(scope="module")
def sample(tmp_path_factory: pytest.TempPathFactory) -> Iterator[_Sample]:
    if not _DOCUMENTS.is_dir():
        pytest.skip("the sample documents have not been made")
    home = tmp_path_factory.mktemp("sample")
    with Catalog(home / "catalog.sqlite") as catalog:
        yield _Sample(home, catalog)


def _failures(report: Report) -> dict[str, str]:
    return {Path(each.external_id).name: each.code for each in report.failed}


def test_all_but_the_three_broken_files_are_read(sample: _Sample) -> None:
    assert _failures(sample.first) == {
        "共同開発契約書_ロック済.pdf": "password-protected",
        "未記入_備品要望.txt": "empty-file",
        "旧図面台帳.docx": "damaged",
    }
    assert len(sample.first.added) > 50


def test_the_second_run_reads_and_embeds_nothing(sample: _Sample) -> None:
    second = sample.second
    assert (second.added, second.changed, second.removed, second.failed) == ([], [], [], [])
    assert second.embedded == 0


def test_staff_see_nothing_of_restricted_folders(sample: _Sample) -> None:
    staff, everyone = sample.readable(_STAFF), sample.readable(_ALL)
    assert not [name for name in staff if "/制限/" in name or "/取締役会/" in name]
    assert [name for name in everyone if "/制限/" in name]


def test_every_document_that_was_read_has_a_language_and_a_title(sample: _Sample) -> None:
    read = [
        document
        for document in sample.readable(_ALL).values()
        if document.status is DocumentStatus.CURRENT
    ]
    assert all(document.metadata.title and document.metadata.language for document in read)
    assert {document.metadata.language for document in read} == {"ja", "en"}


def test_editions_of_one_rule_differ_in_title_and_date(sample: _Sample) -> None:
    editions = [
        document.metadata
        for name, document in sample.readable(_STAFF).items()
        if "就業規則_" in name
    ]
    dates = {tag for facts in editions for tag in facts.tags if tag.startswith("effective:")}
    assert len({facts.title for facts in editions}) == len(editions) == 3
    assert dates == {"effective:2022-04-01", "effective:2023-04-01", "effective:2024-04-01"}
