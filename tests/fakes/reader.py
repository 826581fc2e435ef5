"""A small true reader: plain UTF-8 text in paragraphs, in this process."""

from pathlib import Path

from ingestion.errors import EmptyFile, NoText, PasswordProtected, Unreadable
from ingestion.model import Parsed
from retrieval.model import Block, BlockKind


class TextReader:
    """Reads UTF-8 text: a line with ``# `` is a heading, empty lines part paragraphs.

    A file that begins with ``LOCKED`` is refused, as one with a password would be.

    Attributes:
        read_names: What was read so far, so that tests can see what was not read again.
    """

    def __init__(self) -> None:
        """Has read nothing yet."""
        self.read_names: list[str] = []

    def read(self, path: Path, name: str) -> Parsed:
        """Returns the paragraphs of the file."""
        self.read_names.append(name)
        try:
            text = path.read_text(encoding="utf-8", errors="replace")
        except OSError as error:
            raise Unreadable(name=name, reason=str(error)) from error
        if not text:
            raise EmptyFile(name=name)
        if text.startswith("LOCKED"):
            raise PasswordProtected(name=name)
        if not text.strip():
            raise NoText(name=name, pages=1)
        return Parsed(tuple(map(_block, filter(str.strip, text.split("\n\n")))), "text/plain")


def _block(paragraph: str) -> Block:
    if paragraph.startswith("# "):
        return Block(BlockKind.HEADING, paragraph[2:].strip(), level=1)
    return Block(BlockKind.PARAGRAPH, paragraph.strip())
