"""A source that is mirrored before it is read, with a catalog, for the tests of its kind."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from ingestion.model import Listing, Tell
from ingestion.sources.listing import SourceLister
from retrieval.catalog import NewSource, Source
from retrieval.model import Access
from tests.integration.ingestion_place import EVERYONE, Place


@dataclass
class MirroredPlace(Place):
    """One source of some kind and all that is needed to bring it in."""

    kind: str
    location: str = ""
    settings: Mapping[str, Any] = field(default_factory=dict)
    access: Access = EVERYONE

    def source(self) -> Source:
        return self.catalog.sources.add(
            NewSource("there", self.kind, self.location, access=self.access, settings=self.settings)
        )

    @property
    def lister(self) -> SourceLister:
        return SourceLister(self.home / "mirrors")

    @property
    def mirror(self) -> Path:
        return self.home / "mirrors" / self.source().id

    def list(self, tell: Tell = lambda _: None) -> Listing:
        return self.lister(self.source(), tell)[0]
