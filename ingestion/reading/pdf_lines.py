"""The visible lines of one PDF page, with place, size and what hides."""

import ctypes
import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import pairwise

import pypdfium2 as pdfium
import pypdfium2.raw as raw

_INVISIBLE_MODE = 3
_TINY = 1.6  # points; smaller letters are not meant to be read
_WHITE = 250  # of 255 in each colour
_VERTICAL_SAMPLE = 200
_MOST_OBJECTS = 5_000
_SPACES = re.compile(r"(?<=\S)\s+(?=\S)")
_NARROWEST = 0.4  # line heights; the letters of text fonts are wider on average
_MANY_WORDS = 10
_THINNEST = 0.3  # line heights; no word is narrower than so much for each letter
_WIDE_SPACE = 0.9  # line heights; spaces between the words of a sentence are narrower

Box = tuple[float, float, float, float]  # left, bottom, right, top in points


@dataclass(frozen=True, slots=True)
class Gap:
    """A wide space in a line: where it is in the text, and on the page in points."""

    start: int
    end: int
    left: float
    right: float


@dataclass(frozen=True, slots=True)
class Line:
    """One line of text; places in points from the page's lower left corner."""

    text: str
    left: float
    bottom: float
    right: float
    top: float
    size: float
    is_bold: bool = False
    gaps: tuple[Gap, ...] = ()


@dataclass(frozen=True, slots=True)
class PageText:
    """What one page shows.

    Attributes:
        number: From 1.
        height: Of the page, in points.
        hidden: Characters that are on the page but cannot be seen.
        is_vertical: Whether most text runs from top to bottom.
        is_ruled: Whether ruling lines make a table likely.
        is_drawn: Whether the page shows pictures or drawings.
        is_layer: Whether the lines are invisible, on a page that shows nothing at all: the text
            layer of a scan whose picture is gone.
    """

    number: int
    height: float
    lines: tuple[Line, ...]
    hidden: int = 0
    is_vertical: bool = False
    is_ruled: bool = False
    is_drawn: bool = False
    is_layer: bool = False


def read_page(page: pdfium.PdfPage, number: int) -> PageText:
    """Returns the page's lines in the order of its content."""
    text_page = page.get_textpage()
    try:
        reader = _PageReader(page, text_page)
        lines = reader.lines()
        return PageText(
            number=number,
            height=page.get_height(),
            lines=tuple(lines),
            hidden=reader.hidden,
            is_vertical=reader.is_vertical(),
            is_ruled=bool(lines) and page.get_rotation() == 0 and _is_ruled(reader.drawings()),
            is_drawn=not lines and bool(reader.drawings()),
            is_layer=reader.is_layer,
        )
    finally:
        text_page.close()


class _PageReader:
    def __init__(self, page: pdfium.PdfPage, text_page: pdfium.PdfTextPage) -> None:
        self._page = page
        self._text = text_page
        self._drawings: list[tuple[int, Box]] | None = None
        self.hidden = 0
        self.is_layer = False

    def lines(self) -> list[Line]:
        """Returns the visible lines and counts the characters of the others."""
        lines: list[Line] = []
        concealed: list[Line] = []
        start = 0
        for raw_line in _text_of(self._text).split("\n"):
            text = raw_line.rstrip("\r")
            line = self._measure(text, start) if text.strip() else None
            if line is not None and self._is_hidden(start + _offset(text), line):
                self.hidden += len(text.strip())
                if self._render_mode(start + _offset(text)) == _INVISIBLE_MODE:
                    concealed.append(line)
            elif line is not None:
                lines.append(line)
            start += len(raw_line) + 1
        if lines or not concealed or self.drawings():
            return lines
        self.is_layer = True
        self.hidden -= sum(len(line.text.strip()) for line in concealed)
        return concealed

    def drawings(self) -> list[tuple[int, Box]]:
        """Returns the kind and box of what is drawn beside text."""
        if self._drawings is None:
            self._drawings = []
            kinds = [raw.FPDF_PAGEOBJ_PATH, raw.FPDF_PAGEOBJ_IMAGE, raw.FPDF_PAGEOBJ_SHADING]
            for count, drawn in enumerate(self._page.get_objects(filter=kinds, max_depth=3)):
                if count >= _MOST_OBJECTS:
                    break
                self._drawings.append((drawn.type, drawn.get_bounds()))
        return self._drawings

    def is_vertical(self) -> bool:
        """Returns whether letters follow each other downwards."""
        total = min(self._text.count_chars(), _VERTICAL_SAMPLE)
        boxes = [self._box(index) for index in range(total) if self._is_japanese(index)]
        down = across = 0
        for one, two in pairwise(boxes):
            width, height = max(one[2] - one[0], 1.0), max(one[3] - one[1], 1.0)
            if abs(two[0] - one[0]) < 0.4 * width and one[1] - two[1] > 0.5 * height:
                down += 1
            elif abs(two[1] - one[1]) < 0.4 * height:
                across += 1
        return down > 20 and down > 2 * across

    def _is_japanese(self, index: int) -> bool:
        return 0x3000 <= int(raw.FPDFText_GetUnicode(self._text, index)) <= 0x9FFF

    def _measure(self, text: str, start: int) -> Line:
        first, last = start + _offset(text), start + len(text.rstrip()) - 1
        left, bottom, _, top = self._box(first)
        _, _, right, _ = self._box(last)
        weight = raw.FPDFText_GetFontWeight(self._text, first)
        size = top - bottom
        room = right - left - _NARROWEST * size * len(text.strip().encode("cp932", "replace"))
        parts = room > _WIDE_SPACE * size > 0 and not _is_sentence(text)
        gaps = tuple(self._gaps(text, start, left, size)) if parts else ()
        return Line(text, left, bottom, right, top, size, is_bold=weight >= 600, gaps=gaps)

    def _gaps(self, text: str, start: int, left: float, size: float) -> Iterator[Gap]:
        """Yields the wide spaces of a line; PDFium is asked as rarely as can be."""
        box = raw.FS_RECTF()
        first = _offset(text)
        for space in _SPACES.finditer(text):
            raw.FPDFText_GetLooseCharBox(self._text, start + space.end(), box)
            right = box.left
            if right - left >= size * (_WIDE_SPACE + _THINNEST * (space.start() - first)):
                raw.FPDFText_GetLooseCharBox(self._text, start + space.start() - 1, box)
                if right - box.right >= _WIDE_SPACE * size:
                    yield Gap(space.start(), space.end(), box.right, right)
            first, left = space.end(), right

    def _box(self, index: int) -> Box:
        try:
            box = self._text.get_charbox(index, loose=True)
        except (pdfium.PdfiumError, IndexError):
            return (0.0, 0.0, 0.0, 0.0)
        return (box[0], box[1], box[2], box[3])

    def _is_hidden(self, index: int, line: Line) -> bool:
        if 0 < line.size < _TINY:
            return True
        if self._render_mode(index) != _INVISIBLE_MODE and not self._is_white(index):
            return False
        return not self._lies_on_drawing(line)  # a scan's text layer and white on a dark box stay

    def _render_mode(self, index: int) -> int:
        drawn = raw.FPDFText_GetTextObject(self._text, index)
        return int(raw.FPDFTextObj_GetTextRenderMode(drawn)) if drawn else 0

    def _is_white(self, index: int) -> bool:
        red, green, blue, alpha = (ctypes.c_uint() for _ in range(4))
        known = raw.FPDFText_GetFillColor(self._text, index, red, green, blue, alpha)
        shades = (red.value, green.value, blue.value)
        return bool(known) and (min(shades) >= _WHITE or alpha.value == 0)

    def _lies_on_drawing(self, line: Line) -> bool:
        middle_x, middle_y = (line.left + line.right) / 2, (line.bottom + line.top) / 2
        return any(
            left <= middle_x <= right and bottom <= middle_y <= top
            for _, (left, bottom, right, top) in self.drawings()
        )


def _is_sentence(text: str) -> bool:
    """Returns whether a line has the many small words of prose and does not end in a number."""
    words = text.split()
    if len(words) < _MANY_WORDS or any(char.isdigit() for char in words[-1]):
        return False
    return sum(word.islower() for word in words) >= 0.6 * len(words)


def _offset(text: str) -> int:
    return len(text) - len(text.lstrip())


def _text_of(text_page: pdfium.PdfTextPage) -> str:
    """Returns the page's text, one character for each index that PDFium counts."""
    count = text_page.count_chars()
    if count <= 0:
        return ""
    text = str(text_page.get_text_range())
    if len(text) == count:
        return text
    codes = (raw.FPDFText_GetUnicode(text_page, index) for index in range(count))
    return "".join(_character(code) for code in codes)


def _character(code: int) -> str:
    if 0 < code < 0x110000 and not 0xD800 <= code < 0xE000:
        return chr(code)
    return "\ufffd" if code else " "


def _is_ruled(drawings: Sequence[tuple[int, Box]]) -> bool:
    """Returns whether thin lines or boxes run both across and down."""
    across = down = boxes = 0
    for kind, (left, bottom, right, top) in drawings:
        if kind != raw.FPDF_PAGEOBJ_PATH:
            continue
        width, height = right - left, top - bottom
        across += height < 3 < 15 < width
        down += width < 3 < 8 < height
        boxes += width > 15 and 8 < height < 400
    return (across >= 2 and down >= 2) or boxes >= 4 or (across + boxes >= 3 and down + boxes >= 2)
