"""The sample company: where its documents are, and the people whose rights can be tried on."""

from functools import lru_cache
from pathlib import Path

from app.services import Person
from app.settings import PROJECT, SAMPLE_FOLDER
from ingestion.sidecar import SIDECAR_NAME, read_sidecar
from retrieval.catalog import Catalog, NewSource, Source
from retrieval.model import Access

SAMPLE_NAME = "sample"
QUESTIONS = PROJECT / "data" / "evaluation" / "questions.jsonl"
"""Golden questions about the sample company."""


def is_here() -> bool:
    """Returns whether this installation carries the sample documents."""
    return SAMPLE_FOLDER.is_dir()


def register(catalog: Catalog) -> Source:
    """Makes the sample a source of the catalog and returns it; its sidecar says who reads what."""
    return catalog.sources.add(
        NewSource(
            name=SAMPLE_NAME,
            kind="folder",
            location=str(SAMPLE_FOLDER),
            access=Access(allow=frozenset({"group:admins"})),
        )
    )


def is_first_start(catalog: Catalog) -> bool:
    """Returns whether nothing was ever taken in, so a removed sample does not come back."""
    return not catalog.sources.list() and not catalog.jobs.list(limit=1)


def find_questions(catalog: Catalog) -> Path | None:
    """Returns the golden questions about the sample, ``None`` once the sample is removed."""
    return QUESTIONS if catalog.sources.find(SAMPLE_NAME) and QUESTIONS.is_file() else None


def find_people(catalog: Catalog) -> tuple[Person, ...]:
    """Returns the sample's people, nobody once the sample is removed."""
    source = catalog.sources.find(SAMPLE_NAME)
    if source is None:
        return ()
    folder = Path(source.location)
    try:
        written_at = (folder / SIDECAR_NAME).stat().st_mtime_ns
    except OSError:
        return ()
    return _read_people(folder, written_at)


@lru_cache(maxsize=1)
def _read_people(folder: Path, written_at: int) -> tuple[Person, ...]:  # noqa: ARG001 - cache key
    return tuple(
        Person(id=person.id, name=person.name, name_en=person.name_en, groups=person.groups)
        for person in read_sidecar(folder).people
    )
