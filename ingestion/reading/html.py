"""Reads HTML: what a person would see of the main text, with headings, lists and tables."""

import re
from collections.abc import Iterator
from pathlib import Path

from lxml import etree, html

from ingestion.model import Limits, Parsed
from ingestion.reading.boilerplate import count_text, is_furniture
from ingestion.reading.decoding import decode
from ingestion.reading.plain import note_losses
from retrieval.model import Block, BlockKind

_DROPPED = frozenset(
    [
        "script",
        "style",
        "noscript",
        "template",
        "head",
        "nav",
        "footer",
        "button",
        "select",
        "iframe",
        "object",
        "embed",
        "svg",
        "canvas",
        "audio",
        "video",
        "link",
        "meta",
        "input",
        "textarea",
        "rt",
        "rp",
    ]
)
_BLOCKS = frozenset(
    [
        "address",
        "article",
        "blockquote",
        "body",
        "center",
        "dd",
        "details",
        "div",
        "dl",
        "dt",
        "fieldset",
        "figcaption",
        "figure",
        "h1",
        "h2",
        "h3",
        "h4",
        "h5",
        "h6",
        "header",
        "hr",
        "html",
        "li",
        "main",
        "ol",
        "p",
        "pre",
        "section",
        "summary",
        "table",
        "tbody",
        "td",
        "tfoot",
        "th",
        "thead",
        "tr",
        "ul",
        "caption",
    ]
)
_HIDING_STYLE = re.compile(
    r"display\s*:\s*none|visibility\s*:\s*hidden|font-size\s*:\s*0*(\.0+)?(px|pt|em|rem|%)?\s*(;|$|!)"
    r"|opacity\s*:\s*0*(\.0+)?\s*(;|$|!)|(text-indent|left|top)\s*:\s*-\d{3,}",
    re.IGNORECASE,
)
_WHITE = r"(#fff(fff)?|white|rgb\(\s*255\s*,\s*255\s*,\s*255\s*\))\s*(;|$|!)"
_WHITE_TEXT = re.compile(rf"(^|;)\s*color\s*:\s*{_WHITE}", re.IGNORECASE)
_BACKGROUND = re.compile(r"background", re.IGNORECASE)
_CHARSET = re.compile(rb"<meta[^>]{0,200}?charset\s*=\s*[\"']?\s*([A-Za-z0-9_\-]+)", re.IGNORECASE)
_SPACE = re.compile(r"[ \t\r\n\f]+")


def read(path: Path, _limits: Limits) -> Parsed:
    """Returns the visible blocks of a page; navigation, scripts and forms are left out."""
    data = path.read_bytes()
    decoded = decode(data, find_charset(data))
    parsed = read_markup(decoded.text)
    return Parsed(
        blocks=parsed.blocks,
        title=parsed.title,
        properties=parsed.properties,
        warnings=note_losses(decoded),
        hidden_characters=parsed.hidden_characters,
    )


def find_charset(data: bytes) -> str:
    """Returns the encoding that a page declares in its head, "" for none."""
    declared = _CHARSET.search(data[:4096])
    return declared[1].decode("ascii") if declared else ""


def read_markup(markup: str) -> Parsed:
    """Returns the visible blocks of HTML text that is already decoded."""
    source = re.sub(r"^\s*<\?xml[^>]*\?>", "", markup.replace("\0", ""))
    if not source.strip():
        return Parsed(())
    parser = html.HTMLParser(no_network=True, remove_comments=True, remove_pis=True, huge_tree=True)
    try:
        root = html.document_fromstring(source, parser=parser)
    except (etree.ParserError, ValueError):
        return Parsed(())
    title = _SPACE.sub(" ", root.findtext(".//title") or "").strip()
    main = _find_main(root)
    walker = _Walker(count_text(main))
    walker.visit(main)
    if walker.furniture > sum(len(block.text) for block in walker.blocks):
        walker = _Walker(0)  # names mislead here: better too much than too little
        walker.visit(main)
    return Parsed(tuple(walker.blocks), title=title, hidden_characters=walker.hidden)


def _find_main(root: html.HtmlElement) -> html.HtmlElement:
    """Returns the page's main part where it is marked and holds a good share of the text."""
    body = root.find("body")
    whole = root if body is None else body
    size = sum(len(text) for text in whole.itertext())
    for candidate in [*whole.iter("main"), *whole.xpath(".//*[@role='main']")]:
        if sum(len(text) for text in candidate.itertext()) > 0.3 * size:
            return candidate
    return whole


def is_hidden(element: html.HtmlElement) -> bool:
    """Returns whether a browser would show nothing of the element."""
    style = element.get("style") or ""
    return (
        element.get("hidden") is not None
        or (element.get("aria-hidden") or "").lower() == "true"
        or bool(_HIDING_STYLE.search(style))
        or (bool(_WHITE_TEXT.search(style)) and not _BACKGROUND.search(style))
    )


class _Walker:
    """Collects blocks while walking the tree without recursion limits on inline depth."""

    def __init__(self, size: int) -> None:
        """Takes the characters of the page, 0 to keep what looks like furniture."""
        self.blocks: list[Block] = []
        self.hidden = 0
        self.furniture = 0
        self._size = size
        self._line: list[str] = []

    def visit(self, root: html.HtmlElement) -> None:
        """Walks the element with a stack of its own: hostile pages nest a thousand deep."""
        stack: list[tuple[html.HtmlElement, bool]] = [(root, True)]
        while stack:
            element, opening = stack.pop()
            if not opening:
                self._leave(element)
                continue
            if not isinstance(element.tag, str) or self._take_whole(element):
                self._line.append(element.tail or "" if element is not root else "")
                continue
            self._enter(element)
            stack.append((element, False))
            stack.extend((child, True) for child in reversed(element))
        self.flush()

    def flush(self) -> None:
        """Ends the paragraph that is being collected."""
        lines = [_SPACE.sub(" ", line).strip() for line in "".join(self._line).split("\v")]
        text = "\n".join(line for line in lines if line)
        self._line.clear()
        if text:
            self.blocks.append(Block(BlockKind.PARAGRAPH, text))

    def _enter(self, element: html.HtmlElement) -> None:
        if element.tag in _BLOCKS:
            self.flush()
        if element.tag == "br":
            self._line.append("\v")
        self._line.append(element.text or "")

    def _leave(self, element: html.HtmlElement) -> None:
        if element.tag in _BLOCKS:
            self.flush()
        self._line.append(element.tail or "")

    def _take_whole(self, element: html.HtmlElement) -> bool:
        """Returns whether the element was dropped or became one block of its own."""
        tag = element.tag
        if tag in _DROPPED:
            return True
        if is_hidden(element):
            self.hidden += len("".join(element.itertext()).strip())
            return True
        if self._size and is_furniture(element, self._size):
            self.furniture += count_text(element)
            return True
        block = self._structured(element, tag)
        if block is None:
            return False
        self.flush()
        if block.text.strip():
            self.blocks.append(block)
        return True

    def _structured(self, element: html.HtmlElement, tag: str) -> Block | None:
        if re.fullmatch(r"h[1-6]", tag):
            text = " ".join(self._text(element).split())
            return Block(BlockKind.HEADING, text, level=int(tag[1]))
        if tag in {"ul", "ol"}:
            return Block(BlockKind.LIST, "\n".join(self._items(element, 0)))
        if tag == "pre":
            return Block(BlockKind.CODE, self._text(element, keep_space=True).strip("\n"))
        if (
            tag == "table"
            and element.find(".//table") is None
            and len(element.findall(".//tr")) > 1
        ):
            rows = self._rows(element)
            if max((len(row) for row in rows), default=0) > 1:
                return Block(BlockKind.TABLE, "\n".join("\t".join(row) for row in rows))
        return None

    def _items(self, element: html.HtmlElement, depth: int) -> Iterator[str]:
        for number, item in enumerate(element.findall("li"), 1):
            if is_hidden(item):
                self.hidden += len("".join(item.itertext()).strip())
                continue
            mark = f"{number}." if element.tag == "ol" else "-"
            text = " ".join(self._text(item, stop=frozenset({"ul", "ol"})).split())
            if text:
                yield f"{'  ' * depth}{mark} {text}"
            for inner in item.findall("ul") + item.findall("ol") if depth < 8 else ():
                yield from self._items(inner, depth + 1)

    def _rows(self, table: html.HtmlElement) -> list[list[str]]:
        rows: list[list[str]] = []
        for row in table.iter("tr"):
            if is_hidden(row):
                self.hidden += len("".join(row.itertext()).strip())
                continue
            cells = [" ".join(self._text(cell).split()) for cell in row if cell.tag in {"td", "th"}]
            if any(cells):
                rows.append(cells)
        return rows

    def _text(
        self,
        element: html.HtmlElement,
        *,
        keep_space: bool = False,
        stop: frozenset[str] = frozenset(),
    ) -> str:
        """Returns the visible text below an element, not that of the tags to stop at."""
        parts: list[str] = []
        stack: list[html.HtmlElement | str] = [element]
        while stack:
            node = stack.pop()
            if isinstance(node, str):
                parts.append(node)
                continue
            if node is not element:
                stack.append(node.tail or "")
            if not isinstance(node.tag, str) or node.tag in _DROPPED or node.tag in stop:
                continue
            if is_hidden(node):
                self.hidden += len("".join(node.itertext()).strip())
                continue
            stack.extend(reversed(node))
            stack.append(("\n" if node.tag == "br" else "") + (node.text or ""))
        text = "".join(parts)
        return text if keep_space else _SPACE.sub(" ", text)
