"""A site on this machine, a catalog, and a web source between them, for the tests of crawling."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

from ingestion.model import Listing, Tell
from ingestion.sidecar import Sidecar
from ingestion.sources.listing import Lister
from ingestion.sources.web.guarding import Resolve, resolve_host
from ingestion.sources.web.listing import Surroundings, list_items
from retrieval.catalog import DocumentState, NewSource, Source
from tests.fakes.site_server import Page, SiteServer
from tests.integration.ingestion_place import EVERYONE, Place
from tests.patience import PATIENCE_S


@dataclass
class WebPlace(Place):
    """One web source of which nothing waits for real."""

    site: SiteServer
    settings: Mapping[str, Any] = field(default_factory=dict)
    start: str = "/"
    resolve: Resolve = resolve_host
    naps: list[float] = field(default_factory=list)

    def source(self) -> Source:
        location = self.start if "://" in self.start else self.site.url + self.start
        settings = {
            "private_hosts": ["127.0.0.1"],
            "delay": 0,
            "timeout": PATIENCE_S,
            **self.settings,
        }
        return self.catalog.sources.add(
            NewSource(
                "intranet", "web", location, access=EVERYONE, settings={**settings, **self.settings}
            )
        )

    def fetch(self, tell: Tell = lambda _: None) -> Listing:
        mirror = self.home / "mirror"
        mirror.mkdir(exist_ok=True)
        around = Surroundings(self.resolve, self.naps.append)
        return list_items(self.source(), mirror, tell, around)

    def names(self) -> list[str]:
        """Returns the paths of what is listed now."""
        return [item.external_id.removeprefix(self.site.url) for item in self.fetch().items]

    @property
    def lister(self) -> Lister:
        return lambda _source, tell: (self.fetch(tell), Sidecar())

    def states(self) -> dict[str, DocumentState]:
        found = super().states()
        return {name.removeprefix(self.site.url): state for name, state in found.items()}

    def asked(self) -> dict[str, int]:
        """Returns the status of each path that was asked for since the last call."""
        return {each.path: each.status for each in self.site.take_asked()}


MakePlace = Callable[..., WebPlace]


def page(text: str, *links: str, head: str = "") -> Page:
    """Returns a page of one paragraph with links."""
    anchors = " ".join(f'<a href="{link}">{link}</a>' for link in links)
    return Page(f"<html><head><title>{text}</title>{head}</head><p>{text}</p>{anchors}</html>")
