"""Reads PDF: text by line from PDFium, ruled tables and vertical writing by slower means."""

import re
import time
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import closing
from pathlib import Path

import pypdfium2 as pdfium

from ingestion.errors import Damaged, NoText, PasswordProtected, TooLarge
from ingestion.model import Limits, Parsed
from ingestion.reading.pdf_gutters import split_tables
from ingestion.reading.pdf_lines import Line, PageText, read_page
from ingestion.reading.pdf_scans import recognize_scans
from ingestion.reading.pdf_tables import File, PageTable, Tables, find_tables, read_vertical
from ingestion.reading.plain import is_item, judge_heading
from retrieval.model import Block, BlockKind

_GAP = 1.75  # line distances, in line heights, that part paragraphs
_SENTENCE_END = re.compile(r"[。．.!?！？:：」）)]\s*$")
_LARGE = 1.15  # how much larger than the body a heading's letters are
_LONGEST_HEADING = 80


def read(path: Path, limits: Limits) -> Parsed:
    """Returns the text of a PDF in reading order, with its pages.

    Raises:
        PasswordProtected: It cannot be opened without a password.
        NoText: No page has text (a scan).
        Damaged: It is not a PDF that PDFium can repair.
    """
    document, password = _open(path, limits.passwords)
    with closing(document):
        return _read_document(document, File(path, password), limits)


def _open(path: Path, passwords: Sequence[str]) -> tuple[pdfium.PdfDocument, str]:
    """Returns the open document and the password that opened it."""
    for password in ("", *passwords):
        try:
            return pdfium.PdfDocument(path, password=password or None), password
        except pdfium.PdfiumError as error:
            if "password" not in str(error).lower() and "security" not in str(error).lower():
                raise Damaged(name=path.name, reason=str(error)) from error
    raise PasswordProtected(name=path.name)


def _read_document(document: pdfium.PdfDocument, file: File, limits: Limits) -> Parsed:
    name = file.path.name
    count = len(document)
    if count > limits.pages:
        raise TooLarge(name=name, size=f"{count} pages", limit=f"{limits.pages} pages")
    pages, failed = _read_pages(document)
    scans = [page for page in pages if page.is_drawn and not page.lines]
    recognized, stopped = recognize_scans(document, scans, limits)
    if not recognized and not any(page.lines for page in pages):
        if failed == count and count:
            raise Damaged(name=name, reason="no-page")
        raise NoText(name=name, pages=count)
    vertical = read_vertical(file, [page.number for page in pages if page.is_vertical])
    budget = time.monotonic() + limits.table_seconds
    tables = find_tables(document, [page for page in pages if page.is_ruled], budget)
    doubts = {
        "unreadable-pages": failed > 0,
        "pages-without-text": any(not p.lines and p.number not in recognized for p in pages),
        "recognized-text": bool(recognized),
        "recognition-stopped": stopped,
        "invisible-layer": any(page.is_layer for page in pages),
        "tables-skipped": tables.stopped,
    }
    found = {number: list(_vertical_blocks(text, number)) for number, text in vertical.items()}
    blocks = _assemble(pages, {**found, **recognized}, tables)
    facts = document.get_metadata_dict(skip_empty=True)
    return Parsed(
        blocks=tuple(blocks),
        title=facts.get("Title", ""),
        properties={"author": facts.get("Author", ""), "date": facts.get("ModDate", "")},
        warnings=tuple(code for code, holds in doubts.items() if holds),
        hidden_characters=sum(page.hidden for page in pages),
        pages=count,
        wrapped=True,
    )


def _assemble(
    pages: Sequence[PageText], whole: Mapping[int, list[Block]], tables: Tables
) -> list[Block]:
    """Returns all pages' blocks; some pages were read as a whole by other means."""
    body = _body_size(pages)
    blocks: list[Block] = []
    for page in pages:
        if page.number in whole:
            blocks += whole[page.number]
        else:
            blocks += _page_blocks(page, tables.by_page.get(page.number, ()), body)
    return blocks


def _read_pages(document: pdfium.PdfDocument) -> tuple[list[PageText], int]:
    pages: list[PageText] = []
    failed = 0
    for index in range(len(document)):
        try:
            page = document[index]
        except pdfium.PdfiumError:
            failed += 1
            continue
        with closing(page):
            pages.append(read_page(page, index + 1))
    return pages, failed


def _body_size(pages: Iterable[PageText]) -> float:
    """Returns the letter height that most characters have."""
    sizes: Counter[float] = Counter()
    for page in pages:
        for line in page.lines:
            sizes[round(line.size * 2) / 2] += len(line.text)
    return sizes.most_common(1)[0][0] if sizes else 0.0


def _vertical_blocks(text: str, number: int) -> Iterator[Block]:
    for paragraph in re.split(r"\n\s*\n", text):
        lines = [line.strip() for line in paragraph.split("\n") if line.strip()]
        if lines:
            yield Block(BlockKind.PARAGRAPH, "\n".join(lines), page=number)


def _page_blocks(page: PageText, tables: Sequence[PageTable], body: float) -> Iterator[Block]:
    waiting = sorted(tables, key=lambda table: -table.top)
    lines: list[Line] = []
    for line in page.lines:
        table = next((table for table in tables if table.covers(line)), None)
        if table is None:
            lines.append(line)
        elif table in waiting:
            yield from _text_blocks(lines, page.number, body)
            lines = []
            waiting.remove(table)
            yield Block(BlockKind.TABLE, table.text, page=page.number)
    yield from _text_blocks(lines, page.number, body)


def _text_blocks(lines: Sequence[Line], number: int, body: float) -> Iterator[Block]:
    for stretch in split_tables(lines):
        if stretch.table:
            yield Block(BlockKind.TABLE, stretch.table, page=number)
        else:
            yield from _paragraphs(stretch.lines, number, body)


def _paragraphs(lines: Sequence[Line], number: int, body: float) -> Iterator[Block]:
    """Returns headings and paragraphs; a paragraph keeps the page's line breaks."""
    right = max((line.right for line in lines), default=0.0)
    open_lines: list[Line] = []
    for line in lines:
        level = _heading_level(line, body)
        if open_lines and (level or _begins(line, open_lines[-1], right)):
            yield _paragraph(open_lines, number)
            open_lines = []
        if level:
            yield Block(BlockKind.HEADING, line.text.strip(), page=number, level=level)
        else:
            open_lines.append(line)
    if open_lines:
        yield _paragraph(open_lines, number)


def _paragraph(lines: Sequence[Line], number: int) -> Block:
    text = "\n".join(line.text.strip() for line in lines)
    return Block(BlockKind.PARAGRAPH, text, page=number)


def _heading_level(line: Line, body: float) -> int:
    text = line.text.strip()
    if not text or len(text) > _LONGEST_HEADING or text.endswith(("。", "、", ",")):
        return 0
    if not any(char.isalpha() for char in text):
        return 0
    numbered = judge_heading(text)
    if body and line.size >= body * _LARGE:
        larger = 1 if line.size >= body * 1.5 else 2
        return numbered or larger
    starts_chapter = text.startswith("第") and numbered
    return numbered if starts_chapter or (line.is_bold and numbered) else 0


def _begins(line: Line, before: Line, right: float) -> bool:
    """Returns whether a line starts a new paragraph after the line before it."""
    height = max(line.size, before.size, 1.0)
    distance = before.bottom - line.bottom
    if distance < -height:  # a new column: the sentence may go on there
        return bool(_SENTENCE_END.search(before.text))
    if distance > _GAP * height or abs(line.size - before.size) > 0.15 * height:
        return True
    if is_item(line.text) or judge_heading(line.text):
        return True
    is_short = before.right < right - 3 * height
    return is_short and bool(_SENTENCE_END.search(before.text))
