"""One object for all of the catalog's tables."""

from pathlib import Path
from typing import Self

from retrieval.catalog.changes import Changes
from retrieval.catalog.chunks import Chunks
from retrieval.catalog.conversations import Conversations
from retrieval.catalog.database import Database
from retrieval.catalog.documents import Documents
from retrieval.catalog.feedback import FeedbackRows
from retrieval.catalog.generations import Generations
from retrieval.catalog.jobs import Jobs
from retrieval.catalog.keys import Keys
from retrieval.catalog.listing import Filed
from retrieval.catalog.migrating import prepare
from retrieval.catalog.rules import Rules
from retrieval.catalog.sources import Sources


class Catalog:
    """The open catalog. One for each process; all its parts may be used from many threads."""

    def __init__(self, path: Path) -> None:
        """Opens the file, making it or bringing its tables up to date first.

        Raises:
            CatalogUnavailable: It cannot be opened or is damaged.
            CatalogTooNew: A later release made it.
        """
        prepare(path)
        self.database = Database(path)
        self.sources = Sources(self.database)
        self.rules = Rules(self.database)
        self.documents = Documents(self.database)
        self.filed = Filed(self.database)
        self.chunks = Chunks(self.database)
        self.changes = Changes(self.database)
        self.jobs = Jobs(self.database)
        self.keys = Keys(self.database)
        self.generations = Generations(self.database)
        self.feedback = FeedbackRows(self.database)
        self.conversations = Conversations(self.database)

    def data_version(self) -> int:
        """Returns a number that differs after every commit by any thread or process.

        Compare it only with numbers from this same object; it is not stored anywhere.
        """
        return self.database.data_version()

    def close(self) -> None:
        """Closes every connection."""
        self.database.close()

    def __enter__(self) -> Self:
        """Returns itself."""
        return self

    def __exit__(self, *_: object) -> None:
        """Closes every connection."""
        self.close()
