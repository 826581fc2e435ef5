"""What the pipeline needs from outside itself."""

from collections.abc import Sequence
from pathlib import Path
from typing import Protocol

from ingestion.model import Member, Parsed


class DocumentReader(Protocol):
    """Reads a file into typed blocks, and takes the documents out that lie in it.

    Attributes:
        abilities: What it has at hand that not every machine has, e.g. "tesseract". When it
            changes, what could not be read is tried again.
    """

    @property
    def abilities(self) -> str:
        """Returns what the attribute of this name says."""
        ...

    def read(self, path: Path, name: str, passwords: Sequence[str] = ()) -> Parsed:
        """Returns what the file holds; never an empty result.

        Args:
            path: Where the bytes are.
            name: The document's own name, whose extension helps where content is ambiguous.
            passwords: Tried on a locked file.

        Raises:
            ReadingFailed: One of its subclasses says why there is no text.
        """
        ...

    def unpack(
        self, path: Path, name: str, into: Path, passwords: Sequence[str] = ()
    ) -> tuple[Member, ...]:
        """Puts the documents that lie in a file, one level deep, into a folder.

        Args:
            path: Where the bytes are.
            name: The document's own name.
            into: An empty folder; what is put there has names of its own.
            passwords: Tried on locked members.

        Raises:
            ReadingFailed: One of its subclasses says why nothing could be taken out.
            OSError: The disk is full.
        """
        ...
