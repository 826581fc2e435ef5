"""Opens Office Open XML packages: their parts, and which part leads to which.

Follows ISO/IEC 29500-2. Part 1 (Strict) names its schemas below ``purl.oclc.org/ooxml``, part 4
(Transitional) below ``schemas.openxmlformats.org``, with the year 2006; otherwise what is read
here is the same, so parts come with the transitional names.
"""

import io
import posixpath
import re
import zipfile
import zlib
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import IO, Any, Self
from urllib.parse import unquote

from lxml import etree

from ingestion.model import Limits

FAULTS = (
    KeyError,
    ValueError,
    OSError,
    RuntimeError,
    NotImplementedError,
    zipfile.BadZipFile,
    zlib.error,
    etree.XMLSyntaxError,
)
"""What a damaged package may raise while it is read."""

Element = Any  # lxml has no complete stubs

_STRICT = b"http://purl.oclc.org/ooxml/"
_NAME = re.compile(rb"http://purl\.oclc\.org/ooxml/(\w+)/([\w/]+)")
_RENAMED = {b"extendedProperties": b"extended-properties", b"customXml": b"customXml"}
_DUBLIN = "{http://purl.org/dc/elements/1.1/}"


@dataclass(frozen=True, slots=True)
class Relation:
    """From one part to another: its kind is the last word of its type, e.g. ``footnotes``."""

    key: str
    kind: str
    target: str


class Package:
    """A package's parts, by name; to be closed."""

    def __init__(self, source: Path | IO[bytes], limits: Limits) -> None:
        """Opens a package.

        Raises:
            BadZipFile: It is not a package.
        """
        self._zip = zipfile.ZipFile(source)
        self._names = {name.lower(): name for name in self._zip.namelist()}
        self._left = limits.file_size
        self._relations: dict[str, list[Relation]] = {}
        self._is_strict = False
        self._is_strict = _STRICT in self.read("_rels/.rels") if "_rels/.rels" in self else False

    def __enter__(self) -> Self:
        """Returns the package itself."""
        return self

    def __exit__(self, *_: object) -> None:
        """Closes it."""
        self._zip.close()

    def __contains__(self, part: str) -> bool:
        """Returns whether there is such a part; case does not count."""
        return part.lower() in self._names

    def read(self, part: str) -> bytes:
        """Returns a part's bytes.

        Raises:
            KeyError: There is no such part.
            ValueError: The parts read so far exceed the limit when unpacked.
        """
        name = self._names[part.lower()]
        self._left -= self._zip.getinfo(name).file_size
        if self._left < 0:
            raise ValueError("larger than the limit when unpacked")
        data = self._zip.read(name)
        return _NAME.sub(_rename, data) if self._is_strict else data

    def parse(self, part: str) -> Element:
        """Returns the root of a part; entities stay closed, and nothing is fetched.

        Raises:
            KeyError: There is no such part.
            ValueError: The parts read so far exceed the limit when unpacked.
            XMLSyntaxError: It is not XML.
        """
        parser = etree.XMLParser(resolve_entities=False, no_network=True, load_dtd=False)
        return etree.fromstring(self.read(part), parser)

    def relations(self, part: str = "") -> list[Relation]:
        """Returns where a part leads inside the package; "" for the package itself."""
        if part not in self._relations:
            self._relations[part] = self._read_relations(part)
        return self._relations[part]

    def _read_relations(self, part: str) -> list[Relation]:
        folder, file = posixpath.split(part)
        name = f"{folder}/_rels/{file}.rels".lstrip("/")
        if name not in self:
            return []
        return [
            Relation(each.get("Id") or "", _kind(each), _place(folder, each.get("Target") or ""))
            for each in self.parse(name).iter("{*}Relationship")
            if each.get("TargetMode") != "External"
        ]

    def main_part(self) -> str:
        """Returns the name of the part that everything else hangs on.

        Raises:
            KeyError: There is none.
        """
        for relation in self.relations():
            if relation.kind == "officeDocument" and relation.target in self:
                return relation.target
        raise KeyError("officeDocument")

    def related(self, part: str, *kinds: str) -> Iterator[tuple[str, Element]]:
        """Yields name and root of the parts of some kinds that a part leads to, kind by kind."""
        relations = self.relations(part)
        for kind in kinds:
            for relation in relations:
                if relation.kind == kind and relation.target in self:
                    yield relation.target, self.parse(relation.target)

    def facts(self) -> tuple[str, str]:
        """Returns the title and the author that the package declares, "" for what it does not."""
        for relation in self.relations():
            if relation.kind == "core-properties" and relation.target in self:
                try:
                    root = self.parse(relation.target)
                except etree.XMLSyntaxError:
                    return "", ""
                found = root.findtext(f"{_DUBLIN}title"), root.findtext(f"{_DUBLIN}creator")
                return (found[0] or "").strip(), (found[1] or "").strip()
        return "", ""


def open_transitional(path: Path, limits: Limits) -> Path | io.BytesIO:
    """Returns the package itself, or its bytes with transitional names if it is a strict one.

    Raises:
        BadZipFile: It is not a package.
        ValueError: A part is larger than the limit when unpacked.
    """
    with zipfile.ZipFile(path) as package:
        if "_rels/.rels" not in package.namelist() or _STRICT not in package.read("_rels/.rels"):
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


def _kind(relation: Element) -> str:
    return (relation.get("Type") or "").rpartition("/")[2]


def _place(folder: str, target: str) -> str:
    """Returns a target as a name inside the package."""
    target = unquote(target)
    place = target if target.startswith("/") else f"{folder}/{target}"
    return posixpath.normpath(place).lstrip("/")


def _rename(name: re.Match[bytes]) -> bytes:
    rest = name[2]
    for strict, transitional in _RENAMED.items():
        rest = rest.replace(strict, transitional)
    return b"http://schemas.openxmlformats.org/" + name[1] + b"/2006/" + rest
