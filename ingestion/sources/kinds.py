"""Which kinds of sources there are, and where each is written.

A kind's options and its listing are imported when they are needed: whoever only checks a source
loads no HTTP client, and an installation without the parts of one kind has all the others.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from importlib import import_module
from pathlib import Path
from typing import Any

from ingestion.errors import SourceInvalid
from ingestion.model import Listing, Tell
from retrieval.catalog import Source

ReadOptions = Callable[[str, Mapping[str, Any]], object]
"""Checks a location and settings and returns them typed; raises SourceInvalid."""

ListItems = Callable[[Source, Path, Tell], Listing]
"""Lists a source by way of its mirror; raises SourceUnavailable when it cannot be listed."""


@dataclass(frozen=True, slots=True)
class Kind:
    """One kind of source that is mirrored before it is read.

    Attributes:
        options: Where its settings are checked, as ``module:function``.
        listing: Where it is listed, as ``module:function``.
        only_in_file: Whether it may be declared in the sources file alone, because it runs code.
        has_departments: Whether the first folder of a path names a department.
    """

    options: str
    listing: str
    only_in_file: bool = False
    has_departments: bool = False

    def read_options(self, location: str, settings: Mapping[str, Any]) -> object:
        """Returns the typed options.

        Raises:
            SourceInvalid: The location or a setting cannot be used.
        """
        read: ReadOptions = _find(self.options)
        return read(location, settings)

    def list_items(self, source: Source, mirror: Path, tell: Tell) -> Listing:
        """Returns what the source has, copied into the mirror where it is not on this machine.

        Raises:
            SourceInvalid: Its settings cannot be used.
            SourceUnavailable: It cannot be listed.
        """
        list_items: ListItems = _find(self.listing)
        return list_items(source, mirror, tell)


FOLDER, UPLOAD = "folder", "upload"

MIRRORED: Mapping[str, Kind] = {
    "web": Kind(
        "ingestion.sources.web.options:read_options", "ingestion.sources.web.listing:list_items"
    ),
    "git": Kind(
        "ingestion.sources.git.options:read_options",
        "ingestion.sources.git.listing:list_items",
        has_departments=True,
    ),
    "imap": Kind(
        "ingestion.sources.mail.options:read_imap_options",
        "ingestion.sources.mail.listing:list_items",
    ),
    "maildir": Kind(
        "ingestion.sources.mail.options:read_maildir_options",
        "ingestion.sources.mail.listing:list_items",
    ),
    "mbox": Kind(
        "ingestion.sources.mail.options:read_mbox_options",
        "ingestion.sources.mail.listing:list_items",
    ),
    "loader": Kind(
        "ingestion.sources.loader.options:read_options",
        "ingestion.sources.loader.listing:list_items",
        only_in_file=True,
    ),
}
"""The kinds beside folder and upload, by name."""

KINDS = (FOLDER, UPLOAD, *MIRRORED)
"""The names of all kinds."""


def names_departments(kind: str) -> bool:
    """Returns whether the first folder of a path in such a source is taken for a department."""
    return kind == FOLDER or (kind in MIRRORED and MIRRORED[kind].has_departments)


def find_kind(name: str) -> Kind:
    """Returns the mirrored kind of this name.

    Raises:
        SourceInvalid: There is none.
    """
    if name not in MIRRORED:
        raise SourceInvalid(field="kind", value=name, allowed=", ".join(KINDS))
    return MIRRORED[name]


def _find(place: str) -> Any:  # noqa: ANN401 - what it is, the caller's annotation says
    module, _, name = place.partition(":")
    return getattr(import_module(module), name)
