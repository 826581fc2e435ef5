"""Tells what a run would do, without doing it."""

from pathlib import Path

from ingestion.chunking import ChunkSettings
from ingestion.pipeline import describe_occasion
from ingestion.planning import Plan, make_plan, survey_source
from ingestion.sources.listing import Lister, list_local
from ingestion.vocabulary import VOCABULARY, read_vocabulary
from retrieval.catalog import Catalog, Source


def plan_run(
    catalog: Catalog,
    source: Source,
    abilities: str,
    *,
    allow_removals: bool = False,
    lister: Lister = list_local,
    vocabulary: Path = VOCABULARY,
) -> Plan:
    """Returns what a run would do, without reading a document or changing the catalog.

    What is not on this machine is mirrored, as a run would. It raises what
    :meth:`ingestion.pipeline.Pipeline.run` does before it begins.

    Args:
        catalog: What it would change.
        source: What it would bring up to date.
        abilities: Those of the reader.
        allow_removals: As for the run.
        lister: Lists what the source has.
        vocabulary: The file of tags, as for the run.
    """
    words = read_vocabulary(vocabulary)
    listing, sidecar = lister(source, lambda _: None)
    occasion = describe_occasion(
        ChunkSettings(), abilities, words, sidecar.passwords, confirmed=allow_removals
    )
    states = catalog.documents.states(source.id)
    return make_plan(source, survey_source(source, listing, sidecar, states, occasion))
