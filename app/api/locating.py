"""Where a document can be seen as it is today, and what a file of it is called."""

from mimetypes import guess_extension
from pathlib import PurePosixPath
from urllib.parse import unquote, urlsplit

from ingestion.naming import MEMBER_MARK, display_name
from retrieval.model import Document


def find_web_url(document: Document) -> str:
    """Returns the address of the live page that a document was copied from, "" for all others."""
    address = document.external_id.partition(MEMBER_MARK)[0]
    try:
        parts = urlsplit(address)
        is_page = parts.scheme in {"http", "https"} and bool(parts.hostname)
    except ValueError:
        return ""
    is_plain = address.isascii() and address.isprintable() and " " not in address
    return address if is_page and is_plain and parts.username is None else ""


def name_original(document: Document) -> str:
    """Returns what a download of the document is called; a page without a name is its host's."""
    if not find_web_url(document) or MEMBER_MARK in document.external_id:
        return document.external_id.rsplit("/", 1)[-1]
    parts = urlsplit(document.external_id)
    path = PurePosixPath(unquote(parts.path))
    name = display_name(path.name) or parts.hostname or "page"
    if path.suffix:
        return name
    return name + (guess_extension(document.metadata.media_type) or "")
