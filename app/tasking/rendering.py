"""A form with its fields filled in, as Markdown or in the company's own Word document."""

import re
from collections.abc import Callable, Sequence

from app.answering.model import Bilingual, Citation
from app.tasking.errors import FormHasNoFile, FormWrong
from app.tasking.filling import FAULTS, PLACE, fill
from app.tasking.forms import Form
from app.tasking.model import Draft, FieldVerdict, FilledField
from retrieval.errors import Language

NO_EVIDENCE = Bilingual(ja="根拠となる記載がありません", en="no evidence")
ENTERED = Bilingual(ja="手入力", en="entered by hand")
_SOURCES = Bilingual(ja="出典", en="Sources")
_MARKUP = re.compile(r"([\\`*_\[\]<>|#~&])")
_LINE_MARKUP = re.compile(r"^(\d{0,9})([-+=.)])(?=\s|$|[-=]+$)")


def write_word(form: Form, draft: Draft) -> bytes:
    """Returns the form's Word document with the draft's fields in it and its sources at the end.

    Raises:
        FormHasNoFile: The form has none.
        FormWrong: It cannot be read any more.
    """
    if form.word is None:
        raise FormHasNoFile(value=form.id)
    values = {each.name: _show(each, draft.language, _join_lines) for each in draft.fields}
    lines = [
        f"{each.number}. {' / '.join(_name_place(each))}: {_join_lines(each.quote)}"
        for each in draft.citations
    ]
    sources = [_SOURCES.text(draft.language), *lines] if lines else []
    try:
        return fill(form.word, values, sources)
    except (OSError, *FAULTS) as error:
        raise FormWrong(path=form.word.name, reason=str(error)) from error


def write_markdown(form: Form, fields: Sequence[FilledField], citations: Sequence[Citation]) -> str:
    """Returns the form with its fields filled in and, below, what the numbers mean.

    Nothing of a value or a quotation becomes markup.
    """
    language = form.language
    shown = {each.name: _show(each, language, _plain) for each in fields}
    body = PLACE.sub(lambda match: shown[match[1]], form.body).rstrip()
    if not citations:
        return f"{body}\n"
    lines = [
        f"{each.number}. **{' / '.join(map(_plain, _name_place(each)))}**: {_plain(each.quote)}"
        for each in citations
    ]
    return f"{body}\n\n## {_SOURCES.text(language)}\n\n" + "\n".join(lines) + "\n"


def _show(filled: FilledField, language: Language, clean: Callable[[str], str]) -> str:
    value = clean(filled.value)
    if filled.verdict is FieldVerdict.NO_EVIDENCE:
        text = NO_EVIDENCE.text(language)
        return f"（{text}）" if language == "ja" else f"({text})"
    if filled.verdict is FieldVerdict.ENTERED:
        text = ENTERED.text(language)
        return f"{value}（{text}）" if language == "ja" else f"{value} ({text})"
    marks = "".join(f"[{number}]" for number in filled.citations)
    return f"{value} {marks}"


def _name_place(citation: Citation) -> list[str]:
    place = citation.sheet or (f"p. {citation.page}" if citation.page else "")
    heading = citation.heading[-1] if citation.heading else ""
    return list(dict.fromkeys(part for part in (citation.title, place, heading) if part))


def _join_lines(text: str) -> str:
    return " ".join(text.split())


def _plain(text: str) -> str:
    """Returns text on one line in which Markdown means nothing."""
    return _LINE_MARKUP.sub(r"\1\\\2", _MARKUP.sub(r"\\\1", _join_lines(text)))
