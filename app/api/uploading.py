"""Turns received files into an order for the worker; nobody else's document is touched."""

import shutil
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any
from uuid import uuid4

from fastapi.exceptions import RequestValidationError
from pydantic import ValidationError

from app.api.principals import check_allowance
from app.api.receiving import ReceivedFile, ReceivedForm
from app.api.refusals import FileRefused, FileTooLarge, NotAnUploadSource, UploadUnreadable
from app.api.schemas_documents import FileProblem, FileView, UploadFields, UploadResponse
from app.api.schemas_jobs import JobView
from app.identity import Identity
from app.orders import UPLOAD, UPLOAD_PRIORITY, UploadedFile, UploadOrder
from app.services import Services
from retrieval.catalog import DocumentState, NewSource, Source
from retrieval.errors import Language
from retrieval.identity import document_id
from retrieval.model import Access

DEFAULT_SOURCE = "uploads"
UPLOAD_KIND = "upload"
FILES = "files"

_LIST = "Several are separated by commas, or sent as several fields."
UPLOAD_FORM: dict[str, Any] = {
    "requestBody": {
        "required": True,
        "content": {
            "multipart/form-data": {
                "schema": {
                    "type": "object",
                    "required": ["files"],
                    "properties": {
                        "files": {
                            "type": "array",
                            "items": {"type": "string", "format": "binary"},
                            "description": "One or more files.",
                        },
                        "department": {"type": "string"},
                        "allow": {"type": "string", "description": f"Who may read. {_LIST}"},
                        "deny": {"type": "string", "description": f"Who may not. {_LIST}"},
                        "tags": {"type": "string", "description": _LIST},
                        "source": {"type": "string", "default": DEFAULT_SOURCE},
                    },
                },
                "example": {"files": ["議事録.docx"], "department": "総務", "allow": "group:ga"},
            }
        },
    }
}
"""How the form is described; it is read by hand, so that files go straight to disk."""


@contextmanager
def open_tray(uploads: Path) -> Iterator[Path]:
    """Makes a folder for one upload; it goes again, with all in it, when the upload fails."""
    tray = uploads / uuid4().hex
    tray.mkdir(parents=True)
    try:
        yield tray
    except BaseException:
        shutil.rmtree(tray, ignore_errors=True)
        raise


def order_upload(
    parts: Services, identity: Identity, form: ReceivedForm, language: Language
) -> UploadResponse:
    """Queues the files that can be taken and says what became of each.

    Raises:
        RequestValidationError: A field is unknown, or a value not of the declared shape.
        UploadUnreadable: There was no file.
        FileRefused: None of the files can be taken; the first one's reason.
        NotAnUploadSource: The source named follows a folder.
        AllowanceRefused: The caller shares with somebody they may not share with.
    """
    taken = [file for file in form.files if file.refusal is None]
    _check_names(form)
    if not form.files:
        raise UploadUnreadable
    if not taken:
        raise _worst_of(form.files)
    fields = read_fields(form)
    access = choose_access(identity, fields)
    source = _find_source(parts, fields.source)
    order = UploadOrder(
        source_id=source.id,
        files=tuple(_name_files(parts, identity, source, taken)),
        access=access,
        owner=identity.user,
        department=fields.department,
        tags=tuple(dict.fromkeys(fields.tags)),
    )
    job = parts.catalog.jobs.enqueue(
        UPLOAD, order.to_payload(), owner=identity.user, priority=UPLOAD_PRIORITY
    )
    ids = {file.name: document_id(source.id, file.external_id) for file in order.files}
    files = [_describe(file, ids, language) for file in form.files]
    return UploadResponse(job=JobView.for_caller(job, identity), files=files)


def _check_names(form: ReceivedForm) -> None:
    """Refuses a misspelt field: a rule that was meant to narrow access must not be lost."""
    unknown = [(name, name) for name in sorted(form.file_fields - {FILES})]
    unknown += [
        (name, value) for name, value in form.fields if name not in UploadFields.model_fields
    ]
    if unknown:
        raise RequestValidationError(
            [
                {"type": "extra_forbidden", "loc": ("body", name), "input": value}
                for name, value in unknown
            ]
        )


def read_fields(form: ReceivedForm) -> UploadFields:
    """Returns the form's checked fields.

    Raises:
        RequestValidationError: A value does not have the declared shape.
        PrincipalWrong: A name in ``allow`` or ``deny`` is no principal.
    """
    try:
        return UploadFields(
            source=form.value("source", DEFAULT_SOURCE),
            department=form.value("department"),
            tags=form.values("tags"),
            allow=form.values("allow"),
            deny=form.values("deny"),
        )
    except ValidationError as error:
        raise RequestValidationError(error.errors()) from error


def choose_access(identity: Identity, fields: UploadFields) -> Access:
    """Returns who may read the upload: those named, or the uploader alone.

    Raises:
        AllowanceRefused: The caller shares with somebody they may not share with.
    """
    allow = fields.allow or [f"user:{identity.user}"]
    access = Access(frozenset(allow), frozenset(fields.deny))
    check_allowance(identity, access)
    return access


def name_owner(external_id: str) -> str:
    """Returns whose upload an external id of an upload source is.

    Everybody uploads under their own name, so that equal file names of two people never meet.
    """
    return external_id.rpartition("/")[0]


def _worst_of(files: Iterable[ReceivedFile]) -> FileRefused:
    refusals = [file.refusal for file in files if file.refusal is not None]
    too_large = [refusal for refusal in refusals if isinstance(refusal, FileTooLarge)]
    return (too_large or refusals)[0]


def _find_source(parts: Services, name: str) -> Source:
    source = parts.catalog.sources.find(name)
    if source is None and name == DEFAULT_SOURCE:
        return parts.catalog.sources.add(NewSource(name, UPLOAD_KIND, ""))
    # Folder sources are not known to exist outside the admins, so both get the same answer.
    if source is None or source.kind != UPLOAD_KIND:
        raise NotAnUploadSource(value=name)
    return source


def _name_files(
    parts: Services, identity: Identity, source: Source, files: Iterable[ReceivedFile]
) -> Iterator[UploadedFile]:
    states = parts.catalog.documents.states(source.id)
    for file in files:
        yield UploadedFile(
            path=file.path.relative_to(parts.uploads).as_posix(),
            external_id=_free_id(f"{identity.user}/{file.name}", identity, states),
            name=file.name,
            size=file.size,
        )


def _free_id(wanted: str, identity: Identity, states: dict[str, DocumentState]) -> str:
    """Returns the id wanted, or the next one that is free or the caller's to replace.

    A document that an admin has since hidden from its uploader is neither replaced nor given away.
    """
    stem, dot, suffix = wanted.rpartition(".")
    candidate, number = wanted, 1
    while candidate in states and not states[candidate].access.permits(identity.principals):
        number += 1
        candidate = f"{stem} ({number}){dot}{suffix}" if stem else f"{wanted} ({number})"
    return candidate


def _describe(file: ReceivedFile, ids: dict[str, str], language: Language) -> FileView:
    if file.refusal is None:
        return FileView(name=file.name, document_id=ids[file.name], problem=None)
    problem = FileProblem(code=file.refusal.code, message=file.refusal.message(language))
    return FileView(name=file.name, document_id=None, problem=problem)
