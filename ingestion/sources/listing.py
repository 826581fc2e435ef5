"""Chooses how a source is listed, by its kind."""

from collections.abc import Callable
from pathlib import Path

from ingestion.errors import SourceUnavailable
from ingestion.model import Listing
from ingestion.sidecar import Sidecar, read_sidecar
from ingestion.sources.folder import list_folder
from retrieval.catalog import Source

Lister = Callable[[Source], tuple[Listing, Sidecar]]
"""Lists all items of a source, with the access rules that lie beside them.

A listing that is not complete says so; nothing is ever removed on its account. One that cannot be
made at all raises SourceUnavailable, rules that cannot be understood SidecarInvalid.
"""


def list_source(source: Source) -> tuple[Listing, Sidecar]:
    """Returns what a source has and the rules beside it.

    Raises:
        SourceUnavailable: It cannot be listed, or is of a kind that cannot be.
        SidecarInvalid: Its rules cannot be understood.
    """
    if source.kind != "folder":
        reason = f"sources of kind {source.kind!r} are not listed"
        raise SourceUnavailable(path=source.location or source.name, reason=reason)
    root = Path(source.location)
    return list_folder(root), read_sidecar(root)
