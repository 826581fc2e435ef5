r"""Reads RTF: text, paragraphs and table rows; Japanese as \u or as bytes of its code page."""

import re
from dataclasses import dataclass, replace
from pathlib import Path

from ingestion.model import Limits, Parsed
from ingestion.reading.plain import split_text
from retrieval.model import Block, BlockKind

_TOKEN = re.compile(
    rb"\\([a-zA-Z]{1,32})(-?\d{1,10})? ?|\\'([0-9a-fA-F]{2})|\\([^a-zA-Z])"
    rb"|([{}])|[\r\n]+|([^\\{}\r\n]+)"
)
_DESTINATIONS = frozenset(
    b"fonttbl colortbl stylesheet info pict object themedata colorschememapping datastore "
    b"listtable listoverridetable rsidtbl generator xmlnstbl latentstyles fldinst bkmkstart "
    b"bkmkend annotation atnid atnauthor template filetbl revtbl shppict nonshppict".split()
)
_EDGES = frozenset(b"header headerl headerr headerf footer footerl footerr footerf".split())
_BREAKS = {
    b"par": "\n\n",
    b"line": "\n",
    b"sect": "\n\n",
    b"page": "\n\n",
    b"tab": "\t",
    b"cell": "\t",
    b"row": "\v\n",
    b"emdash": "—",
    b"endash": "–",
    b"bullet": "•",
    b"lquote": "‘",
    b"rquote": "’",
    b"ldblquote": "“",
    b"rdblquote": "”",
}
_CODE_PAGES = {128: "cp932", 129: "cp949", 134: "gbk", 136: "big5", 204: "cp1251", 238: "cp1250"}
_TITLE = re.compile(rb"\{\\title ([^{}\\]{1,200})\}")


@dataclass(frozen=True, slots=True)
class _State:
    """What holds inside the current group."""

    skipped: bool = False
    beside: bool = False  # in a header or footer
    hidden: bool = False
    unicode_skip: int = 1
    encoding: str = ""


def read(path: Path, _limits: Limits) -> Parsed:
    """Returns the text of an RTF file without hidden text; headers and footers as a last note."""
    return read_rich_text(path.read_bytes())


def read_rich_text(data: bytes) -> Parsed:
    """Returns what :func:`read` does of bytes."""
    reader = _Reader(data)
    reader.run()
    title = _TITLE.search(data)
    blocks = _blocks(_pair_surrogates("".join(reader.text)))
    lines = _pair_surrogates("".join(reader.notes)).replace("\v", "").split("\n")
    notes = "\n".join(dict.fromkeys(filter(None, (" ".join(line.split()) for line in lines))))
    if notes:
        blocks.append(Block(BlockKind.NOTE, notes))
    return Parsed(
        blocks=tuple(blocks),
        title=title[1].decode("cp1252", "replace") if title else "",
        hidden_characters=reader.hidden,
    )


def _pair_surrogates(text: str) -> str:
    r"""Returns the text with \u pairs made into the one character they stand for."""
    return text.encode("utf-16-le", "surrogatepass").decode("utf-16-le", "replace")


def _blocks(text: str) -> list[Block]:
    blocks: list[Block] = []
    for part in re.split(r"((?:[^\n]*\v\n\s*)+)", text):
        if "\v" not in part:
            blocks += split_text(part)
            continue
        rows = [row.strip("\n").rstrip("\t") for row in part.split("\v") if row.strip()]
        blocks.append(Block(BlockKind.TABLE, "\n".join(row.replace("\n", " ") for row in rows)))
    return blocks


class _Reader:
    """Walks the tokens with a stack of group states."""

    def __init__(self, data: bytes) -> None:
        self._data = data
        self._state = _State(encoding=_default_encoding(data))
        self._stack: list[_State] = []
        self._pending = bytearray()
        self._to_skip = 0
        self._fonts = _font_encodings(data)
        self.text: list[str] = []
        self.notes: list[str] = []
        self.hidden = 0

    def run(self) -> None:
        for token in _TOKEN.finditer(self._data):
            word, number, code, symbol, brace, plain = token.groups()
            if code:
                self._take_bytes(bytes([int(code, 16)]))
                continue
            if plain:
                self._take_bytes(plain)
                continue
            self._flush()
            if brace:
                self._turn(brace)
            elif word:
                self._obey(word, int(number) if number else None)
            elif symbol:
                self._take_symbol(symbol)
        self._flush()

    def _turn(self, brace: bytes) -> None:
        if brace == b"{":
            self._stack.append(self._state)
        elif self._stack:
            self._state = self._stack.pop()

    def _obey(self, word: bytes, number: int | None) -> None:
        state = self._state
        if word in _DESTINATIONS:
            self._state = replace(state, skipped=True)
        elif word in _EDGES:
            self._state = replace(state, beside=True)
        elif word == b"v":
            self._state = replace(state, hidden=number != 0)
        elif word == b"plain":
            self._state = replace(state, hidden=False)
        elif word == b"uc":
            self._state = replace(state, unicode_skip=number or 0)
        elif word == b"f" and number in self._fonts:
            self._state = replace(state, encoding=self._fonts[number])
        elif word == b"u" and number is not None:
            self._write(chr(number & 0xFFFF))
            self._to_skip = state.unicode_skip
        elif word in _BREAKS:
            self._write(_BREAKS[word])

    def _take_symbol(self, symbol: bytes) -> None:
        if symbol == b"*":
            self._state = replace(self._state, skipped=True)
        elif symbol in b"\\{}":
            self._write(symbol.decode("ascii"))
        elif symbol == b"~":
            self._write(" ")
        elif symbol == b"_":
            self._write("-")

    def _take_bytes(self, data: bytes) -> None:
        skipped = min(self._to_skip, len(data))
        self._to_skip -= skipped
        self._pending += data[skipped:]

    def _flush(self) -> None:
        if self._pending:
            data, self._pending = bytes(self._pending), bytearray()
            self._write(data.decode(self._state.encoding, "replace"))

    def _write(self, text: str) -> None:
        if self._state.skipped:
            return
        if self._state.hidden:
            self.hidden += len(text.strip())
            return
        (self.notes if self._state.beside else self.text).append(text)


def _default_encoding(data: bytes) -> str:
    page = re.search(rb"\\ansicpg(\d{3,5})", data[:2000])
    name = f"cp{page[1].decode('ascii')}" if page else "cp1252"
    try:
        b"".decode(name)
    except LookupError:
        return "cp1252"
    return name


def _font_encodings(data: bytes) -> dict[int, str]:
    """Returns the encoding of each font that names a character set of its own."""
    fonts = re.findall(rb"\{\\f(\d{1,5})[^{}]{0,200}?\\fcharset(\d{1,3})", data)
    return {
        int(font): _CODE_PAGES[int(charset)]
        for font, charset in fonts
        if int(charset) in _CODE_PAGES
    }
