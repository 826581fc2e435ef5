"""What the pipeline needs from outside itself."""

from pathlib import Path
from typing import Protocol

from ingestion.model import Parsed


class DocumentReader(Protocol):
    """Reads a file into typed blocks."""

    def read(self, path: Path, name: str) -> Parsed:
        """Returns what the file holds; never an empty result.

        Args:
            path: Where the bytes are.
            name: The document's own name, whose extension helps where content is ambiguous.

        Raises:
            ReadingFailed: One of its subclasses says why there is no text.
        """
        ...
