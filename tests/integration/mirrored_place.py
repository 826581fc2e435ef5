"""A source that is mirrored before it is read, with a catalog, for the tests of its kind."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from ingestion.model import Listing, Tell
from ingestion.pipeline import Pipeline
from ingestion.report import Report
from ingestion.sources.listing import SourceLister
from retrieval.catalog import Catalog, DocumentState, NewSource, Source
from retrieval.embedding.cache import CachedEmbedder, EmbeddingCache
from retrieval.model import Access, Scope
from retrieval.originals import OriginalStore
from tests.fakes.embedder import HashEmbedder
from tests.fakes.reader import TextReader

EVERYONE = Access(frozenset({"everyone"}))
CALLER = frozenset({"everyone", "user:hanako"})


@dataclass
class MirroredPlace:
    """One source of some kind and all that is needed to bring it in."""

    home: Path
    catalog: Catalog
    kind: str
    location: str = ""
    settings: Mapping[str, Any] = field(default_factory=dict)
    access: Access = EVERYONE
    reader: TextReader = field(default_factory=TextReader)

    def source(self) -> Source:
        return self.catalog.sources.add(
            NewSource("there", self.kind, self.location, access=self.access, settings=self.settings)
        )

    @property
    def mirror(self) -> Path:
        return self.home / "mirrors" / self.source().id

    def list(self, tell: Tell = lambda _: None) -> Listing:
        return SourceLister(self.home / "mirrors")(self.source(), tell)[0]

    def run(self, *, allow_removals: bool = False) -> Report:
        cache = EmbeddingCache(self.home / "embeddings.sqlite")
        pipeline = Pipeline(
            self.catalog,
            OriginalStore(self.home / "originals"),
            CachedEmbedder(HashEmbedder(), cache),
            self.reader,
            lister=SourceLister(self.home / "mirrors"),
        )
        return pipeline.run(
            self.source(), lambda _: None, pause=lambda: None, allow_removals=allow_removals
        )

    def states(self) -> dict[str, DocumentState]:
        return self.catalog.documents.states(self.source().id)

    def texts(self) -> dict[str, str]:
        documents = self.catalog.documents
        found = documents.list(Scope(CALLER), limit=100)
        texts = {each.external_id: documents.text(each.id, CALLER) for each in found}
        return {name: text.text for name, text in texts.items() if text}
