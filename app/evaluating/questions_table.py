"""The table of all questions, with what filters it."""

from collections.abc import Iterable, Mapping, Sequence
from html import escape
from typing import Any

Question = Mapping[str, Any]

_MARKS = {True: '<span class="good">✓</span>', False: '<span class="bad">✗</span>', None: "–"}
_HEADS = (
    "ID",
    "質問と回答 / question and answer",
    "種類 / kind",
    "判断 / decision",
    "順位 / rank",
    "引用 / citations",
    "根拠 / evidence",
    "事実 / facts",
    "ms",
)


def draw_questions(questions: Sequence[Question]) -> str:
    """Returns the filter and the table below it."""
    heads = "".join(f"<th>{escape(head)}</th>" for head in _HEADS)
    rows = "".join(_draw_row(question) for question in questions)
    return (
        "<section><h2>質問ごと / Questions</h2>"
        '<form id="filter" role="search">'
        '<input type="search" name="text" placeholder="語で絞り込み / words" '
        'aria-label="語で絞り込み / words">'
        + "".join(
            _draw_choice(name, label, sorted({each[name] for each in questions} - {""}))
            for name, label in (
                ("language", "言語 / language"),
                ("kind", "種類 / kind"),
                ("department", "部門 / department"),
            )
        )
        + '<label><input type="checkbox" name="wrong"> 誤りのみ / only what went wrong</label>'
        '<output id="shown"></output></form>'
        f'<table id="questions"><thead><tr>{heads}</tr></thead><tbody>{rows}</tbody></table>'
        "</section>"
    )


def is_wrong(question: Question) -> bool:
    """Returns whether anything that applies to a question went wrong."""
    answered = question["answer_kind"] != "refusal"
    decided = answered == (question["expect"] == "answer")
    wrong_source = question["right_citations"] < len(question["cited"])
    cited = answered and wrong_source and bool(question["wanted"])
    judged = (question["evidence"], question["fact"], question["permission"])
    return not decided or cited or False in judged or question["rank"] == 0 or question["leaks"]


def _draw_choice(name: str, label: str, values: Iterable[str]) -> str:
    options = "".join(f"<option>{escape(value)}</option>" for value in values)
    return (
        f'<label>{escape(label)} <select name="{name}"><option></option>{options}</select></label>'
    )


def _draw_row(question: Question) -> str:
    decided = (question["answer_kind"] != "refusal") == (question["expect"] == "answer")
    rank = question["rank"]
    citations = (
        f"{question['right_citations']}/{len(question['cited'])}" if question["cited"] else "–"
    )
    cells = (
        escape(question["id"]),
        _draw_question(question),
        f"{escape(question['kind'])}<br>{escape(question['language'])} "
        f"{escape(question['department'])}",
        f"{_MARKS[decided]} {escape(question['answer_kind'])}",
        {None: "–", 0: _MARKS[False]}.get(rank, str(rank)),
        citations,
        _MARKS[question["evidence"]],
        _MARKS[question["fact"]],
        str(question["milliseconds"]),
    )
    data = "".join(
        f' data-{name}="{escape(str(value), quote=True)}"'
        for name, value in (
            ("language", question["language"]),
            ("kind", question["kind"]),
            ("department", question["department"]),
            ("wrong", int(bool(is_wrong(question)))),
        )
    )
    return f"<tr{data}>{''.join(f'<td>{cell}</td>' for cell in cells)}</tr>"


def _draw_question(question: Question) -> str:
    lines = (
        ("回答 / said", [question["said"]]),
        ("正解 / right", question["wanted"]),
        ("引用 / cited", question["cited"]),
        ("検索 / found", question["found"]),
        ("閲覧不可 / leaked", question["leaks"]),
    )
    body = "".join(
        f"<br><b>{escape(label)}</b> {escape(' · '.join(dict.fromkeys(values)))}"
        for label, values in lines
        if any(values)
    )
    return (
        f"<details><summary>{escape(question['question'])}</summary>"
        f'<span class="soft">{body}</span></details>'
    )
