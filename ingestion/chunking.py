"""Cuts a document into chunks along its structure, each an exact span of its text."""

import unicodedata
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from langchain_text_splitters import RecursiveCharacterTextSplitter

from retrieval.identity import chunk_id
from retrieval.model import Block, BlockKind, Chunk

_SEPARATORS = [
    "\n\n",
    "\n",
    "。",
    "．",
    "！",
    "？",
    ". ",
    "! ",
    "? ",
    "；",
    "; ",
    "、",
    "，",
    ", ",
    "　",
    " ",
    "",
]


@dataclass(frozen=True, slots=True)
class ChunkSettings:
    """How large chunks are, in tokens as estimated by :func:`measure`.

    Attributes:
        target: What a chunk should not exceed.
        least: A section smaller than this is put together with the next one below the same heading.
    """

    target: int = 400
    least: int = 80

    @property
    def fingerprint(self) -> str:
        """Changes whenever the same text would be cut differently."""
        return f"c1-{self.target}-{self.least}"


@dataclass(frozen=True, slots=True)
class _Piece:
    """A span of the document that is not cut further."""

    start: int
    end: int
    kind: BlockKind
    heading: tuple[str, ...]
    page: int | None
    sheet: str | None
    size: int
    repeated: str = ""  # the header row that a later part of a table needs


def measure(text: str) -> int:
    """Returns about how many tokens a text is: a Japanese letter is one, four others are one."""
    wide = sum(1 for char in text if ord(char) > 0x2E7F)
    return wide + (len(text) - wide + 3) // 4


def cut(
    document_id: str, text: str, blocks: Sequence[Block], context: str, settings: ChunkSettings
) -> tuple[Chunk, ...]:
    """Returns the chunks of a document in order; together they cover all its blocks.

    ``text[chunk.start:chunk.end] == chunk.text``, but for later parts of a table, which begin with
    the table's header row again.

    Args:
        document_id: The document's id.
        text: The document's whole text.
        blocks: Its blocks, whose offsets point into the text.
        context: What is indexed with every chunk: title and date.
        settings: How large chunks are.
    """
    pieces = list(_pieces(text, blocks, settings))
    occurrences: Counter[tuple[tuple[str, ...], str]] = Counter()
    chunks: list[Chunk] = []
    for group in _group(pieces, settings):
        heading = _shared_heading(group)
        first, last = group[0], group[-1]
        body = text[first.start : last.end]
        shown = f"{first.repeated}\n{body}" if first.repeated else body
        key = (heading, shown)
        chunks.append(
            Chunk(
                id=chunk_id(document_id, heading, shown, occurrences[key]),
                document_id=document_id,
                ordinal=len(chunks),
                text=shown,
                heading=heading,
                context=_context(context, first.sheet, heading),
                kind=_kind(group),
                page=first.page,
                sheet=first.sheet,
                start=first.start,
                end=last.end,
            )
        )
        occurrences[key] += 1
    return tuple(chunks)


def _pieces(text: str, blocks: Sequence[Block], settings: ChunkSettings) -> Iterator[_Piece]:
    path: list[tuple[int, str]] = []
    for block in blocks:
        if block.kind is BlockKind.HEADING:
            while path and path[-1][0] >= block.level:
                path.pop()
            path.append((block.level, block.text))
        heading = tuple(title for _, title in path)
        if measure(block.text) <= settings.target:
            yield _piece(text, block, block.start, block.end, heading)
        elif block.kind is BlockKind.TABLE:
            yield from _table_pieces(text, block, heading, settings)
        else:
            for start, end in _spans(text, block.start, block.end, settings.target):
                yield _piece(text, block, start, end, heading)


def _piece(
    text: str, block: Block, start: int, end: int, heading: tuple[str, ...], repeated: str = ""
) -> _Piece:
    size = measure(text[start:end]) + measure(repeated)
    return _Piece(start, end, block.kind, heading, block.page, block.sheet, size, repeated)


def _table_pieces(
    text: str, block: Block, heading: tuple[str, ...], settings: ChunkSettings
) -> Iterator[_Piece]:
    """Yields groups of whole rows; each after the first repeats the header row."""
    header = block.text.split("\n", 1)[0]
    repeated = header if measure(header) <= settings.target // 4 else ""
    start = end = block.start
    size = 0
    for row_start, row_end in _rows(text, block, settings):
        row = measure(text[row_start:row_end])
        if end > start and size + row > settings.target:
            yield _piece(text, block, start, end, heading, repeated if start > block.start else "")
            start, size = row_start, measure(repeated)
        end = row_end
        size += row
    yield _piece(text, block, start, end, heading, repeated if start > block.start else "")


def _rows(text: str, block: Block, settings: ChunkSettings) -> Iterator[tuple[int, int]]:
    position = block.start
    for row in block.text.split("\n"):
        if measure(row) > settings.target:
            yield from _spans(text, position, position + len(row), settings.target // 2)
        elif row:
            yield position, position + len(row)
        position += len(row) + 1


def _spans(text: str, start: int, end: int, target: int) -> Iterator[tuple[int, int]]:
    """Yields the parts of a long block, ended where a sentence ends if there is one."""
    splitter = RecursiveCharacterTextSplitter(
        separators=_SEPARATORS,
        keep_separator="end",
        chunk_size=target,
        chunk_overlap=0,
        length_function=measure,
        strip_whitespace=False,
    )
    position = start
    for part in splitter.split_text(text[start:end]):
        begin = text.index(part, position, end)
        position = begin + len(part)
        trimmed = part.strip()
        if trimmed:
            begin += len(part) - len(part.lstrip())
            yield begin, begin + len(trimmed)


def _group(pieces: Sequence[_Piece], settings: ChunkSettings) -> Iterator[list[_Piece]]:
    """Yields runs of pieces that make one chunk each."""
    group: list[_Piece] = []
    size = 0
    for piece in pieces:
        if group and not _belongs(group, size, piece, settings):
            yield group
            group, size = [], 0
        group.append(piece)
        size += piece.size
    if group:
        yield group


def _belongs(group: Sequence[_Piece], size: int, piece: _Piece, settings: ChunkSettings) -> bool:
    first, last = group[0], group[-1]
    if size + piece.size > settings.target or piece.repeated or last.repeated:
        return False
    if piece.sheet != first.sheet:
        return False
    if piece.kind is not BlockKind.HEADING:
        return True
    if all(member.kind is BlockKind.HEADING for member in group):
        return len(piece.heading) > len(last.heading)  # a chapter's title goes with its first part
    if piece.page != last.page:
        return False
    return size < settings.least and piece.heading[:-1] == last.heading[:-1]


def _shared_heading(group: Sequence[_Piece]) -> tuple[str, ...]:
    """Returns the heading path that all pieces lie under."""
    bodies = [piece for piece in group if piece.kind is not BlockKind.HEADING] or list(group[-1:])
    shared = bodies[0].heading
    for piece in bodies[1:]:
        length = 0
        for one, other in zip(shared, piece.heading, strict=False):
            if one != other:
                break
            length += 1
        shared = shared[:length]
    return shared


def _context(context: str, sheet: str | None, heading: Sequence[str]) -> str:
    folded = unicodedata.normalize("NFKC", context)
    path = [sheet] if sheet else []
    path += [part for part in heading if unicodedata.normalize("NFKC", part) not in folded]
    return " > ".join(filter(None, [context, *path]))


def _kind(group: Sequence[_Piece]) -> BlockKind:
    kinds = {piece.kind for piece in group} - {BlockKind.HEADING}
    if not kinds:
        return BlockKind.HEADING
    return kinds.pop() if len(kinds) == 1 else BlockKind.PARAGRAPH
