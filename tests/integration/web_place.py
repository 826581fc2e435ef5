"""A site on this machine, a catalog, and a web source between them, for the tests of crawling."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from ingestion.model import Listing, Tell
from ingestion.pipeline import Pipeline
from ingestion.report import Report
from ingestion.sidecar import Sidecar
from ingestion.sources.web.guarding import Resolve, resolve_host
from ingestion.sources.web.listing import Surroundings, list_items
from retrieval.catalog import Catalog, DocumentState, NewSource, Source
from retrieval.embedding.cache import CachedEmbedder, EmbeddingCache
from retrieval.model import Access
from retrieval.originals import OriginalStore
from tests.fakes.embedder import HashEmbedder
from tests.fakes.reader import TextReader
from tests.fakes.site_server import Page, SiteServer

EVERYONE = Access(frozenset({"everyone"}))


@dataclass
class WebPlace:
    """One web source of which nothing waits for real."""

    home: Path
    catalog: Catalog
    site: SiteServer
    settings: Mapping[str, Any] = field(default_factory=dict)
    start: str = "/"
    reader: TextReader = field(default_factory=TextReader)
    resolve: Resolve = resolve_host
    naps: list[float] = field(default_factory=list)

    def source(self) -> Source:
        location = self.start if "://" in self.start else self.site.url + self.start
        settings = {"private_hosts": ["127.0.0.1"], "delay": 0, "timeout": 2, **self.settings}
        return self.catalog.sources.add(
            NewSource("intranet", "web", location, access=EVERYONE, settings=settings)
        )

    def fetch(self, tell: Tell = lambda _: None) -> Listing:
        mirror = self.home / "mirror"
        mirror.mkdir(exist_ok=True)
        around = Surroundings(self.resolve, self.naps.append)
        return list_items(self.source(), mirror, tell, around)

    def names(self) -> list[str]:
        """Returns the paths of what is listed now."""
        return [item.external_id.removeprefix(self.site.url) for item in self.fetch().items]

    def run(self) -> Report:
        def lister(_source: Source, tell: Tell) -> tuple[Listing, Sidecar]:
            return self.fetch(tell), Sidecar()

        cache = EmbeddingCache(self.home / "embeddings.sqlite")
        pipeline = Pipeline(
            self.catalog,
            OriginalStore(self.home / "originals"),
            CachedEmbedder(HashEmbedder(), cache),
            self.reader,
            lister=lister,
        )
        return pipeline.run(self.source(), lambda _: None, pause=lambda: None)

    def states(self) -> dict[str, DocumentState]:
        found = self.catalog.documents.states(self.source().id)
        return {name.removeprefix(self.site.url): state for name, state in found.items()}

    def asked(self) -> dict[str, int]:
        """Returns the status of each path that was asked for since the last call."""
        return {each.path: each.status for each in self.site.take_asked()}


MakePlace = Callable[..., WebPlace]


def page(text: str, *links: str, head: str = "") -> Page:
    """Returns a page of one paragraph with links."""
    anchors = " ".join(f'<a href="{link}">{link}</a>' for link in links)
    return Page(f"<html><head><title>{text}</title>{head}</head><p>{text}</p>{anchors}</html>")
