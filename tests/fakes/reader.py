"""A small true reader: plain UTF-8 text in paragraphs, in this process."""

import re
from collections.abc import Sequence
from pathlib import Path

from ingestion.errors import EmptyFile, NoText, PasswordProtected, Unreadable
from ingestion.model import Member, Parsed
from retrieval.model import Block, BlockKind

_MEMBER = re.compile(r"^@(\S+): (.+)$", re.MULTILINE)


class TextReader:
    """Reads UTF-8 text: a line with ``# `` is a heading, empty lines part paragraphs.

    A file that begins with ``LOCKED`` is refused, as one with a password would be, until one of
    the passwords stands behind that word. A line ``@name: text`` is a document that lies in it.

    Attributes:
        read_names: What was read so far, so that tests can see what was not read again.
    """

    def __init__(self) -> None:
        """Has read nothing yet."""
        self.abilities = ""
        self.read_names: list[str] = []

    def read(self, path: Path, name: str, passwords: Sequence[str] = ()) -> Parsed:
        """Returns the paragraphs of the file."""
        self.read_names.append(name)
        try:
            text = path.read_text(encoding="utf-8", errors="replace")
        except OSError as error:
            raise Unreadable(name=name, reason=str(error)) from error
        if not text:
            raise EmptyFile(name=name)
        if text.startswith("LOCKED") and text.split()[0].removeprefix("LOCKED") not in passwords:
            raise PasswordProtected(name=name)
        if not text.strip():
            raise NoText(name=name, pages=1)
        blocks = tuple(map(_block, filter(str.strip, text.split("\n\n"))))
        return Parsed(blocks, "text/plain", members=len(_MEMBER.findall(text)))

    def unpack(
        self, path: Path, name: str, into: Path, passwords: Sequence[str] = ()
    ) -> tuple[Member, ...]:
        """Puts the text of each marked line into a file."""
        del name, passwords
        members = []
        for number, (inner, text) in enumerate(_MEMBER.findall(path.read_text(encoding="utf-8"))):
            (into / str(number)).write_text(text, encoding="utf-8")
            members.append(Member(inner, into / str(number)))
        return tuple(members)


def _block(paragraph: str) -> Block:
    if paragraph.startswith("# "):
        return Block(BlockKind.HEADING, paragraph[2:].strip(), level=1)
    return Block(BlockKind.PARAGRAPH, paragraph.strip())
