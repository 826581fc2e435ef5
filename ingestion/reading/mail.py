"""Reads mail: who, when, subject, text; attachments only by name."""

import email.policy
import re
from email import message_from_bytes
from email.errors import MessageError
from email.header import decode_header
from email.message import EmailMessage
from pathlib import Path, PurePosixPath

from ingestion.errors import Damaged
from ingestion.model import Limits, Parsed
from ingestion.reading.decoding import decode
from ingestion.reading.html import read_markup
from ingestion.reading.plain import split_text
from retrieval.model import Block, BlockKind

_HEADERS = ("from", "to", "cc", "date")


def read(path: Path, _limits: Limits) -> Parsed:
    """Returns a mail's text, plain preferred over HTML, with the subject as title.

    Raises:
        Damaged: It cannot be parsed as a mail.
    """
    try:
        mail = message_from_bytes(path.read_bytes(), policy=email.policy.default)
    except (MessageError, ValueError, LookupError) as error:
        raise Damaged(name=path.name, reason=str(error)) from error
    properties = {name: _header(mail, name) for name in _HEADERS}
    subject = _header(mail, "subject")
    text = _read_text(mail)
    blocks: list[Block] = []
    if subject:
        blocks.append(Block(BlockKind.HEADING, subject, level=1))
    facts = [f"{name.title()}: {value}" for name, value in properties.items() if value]
    if facts:
        blocks.append(Block(BlockKind.NOTE, "\n".join(facts)))
    names = _attachment_names(mail)
    blocks += text.blocks
    if names:
        blocks.append(Block(BlockKind.NOTE, "Attachments / 添付: " + ", ".join(names)))
    return Parsed(
        blocks=tuple(blocks) if text.blocks or subject else (),
        title=subject,
        properties={name: value for name, value in properties.items() if value},
        warnings=text.warnings,
        hidden_characters=text.hidden_characters,
    )


def _header(mail: EmailMessage, name: str) -> str:
    """Returns a header's text, decoded also where it breaks the rules."""
    raw = next((str(value) for key, value in mail.raw_items() if key.lower() == name), "")
    if any("\udc80" <= char <= "\udcff" for char in raw):
        text = decode(raw.encode("utf-8", "surrogateescape")).text
    else:
        text = _decode_words(raw) if "=?" in raw else raw
    if "\x1b" in text:
        text = decode(text.encode("utf-8", "surrogateescape")).text
    return re.sub(r"\s+", " ", text).strip()


def _decode_words(text: str) -> str:
    try:
        parts = decode_header(text)
    except (MessageError, ValueError):
        return text
    return "".join(
        decode(part, charset or "").text if isinstance(part, bytes) else part
        for part, charset in parts
    )


def _read_text(mail: EmailMessage) -> Parsed:
    """Returns the text parts in order; of alternatives, the plain one."""
    plain: list[Parsed] = []
    rich: list[Parsed] = []
    for part in mail.walk():
        if part.is_multipart() or part.get_content_disposition() == "attachment":
            continue
        kind = part.get_content_type()
        if kind not in {"text/plain", "text/html"}:
            continue
        payload = part.get_payload(decode=True)
        data = payload if isinstance(payload, bytes) else b""
        decoded = decode(data, part.get_content_charset() or "")
        warnings = ("replaced-characters",) if decoded.replaced else ()
        if kind == "text/plain":
            plain.append(Parsed(tuple(split_text(decoded.text)), warnings=warnings))
        else:
            page = read_markup(decoded.text)
            rich.append(
                Parsed(page.blocks, warnings=warnings, hidden_characters=page.hidden_characters)
            )
    chosen = plain if any(part.blocks for part in plain) else rich
    return Parsed(
        blocks=tuple(block for part in chosen for block in part.blocks),
        warnings=tuple({warning for part in chosen for warning in part.warnings}),
        hidden_characters=sum(part.hidden_characters for part in chosen),
    )


def _attachment_names(mail: EmailMessage) -> list[str]:
    names = []
    for part in mail.walk():
        try:
            name = part.get_filename()
        except (ValueError, LookupError, AttributeError, TypeError):
            name = None
        if name:
            name = _decode_words(name) if "=?" in name else name
            names.append(PurePosixPath(name.replace("\\", "/")).name)
    return names
