"""A folder of documents with a catalog, for the tests of ingestion."""

from dataclasses import dataclass, field
from pathlib import Path

from ingestion.pipeline import Pipeline
from ingestion.ports import DocumentReader
from ingestion.report import Report
from ingestion.sources.listing import Lister, list_local
from retrieval.catalog import Catalog, DocumentState, NewSource, Source
from retrieval.embedding.cache import CachedEmbedder, EmbeddingCache
from retrieval.model import Access, Scope
from retrieval.originals import OriginalStore
from tests.fakes.embedder import HashEmbedder
from tests.fakes.reader import TextReader

EVERYONE = Access(frozenset({"everyone"}))
CALLER = frozenset({"everyone", "user:hanako"})


@dataclass
class Place:
    """A folder of documents and all that is needed to bring it in."""

    home: Path
    catalog: Catalog
    reader: DocumentReader = field(default_factory=TextReader, kw_only=True)
    model: HashEmbedder = field(default_factory=HashEmbedder, kw_only=True)

    @property
    def folder(self) -> Path:
        return self.home / "documents"

    def write(self, name: str, text: str) -> Path:
        path = self.folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text, encoding="utf-8")
        return path

    def source(self, access: Access = EVERYONE) -> Source:
        return self.catalog.sources.add(
            NewSource("docs", "folder", str(self.folder), access=access)
        )

    @property
    def lister(self) -> Lister:
        return list_local

    def pipeline(self) -> Pipeline:
        cache = EmbeddingCache(self.home / "embeddings.sqlite")
        originals = OriginalStore(self.home / "originals")
        embedder = CachedEmbedder(self.model, cache)
        return Pipeline(self.catalog, originals, embedder, self.reader, lister=self.lister)

    def run(self, *, allow_removals: bool = False) -> Report:
        return self.pipeline().run(
            self.source(), lambda _: None, pause=lambda: None, allow_removals=allow_removals
        )

    def states(self) -> dict[str, DocumentState]:
        return self.catalog.documents.states(self.source().id)

    def texts(self) -> dict[str, str]:
        documents = self.catalog.documents
        found = documents.list(Scope(CALLER), limit=100)
        texts = {each.external_id: documents.text(each.id, CALLER) for each in found}
        return {name: text.text for name, text in texts.items() if text}
