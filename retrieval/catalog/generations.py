"""Which vector index is the live one."""

import time
from typing import Any

from sqlalchemy import Row, select, update
from sqlalchemy.dialects.sqlite import insert

from retrieval.catalog.database import Database
from retrieval.catalog.records import GenerationRow
from retrieval.catalog.rows import record_of
from retrieval.catalog.schema import generations
from retrieval.errors import Invalid, NotFound

GenerationList = list[GenerationRow]


class Generations:
    """The published generations; at most one of them is live."""

    def __init__(self, database: Database) -> None:
        """Takes the open database."""
        self._database = database

    def publish(self, generation: GenerationRow) -> None:
        """Makes a generation the live one, in one transaction; the one before stays published.

        One published earlier may be given again, to roll back to it.
        """
        values = {
            "id": generation.id,
            "state": "published",
            "live": True,
            "fingerprint": generation.fingerprint,
            "seq": generation.seq,
            "size": generation.size,
            "published_at": time.time(),
        }
        statement = insert(generations).values(values)
        statement = statement.on_conflict_do_update(index_elements=["id"], set_=values)
        with self._database.write() as connection:
            connection.execute(update(generations).where(generations.c.live).values(live=False))
            connection.execute(statement)

    def live(self) -> GenerationRow | None:
        """Returns the live generation, or ``None`` while there is none."""
        with self._database.read() as connection:
            row = connection.execute(select(generations).where(generations.c.live)).one_or_none()
        return None if row is None else _generation_of(row)

    def list(self) -> GenerationList:
        """Returns every generation ever published, also retired ones, newest first."""
        newest_first = (generations.c.published_at.desc(), generations.c.id)
        with self._database.read() as connection:
            rows = connection.execute(select(generations).order_by(*newest_first)).all()
        return [_generation_of(row) for row in rows]

    def retire(self, generation_id: str) -> None:
        """Notes that a generation's folder is going away.

        Raises:
            NotFound: There is no such generation.
            Invalid: It is the live one.
        """
        with self._database.write() as connection:
            chosen = generations.c.id == generation_id
            row = connection.execute(select(generations).where(chosen)).one_or_none()
            if row is None:
                raise NotFound(what="generation", value=generation_id)
            if row.live:
                raise Invalid(field="generation", value=generation_id, allowed="one not live")
            connection.execute(update(generations).where(chosen).values(state="retired"))


def _generation_of(row: Row[Any]) -> GenerationRow:
    return record_of(GenerationRow, row)
