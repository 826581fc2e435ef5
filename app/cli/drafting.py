"""`kura draft`: a company form filled in from the documents."""

from collections.abc import Sequence
from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from app.cli.asking import AsOption, choose_principals
from app.cli.speaking import LANGUAGE, Json, emit, say, tell, warn
from app.cli.tasking import follow, open_desk, warn_of
from retrieval.errors import Invalid, KuraError

if TYPE_CHECKING:
    from app.tasking.desk import Desk
    from app.tasking.forms import Form
    from app.tasking.model import Draft

WORD = ".docx"
FormArgument = Annotated[
    str | None,
    typer.Argument(
        metavar="FORM",
        help=say(
            "The form; without it all are listed. With .docx behind it, a Word form is written into"
            " the current folder.",
            "書式。省くと一覧します。.docx を付けると、Word の書式を今のフォルダーに書き出します。",
        ),
    ),
]
AboutOption = Annotated[str, typer.Option(help=say("What it is about.", "何についての下書きか。"))]
DocumentOption = Annotated[
    list[str] | None,
    typer.Option("--document", help=say("Keep to this document.", "この文書だけを根拠にします。")),
]
ValueOption = Annotated[
    list[str] | None,
    typer.Option(
        "--value", metavar="FIELD=TEXT", help=say("A value of your own.", "自分で入れる値。")
    ),
]


class OutUnwritable(KuraError):
    """A form cannot be written, because its file is there already for instance."""

    code = "out-unwritable"
    ja = "{path} を書き出せません: {reason}。別のフォルダーで実行してください。"
    en = "{path} cannot be written: {reason}. Run this in another folder."


class ValueUnreadable(Invalid):
    """A value was not given as FIELD=TEXT."""

    code = "value-unreadable"
    ja = "--value「{value}」を読めません。「項目名=値」の形で指定してください。"
    en = "--value {value!r} cannot be read. Write it as FIELD=TEXT."


def draft(
    form: FormArgument = None,
    *,
    about: AboutOption = "",
    document: DocumentOption = None,
    value: ValueOption = None,
    as_: AsOption = None,
    as_json: Json = False,
) -> None:
    """Prints a form filled in from the documents, or writes its file; or lists the forms."""
    from app.tasking.model import Draft, DraftOrder

    principals, values = choose_principals(as_), _read_values(value or [])
    with open_desk() as desk:
        if form is None:
            _show_forms(desk, as_json=as_json)
            return
        chosen = frozenset(desk.finder.find(named, principals).id for named in document or [])
        name = form.removesuffix(WORD)
        if name != form:
            _check_place(desk.shelf.get(name))
        order = DraftOrder(name, principals, LANGUAGE, about, chosen, values)
        result = follow(desk.draft(order), Draft)
        written = _write_word(desk.shelf.get(name), result) if name != form else None
    if as_json:
        emit({**asdict(result), "file": str(written) if written else None})
    else:
        tell(str(written) if written else result.markdown)
        warn_of(result.notices)


def _check_place(form: "Form") -> None:
    """Says before any work, which may take a while, that its result cannot be written."""
    from app.tasking.errors import FormHasNoFile

    if form.word is None:
        raise FormHasNoFile(value=form.id)
    if (file := Path(f"{form.id}{WORD}")).exists():
        reason = say("it is there already", "同じ名前のファイルがあります")
        raise OutUnwritable(path=file, reason=reason)


def _write_word(form: "Form", draft: "Draft") -> Path:
    """Writes the draft as a file into the current folder, over no other, and returns which."""
    from app.tasking.rendering import write_word

    content, file = write_word(form, draft), Path(f"{form.id}{WORD}")
    try:
        with file.open("xb") as stream:
            stream.write(content)
    except OSError as error:
        raise OutUnwritable(path=file, reason=error.strerror or error) from error
    return file


def _read_values(given: Sequence[str]) -> dict[str, str]:
    values: dict[str, str] = {}
    for each in given:
        name, sign, text = each.partition("=")
        if not sign:
            raise ValueUnreadable(value=each)
        values[name.strip()] = text
    return values


def _show_forms(desk: "Desk", *, as_json: bool) -> None:
    good, bad = desk.shelf.list()
    if as_json:
        emit(
            [
                asdict(form) | {"fields": [each.model_dump() for each in form.fields]}
                for form in good
            ]
        )
        return
    tell(say(f"Forms in {desk.shelf.folder}:", f"{desk.shelf.folder} の書式:"))
    for form in good:
        word = "  [DOCX]" if form.word else ""
        tell(f"- {form.id}: {form.title}  {form.description}{word}")
        for each in form.fields:
            asked = each.question or say("(entered by hand)", "（手入力）")
            tell(f"    {each.name}  {each.label}: {asked}")
    for error in bad:
        warn(error.message(LANGUAGE))
