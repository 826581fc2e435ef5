"""Writes a known text in formats that are text themselves, in many encodings."""

import base64
import csv
import io
import quopri
import zipfile
from collections.abc import Callable
from email.header import Header
from html import escape

from benchmarks.ingestion.known_texts import KnownText, Piece

Write = Callable[[KnownText], bytes]


def write_lines(text: KnownText) -> str:
    """Returns plain text: empty lines between pieces, cells parted by tabs."""
    return "\n\n".join(_as_lines(piece) for piece in text.pieces) + "\n"


def _as_lines(piece: Piece) -> str:
    mark = "・" if piece.kind == "item" else ""
    return mark + piece.text if piece.text else "\n".join("\t".join(row) for row in piece.rows)


def write_csv(text: KnownText) -> str:
    """Returns rows: a table's own, and one of a single cell for every other piece."""
    file = io.StringIO()
    writer = csv.writer(file, lineterminator="\r\n")
    for piece in text.pieces:
        writer.writerows([[piece.text]] if piece.text else piece.rows)
    return file.getvalue()


def write_markdown(text: KnownText) -> str:
    """Returns Markdown with tables."""
    marks = {"heading": "## ", "item": "- "}
    parts = []
    for piece in text.pieces:
        if piece.text:
            parts.append(marks.get(piece.kind, "") + piece.text)
        else:
            head, *rows = ("| " + " | ".join(row) + " |" for row in piece.rows)
            parts.append("\n".join([head, "|" + "--|" * len(piece.rows[0]), *rows]))
    return "\n\n".join(parts) + "\n"


def write_html(text: KnownText, charset: str = "") -> str:
    """Returns a page; with a charset, its head declares it."""
    meta = f'<meta charset="{charset}">' if charset else ""
    body = "\n".join(_as_element(piece) for piece in text.pieces)
    title = escape(text.title)
    return (
        f"<!DOCTYPE html><html><head>{meta}<title>{title}</title></head><body>{body}</body></html>"
    )


def _as_element(piece: Piece) -> str:
    if piece.text:
        tag = {"heading": "h2", "item": "li"}.get(piece.kind, "p")
        element = f"<{tag}>{escape(piece.text)}</{tag}>"
        return f"<ul>{element}</ul>" if tag == "li" else element
    rows = ("".join(f"<td>{escape(cell)}</td>" for cell in row) for row in piece.rows)
    return "<table>" + "".join(f"<tr>{row}</tr>" for row in rows) + "</table>"


def write_xml(text: KnownText, encoding: str) -> bytes:
    """Returns a document of titles, paragraphs and rows, in the encoding it declares."""
    parts = [f'<?xml version="1.0" encoding="{encoding}"?>\n<document>']
    for piece in text.pieces:
        if piece.text:
            tag = "title" if piece.kind == "heading" else "para"
            parts.append(f"<{tag}>{escape(piece.text)}</{tag}>")
        else:
            rows = ("".join(f"<cell>{escape(cell)}</cell>" for cell in row) for row in piece.rows)
            parts.append("<rows>" + "".join(f"<row>{row}</row>" for row in rows) + "</rows>")
    return "\n".join([*parts, "</document>"]).encode(encoding)


def write_mail(text: KnownText, charset: str, transfer: str, kind: str = "plain") -> bytes:
    """Returns a mail with the text as its body."""
    body = write_html(text) if kind == "html" else write_lines(text)
    data = body.encode(charset)
    if transfer == "base64":
        data = base64.encodebytes(data)
    elif transfer == "quoted-printable":
        data = quopri.encodestring(data)
    subject = Header(text.title[:40], charset).encode()
    head = (
        f"From: a@example.jp\r\nTo: b@example.jp\r\nSubject: {subject}\r\nMIME-Version: 1.0\r\n"
        "Date: Thu, 11 Jul 2024 16:42:00 +0900\r\n"
        f"Content-Type: text/{kind}; charset={charset}\r\nContent-Transfer-Encoding: {transfer}"
    )
    return head.encode("ascii") + b"\r\n\r\n" + data.replace(b"\n", b"\r\n")


def write_mailbox(text: KnownText) -> bytes:
    """Returns a mailbox of one mail."""
    mail = write_mail(text, "utf-8", "base64").replace(b"\r\n", b"\n")
    return b"From a@example.jp Thu Jul 11 16:42:00 2024\n" + mail + b"\n"


def write_web_archive(text: KnownText, charset: str) -> bytes:
    """Returns a page saved whole, as browsers do; they call code page 932 Shift_JIS."""
    declared = "shift_jis" if charset == "cp932" else charset
    page = base64.encodebytes(write_html(text, declared).encode(charset))
    head = (
        "From: <Saved by a browser>\r\nSubject: page\r\nMIME-Version: 1.0\r\n"
        'Content-Type: multipart/related; type="text/html"; boundary="----b"\r\n\r\n------b\r\n'
        "Content-Type: text/html\r\nContent-Transfer-Encoding: base64\r\n\r\n"
    )
    return head.encode("ascii") + page + b"\r\n------b--\r\n"


def write_rich_text(text: KnownText, *, in_code_page: bool) -> bytes:
    r"""Returns RTF: Japanese as \u, or as bytes of code page 932."""
    parts = [r"{\rtf1\ansi\ansicpg932\deff0{\fonttbl{\f0\fcharset128 MS Mincho;}}\f0\uc1 "]
    encode = _code_page if in_code_page else _unicode
    for piece in text.pieces:
        if piece.text:
            parts.append(encode(piece.text) + r"\par ")
        for row in piece.rows:
            cells = "".join(encode(cell) + r"\cell " for cell in row)
            parts += [r"\trowd " + cells + r"\row "]
    return ("\n".join(parts) + "}").encode("ascii")


def _unicode(text: str) -> str:
    units = text.encode("utf-16-le")
    codes = (int.from_bytes(units[at : at + 2], "little") for at in range(0, len(units), 2))
    return "".join(_ascii(code) if code < 0x80 else f"\\u{code}?" for code in codes)


def _code_page(text: str) -> str:
    return "".join(
        _ascii(byte) if byte < 0x80 and len(char.encode("cp932")) == 1 else f"\\'{byte:02x}"
        for char in text
        for byte in char.encode("cp932")
    )


def _ascii(code: int) -> str:
    char = chr(code)
    return "\\" + char if char in "\\{}" else char


def write_archive(text: KnownText) -> bytes:
    """Returns a ZIP archive of one text file."""
    file = io.BytesIO()
    with zipfile.ZipFile(file, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("本文.txt", write_lines(text))
    return file.getvalue()
