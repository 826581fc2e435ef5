"""Writes the text, CSV, HTML and mail files of the sample company."""

from __future__ import annotations

from email.header import Header
from email.message import EmailMessage, Message
from email.mime.text import MIMEText
from email.utils import formataddr, parseaddr
from html import escape

from sample.markup import Block, parse_blocks

_NAVIGATION = """<header><div class="logo">蔵前精機 社内ポータル</div>
<nav><ul><li><a href="#">ホーム</a></li><li><a href="#">お知らせ</a></li>
<li><a href="#">規程集</a></li><li><a href="#">申請書</a></li>
<li><a href="#">検索</a></li></ul></nav>
</header>
<aside>よく見られているページ
<a href="#">勤怠</a> <a href="#">食堂</a> <a href="#">座席表</a></aside>
"""
_FOOTER = """<footer>&copy; 2024 株式会社蔵前精機 社外秘 <a href="#">サイトマップ</a>
<a href="#">お問い合わせ</a><script>console.log("visited");</script></footer>
"""
_HEADERS = ("From", "To", "Cc", "Date", "Subject", "Message-ID")


def write_html(source: str) -> bytes:
    """Return a page of the company portal: navigation and footer around the text."""
    blocks = parse_blocks(source)
    body = "\n".join(_to_element(block) for block in blocks)
    language = "en" if source.isascii() else "ja"
    page = (
        f'<!DOCTYPE html>\n<html lang="{language}">\n<head><meta charset="utf-8">'
        f"<title>{escape(blocks[0].text)}</title></head>\n<body>\n{_NAVIGATION}"
        f"<main>\n{body}\n</main>\n{_FOOTER}</body>\n</html>\n"
    )
    return page.encode("utf-8")


def _to_element(block: Block) -> str:
    if block.kind == "table":
        rows = "".join(_to_row(block, index) for index in range(len(block.rows)))
        return f"<table border='1'>{rows}</table>"
    if block.kind == "heading":
        return f"<h{block.level}>{escape(block.text)}</h{block.level}>"
    if block.kind == "item":
        return f"<ul><li>{escape(block.text)}</li></ul>"
    return f"<p>{escape(block.text)}</p>"


def _to_row(block: Block, index: int) -> str:
    tag = "td" if index else "th"
    cells = "".join(f"<{tag}>{escape(cell)}</{tag}>" for cell in block.rows[index])
    return f"<tr>{cells}</tr>"


def write_mail(source: str) -> bytes:
    """Return a mail; the source opens with header lines, and `%attachment` starts a CSV part."""
    head, _, rest = source.partition("\n\n")
    body, _, attached = rest.partition("%attachment\n")
    fields = dict(line.split(": ", 1) for line in head.splitlines())
    sender = parseaddr(fields["From"])[1].split("@")[0]
    fields["Message-ID"] = f"<{sender}.1@example.jp>"
    if fields["Encoding"] == "iso-2022-jp":
        return _compose_japanese(fields, body).as_bytes()
    message = EmailMessage()
    for name in _HEADERS:
        message[name] = fields[name]
    message.set_content(body, charset=fields["Encoding"], cte="7bit")
    if attached:
        message.add_attachment(
            attached.encode("utf-8"), maintype="text", subtype="csv", filename=fields["Attachment"]
        )
        message.set_boundary("kuramae-sample-boundary")
    return message.as_bytes()


def _compose_japanese(fields: dict[str, str], body: str) -> Message:
    # Japanese mail programs encode the header lines as ISO-2022-JP too.
    charset = fields["Encoding"]
    message = MIMEText(body, "plain", charset)
    for name in _HEADERS:
        value = fields[name]
        if name in {"From", "To", "Cc"}:
            value = formataddr(parseaddr(value), charset)
        elif name == "Subject":
            value = Header(value, charset, header_name=name).encode()
        message[name] = value
    return message
