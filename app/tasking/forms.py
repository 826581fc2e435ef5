"""Company forms: a text with named places, and for each the question that fills it."""

import tomllib
from collections.abc import Set
from dataclasses import dataclass
from pathlib import Path
from typing import Annotated, Literal

from pydantic import BaseModel, ConfigDict, Field, ValidationError

from app.tasking.errors import FormUnknown, FormWrong
from app.tasking.filling import FAULTS, PLACE, find_places

ABOUT = "{about}"

_WORD = ".docx"
FieldType = Literal["text", "date", "number", "amount"]


class FieldDescription(BaseModel):
    """One named place of a form.

    Attributes:
        question: What is asked of the documents; ``{about}`` is what the draft is about. Empty
            for a field that only a person can fill.
        everywhere: Whether it is asked of all documents, such as rules that hold for everything,
            and not only of those that speak of what the draft is about.
        type: What the answer must hold to count.
    """

    model_config = ConfigDict(extra="forbid", frozen=True)

    name: Annotated[str, Field(pattern=r"^[a-z][a-z0-9_]*$", max_length=60)]
    label: Annotated[str, Field(min_length=1, max_length=200)]
    question: Annotated[str, Field(max_length=500)] = ""
    everywhere: bool = False
    type: FieldType = "text"
    example: Annotated[str, Field(max_length=500)] = ""


class _Written(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)

    title: Annotated[str, Field(min_length=1, max_length=200)]
    language: Literal["ja", "en"] = "ja"
    description: Annotated[str, Field(max_length=1000)] = ""
    template: Annotated[str, Field(pattern=r"^([^/\\\\]+\.(md|docx))?$")] = ""
    body: str = ""
    fields: Annotated[list[FieldDescription], Field(min_length=1, max_length=60)]


@dataclass(frozen=True, slots=True)
class Form:
    """A form as it is used.

    Attributes:
        id: The file's name without its ending.
        body: Markdown with a ``{{name}}`` wherever a field's value belongs.
        word: The Word document that the fields belong into, if the form is one.
    """

    id: str
    title: str
    language: Literal["ja", "en"]
    description: str
    body: str
    fields: tuple[FieldDescription, ...]
    word: Path | None = None


class FormShelf:
    """The forms of a folder, read anew each time: who adds a file need not restart anything."""

    def __init__(self, folder: Path, fallback: Path | None = None) -> None:
        """Takes the company's folder, and where forms come from while it does not exist."""
        self._folder = folder
        self._fallback = fallback

    @property
    def folder(self) -> Path:
        """Where forms are read from now."""
        if not self._folder.is_dir() and self._fallback is not None:
            return self._fallback
        return self._folder

    def list(self) -> tuple[tuple[Form, ...], tuple[FormWrong, ...]]:
        """Returns the forms by title, and what is wrong with those that cannot be used."""
        good: list[Form] = []
        bad: list[FormWrong] = []
        for path in sorted(self.folder.glob("*.toml")) if self.folder.is_dir() else ():
            try:
                good.append(read_form(path))
            except FormWrong as error:
                bad.append(error)
        return tuple(sorted(good, key=lambda form: form.title)), tuple(bad)

    def get(self, form_id: str) -> Form:
        """Returns a form.

        Raises:
            FormUnknown: There is no file of this name.
            FormWrong: Its file cannot be used.
        """
        for path in self.folder.glob("*.toml") if self.folder.is_dir() else ():
            if path.stem == form_id:
                return read_form(path)
        known = ", ".join(form.id for form in self.list()[0]) or "–"
        raise FormUnknown(value=form_id, known=known)


def read_form(path: Path) -> Form:
    """Reads a form.

    Raises:
        FormWrong: It is no TOML, lacks something, or text and fields do not go together.
    """
    try:
        written = _Written.model_validate(tomllib.loads(path.read_text(encoding="utf-8")))
        word = path.parent / written.template if written.template.endswith(_WORD) else None
        body = _list_fields(written) if word else _read_body(path, written)
        places = _find_places(word, written) if word else frozenset(PLACE.findall(body))
    except (OSError, UnicodeDecodeError, tomllib.TOMLDecodeError, *FAULTS) as error:
        raise FormWrong(path=path.name, reason=str(error)) from error
    except ValidationError as error:
        first = error.errors()[0]
        where = ".".join(map(str, first["loc"]))
        raise FormWrong(path=path.name, reason=f"{where}: {first['msg']}") from error
    _check_places(path, places, written.fields)
    return Form(
        path.stem,
        written.title,
        written.language,
        written.description,
        body,
        tuple(written.fields),
        word,
    )


def _read_body(path: Path, written: _Written) -> str:
    """Returns the text: written beside the fields, or in a Markdown file beside the form."""
    if not written.template:
        return written.body or _list_fields(written)
    return (path.parent / written.template).read_text(encoding="utf-8")


def _find_places(word: Path, written: _Written) -> frozenset[str]:
    """Returns the named places; content controls that no field names are the company's own."""
    places, tags = find_places(word)
    return places | (tags & {field.name for field in written.fields})


def _list_fields(written: _Written) -> str:
    lines = [f"## {field.label}\n\n{{{{{field.name}}}}}\n" for field in written.fields]
    return f"# {written.title}\n\n" + "\n".join(lines)


def _check_places(path: Path, places: Set[str], fields: list[FieldDescription]) -> None:
    names = [field.name for field in fields]
    if len(set(names)) < len(names):
        raise FormWrong(path=path.name, reason="fields: a name is used twice")
    if apart := places ^ set(names):
        reason = f"body and fields do not go together: {', '.join(sorted(apart))}"
        raise FormWrong(path=path.name, reason=reason)
