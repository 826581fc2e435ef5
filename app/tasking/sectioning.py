"""A document cut into its sections, and these into passages that a prompt and a check can take."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from itertools import groupby

from app.answering.instructing import blank_passage
from app.answering.sentences import split
from retrieval.model import Block, BlockKind, Chunk, Document, DocumentText, Passage

LONGEST = 600
"""Characters of a passage; at two tokens a kanji several fit the window of any chat model."""


@dataclass(frozen=True, slots=True)
class Section:
    """What stands under one heading."""

    document: Document
    heading: tuple[str, ...]
    passages: tuple[Passage, ...]


def follow_headings(blocks: Iterable[Block]) -> Iterator[tuple[tuple[str, ...], Block]]:
    """Yields every block with the headings it stands under; a heading stands under itself."""
    path: list[tuple[int, str]] = []
    for block in blocks:
        if block.kind is BlockKind.HEADING:
            path = [(level, text) for level, text in path if level < block.level]
            path.append((block.level, " ".join(block.text.split())))
        yield tuple(text for _, text in path), block


def divide(document: Document, text: DocumentText) -> list[Section]:
    """Returns the sections that have text, in order, what speaks to machines blanked out.

    The heading of a mail or a page that repeats the document's title is left out of the path.
    """
    sections: list[Section] = []
    blocks = ((path, block) for path, block in follow_headings(text.blocks) if _is_text(block))
    for (path, sheet), run in groupby(blocks, key=lambda pair: (pair[0], pair[1].sheet)):
        named = (sheet, *path) if sheet else path
        heading = tuple(part for part in named if part != document.metadata.title)
        spans = [span for _, block in run for span in _cut(text.text, block)]
        passages = [_read(document, text.text, heading, span) for span in _join(spans)]
        if passages:
            sections.append(Section(document, heading, tuple(map(blank_passage, passages))))
    return sections


@dataclass(frozen=True, slots=True)
class _Span:
    """A part of the text; ``header`` is the row that names a table's columns, repeated."""

    block: Block
    start: int
    end: int
    header: str = ""


def _is_text(block: Block) -> bool:
    return block.kind is not BlockKind.HEADING and bool(block.text.strip())


def _cut(text: str, block: Block) -> list[_Span]:
    """Returns a block whole, or where it is long its sentences or rows in several parts."""
    if block.end - block.start <= LONGEST:
        return [_Span(block, block.start, block.end)]
    if block.kind is BlockKind.TABLE:
        return _cut_table(text, block)
    whole = text[block.start : block.end]
    spans: list[_Span] = []
    start = 0
    for _, end in split(whole):
        if spans and end - start <= LONGEST:
            spans.pop()
        else:
            start = spans[-1].end - block.start if spans else 0
        spans.append(_Span(block, block.start + start, block.start + end))
    return spans


def _cut_table(text: str, block: Block) -> list[_Span]:
    header, _, _ = text[block.start : block.end].partition("\n")
    spans: list[_Span] = []
    start = end = block.start
    for line in text[block.start : block.end].split("\n"):
        after = end + len(line)
        if after - start > LONGEST and end > start:
            spans.append(_Span(block, start, end - 1, header if spans else ""))
            start = end
        end = after + 1
    return [*spans, _Span(block, start, block.end, header if spans else "")]


def _join(spans: Iterable[_Span]) -> Iterator[list[_Span]]:
    """Yields neighbouring spans together while they are short; tables and mail quotes alone."""
    held: list[_Span] = []
    for span in spans:
        fits = held and span.end - held[0].start <= LONGEST
        alike = held and _Kind.of(span) == _Kind.of(held[0]) and not _Kind.of(span).alone
        if held and not (fits and alike):
            yield held
            held = []
        held.append(span)
    if held:
        yield held


@dataclass(frozen=True, slots=True)
class _Kind:
    kind: BlockKind
    page: int | None
    sheet: str | None
    alone: bool

    @classmethod
    def of(cls, span: _Span) -> "_Kind":
        alone = span.block.kind in {BlockKind.TABLE, BlockKind.NOTE}
        kind = span.block.kind if alone else BlockKind.PARAGRAPH
        return cls(kind, span.block.page, span.block.sheet, alone)


def _read(document: Document, text: str, heading: tuple[str, ...], spans: list[_Span]) -> Passage:
    first, start, end = spans[0], spans[0].start, spans[-1].end
    own = text[start:end]
    chunk = Chunk(
        id=f"{document.id}:{start}",
        document_id=document.id,
        ordinal=start,
        text=f"{first.header}\n{own}" if first.header else own,
        heading=heading,
        kind=_Kind.of(first).kind,
        page=first.block.page,
        sheet=first.block.sheet,
        start=start,
        end=end,
    )
    return Passage(chunk, document, 1.0, {})
