"""Reads mail: who, when, subject, text; attachments are documents of their own."""

import hashlib
import io
import re
from collections.abc import Iterator
from email import message_from_bytes
from email.errors import MessageError
from email.header import decode_header
from email.message import Message
from email.policy import Compat32
from itertools import groupby
from pathlib import Path, PurePosixPath

from ingestion.errors import Damaged
from ingestion.model import Limits, Member, Parsed
from ingestion.reading.decoding import decode
from ingestion.reading.html import read_markup
from ingestion.reading.plain import split_text
from ingestion.reading.unpacking import Tray, refusing
from retrieval.model import Block, BlockKind

_HEADERS = ("from", "to", "cc", "date")
_FAULTS = (MessageError, ValueError, LookupError)
_ANCESTORS = ("references", "in-reply-to", "message-id")  # each names the first mail first
_IDENTITY = re.compile(r"<([^<>\s]+)>")
_QUOTE_MARKS = re.compile(r"^\s*(?:>\s?)+")


def read(path: Path, _limits: Limits) -> Parsed:
    """Returns a mail's text, plain preferred over HTML, with the subject as title.

    Raises:
        Damaged: It cannot be parsed as a mail.
    """
    mail = _parse(path)
    properties = {name: read_header(mail, name) for name in _HEADERS}
    subject = read_header(mail, "subject")
    text = _read_text(mail)
    blocks: list[Block] = []
    if subject:
        blocks.append(Block(BlockKind.HEADING, subject, level=1))
    facts = [f"{name.title()}: {value}" for name, value in properties.items() if value]
    if facts:
        blocks.append(Block(BlockKind.NOTE, "\n".join(facts)))
    properties["thread"] = _find_thread(mail)
    names = [name for name, _ in _attachments(mail)]
    blocks += text.blocks
    if names:
        blocks.append(Block(BlockKind.NOTE, "Attachments / 添付: " + ", ".join(names)))
    return Parsed(
        blocks=tuple(blocks) if text.blocks or subject else (),
        title=subject,
        properties={name: value for name, value in properties.items() if value},
        warnings=text.warnings,
        hidden_characters=text.hidden_characters,
        members=len(names),
    )


def unpack(path: Path, into: Path, limits: Limits) -> tuple[Member, ...]:
    """Puts the mail's attachments into a folder.

    Raises:
        Damaged: It cannot be parsed as a mail.
    """
    mail = _parse(path)
    tray = Tray(into, limits)
    for name, part in _attachments(mail):
        with refusing(tray, name, (*_FAULTS, TypeError)):
            tray.put(name, io.BytesIO(_bytes_of(part)))
    return tuple(tray.members)


class _AsWritten(Compat32):
    """Leaves header fields as they were written: those that matter are decoded here, leniently."""

    def header_fetch_parse(self, name: str, value: str) -> str:
        """Returns the value itself; bytes that break the rules are surrogates in it."""
        del name
        return value


def _parse(path: Path) -> Message:
    try:
        return message_from_bytes(path.read_bytes(), policy=_AsWritten())
    except _FAULTS as error:
        raise Damaged(name=path.name, reason=str(error)) from error


def divide_quoted(text: str) -> list[Block]:
    """Returns a mail's own words as blocks, and what it quotes of others apart, as notes."""
    blocks: list[Block] = []
    lines = text.replace("\r\n", "\n").replace("\r", "\n").split("\n")
    for is_quoted, run in groupby(lines, key=lambda line: line.lstrip().startswith(">")):
        if is_quoted:
            said = "\n".join(_QUOTE_MARKS.sub("", line) for line in run).strip()
            blocks += [Block(BlockKind.NOTE, said)] if said else []
        else:
            blocks += split_text("\n".join(run))
    return blocks


def read_header(mail: Message, name: str) -> str:
    """Returns a header's text, decoded also where it breaks the rules."""
    raw = next((str(value) for key, value in mail.raw_items() if key.lower() == name), "")
    return re.sub(r"\s+", " ", _decode_field(raw)).strip()


def _find_thread(mail: Message) -> str:
    """Returns what all mails of a conversation share: the hash of its first mail's Message-ID."""
    found = (_IDENTITY.search(read_header(mail, name)) for name in _ANCESTORS)
    first = next(filter(None, found), None)
    return hashlib.sha256(first[1].encode("utf-8", "replace")).hexdigest()[:12] if first else ""


def _decode_field(raw: str) -> str:
    if any("\udc80" <= char <= "\udcff" for char in raw):
        text = decode(raw.encode("utf-8", "surrogateescape")).text
    else:
        text = _decode_words(raw) if "=?" in raw else raw
    return decode(text.encode("utf-8", "surrogateescape")).text if "\x1b" in text else text


def _decode_words(text: str) -> str:
    try:
        parts = decode_header(text)
    except (MessageError, ValueError):
        return text
    return "".join(
        decode(part, charset or "").text if isinstance(part, bytes) else part
        for part, charset in parts
    )


def _read_text(mail: Message) -> Parsed:
    """Returns the text parts in order; of alternatives, the plain one."""
    plain: list[Parsed] = []
    rich: list[Parsed] = []
    for part in _parts(mail) if mail.is_multipart() else (mail,):
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
            plain.append(Parsed(tuple(divide_quoted(decoded.text)), warnings=warnings))
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


def _attachments(mail: Message) -> list[tuple[str, Message]]:
    """Returns the attached files and mails with their names; pictures in the text are none."""
    found: list[tuple[str, Message]] = []
    for part in _parts(mail):
        kind = part.get_content_type()
        name = _file_name(part)
        inline = kind.startswith("image/") and part.get("content-id")
        if kind == "message/rfc822" and not name:
            inner = part.get_payload(0) if part.is_multipart() else None
            name = f"{read_header(inner, 'subject')}.eml" if isinstance(inner, Message) else ""
        if name and not inline:
            found.append((name, part))
    return found


def _parts(mail: Message) -> Iterator[Message]:
    """Yields the mail's parts, without those of mails that are attached to it."""
    for part in mail.get_payload() if mail.is_multipart() else ():
        if not isinstance(part, Message):
            continue
        if part.get_content_maintype() == "multipart":
            yield from _parts(part)
        else:
            yield part


def _file_name(part: Message) -> str:
    try:
        name = part.get_filename() or ""
    except (ValueError, LookupError, AttributeError, TypeError):
        return ""
    return PurePosixPath(_decode_field(name).replace("\\", "/")).name


def _bytes_of(part: Message) -> bytes:
    if part.get_content_type() == "message/rfc822" and part.is_multipart():
        inner = part.get_payload(0)
        return inner.as_bytes() if isinstance(inner, Message) else b""
    payload = part.get_payload(decode=True)
    return payload if isinstance(payload, bytes) else b""
