"""The worker of the model-of-truth test: one pass in a process of its own, so it can be killed."""

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from ingestion.model import Parsed, Upload
from ingestion.pipeline import Pipeline
from ingestion.report import Report
from retrieval.catalog import Catalog, NewSource
from retrieval.embedding.cache import CachedEmbedder, EmbeddingCache
from retrieval.indexing import Indexer
from retrieval.model import Access, Block, BlockKind
from retrieval.originals import OriginalStore
from tests.fakes.embedder import HashEmbedder

ADMINS = Access(allow=frozenset({"group:admins"}))


class PlainReader:
    """A true reader of plain text, in this process."""

    abilities = ""

    def read(self, path: Path, name: str, passwords: Sequence[str] = ()) -> Parsed:
        del passwords
        text = path.read_text(encoding="utf-8")
        return Parsed((Block(BlockKind.PARAGRAPH, text),), "text/plain", title=name)


@dataclass(frozen=True)
class Orders:
    """What one pass has to do."""

    home: Path
    folder: Path
    uploads: tuple[Upload, ...] = ()
    reindex: bool = False


def open_catalog(home: Path) -> Catalog:
    return Catalog(home / "catalog.sqlite")


def add_sources(catalog: Catalog, folder: Path) -> None:
    catalog.sources.add(NewSource("folder", "folder", str(folder), access=ADMINS))
    catalog.sources.add(NewSource("uploads", "upload", "", access=ADMINS))


def work_once(orders: Orders) -> Report:
    """Ingests the folder and the uploads, and brings both indexes to the head of the log."""
    catalog, embedder = open_catalog(orders.home), HashEmbedder()
    cache = EmbeddingCache(orders.home / "embeddings.sqlite")
    originals = OriginalStore(orders.home / "originals")
    pipeline = Pipeline(catalog, originals, CachedEmbedder(embedder, cache), PlainReader())
    folder, uploads = catalog.sources.find("folder"), catalog.sources.find("uploads")
    assert folder is not None
    assert uploads is not None
    report = pipeline.run(folder, lambda _progress: None, pause=lambda: None, allow_removals=True)
    pipeline.ingest_upload(uploads, orders.uploads, lambda _progress: None, pause=lambda: None)
    indexer = Indexer(catalog, orders.home, embedder, cache)
    indexer.catch_up()
    indexer.publish_if_due(force=orders.reindex)
    indexer.clean_up()
    indexer.trim_log()
    cache.close()
    catalog.close()
    return report
