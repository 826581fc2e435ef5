"""Reads the pages of a PDF that show pictures and no text, where tesseract is installed."""

import io
import time
from collections.abc import Iterable
from contextlib import closing

import pypdfium2 as pdfium

from ingestion.model import Limits
from ingestion.reading.pdf_lines import PageText
from ingestion.reading.recognition import recognize
from retrieval.model import Block

_DOTS_PER_INCH = 200
_MOST_DOTS = 40_000_000
_SHARE_OF_TIME = 0.6
_POINTS_PER_INCH = 72


def recognize_scans(
    document: pdfium.PdfDocument, pages: Iterable[PageText], limits: Limits
) -> tuple[dict[int, list[Block]], bool]:
    """Returns the blocks recognised by page number, and whether time ran out.

    Args:
        document: The open PDF.
        pages: Those without text that draw something.
        limits: Which program to use, and how long the whole reading may take.
    """
    deadline = time.monotonic() + _SHARE_OF_TIME * min(limits.seconds, limits.cpu_seconds)
    found: dict[int, list[Block]] = {}
    for page in pages if limits.tesseract else ():
        if time.monotonic() > deadline:
            return found, True
        blocks = recognize(_render(document, page.number), limits, page.number)
        if blocks:
            found[page.number] = blocks
    return found, False


def _render(document: pdfium.PdfDocument, number: int) -> bytes:
    with closing(document[number - 1]) as page:
        dots = page.get_width() * page.get_height() / _POINTS_PER_INCH**2 * _DOTS_PER_INCH**2
        shrink = min(1.0, (_MOST_DOTS / max(dots, 1.0)) ** 0.5)
        image = page.render(scale=_DOTS_PER_INCH / _POINTS_PER_INCH * shrink, grayscale=True)
        buffer = io.BytesIO()
        image.to_pil().save(buffer, "PNG")
    return buffer.getvalue()
