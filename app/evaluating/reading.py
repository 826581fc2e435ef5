"""Reads a set of golden questions: JSON lines, or a table as spreadsheets write it.

A field that is missing has its default, a field that is not known is refused: a misspelt one would
silently measure nothing.
"""

import csv
import io
import json
from collections.abc import Iterator, Mapping
from hashlib import sha256
from pathlib import Path
from typing import Any

from app.answering.language import detect
from app.answering.model import Turn
from app.evaluating.errors import SetMissing, SetUnreadable, SetWrong
from app.evaluating.matching import fold
from app.evaluating.model import Golden, QuestionSet
from retrieval.model import EVERYONE

LISTS = ("as", "documents", "forbidden")
FIELDS = (
    "id",
    "question",
    "lang",
    "kind",
    "expect",
    *LISTS,
    "history",
    "evidence",
    "facts",
    "cross",
    "note",
    "shares_key_noun",
)
SEPARATOR = "|"  # between values of one cell
GROUP_SEPARATOR = ";"  # between groups of facts in one cell
_ENCODINGS = ("utf-8-sig", "cp932")  # what spreadsheets save in Japan, after what all should
_YES = {"true": True, "false": False, "1": True, "0": False, "yes": True, "no": False, "": False}
_PREFIXES = ("user:", "group:")

Row = Mapping[str, Any]


def read_set(file: Path) -> QuestionSet:
    """Returns the questions of a file, by its suffix ``.csv`` or else JSON lines.

    Raises:
        SetMissing: It is not there.
        SetUnreadable: It is no text, no table, or empty.
        SetWrong: A line of it cannot be used; file, line, field and value are named.
    """
    try:
        content = file.read_bytes()
    except FileNotFoundError:
        raise SetMissing(value=str(file)) from None
    except OSError as error:
        reason = error.strerror or str(error)
        raise SetUnreadable(file=file, reason_ja=reason, reason_en=reason) from error
    text = _decode(file, content)
    rows = _read_table(file, text) if file.suffix.lower() == ".csv" else _read_lines(file, text)
    questions: dict[str, Golden] = {}
    for line, row in rows:
        golden = _Line(file, line, row).read()
        if golden.id in questions:
            raise _wrong(file, line, "id", golden.id, ("重複しない ID", "an id not used before"))
        questions[golden.id] = golden
    if not questions:
        ja, en = "質問が 1 件もありません", "it holds no question"
        raise SetUnreadable(file=file, reason_ja=ja, reason_en=en)
    return QuestionSet(file.stem, tuple(questions.values()), sha256(content).hexdigest())


def _decode(file: Path, content: bytes) -> str:
    for encoding in _ENCODINGS:
        try:
            return content.decode(encoding)
        except UnicodeDecodeError:
            continue
    ja, en = "UTF-8 で保存してください", "save it as UTF-8"
    raise SetUnreadable(file=file, reason_ja=ja, reason_en=en)


def _split_lines(text: str) -> list[str]:
    """Returns the lines of a file; U+2028 and the like stand inside questions and end none."""
    return io.StringIO(text, newline=None).read().split("\n")


def _read_lines(file: Path, text: str) -> Iterator[tuple[int, Row]]:
    for number, line in enumerate(_split_lines(text), 1):
        if not line.strip() or line.lstrip().startswith(("#", "//")):
            continue
        try:
            row = json.loads(line)
        except ValueError as error:
            allowed = (f"JSON の 1 行（{error}）", f"one JSON object a line ({error})")
            raise _wrong(file, number, "", line[:60], allowed) from None
        if not isinstance(row, dict):
            raise _wrong(file, number, "", line[:60], ("JSON オブジェクト", "a JSON object"))
        yield number, row


def _read_table(file: Path, text: str) -> Iterator[tuple[int, Row]]:
    kept = "\n".join("" if line.startswith("#") else line for line in _split_lines(text))
    reader = csv.DictReader(io.StringIO(kept.lstrip("\n")), restkey="", strict=True)
    ahead = len(kept) - len(kept.lstrip("\n"))  # comment lines before the header
    line = ahead + 1
    try:
        for row in reader:
            line = reader.line_num + ahead
            if "" in row:
                allowed = ("見出しと同じ数の列", "as many cells as the header has")
                raise _wrong(file, line, "", str(row[""]), allowed)
            yield line, {name: _split_cell(name, cell or "") for name, cell in row.items()}
    except csv.Error as error:  # a cell whose quotation mark is never closed would take all rows
        allowed = ("引用符の閉じた列", "cells whose quotation marks are closed")
        raise _wrong(file, line + 1, "", str(error), allowed) from None


def _split_cell(name: str, cell: str) -> object:
    if name in LISTS:
        return [part.strip() for part in cell.split(SEPARATOR) if part.strip()]
    if name == "facts":
        groups = (group.split(SEPARATOR) for group in cell.split(GROUP_SEPARATOR) if group.strip())
        return [[one.strip() for one in group if one.strip()] for group in groups]
    if name in {"cross", "shares_key_noun"}:
        return _YES.get(cell.strip().lower(), cell)
    return cell.strip() or None


def _wrong(file: Path, line: int, field: str, value: object, allowed: tuple[str, str]) -> SetWrong:
    ja, en = allowed
    return SetWrong(file=file, line=line, field=field, value=value, allowed_ja=ja, allowed_en=en)


class _Line:
    """One line of a set, whose values are taken one by one."""

    def __init__(self, file: Path, number: int, row: Row) -> None:
        self._file, self._number, self._row = file, number, row

    def read(self) -> Golden:
        for name in self._row:
            if name not in FIELDS:
                known = ", ".join(FIELDS)
                raise self._wrong("field", name, (f"次のいずれか: {known}", f"one of {known}"))
        question = self._text("question")
        if not any(character.isalnum() for character in question):
            raise self._wrong("question", question, ("質問文", "a question"))
        documents, facts = self._list("documents"), self._facts()
        default = "answer" if documents or facts else "refuse"
        expect = self._choice("expect", ("answer", "refuse"), default)
        if expect == "answer" and not documents and not facts:
            allowed = ("正解の文書か facts", "a right document, or facts")
            raise self._wrong("documents", [], allowed)
        kind = self._text("kind") or ("answerable" if expect == "answer" else "unanswerable")
        language = self._choice("lang", ("ja", "en"), detect(question))
        principals = self._principals()
        note = self._text("note")
        return Golden(
            id=self._text("id") or _name(question, principals),
            question=question,
            language="ja" if language == "ja" else "en",
            kind=kind,
            expect="answer" if expect == "answer" else "refuse",
            principals=principals,
            history=self._history(),
            documents=documents,
            forbidden=self._list("forbidden"),
            evidence="" if "table" in note else self._text("evidence"),
            facts=facts,
            cross=bool(self._row.get("cross")),
            origin=f"{self._file.name}:{self._number}",
            set_name=self._file.stem,
        )

    def _wrong(self, field: str, value: object, allowed: tuple[str, str]) -> SetWrong:
        return _wrong(self._file, self._number, field, value, allowed)

    def _text(self, name: str) -> str:
        value = self._row.get(name)
        if value is not None and not isinstance(value, str):
            raise self._wrong(name, value, ("文字列", "text"))
        return (value or "").strip()

    def _choice(self, name: str, allowed: tuple[str, ...], default: str) -> str:
        value = self._text(name) or default
        if value not in allowed:
            raise self._wrong(name, value, (" / ".join(allowed), " or ".join(allowed)))
        return value

    def _list(self, name: str) -> tuple[str, ...]:
        value = self._row.get(name) or []
        if not isinstance(value, list) or not all(isinstance(one, str) for one in value):
            raise self._wrong(name, value, ("文字列のリスト", "a list of texts"))
        return tuple(one for one in value if one)

    def _principals(self) -> frozenset[str] | None:
        names = self._list("as")
        for name in names:
            real = name == EVERYONE or (name.startswith(_PREFIXES) and not name.endswith(":"))
            if not real:
                allowed = "everyone, user:NAME, group:NAME"
                raise self._wrong("as", name, (allowed, allowed))
        return frozenset({EVERYONE, *names}) if names else None

    def _facts(self) -> tuple[tuple[str, ...], ...]:
        value = self._row.get("facts") or []
        whole = isinstance(value, list) and all(
            isinstance(group, list) and group and all(isinstance(one, str) and one for one in group)
            for group in value
        )
        if not whole:
            allowed = ("文字列のリストのリスト", "a list of lists of texts")
            raise self._wrong("facts", value, allowed)
        return tuple(tuple(group) for group in value)

    def _history(self) -> tuple[Turn, ...]:
        value = self._row.get("history") or []
        try:
            return tuple(Turn(turn["question"], turn["answer"]) for turn in value)
        except (KeyError, TypeError):
            allowed = '[{"question": "...", "answer": "..."}]'
            raise self._wrong("history", value, (allowed, allowed)) from None


def _name(question: str, principals: frozenset[str] | None) -> str:
    """Names a question by what it asks and who asks it, so that added lines change no id."""
    asked = "\n".join([fold(question), *sorted(principals or ())])
    return f"q-{sha256(asked.encode()).hexdigest()[:10]}"
