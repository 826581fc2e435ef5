"""Reads MHTML, a web page saved whole: the page itself, without its pictures and frames."""

import email.policy
from email import message_from_bytes
from email.errors import MessageError
from pathlib import Path

from ingestion.errors import Damaged
from ingestion.model import Limits, Parsed
from ingestion.reading.decoding import decode
from ingestion.reading.html import find_charset, read_markup


def read(path: Path, _limits: Limits) -> Parsed:
    """Returns the visible text of the first page in the archive.

    Raises:
        Damaged: There is no page in it.
    """
    try:
        archive = message_from_bytes(path.read_bytes(), policy=email.policy.compat32)
    except (MessageError, ValueError, LookupError) as error:
        raise Damaged(name=path.name, reason=str(error)) from error
    for part in archive.walk():
        if part.get_content_type() in {"text/html", "application/xhtml+xml"}:
            payload = part.get_payload(decode=True)
            data = payload if isinstance(payload, bytes) else b""
            declared = str(part.get_content_charset() or find_charset(data))
            return read_markup(decode(data, declared).text)
    raise Damaged(name=path.name, reason="no-page")
