"""The shapes of documents, their text, and what was uploaded."""

from collections.abc import Sequence
from datetime import datetime
from typing import Annotated, Literal
from urllib.parse import quote

from pydantic import AfterValidator, BaseModel, ConfigDict, Field

from app.api.locating import find_web_url
from app.api.naming import check_line
from app.api.principals import check_principals
from app.api.schemas_filters import Name, Names
from app.api.schemas_jobs import JobView
from app.api.showing import View
from retrieval.model import Access, Document, DocumentText, Edits, TagOrigin

MOST_TAGS = 50

PrincipalNames = Annotated[Names, AfterValidator(check_principals)]

OneLine = AfterValidator(check_line)


class AccessView(BaseModel):
    """Who may read; deny wins. Each is `everyone`, `user:NAME` or `group:NAME`."""

    model_config = ConfigDict(
        extra="forbid", json_schema_extra={"examples": [{"allow": ["group:hr"], "deny": []}]}
    )

    allow: PrincipalNames = []
    deny: PrincipalNames = []

    @classmethod
    def of(cls, access: Access) -> "AccessView":
        """Returns the rule as it is sent."""
        return cls(allow=sorted(access.allow), deny=sorted(access.deny))

    def to_access(self) -> Access:
        """Returns the rule the catalog keeps."""
        return Access(frozenset(self.allow), frozenset(self.deny))


class DocumentView(BaseModel):
    """One document."""

    id: str
    title: str
    source: str = Field(description="Name of the source it comes from.")
    source_id: str
    external_id: str = Field(description="What the source calls it, such as a relative path.")
    department: str
    language: str = Field(description="`ja`, `en`, or empty when unknown.")
    media_type: str
    owner: str
    tags: list[str]
    modified_at: datetime | None
    pages: int | None
    status: Literal["current", "stale", "failed"]
    reason: str = Field(description="Code of the failure; empty while current.")
    version: int = Field(description="0 while there is no good version.")
    size: int = Field(description="Bytes of the original.")
    ingested_at: datetime
    url: str = Field(description="Opens the document on this server's page.")
    text_url: str
    original_url: str
    web_url: str = Field(description="The live page it was copied from; empty for all others.")

    @classmethod
    def of(cls, document: Document) -> "DocumentView":
        """Returns the document as it is sent."""
        about = document.metadata
        path = quote(document.id, safe="")
        return cls(
            id=document.id,
            title=about.title,
            source=document.source_name,
            source_id=document.source_id,
            external_id=document.external_id,
            department=about.department,
            language=about.language,
            media_type=about.media_type,
            owner=about.owner,
            tags=list(about.tags),
            modified_at=about.modified_at,
            pages=about.pages,
            status=document.status.value,
            reason=document.reason,
            version=document.version,
            size=document.size,
            ingested_at=document.ingested_at,
            url=f"/#document={path}",
            text_url=f"/api/v1/documents/{path}/text",
            original_url=f"/api/v1/documents/{path}/original",
            web_url=find_web_url(document),
        )


class OriginView(BaseModel):
    """Where a tag or a field comes from."""

    name: str = Field(description="The tag, or `title`, `department`, `language`, `owner`.")
    source: str = Field(
        description="`title`, `path`, `owner`, `text`, `file` (its properties), `mail`, `rule`, "
        "`reading`, or `person` for what somebody set."
    )
    confidence: float = Field(description="From 0 to 1.")

    @classmethod
    def of(cls, origin: TagOrigin) -> "OriginView":
        """Returns the origin as it is sent."""
        return cls(name=origin.tag, source=origin.source, confidence=origin.confidence)


class LocationView(BaseModel):
    """Another document that holds the same bytes."""

    id: str
    title: str
    source: str
    external_id: str
    url: str


class DocumentDetail(DocumentView):
    """One document, where its facts come from, and whether the caller may change it."""

    keywords: list[str] = Field(description="What it is about, the most telling word first.")
    tag_origins: list[OriginView]
    origins: list[OriginView] = Field(description="The same for title, department, owner, ...")
    edited: list[str] = Field(description="Fields that a person set; no new version changes them.")
    duplicates: list[LocationView] = Field(
        description="Other places of the same bytes, as far as the caller may read them."
    )
    editable: bool
    access: AccessView | None = Field(description="Only for callers who may change it.")

    @classmethod
    def for_caller(
        cls, document: Document, *, editable: bool, others: Sequence[Document] = ()
    ) -> "DocumentDetail":
        """Returns the document as it is sent to a caller, who may read the others as well."""
        about = document.metadata
        known = {origin.tag for origin in about.tag_origins}
        ruled = [TagOrigin(tag, "rule", 1.0) for tag in about.tags if tag not in known]
        return cls(
            **DocumentView.of(document).model_dump(),
            keywords=list(about.keywords),
            tag_origins=[OriginView.of(origin) for origin in (*ruled, *about.tag_origins)],
            origins=[OriginView.of(origin) for origin in about.fact_origins],
            edited=_edited(document.edits),
            duplicates=[_location(other) for other in others],
            editable=editable,
            access=AccessView.of(document.access) if editable else None,
        )


def _edited(edits: Edits) -> list[str]:
    fields = [name for name in ("title", "department", "owner") if getattr(edits, name) is not None]
    return [*fields, "tags"] if edits.added or edits.removed else fields


def _location(document: Document) -> LocationView:
    return LocationView(
        id=document.id,
        title=document.metadata.title,
        source=document.source_name,
        external_id=document.external_id,
        url=f"/#document={quote(document.id, safe='')}",
    )


class DocumentList(BaseModel):
    """Readable documents by title."""

    documents: list[DocumentView]
    count: int = Field(description="How many there are on all pages together.")
    next: str | None = Field(description="Give this as `after` for the next page.")


class DocumentChange(BaseModel):
    """What to change; what is absent stays as it is.

    A title, department, owner or list of tags given here stands until somebody changes it again,
    whatever new versions and rules say. `null` gives the field back to what they say.
    """

    model_config = ConfigDict(
        extra="forbid",
        json_schema_extra={"examples": [{"department": "総務", "access": {"allow": ["everyone"]}}]},
    )

    title: Annotated[str, Field(min_length=1, max_length=500), OneLine] | None = None
    department: Annotated[str, Field(max_length=200), OneLine] | None = None
    owner: Annotated[str, Field(max_length=200), OneLine] | None = None
    tags: Annotated[list[Annotated[Name, OneLine]], Field(max_length=MOST_TAGS)] | None = None
    access: AccessView | None = None

    def edits(self) -> dict[str, str | list[str] | None]:
        """Returns the fields that were given, also those given back by null."""
        return self.model_dump(exclude_unset=True, exclude={"access"})


class BlockView(View):
    """A typed piece of a document. Its text is `text[start:end]` of the whole document."""

    kind: str
    text: str
    page: int | None
    sheet: str | None
    level: int = Field(description="Heading level from 1; 0 for what is no heading.")
    start: int
    end: int


class TextView(BaseModel):
    """A document's text, or a span of it, with the blocks that the span touches.

    All offsets count Unicode characters of the document's whole text, also in a span.
    """

    document_id: str
    title: str
    version: int
    start: int
    end: int
    length: int = Field(description="Characters of the whole text.")
    web_url: str = Field(description="The live page it was copied from; empty for all others.")
    text: str
    blocks: list[BlockView]

    @classmethod
    def of(cls, document: Document, whole: DocumentText, start: int, end: int) -> "TextView":
        """Returns the span as it is sent; offsets beyond the text are cut to it."""
        length = len(whole.text)
        start, end = min(start, length), min(end, length)
        touched = [b for b in whole.blocks if b.start < end and b.end > start]
        return cls(
            document_id=document.id,
            title=document.metadata.title,
            version=whole.version,
            start=start,
            end=end,
            length=length,
            web_url=find_web_url(document),
            text=whole.text[start:end],
            blocks=[BlockView.of(block) for block in touched],
        )


class UploadFields(BaseModel):
    """What holds for all files of one upload."""

    source: Name = Field(description="Name of an upload source.")
    department: Annotated[str, Field(max_length=200), OneLine]
    tags: Annotated[list[Annotated[Name, OneLine]], Field(max_length=MOST_TAGS)]
    allow: PrincipalNames
    deny: PrincipalNames


class FileProblem(BaseModel):
    """Why one file was not taken."""

    code: str
    message: str


class FileView(BaseModel):
    """One received file."""

    name: str
    document_id: str | None = Field(description="Set when the file was taken.")
    problem: FileProblem | None = Field(description="Set when it was not.")


class UploadResponse(BaseModel):
    """The job that reads the files taken, and what became of each file."""

    job: JobView
    files: list[FileView]
