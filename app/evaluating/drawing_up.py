"""Draws a report up as one page that loads nothing, in both languages at once."""

from collections.abc import Iterable, Mapping, Sequence
from html import escape
from typing import Any

from app.evaluating.dressing import FILTER, STYLE
from app.evaluating.measures import BY_NAME, MEASURES
from app.evaluating.plotting import Dot, plot_curve, plot_dots, span_differences
from app.evaluating.questions_table import draw_questions
from app.evaluating.summarising import OVERALL

_POLICY = "default-src 'none'; style-src 'unsafe-inline'; script-src 'unsafe-inline'"
_GROUPED = ("recall", "coverage", "citation_precision", "fact", "decision", "refusal_f1")
_DIMENSIONS = {
    "language": "言語 / language",
    "kind": "種類 / kind",
    "department": "部門 / department",
    "languages": "文書と同じ言語か / same language",
    "set": "質問集 / set",
}

Report = Mapping[str, Any]


def draw_up(report: Report) -> str:
    """Returns the page of a report."""
    parts = [
        _draw_head(report),
        _draw_gates(report["gates"]),
        _draw_overall(report["groups"][0]),
        _draw_latency(report),
        _draw_comparison(report["comparison"]),
        _draw_groups(report["groups"]),
        draw_questions(report["questions"]),
        _draw_rest(report),
    ]
    return (
        '<!doctype html><html lang="ja"><head><meta charset="utf-8">'
        f'<meta http-equiv="Content-Security-Policy" content="{_POLICY}">'
        '<meta name="viewport" content="width=device-width, initial-scale=1">'
        f"<title>Kura {escape(report['run'])}</title><style>{STYLE}</style></head><body>"
        f"{''.join(parts)}<script>{FILTER}</script></body></html>\n"
    )


def _draw_head(report: Report) -> str:
    sets = ", ".join(f"{each['name']} ({each['questions']})" for each in report["sets"])
    answers = ", ".join(f"{kind} {count}" for kind, count in sorted(report["answers"].items()))
    model = report["model"] or "なし（引用） / none (quotations)"
    return (
        "<h1>評価レポート / Evaluation</h1>"
        f"<p>{escape(report['run'])} · 質問 / questions: {report['questions_asked']} · "
        f"モデル / model: {escape(model)}</p>"
        f'<p class="soft">質問集 / sets: {escape(sets)}<br>'
        f"文書・検索モデル・質問者 / documents, search model, asker: {escape(report['state'])}<br>"
        f"回答の種類 / kinds of answers: {escape(answers)}<br>"
        "区間は 95 %（Wilson、または質問単位のブートストラップ）。"
        "Intervals are 95 % (Wilson, or bootstrap over questions).<br>"
        "回答の文と質問を含みます。取り扱いにご注意ください。"
        "This page quotes questions and documents: treat it as they are treated.</p>"
    )


def _draw_gates(gates: Sequence[Report]) -> str:
    rows = []
    for gate in gates:
        value = "–" if gate["value"] is None else f"{gate['value']:g}"
        mark = '<span class="good">✓</span>' if gate["passed"] else '<span class="bad">✗</span>'
        sign = "≤" if gate["at_most"] else "≥"
        name = gate["measure"] + ("" if gate["group"] == OVERALL else f" @ {gate['group']}")
        rows.append((mark, escape(name), f"{sign} {gate['limit']:g}", value))
    return _section("基準 / Gates", _table(("", "", "基準 / bar", "測定値 / measured"), rows))


def _draw_overall(group: Report) -> str:
    dots = [
        Dot(f"{measure.title.ja} / {measure.title.en}", **_interval(found), detail=_count(found))
        for measure in MEASURES
        if (found := group["measures"].get(measure.name))
    ]
    rows = [
        (
            escape(f"{measure.title.ja} / {measure.title.en}"),
            escape(f"{measure.meaning.ja} / {measure.meaning.en}"),
            f"{found['value']:.3f}",
            f"{found['low']:.3f}–{found['high']:.3f}",
            _count(found),
        )
        for measure in MEASURES
        if (found := group["measures"].get(measure.name))
    ]
    heads = ("指標 / measure", "意味 / what it counts", "値 / value", "95 %", "n")
    return _section("全体 / Overall", plot_dots("全体 / overall", dots) + _table(heads, rows))


def _interval(found: Report) -> dict[str, Any]:
    return {name: found[name] for name in ("value", "low", "high")}


def _count(found: Report) -> str:
    return f"{round(found['part'], 1):g}/{found['whole']:g}"


def _draw_latency(report: Report) -> str:
    times = [question["milliseconds"] for question in report["questions"]]
    latency = report["groups"][0]["latency_ms"]
    marks = [(name, found["value"]) for name, found in latency.items()]
    curve = plot_curve("応答時間の分布 / latency, cumulative", times, marks)
    rows = [
        (
            escape(_name_group(group)),
            *(
                f"{found['value']:.0f} ({found['low']:.0f}–{found['high']:.0f})"
                for found in group["latency_ms"].values()
            ),
            str(group["questions"]),
        )
        for group in report["groups"]
    ]
    heads = ("", "p50 ms (95 %)", "p95 ms (95 %)", "n")
    return _section("応答時間 / Latency", curve + _table(heads, rows))


def _draw_comparison(comparison: Report | None) -> str:
    if comparison is None:
        return ""
    dots, rows = [], []
    for name, found in comparison["measures"].items():
        title = BY_NAME[name].title
        values: dict[str, Any] = {
            "value": found["difference"],
            "low": found["low"],
            "high": found["high"],
        }
        count = f"{len(found['better'])}↑ {len(found['worse'])}↓"
        dots.append(Dot(f"{title.ja} / {title.en}", **values, detail=count))
        rows.append(
            (
                escape(f"{title.ja} / {title.en}"),
                f"{found['before']:.3f} → {found['after']:.3f}",
                f'<span class="good">{escape(", ".join(found["better"])) or "–"}</span>',
                f'<span class="bad">{escape(", ".join(found["worse"])) or "–"}</span>',
            )
        )
    heads = ("", "前 → 今 / before → after", "良くなった質問 / better", "悪くなった質問 / worse")
    about = (
        f"<p>{escape(comparison['against'])} · {comparison['questions']} 問を比較 / "
        "questions compared</p>"
    )
    plot = plot_dots("前回との差 / difference", dots, span_differences(dots))
    return _section("前回との比較 / Compared with the last run", about + plot + _table(heads, rows))


def _draw_groups(groups: Sequence[Report]) -> str:
    parts = []
    for name in _GROUPED:
        dots: list[Dot] = []
        for dimension, title in _DIMENSIONS.items():
            chosen = [each for each in groups if each["dimension"] == dimension]
            measured = [each for each in chosen if name in each["measures"]]
            if len(measured) > 1 or (measured and dimension != "set"):
                dots.append(Dot(title, heading=True))
            for group in measured if len(measured) > 1 or dimension != "set" else ():
                found = group["measures"][name]
                dots.append(Dot(group["value"], **_interval(found), detail=_count(found)))
        if dots:
            measure = BY_NAME[name].title
            title = f"{measure.ja} / {measure.en}"
            parts.append(f"<h3>{escape(title)}</h3>{plot_dots(title, dots)}")
    return _section("グループ別 / By group", "".join(parts))


def _draw_rest(report: Report) -> str:
    notices = [(escape(code), str(count)) for code, count in report["notices"].items()]
    verdicts = [(escape(name), str(count)) for name, count in report["verdicts"].items()]
    skipped = [
        (escape(each["id"]), escape(", ".join(each["documents"]))) for each in report["skipped"]
    ]
    parts = [
        ("文の判定 / Verdicts of sentences", verdicts),
        ("お知らせ / Notices", notices),
        ("文書がないため外した質問 / Set aside: documents not here", skipped),
    ]
    return "".join(_section(title, _table(("", ""), rows)) for title, rows in parts if rows)


def _name_group(group: Report) -> str:
    if group["dimension"] == OVERALL:
        return "全体 / overall"
    return f"{_DIMENSIONS[group['dimension']].split(' / ')[0]}: {group['value']}"


def _section(title: str, body: str) -> str:
    return f"<section><h2>{escape(title)}</h2>{body}</section>"


def _table(heads: Iterable[str], rows: Iterable[Sequence[str]]) -> str:
    """Returns a table of cells that are markup already."""
    head = "".join(f"<th>{escape(each)}</th>" for each in heads)
    body = "".join(f"<tr>{''.join(f'<td>{cell}</td>' for cell in row)}</tr>" for row in rows)
    return f"<table><thead><tr>{head}</tr></thead><tbody>{body}</tbody></table>"
