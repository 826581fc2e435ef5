"""Makes Strict Office Open XML readable to libraries that know only the transitional names.

ISO/IEC 29500-1 names its schemas below ``purl.oclc.org/ooxml``, part 4 below
``schemas.openxmlformats.org``, with the year 2006; otherwise what is read here is the same.
"""

import io
import re
import zipfile
from pathlib import Path

from ingestion.model import Limits

_STRICT = b"http://purl.oclc.org/ooxml/"
_NAME = re.compile(rb"http://purl\.oclc\.org/ooxml/(\w+)/([\w/]+)")
_RENAMED = {b"extendedProperties": b"extended-properties", b"customXml": b"customXml"}


def open_transitional(path: Path, limits: Limits) -> Path | io.BytesIO:
    """Returns the package itself, or its bytes with transitional names if it is a strict one.

    Raises:
        BadZipFile: It is not a package.
        ValueError: A part is larger than the limit when unpacked.
    """
    with zipfile.ZipFile(path) as package:
        if "_rels/.rels" not in package.namelist() or not _is_strict(package):
            return path
        if sum(entry.file_size for entry in package.infolist()) > limits.file_size:
            raise ValueError("larger than the limit when unpacked")
        rewritten = io.BytesIO()
        with zipfile.ZipFile(rewritten, "w", zipfile.ZIP_STORED) as target:
            for entry in package.infolist():
                data = package.read(entry)
                if entry.filename.endswith((".xml", ".rels")):
                    data = _NAME.sub(_rename, data)
                target.writestr(entry.filename, data)
    rewritten.seek(0)
    return rewritten


def _is_strict(package: zipfile.ZipFile) -> bool:
    return _STRICT in package.read("_rels/.rels")


def _rename(name: re.Match[bytes]) -> bytes:
    rest = name[2]
    for strict, transitional in _RENAMED.items():
        rest = rest.replace(strict, transitional)
    return b"http://schemas.openxmlformats.org/" + name[1] + b"/2006/" + rest
