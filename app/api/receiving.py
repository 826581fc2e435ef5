"""Receives uploaded files straight to disk, a chunk at a time, each under its own size limit."""

import errno
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from pathlib import Path
from typing import BinaryIO

from anyio import to_thread
from fastapi import Request
from python_multipart.exceptions import FormParserError
from python_multipart.multipart import MultipartParser, parse_options_header

from app.api.naming import clean_name, disk_name
from app.api.refusals import (
    FileEmpty,
    FileNameWrong,
    FileRefused,
    FileRepeated,
    FileTooLarge,
    StorageFull,
    UploadUnreadable,
)

MOST_FILES = 500
MOST_FIELDS = 200
MOST_FIELD_BYTES = 64 * 1024


@dataclass(slots=True)
class ReceivedFile:
    """One part of the form that is a file.

    Attributes:
        name: As sent, cleaned.
        path: Where it lies; nothing is there once it was refused.
        refusal: Why it is not taken, None when it is.
    """

    name: str
    path: Path
    size: int = 0
    refusal: FileRefused | None = None


@dataclass(slots=True)
class ReceivedForm:
    """All that one upload brought: its files, and its other fields in order.

    Attributes:
        file_fields: Names of the fields the files came in.
    """

    files: list[ReceivedFile] = field(default_factory=list)
    file_fields: set[str] = field(default_factory=set)
    fields: list[tuple[str, str]] = field(default_factory=list)

    def values(self, name: str) -> list[str]:
        """Returns the values of a field; commas separate several in one."""
        parts = (part for key, value in self.fields if key == name for part in value.split(","))
        return [part.strip() for part in parts if part.strip()]

    def value(self, name: str, default: str = "") -> str:
        """Returns the last value of a field."""
        return next((v.strip() for key, v in reversed(self.fields) if key == name), default)


@contextmanager
def _explained() -> Iterator[None]:
    """Turns what parsing and writing raise into what the sender can understand."""
    try:
        yield
    except FormParserError as error:
        raise UploadUnreadable from error
    except OSError as error:
        if error.errno in {errno.ENOSPC, errno.EDQUOT}:
            raise StorageFull from error
        raise


async def receive_form(request: Request, folder: Path, max_file_bytes: int) -> ReceivedForm:
    """Reads a multipart request into files of a folder, which must exist.

    A file that is refused loses its bytes at once and does not stop the others.

    Raises:
        UploadUnreadable: The request is not a well-formed multipart form, or has too many parts.
        StorageFull: The disk is full.
    """
    kind, options = parse_options_header(request.headers.get("content-type"))
    boundary = options.get(b"boundary")
    if kind != b"multipart/form-data" or not boundary:
        raise UploadUnreadable
    with _explained():  # the boundary may be too long
        intake = Intake(boundary, folder, max_file_bytes)
    try:
        async for chunk in request.stream():
            await to_thread.run_sync(intake.take, chunk)
        await to_thread.run_sync(intake.finish)
    finally:
        intake.abandon()
    return intake.form


class Intake:
    """Takes the bytes of one multipart form apart as they come."""

    def __init__(self, boundary: bytes, folder: Path, max_file_bytes: int) -> None:
        """Prepares for the first byte."""
        self.form = ReceivedForm()
        self._folder = folder
        self._max_file_bytes = max_file_bytes
        self._names: set[str] = set()
        self._header = (bytearray(), bytearray())
        self._disposition = b""
        self._field: tuple[str, bytearray] | None = None
        self._file: ReceivedFile | None = None
        self._sink: BinaryIO | None = None
        self._parser = MultipartParser(
            boundary,
            {
                "on_part_begin": self._begin_part,
                "on_header_field": self._take_header_name,
                "on_header_value": self._take_header_value,
                "on_header_end": self._end_header,
                "on_headers_finished": self._open_part,
                "on_part_data": self._take_data,
                "on_part_end": self._end_part,
            },
        )

    def take(self, chunk: bytes) -> None:
        """Takes the next bytes.

        Raises:
            UploadUnreadable: They do not continue a form.
            StorageFull: They do not fit on the disk.
        """
        with _explained():
            self._parser.write(chunk)

    def finish(self) -> None:
        """Ends the form.

        Raises:
            UploadUnreadable: It was cut off.
        """
        with _explained():
            self._parser.finalize()
        if self._field is not None or self._file is not None:
            raise UploadUnreadable

    def abandon(self) -> None:
        """Closes the file that a broken request left open."""
        with suppress(OSError):  # what is still buffered need not be kept
            self._close_file()

    def _close_file(self) -> None:
        sink, self._sink = self._sink, None
        if sink is not None:
            sink.close()

    def _begin_part(self) -> None:
        self._disposition = b""
        self._field = self._file = None

    def _take_header_name(self, data: bytes, start: int, end: int) -> None:
        self._header[0].extend(data[start:end])

    def _take_header_value(self, data: bytes, start: int, end: int) -> None:
        self._header[1].extend(data[start:end])

    def _end_header(self) -> None:
        name, value = (bytes(part) for part in self._header)
        self._header = (bytearray(), bytearray())
        if name.lower() == b"content-disposition":
            self._disposition = value

    def _open_part(self) -> None:
        _, options = parse_options_header(self._disposition)
        if b"name" not in options:
            raise UploadUnreadable
        name = options[b"name"].decode("utf-8", "replace")
        if b"filename" in options:
            self.form.file_fields.add(name)
            self._open_file(options[b"filename"])
        elif len(self.form.fields) >= MOST_FIELDS:
            raise UploadUnreadable
        else:
            self._field = (name, bytearray())

    def _open_file(self, raw_name: bytes) -> None:
        if len(self.form.files) >= MOST_FILES:
            raise UploadUnreadable
        name = clean_name(raw_name)
        path = self._folder / disk_name(len(self.form.files), name.text)
        self._file = ReceivedFile(name.text, path)
        self.form.files.append(self._file)
        if not name.usable:
            self._file.refusal = FileNameWrong(name=name.text[:255])
        elif name.text in self._names:
            self._file.refusal = FileRepeated(name=name.text)
        else:
            self._names.add(name.text)
            self._sink = path.open("wb")

    def _take_data(self, data: bytes, start: int, end: int) -> None:
        if self._field is not None:
            self._field[1].extend(data[start:end])
            if len(self._field[1]) > MOST_FIELD_BYTES:
                raise UploadUnreadable
        elif self._file is not None and self._sink is not None:
            self._file.size += end - start
            if self._file.size > self._max_file_bytes:
                self._refuse(FileTooLarge(name=self._file.name, limit=self._max_file_bytes))
            else:
                self._sink.write(data[start:end])

    def _end_part(self) -> None:
        if self._field is not None:
            name, value = self._field
            self.form.fields.append((name, value.decode("utf-8", "replace")))
        elif self._file is not None and self._sink is not None:
            if self._file.size == 0:
                self._refuse(FileEmpty(name=self._file.name))
            self._close_file()
        self._field = self._file = None

    def _refuse(self, refusal: FileRefused) -> None:
        if self._file is not None:
            self._close_file()
            self._file.refusal = refusal
            self._file.path.unlink(missing_ok=True)
