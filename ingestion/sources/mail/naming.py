"""Names mails by what never changes in them: their date, their Message-ID and their subject."""

import email.policy
import hashlib
import re
from dataclasses import dataclass
from datetime import UTC, datetime
from email.errors import MessageError
from email.header import decode_header
from email.message import Message
from email.parser import BytesHeaderParser
from email.utils import parsedate_to_datetime

from ingestion.naming import display_name

_LARGEST_HEAD = 256 * 1024
_LONGEST_SUBJECT = 80
_ENCODINGS = ("utf-8", "iso2022_jp", "cp932", "euc_jp")  # of headers that break the rules
_LINE_END = re.compile(rb"\r?\n\r?\n")


@dataclass(frozen=True, slots=True)
class Heading:
    """What names a mail.

    Attributes:
        name: Its path inside its folder, ``2024/05-12 1a2b3c4d5e/納期のお知らせ.eml``.
        sent_at: In seconds since the epoch, ``None`` where the mail does not say.
    """

    name: str
    sent_at: float | None


def read_heading(mail: bytes, digest: str) -> Heading:
    """Returns what names a mail.

    Args:
        mail: Its bytes.
        digest: The hash of them, which stands in for a Message-ID that is missing.
    """
    head = _LINE_END.split(mail[:_LARGEST_HEAD], maxsplit=1)[0]
    headers = BytesHeaderParser(policy=email.policy.compat32).parsebytes(head + b"\n\n")
    identity = _raw(headers, "message-id").strip()
    key = hashlib.sha256(identity.encode("utf-8", "surrogateescape")).hexdigest()
    short = (key if identity else digest)[:10]
    sent = _read_date(_raw(headers, "date"))
    subject = clean_name(_decode(_raw(headers, "subject")))[:_LONGEST_SUBJECT].strip(" .")
    day = f"{sent:%Y/%m-%d} {short}" if sent else f"undated/{short}"
    return Heading(f"{day}/{subject or short}.eml", sent.timestamp() if sent else None)


def clean_name(name: str) -> str:
    """Returns a name without what parts paths, or would be shown as something else."""
    shown = display_name(re.sub(r"[\\/:\s]+", " ", name))
    return shown.encode("utf-8", "replace").decode("utf-8")


def _raw(headers: Message, name: str) -> str:
    return next((str(value) for key, value in headers.raw_items() if key.lower() == name), "")


def _read_date(text: str) -> datetime | None:
    try:
        sent = parsedate_to_datetime(text)
        sent = sent if sent.tzinfo else sent.replace(tzinfo=UTC)
        sent.timestamp()
    except (ValueError, TypeError, IndexError, OverflowError):
        return None
    return sent


def _decode(text: str) -> str:
    """Returns a header's text; a piece may name a wrong encoding, or none."""
    if "=?" not in text:
        return _guess(text.encode("utf-8", "surrogateescape"), "")
    try:
        parts = decode_header(text)
    except (MessageError, ValueError):
        return text
    return "".join(
        _guess(part, charset or "") if isinstance(part, bytes) else part for part, charset in parts
    )


def _guess(part: bytes, charset: str) -> str:
    if b"\x1b" in part:
        charset = "iso2022_jp_ext"
    for encoding in (charset, *_ENCODINGS):
        try:
            return part.decode(encoding)
        except (UnicodeDecodeError, LookupError):
            continue
    return part.decode("utf-8", "replace")
