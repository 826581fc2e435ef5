"""Which files of a site are documents, and how their bytes are kept so that they can be read."""

import codecs
import re
from pathlib import PurePosixPath

from ingestion.sources.web.addresses import path_of
from ingestion.sources.web.pages import decode_declared, looks_like_page

HTML = ".html"
_OFFICE = "application/vnd.openxmlformats-officedocument."
_OPEN = "application/vnd.oasis.opendocument."
_EXTENSIONS = {
    "text/html": HTML,
    "application/xhtml+xml": HTML,
    "application/pdf": ".pdf",
    f"{_OFFICE}wordprocessingml.document": ".docx",
    f"{_OFFICE}spreadsheetml.sheet": ".xlsx",
    f"{_OFFICE}presentationml.presentation": ".pptx",
    "application/msword": ".doc",
    "application/vnd.ms-excel": ".xls",
    "application/vnd.ms-powerpoint": ".ppt",
    f"{_OPEN}text": ".odt",
    f"{_OPEN}spreadsheet": ".ods",
    f"{_OPEN}presentation": ".odp",
    "application/rtf": ".rtf",
    "text/rtf": ".rtf",
    "application/epub+zip": ".epub",
    "text/plain": ".txt",
    "text/markdown": ".md",
    "text/x-markdown": ".md",
    "text/csv": ".csv",
    "text/tab-separated-values": ".tsv",
}
_UNTOLD = frozenset(
    {"", "application/octet-stream", "binary/octet-stream", "application/force-download"}
)
_TEXTS = frozenset({".txt", ".md", ".csv", ".tsv"})
_BY_NAME = frozenset({*_EXTENSIONS.values(), ".htm", ".xhtml", ".markdown"})
_ASSETS = re.compile(
    r"\.(png|jpe?g|gif|svg|webp|avif|bmp|ico|tiff?|m?js|css|map|woff2?|ttf|eot|otf|mp[34]|m4[av]|wav"
    r"|og[gv]|web[mp]|mov|avi|wmv|flv|zip|t?gz|bz2|xz|7z|rar|tar|jar|exe|msi|dmg|iso|apk|deb|rpm"
    r"|bin|dll|class|wasm|json|xml|rss|atom|ics|vcf|swf|psd|ai)$",
    re.IGNORECASE,
)

_SIGN_IN = re.compile(
    r"/(log|sign)[-_]?(in|on)\b|/(sso|saml2?|oauth2?|adfs|cas|openid|shibboleth)(/|$)",
    re.IGNORECASE,
)


def is_asset(address: str) -> bool:
    """Returns whether an address names a picture, script or archive, which is never asked for."""
    return _ASSETS.search(path_of(address)) is not None


def is_sign_in(address: str) -> bool:
    """Returns whether an address is where people sign in, as far as its path tells."""
    return _SIGN_IN.search(path_of(address)) is not None


def choose_extension(content_type: str, address: str) -> str:
    """Returns how the file of an answer is to end, "" where it is no document.

    The name decides only where the type says nothing.
    """
    media_type = content_type.partition(";")[0].strip().lower()
    if media_type not in _UNTOLD:
        return _EXTENSIONS.get(media_type, "")
    suffix = PurePosixPath(path_of(address).lower()).suffix
    if suffix in _BY_NAME:
        return HTML if suffix in {".htm", ".xhtml"} else suffix
    return HTML if not media_type and not suffix else ""


def is_text(extension: str) -> bool:
    """Returns whether a file's bytes are text in some encoding."""
    return extension == HTML or extension in _TEXTS


def make_readable(data: bytes, extension: str, charset: str) -> bytes:
    """Returns text as it is to be kept: what only the HTTP header told is now in the bytes.

    Text of a declared encoding becomes UTF-8 with its mark, before which everything else a page
    says about its encoding gives way, in browsers and readers alike. A page that does not begin
    like one gets a doctype.
    """
    text = decode_declared(data, charset)
    is_marked = data.startswith((codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE))
    needs_doctype = extension == HTML and not looks_like_page(data) and not is_marked
    if text is not None:
        doctype = "<!DOCTYPE html>\n" if needs_doctype else ""
        return codecs.BOM_UTF8 + (doctype + text).encode("utf-8", "replace")
    return b"<!DOCTYPE html>\n" + data if needs_doctype else data
