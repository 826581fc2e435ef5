"""What documents are called and filed under, of all of them at once: for suggesting filters."""

from collections.abc import Iterator
from dataclasses import dataclass

from sqlalchemy import Integer, cast, func, select

from retrieval.catalog.database import Database
from retrieval.catalog.schema import documents
from retrieval.catalog.selecting import within
from retrieval.model import DocumentStatus


@dataclass(frozen=True, slots=True)
class Spine:
    """What stands on a document's back.

    Attributes:
        year: Of its last modification, in local time; 0 when unknown.
    """

    id: str
    acl_id: int
    title: str
    department: str
    language: str
    media_type: str
    tags: tuple[str, ...]
    year: int


def read_spines(database: Database) -> Iterator[Spine]:
    """Yields one for each document that has text.

    It asks for no principals: whoever shows a caller any of it looks at the rule first.
    """
    local = func.strftime("%Y", documents.c.modified_at, "unixepoch", "localtime")
    year = cast(local, Integer)
    query = select(
        documents.c.id,
        documents.c.acl_id,
        documents.c.title,
        documents.c.department,
        documents.c.language,
        documents.c.media_type,
        documents.c.tags,
        func.coalesce(year, 0),
    ).where(within(documents.c.status, (DocumentStatus.CURRENT, DocumentStatus.STALE)))
    with database.read() as connection:
        rows = connection.execute(query).all()
    for identity, rule, title, department, language, media_type, tags, modified in rows:
        yield Spine(identity, rule, title, department, language, media_type, tuple(tags), modified)
