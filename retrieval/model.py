"""The words of the domain: what a document, a chunk, a passage and an access rule are."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum
from typing import Any

EVERYONE = "everyone"
"""The principal that every signed-in caller carries."""

Principals = frozenset[str]
"""Who a caller is: ``everyone``, ``user:NAME`` and one ``group:NAME`` for each group."""


@dataclass(frozen=True, slots=True)
class Access:
    """Who may read a document. Deny wins; nobody is allowed unless named."""

    allow: frozenset[str] = frozenset()
    deny: frozenset[str] = frozenset()

    def permits(self, principals: Principals) -> bool:
        """Returns whether a caller carrying these principals may read."""
        return bool(self.allow & principals) and not self.deny & principals

    def within(self, other: "Access") -> "Access":
        """Returns a rule that lets nobody read whom either of the two keeps out."""
        allow = self.allow & other.allow
        if EVERYONE in self.allow or EVERYONE in other.allow:
            allow = other.allow if EVERYONE in self.allow else self.allow
        return Access(allow, self.deny | other.deny)


@dataclass(frozen=True, slots=True)
class Basis:
    """What the catalog said of access when a run decided who may read a document.

    A run decides at its beginning and may write hours later; by then somebody may have changed a
    rule, and theirs is the later word.

    Attributes:
        source: The source's own rule.
        document: The rule of the document, or that of one which was removed and is back; ``None``
            where it was new.
    """

    source: Access
    document: Access | None = None


class BlockKind(StrEnum):
    """What a piece of a document is."""

    HEADING = "heading"
    PARAGRAPH = "paragraph"
    LIST = "list"
    TABLE = "table"
    CODE = "code"
    NOTE = "note"


@dataclass(frozen=True, slots=True)
class Block:
    """A typed piece of a document as read.

    Attributes:
        kind: What it is.
        text: Its display text. A table is one row a line, cells joined by tabs, header row first.
        page: Page or slide number from 1, where the format has pages.
        sheet: Sheet name, where the format has sheets.
        level: Heading level from 1; 0 for what is not a heading.
        start: Offset of its first character in the document's text.
        end: Offset after its last character in the document's text.
    """

    kind: BlockKind
    text: str
    page: int | None = None
    sheet: str | None = None
    level: int = 0
    start: int = 0
    end: int = 0


class DocumentStatus(StrEnum):
    """Whether a document's text is there and fresh."""

    CURRENT = "current"
    STALE = "stale"  # the last good version is kept because a newer one failed
    FAILED = "failed"  # no good version; the reason says why


@dataclass(frozen=True, slots=True)
class TagOrigin:
    """How a tag was found.

    Attributes:
        tag: The tag, or the name of the field.
        source: Where: "path", "title", "text", "file", "mail", "rule", "reading" or "person".
        confidence: From 0 to 1.
    """

    tag: str
    source: str
    confidence: float


@dataclass(frozen=True, slots=True)
class Metadata:
    """What is known about a document beside its text.

    Attributes:
        tag_origins: For the tags that were derived; one without an origin was given by a rule.
        keywords: What the text is about, the most telling word first.
        fact_origins: Where title, department, language and owner were found.
    """

    title: str
    department: str = ""
    language: str = ""  # "ja", "en" or "" when unknown
    media_type: str = ""
    owner: str = ""
    tags: tuple[str, ...] = ()
    modified_at: datetime | None = None
    pages: int | None = None
    tag_origins: tuple[TagOrigin, ...] = ()
    keywords: tuple[str, ...] = ()
    fact_origins: tuple[TagOrigin, ...] = ()


@dataclass(frozen=True, slots=True)
class Edits:
    """What a person said of a document; it stands whatever rules and new versions say.

    Attributes:
        title, department, owner: ``None`` where nobody set it.
        added: Tags that were given to it.
        removed: Tags that were taken from it.
    """

    title: str | None = None
    department: str | None = None
    owner: str | None = None
    added: tuple[str, ...] = ()
    removed: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Document:
    """One item of a source, as the catalog knows it."""

    id: str
    source_id: str
    source_name: str
    external_id: str
    metadata: Metadata
    status: DocumentStatus
    reason: str  # failure code, "" unless stale or failed
    version: int
    size: int
    content_hash: str
    ingested_at: datetime
    acl_id: int
    access: Access
    edits: Edits = Edits()
    parent_id: str | None = None  # the document it lies in


@dataclass(frozen=True, slots=True)
class DocumentText:
    """A document's whole display text and the blocks it is made of (offsets point into it)."""

    document_id: str
    version: int
    text: str
    blocks: tuple[Block, ...]


@dataclass(frozen=True, slots=True)
class Chunk:
    """A stored, searched piece of a document.

    Attributes:
        id: uuid5 of document, heading path, text and occurrence; the same text keeps its id.
        text: What is shown and cited.
        heading: Heading path from the outermost.
        context: What is indexed beside ``text`` but not shown (title, heading path, date).
        start: Offset of the chunk's first character in the document's text.
        end: Offset after its last character. For a later part of a table, whose header rows are
            repeated in ``text``, the span covers the part's own rows.
    """

    id: str
    document_id: str
    ordinal: int
    text: str
    heading: tuple[str, ...] = ()
    context: str = ""
    kind: BlockKind = BlockKind.PARAGRAPH
    page: int | None = None
    sheet: str | None = None
    start: int = 0
    end: int = 0

    @property
    def indexed_text(self) -> str:
        """What is embedded: the context followed by the text."""
        return f"{self.context}\n{self.text}" if self.context else self.text


@dataclass(frozen=True, slots=True)
class NewVersion:
    """All that one successful reading of a document brings into the catalog.

    Attributes:
        basis: What its access was decided from; ``None`` where it holds whatever changed since.
        parent_id: The document it lies in, e.g. the mail of an attachment.
        declared: What the reading found beside the blocks and tagging needs again; JSON-able.
    """

    source_id: str
    external_id: str
    metadata: Metadata
    access: Access
    text: str
    blocks: tuple[Block, ...]
    chunks: tuple[Chunk, ...]
    content_hash: str
    text_hash: str
    signature: str
    size: int
    parent_id: str | None = None
    declared: Mapping[str, Any] = field(default_factory=dict)
    basis: Basis | None = None


@dataclass(frozen=True, slots=True)
class Filters:
    """What the caller asked to narrow the search to; empty means no narrowing."""

    departments: frozenset[str] = frozenset()
    languages: frozenset[str] = frozenset()
    media_types: frozenset[str] = frozenset()
    source_ids: frozenset[str] = frozenset()
    document_ids: frozenset[str] = frozenset()
    tags: frozenset[str] = frozenset()
    modified_after: datetime | None = None
    modified_before: datetime | None = None


@dataclass(frozen=True, slots=True)
class Scope:
    """What a search may see: the caller's principals and what was asked for."""

    principals: Principals
    filters: Filters = field(default_factory=Filters)


@dataclass(frozen=True, slots=True)
class Passage:
    """A chunk found, with its document and why it ranks where it does.

    Attributes:
        score: Fused score in 0..1, higher is better.
        scores: Each arm's own normalised score ("lexical", "vector"), only for arms that found it.
    """

    chunk: Chunk
    document: Document
    score: float
    scores: Mapping[str, float]


@dataclass(frozen=True, slots=True)
class Remark:
    """What a person is told of how a question was read."""

    code: str
    ja: str
    en: str


@dataclass(frozen=True, slots=True)
class SearchResult:
    """Passages, best first.

    Attributes:
        degraded: The arms that could not take part ("vector", "lexical").
        remarks: How the question's fields and quotations were read, where that needs saying.
    """

    passages: tuple[Passage, ...]
    degraded: tuple[str, ...] = ()
    remarks: tuple[Remark, ...] = ()
