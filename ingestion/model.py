"""The words of ingestion: what a source lists and what a reading brings back."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path

from retrieval.editions import EFFECTIVE_TAG, EXPIRES_TAG, VERSION_TAG
from retrieval.model import Access, Block

MEGABYTE = 1024 * 1024
TYPE_TAG, THREAD_TAG, REVISED_TAG, WARNING_TAG = "type:", "thread:", "revised:", "warning:"
DERIVED_TAGS = (
    EFFECTIVE_TAG,
    EXPIRES_TAG,
    REVISED_TAG,
    THREAD_TAG,
    TYPE_TAG,
    VERSION_TAG,
    WARNING_TAG,
    "department:",
    "confidentiality:",
    "status:",
)
"""How tags begin that were found in the document; all others were given to it."""


@dataclass(frozen=True, slots=True)
class SourceItem:
    """One file a source listed.

    Attributes:
        external_id: What names it inside its source; always valid UTF-8.
        path: Where its bytes are now.
        size: In bytes.
        modified_at: In UTC.
        signature: Changes whenever the bytes probably did (size, time of change, inode).
    """

    external_id: str
    path: Path
    size: int
    modified_at: datetime
    signature: str


@dataclass(frozen=True, slots=True)
class Listing:
    """All items of a source; what is not complete never leads to a removal.

    Attributes:
        skipped: What the source has but is not listed on purpose, each with the code of why,
            e.g. ``link-outside``.
    """

    items: tuple[SourceItem, ...]
    complete: bool = True
    skipped: Mapping[str, str] = field(default_factory=dict)


Tell = Callable[[int], None]
"""Told while a source is listed how many items were found so far. What it raises ends the listing
and must leave everything usable."""


@dataclass(frozen=True, slots=True)
class Upload:
    """An uploaded file whose bytes are already kept by their content hash."""

    name: str
    content_hash: str
    access: Access
    department: str = ""
    owner: str = ""
    tags: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Limits:
    """What one reading may use before it is stopped.

    Attributes:
        seconds: Wall-clock time.
        cpu_seconds: Processor time.
        memory: Address space of the child process, in bytes.
        file_size: Largest file that is read, in bytes.
        characters: Most text that is kept of one document.
        pages: Most pages that are read of one document.
        table_seconds: Time spent looking for ruled tables in one document.
        documents: Readings after which a child process is replaced.
        members: Most documents that are taken out of one archive, mailbox or mail.
        unpacked: Most bytes that are taken out of one of them.
        passwords: Tried, in this order, on a file that is locked.
        tesseract: The program that recognises text in images, "" for none.
    """

    seconds: float = 120.0
    cpu_seconds: int = 100
    memory: int = 4096 * MEGABYTE
    file_size: int = 200 * MEGABYTE
    characters: int = 10_000_000
    pages: int = 5_000
    table_seconds: float = 10.0
    documents: int = 200
    members: int = 1_000
    unpacked: int = 500 * MEGABYTE
    passwords: tuple[str, ...] = ()
    tesseract: str = ""


@dataclass(frozen=True, slots=True)
class Parsed:
    """What a reader found in a file.

    Attributes:
        blocks: In reading order, without offsets.
        media_type: As found in the content, not as the name claims.
        title: The title the file itself declares, or "".
        properties: Other declared facts, e.g. ``author``, ``from``, ``date``.
        warnings: Codes of what was read with loss, e.g. ``replaced-characters``.
        hidden_characters: How many characters a reader of the file would not have seen.
        pages: How many pages, slides or sheets, where the format has them.
        wrapped: Whether line breaks inside paragraphs are those of a page's layout.
        members: How many documents lie in it; ``unpack`` takes them out.
    """

    blocks: tuple[Block, ...]
    media_type: str = ""
    title: str = ""
    properties: Mapping[str, str] = field(default_factory=dict)
    warnings: tuple[str, ...] = ()
    hidden_characters: int = 0
    pages: int | None = None
    wrapped: bool = False
    members: int = 0


@dataclass(frozen=True, slots=True)
class Member:
    """A document that lies in another: an archive's member, a mail's attachment.

    Attributes:
        name: What it is called there; a relative path without ``..``.
        path: Where its bytes were put, ``None`` when they could not be taken out.
        failure: Code of why they could not.
    """

    name: str
    path: Path | None
    failure: str = ""
