"""Finds out what a file is: by its content first, by its name where content is ambiguous."""

import zipfile
from pathlib import Path, PurePosixPath

_HEAD = 8192

PDF = "application/pdf"
DOCX = "application/vnd.openxmlformats-officedocument.wordprocessingml.document"
PPTX = "application/vnd.openxmlformats-officedocument.presentationml.presentation"
XLSX = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
XLSB = "application/vnd.ms-excel.sheet.binary.macroenabled.12"
XLS = "application/vnd.ms-excel"
DOC = "application/msword"
PPT = "application/vnd.ms-powerpoint"
MSG = "application/vnd.ms-outlook"
ODT = "application/vnd.oasis.opendocument.text"
ODS = "application/vnd.oasis.opendocument.spreadsheet"
ODP = "application/vnd.oasis.opendocument.presentation"
EPUB = "application/epub+zip"
RTF = "application/rtf"
EML = "message/rfc822"
MBOX = "application/mbox"
MHTML = "multipart/related"
ZIP = "application/zip"
GZIP = "application/gzip"
BZIP2 = "application/x-bzip2"
XZ = "application/x-xz"
TAR = "application/x-tar"
HTML = "text/html"
XML = "application/xml"
CSV = "text/csv"
TSV = "text/tab-separated-values"
MARKDOWN = "text/markdown"
RST = "text/x-rst"
ORG = "text/org"
TEXT = "text/plain"
OFFICE_LOCKED = "application/x-office-encrypted"
UNKNOWN = "application/octet-stream"
IMAGES = ("image/png", "image/jpeg", "image/gif", "image/bmp", "image/tiff", "image/webp")

_MAGIC: tuple[tuple[bytes, str], ...] = (
    (b"{\\rtf", RTF),
    (b"\x89PNG", "image/png"),
    (b"\xff\xd8\xff", "image/jpeg"),
    (b"GIF8", "image/gif"),
    (b"BM", "image/bmp"),
    (b"RIFF", "image/webp"),
    (b"II*\0", "image/tiff"),
    (b"MM\0*", "image/tiff"),
    (b"!BDN", "application/vnd.ms-outlook-pst"),
    (b"\x7fELF", "application/x-executable"),
    (b"MZ", "application/x-executable"),
    (b"\x1f\x8b", GZIP),
    (b"BZh", BZIP2),
    (b"\xfd7zXZ", XZ),
    (b"7z\xbc\xaf", "application/x-7z-compressed"),
    (b"Rar!", "application/vnd.rar"),
    (b"SQLite format 3\0", "application/vnd.sqlite3"),
    (b"%!PS", "application/postscript"),
    (b"\0\0\0 ftyp", "video/mp4"),
    (b"ID3", "audio/mpeg"),
)
_ZIP_MEMBERS: tuple[tuple[str, str], ...] = (
    ("word/document.xml", DOCX),
    ("ppt/presentation.xml", PPTX),
    ("xl/workbook.xml", XLSX),
    ("xl/workbook.bin", XLSB),
    ("META-INF/container.xml", EPUB),
)
_ZIP_FOLDERS = (("word/", DOCX), ("ppt/", PPTX), ("xl/", XLSX))  # names of the parts are free
_OLE_STREAMS: tuple[tuple[str, str], ...] = (
    ("EncryptedPackage", OFFICE_LOCKED),
    ("WordDocument", DOC),
    ("PowerPoint Document", PPT),
    ("Workbook", XLS),
    ("Book", XLS),
    ("__properties_version1.0", MSG),
)
_TEXT_EXTENSIONS: dict[str, str] = {
    ".md": MARKDOWN,
    ".markdown": MARKDOWN,
    ".csv": CSV,
    ".tsv": TSV,
    ".html": HTML,
    ".htm": HTML,
    ".xhtml": HTML,
    ".xml": XML,
    ".eml": EML,
    ".mbox": MBOX,
    ".mht": MHTML,
    ".mhtml": MHTML,
    ".rst": RST,
    ".org": ORG,
}
_CONTROLS = bytes(set(range(32)) - set(b"\t\n\r\f\x1b"))
_BINARY_EXTENSIONS = frozenset({".pst"})


def detect(path: Path, name: str) -> str:
    """Returns the media type of the file, ``application/octet-stream`` when it is none we know.

    Args:
        path: Where the bytes are.
        name: The document's name; only its extension counts, and only for text formats. That of
            a web address counts for less: a page is a page wherever it is.
    """
    with path.open("rb") as file:
        head = file.read(_HEAD)
    is_address = name.startswith(("http://", "https://"))
    extension = PurePosixPath((name.partition("?")[0] if is_address else name).lower()).suffix
    if is_address and _begins_like_a_page(head):
        extension = ".html"
    if b"%PDF-" in head[:1024]:
        return PDF
    if head.startswith((b"PK\x03\x04", b"PK\x05\x06")):
        return _detect_zip(path)
    if head.startswith(b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"):
        return _detect_ole(path)
    if head[257:262] == b"ustar":
        return TAR
    for magic, media_type in _MAGIC:
        if head.startswith(magic) and _is_binary(head):
            return media_type
    if head.startswith(b"{\\rtf"):
        return RTF
    return _detect_text(head, extension)


def _detect_zip(path: Path) -> str:
    try:
        with zipfile.ZipFile(path) as archive:
            names = set(archive.namelist())
            declared = (
                archive.read("mimetype")[:200].decode("ascii", "replace").strip()
                if ("mimetype" in names and archive.getinfo("mimetype").file_size < 200)
                else ""
            )
    except (zipfile.BadZipFile, NotImplementedError, RuntimeError, KeyError, ValueError):
        return ZIP
    if declared:
        return declared.removesuffix("-template")
    if "Index/Document.iwa" in names:
        return "application/vnd.apple.iwork"
    found = next((kind for member, kind in _ZIP_MEMBERS if member in names), ZIP)
    if found == ZIP and "[Content_Types].xml" in names:
        folders = (
            kind for folder, kind in _ZIP_FOLDERS if any(each.startswith(folder) for each in names)
        )
        return next(folders, ZIP)
    return found


def _detect_ole(path: Path) -> str:
    import olefile

    try:
        with olefile.OleFileIO(path) as compound:
            return next((kind for stream, kind in _OLE_STREAMS if compound.exists(stream)), UNKNOWN)
    except (OSError, ValueError):
        return UNKNOWN


def _is_binary(head: bytes) -> bool:
    """Returns whether the bytes hold control codes that no text has (UTF-16 text apart)."""
    if head.startswith((b"\xff\xfe", b"\xfe\xff")):
        return False
    controls = sum(head.count(code) for code in (0, 1, 2, 3, 4, 5, 6, 7, 14, 15, 16, 17, 18, 19))
    return controls > 0 or head.startswith(b"GIF8")


def _detect_text(head: bytes, extension: str) -> str:
    if extension in _BINARY_EXTENSIONS or _looks_random(head):
        return UNKNOWN
    start = head.removeprefix(b"\xef\xbb\xbf").lstrip()[:1000].lower()
    if extension in _TEXT_EXTENSIONS:
        return _TEXT_EXTENSIONS[extension]
    if _begins_like_a_page(head):
        return HTML
    if start.startswith(b"<?xml"):
        return XML
    if start.startswith(b"from ") and b"\nfrom:" in start and b"\ndate:" in head.lower():
        return MBOX
    if start.startswith((b"mime-version:", b"received:", b"return-path:", b"message-id:")):
        return EML
    return TEXT


def _begins_like_a_page(head: bytes) -> bool:
    start = head.removeprefix(b"\xef\xbb\xbf").lstrip()[:500].lower()
    return start.startswith(b"<!doctype html") or b"<html" in start


def _looks_random(head: bytes) -> bool:
    """Returns whether NULs and controls make up so much that no text encoding explains it."""
    if head.startswith((b"\xff\xfe", b"\xfe\xff")):
        return False
    even, odd = head[::2].count(0), head[1::2].count(0)
    if max(even, odd) > 4 * min(even, odd) and min(even, odd) < 0.02 * len(head):
        return False  # NULs in every other place: UTF-16 without a mark
    controls = len(head) - len(head.translate(None, _CONTROLS))
    return controls > 0.1 * len(head)
