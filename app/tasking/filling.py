"""Word forms: a company's own DOCX, whose named places are filled in.

A place is ``{{name}}`` in the text, however Word has cut it into runs, or a content control with
the name as its tag. All else of the file stays byte for byte as it is.
"""

import re
import zlib
from collections.abc import Mapping, Sequence
from io import BytesIO
from pathlib import Path
from typing import Any
from zipfile import ZIP_DEFLATED, ZIP_STORED, BadZipFile, ZipFile, ZipInfo

PLACE = re.compile(r"\{\{\s*([a-z][a-z0-9_]*)\s*\}\}")
FAULTS = (BadZipFile, KeyError, SyntaxError)
"""What reading a file that is no Word document raises, beside ``OSError``."""

_MAIN = "word/document.xml"
_PARTS = re.compile(r"word/(?:document|header\d*|footer\d*|footnotes|endnotes)\.xml")
_MOST_BYTES = 100 * 2**20
_PACKED = frozenset({ZIP_STORED, ZIP_DEFLATED})  # what Word writes
_W = "{http://schemas.openxmlformats.org/wordprocessingml/2006/main}"
_SPACE = "{http://www.w3.org/XML/1998/namespace}space"
_P, _R, _T, _CONTROL, _CONTENT = (f"{_W}{name}" for name in ("p", "r", "t", "sdt", "sdtContent"))
_UNWRITABLE = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\ud800-\udfff\ufffe\uffff]")
_STALE = ("showingPlcHdr", "dataBinding")  # Word would show the prompt, or what it is bound to

Element = Any  # lxml has no complete stubs


def find_places(path: Path) -> tuple[frozenset[str], frozenset[str]]:
    """Returns the names written in the text, and the tags of the content controls.

    Raises:
        OSError: The file cannot be read.
        BadZipFile: It is no Word document, or larger than any form; so say other ``FAULTS``.
    """
    written: set[str] = set()
    tags: set[str] = set()
    with ZipFile(path) as package:
        for root in _parse(package).values():
            for paragraph in root.iter(_P):
                written |= set(
                    PLACE.findall("".join(each.text or "" for each in _texts(paragraph)))
                )
            tags |= {_tag(control) for control in root.iter(_CONTROL)} - {""}
    return frozenset(written), frozenset(tags)


def fill(path: Path, values: Mapping[str, str], sources: Sequence[str]) -> bytes:
    """Returns the document with its places filled in and lines added at its end.

    Args:
        path: The form.
        values: What stands at each place.
        sources: The lines; the first one is in bold.

    Raises:
        OSError: The file cannot be read.
        BadZipFile: It is no Word document, or larger than any form; so say other ``FAULTS``.
    """
    clean = {name: _UNWRITABLE.sub(" ", value) for name, value in values.items()}
    made = BytesIO()
    with ZipFile(path) as package, ZipFile(made, "w") as filled:
        parts = _parse(package)
        for root in parts.values():
            for paragraph in root.iter(_P):
                _fill_paragraph(_texts(paragraph), clean)
            for control in root.iter(_CONTROL):  # last: what is filled in is never a place itself
                if _tag(control) in clean:
                    _fill_control(control, clean[_tag(control)])
        _append(parts[_MAIN], [_UNWRITABLE.sub(" ", line) for line in sources])
        for entry in package.infolist():
            root = parts.get(entry.filename)
            content = _unpack(package, entry) if root is None else _write(root)
            filled.writestr(entry, content, entry.compress_type)
    return made.getvalue()


def _parse(package: ZipFile) -> dict[str, Element]:
    """Returns the parts that hold text."""
    if sum(entry.file_size for entry in package.infolist()) > _MOST_BYTES:
        raise BadZipFile(f"more than {_MOST_BYTES >> 20} MB unpacked")
    from lxml import etree  # a server starts without it

    parser = etree.XMLParser(resolve_entities=False, no_network=True, load_dtd=False)
    parts = {
        entry.filename: etree.fromstring(_unpack(package, entry), parser)
        for entry in package.infolist()
        if _PARTS.fullmatch(entry.filename)
    }
    if _MAIN not in parts or parts[_MAIN].find(f"{_W}body") is None:
        raise BadZipFile("no Word document")
    if any(root.getroottree().docinfo.doctype for root in parts.values()):
        raise BadZipFile("declares entities, as no Word document does")
    return parts


def _unpack(package: ZipFile, entry: ZipInfo) -> bytes:
    """Returns what an entry holds, and unpacks no more of it than it claims to hold."""
    if entry.compress_type not in _PACKED:
        raise BadZipFile(f"{entry.filename} is packed as no Word document is")
    try:
        with package.open(entry) as stream:
            return stream.read(entry.file_size + 1)
    except (EOFError, RuntimeError, zlib.error) as error:  # cut, under a password, damaged
        raise BadZipFile(f"{entry.filename}: {error}") from error


def _write(root: Element) -> bytes:
    from lxml import etree

    return bytes(etree.tostring(root, xml_declaration=True, encoding="UTF-8", standalone=True))


def _texts(paragraph: Element) -> list[Element]:
    """Returns the pieces of a paragraph's own text, without those of boxes within it."""
    return [each for each in paragraph.iter(_T) if next(each.iterancestors(_P)) is paragraph]


def _fill_paragraph(texts: Sequence[Element], values: Mapping[str, str]) -> None:
    joined = "".join(each.text or "" for each in texts)
    for match in reversed(list(PLACE.finditer(joined))):
        if match[1] in values:
            _splice(texts, match.span(), values[match[1]])


def _splice(texts: Sequence[Element], span: tuple[int, int], value: str) -> None:
    """Puts a value in place of the characters from ``span[0]`` to ``span[1]`` of the pieces."""
    position = 0
    for each in texts:
        text = each.text or ""
        first, last = (min(max(edge - position, 0), len(text)) for edge in span)
        position += len(text)
        if first < last:
            each.text = text[:first] + value + text[last:]
            each.set(_SPACE, "preserve")
            value = ""


def _tag(control: Element) -> str:
    found = control.find(f"{_W}sdtPr/{_W}tag")
    return "" if found is None else str(found.get(f"{_W}val", ""))


def _fill_control(control: Element, value: str) -> None:
    content, facts = control.find(_CONTENT), control.find(f"{_W}sdtPr")
    if content is None:
        return
    if facts.find(f"{_W}showingPlcHdr") is not None:  # its style has another id in each language
        for style in list(content.iter(f"{_W}rStyle")):
            style.getparent().remove(style)
    for name in _STALE:
        for stale in facts.findall(f"{_W}{name}"):
            facts.remove(stale)
    texts = list(content.iter(_T)) or [_add_text(next(content.iter(_P), content))]
    for each in texts:
        each.text = ""
    texts[0].text = value
    texts[0].set(_SPACE, "preserve")


def _append(root: Element, lines: Sequence[str]) -> None:
    """Adds paragraphs at the end, before the properties of the last section."""
    body = root.find(f"{_W}body")
    ending = body.find(f"{_W}sectPr")
    for number, line in enumerate(lines):
        paragraph = _add(body, _P)
        if ending is not None:
            ending.addprevious(paragraph)
        text = _add_text(paragraph, bold=number == 0)
        text.text = line
        text.set(_SPACE, "preserve")


def _add_text(parent: Element, *, bold: bool = False) -> Element:
    run = _add(parent, _R)
    if bold:
        _add(_add(run, f"{_W}rPr"), f"{_W}b")
    return _add(run, _T)


def _add(parent: Element, name: str) -> Element:
    made = parent.makeelement(name)
    parent.append(made)
    return made
