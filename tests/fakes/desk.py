"""Documents with headings and tables in a real catalog, and a desk that works on them."""

from collections.abc import Iterable, Sequence
from dataclasses import replace

from app.answering.ports import ChatModel
from app.tasking.desk import Desk, Tools
from app.tasking.finding import Finder
from app.tasking.forms import FormShelf
from app.tasking.model import Done, TaskEvent
from retrieval.identity import document_id, text_hash
from retrieval.model import (
    Access,
    Block,
    BlockKind,
    Document,
    DocumentStatus,
    DocumentText,
    Metadata,
    NewVersion,
)
from tests.fakes.keeping import keep
from tests.fakes.searcher import EPOCH
from tests.fakes.services import CatalogSearcher, Company

STAFF = frozenset({"everyone", "user:hanako"})


def lay_out(lines: Iterable[str]) -> tuple[str, tuple[Block, ...]]:
    """Returns a text and its blocks: ``#`` begins a heading, a tab makes a table, all else text.

    Lines with tabs that follow each other are one table.
    """
    blocks: list[Block] = []
    text = ""
    for line in lines:
        depth = len(line) - len(line.lstrip("#"))
        kind = BlockKind.HEADING if depth else BlockKind.PARAGRAPH
        kind = BlockKind.TABLE if "\t" in line else kind
        shown = line.lstrip("# ")
        if kind is BlockKind.TABLE and blocks and blocks[-1].kind is BlockKind.TABLE:
            text += f"\n{shown}"
            joined = f"{blocks[-1].text}\n{shown}"
            blocks[-1] = replace(blocks[-1], text=joined, end=len(text))
            continue
        text += "\n\n" if text else ""
        blocks.append(Block(kind, shown, level=depth, start=len(text), end=len(text) + len(shown)))
        text += shown
    return text, tuple(blocks)


def make_document(name: str, lines: Iterable[str]) -> tuple[Document, DocumentText]:
    """Returns a document that is in no catalog."""
    text, blocks = lay_out(lines)
    document = Document(
        id=f"id-{name}",
        source_id="source",
        source_name="source",
        external_id=name,
        metadata=Metadata(title=name),
        status=DocumentStatus.CURRENT,
        reason="",
        version=1,
        size=len(text),
        content_hash="",
        ingested_at=EPOCH,
        acl_id=1,
        access=Access(allow=frozenset({"everyone"})),
    )
    return document, DocumentText(document.id, 1, text, blocks)


def publish_laid_out(
    company: Company, name: str, lines: Sequence[str], *, allow: str = "everyone", **about: object
) -> str:
    """Publishes a document laid out like this and returns its id; it has no chunks to search."""
    source = company.source()
    text, blocks = lay_out(lines)
    company.catalog.documents.publish(
        NewVersion(
            source_id=source.id,
            external_id=name,
            metadata=replace(Metadata(title=name, language="ja"), **about),
            access=Access(allow=frozenset({allow})),
            text=text,
            blocks=blocks,
            chunks=(),
            content_hash=keep(company.originals, text.encode()),
            text_hash=text_hash(text),
            signature="1",
            size=len(text.encode()),
        )
    )
    return document_id(source.id, name)


def open_desk(company: Company, chat_model: ChatModel | None = None) -> Desk:
    """Returns a desk on a company's catalog."""
    finder = Finder(company.catalog, CatalogSearcher(company.catalog))
    shelf = FormShelf(company.home / "forms")
    return Desk(Tools(finder, shelf, company.answerer, chat_model))


def finish(events: Iterable[TaskEvent]) -> tuple[list[TaskEvent], object]:
    """Returns all events, and what the last one brings."""
    listed = list(events)
    last = listed[-1]
    assert isinstance(last, Done)
    return listed, last.result
