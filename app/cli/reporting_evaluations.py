"""Prints a measurement: a table of measures, the gates, what changed, and where the report is."""

from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path
from typing import Any

from rich.cells import cell_len

from app.cli.speaking import LANGUAGE, say, tell

Report = Mapping[str, Any]

_MOST_NAMED = 8
_COLUMNS = ("overall", "ja", "en")


def show_report(report: Report, home: Path) -> None:
    """Prints the report in short."""
    from app.evaluating.keeping import FOLDER
    from app.evaluating.measures import MEASURES

    chosen = [each for each in report["groups"] if each["value"] in _COLUMNS]
    heads = ["", *(_name(group) for group in chosen)]
    rows = []
    for measure in MEASURES:
        cells = [_show(group["measures"].get(measure.name)) for group in chosen]
        if any(cells):
            rows.append([measure.title.text(LANGUAGE), *cells])
    rows += [_show_latency(name, chosen) for name in ("p50", "p95")]
    for line in _align([heads, *rows]):
        tell(line)
    _tell_gates(report["gates"])
    _tell_comparison(report["comparison"])
    _tell_skipped(report["skipped"])
    folder = home / FOLDER / report["run"]
    tell(say(f"Report: {folder / 'report.html'}", f"レポート: {folder / 'report.html'}"))


def _name(group: Report) -> str:
    if group["value"] == "overall":
        return say(f"all ({group['questions']})", f"全体（{group['questions']} 問）")
    return f"{group['value']} ({group['questions']})"


def _show(found: Report | None) -> str:
    if found is None:
        return ""
    count = f"{round(found['part'], 1):g}/{found['whole']:g}"
    return f"{found['value']:.3f} ({found['low']:.2f}-{found['high']:.2f}) {count}"


def _show_latency(name: str, groups: Sequence[Report]) -> list[str]:
    title = say(f"latency {name}", f"応答時間 {name}")
    return [title, *(f"{group['latency_ms'][name]['value']:.0f} ms" for group in groups)]


def _align(rows: Sequence[Sequence[str]]) -> Iterable[str]:
    """Gives lines whose columns stand below each other, full-width characters counted as two."""
    widths = [max(map(cell_len, column)) for column in zip(*rows, strict=True)]
    for row in rows:
        padded = (cell + " " * (w - cell_len(cell)) for cell, w in zip(row, widths, strict=True))
        yield "  ".join(padded).rstrip()


def _tell_gates(gates: Sequence[Report]) -> None:
    for gate in gates:
        if gate["passed"] and gate["measure"] == "leaks":
            continue
        mark, sign = ("✓" if gate["passed"] else "✗"), ("≤" if gate["at_most"] else "≥")
        group = "" if gate["group"] == "overall" else f"@{gate['group']}"
        value = "–" if gate["value"] is None else f"{gate['value']:g}"
        tell(f"{mark} {gate['measure']}{group} {value} {sign} {gate['limit']:g}")


def _tell_comparison(comparison: Report | None) -> None:
    if comparison is None:
        return
    tell(
        say(
            f"Compared with {comparison['against']} ({comparison['questions']} questions):",
            f"{comparison['against']} との比較（{comparison['questions']} 問）:",
        )
    )
    changed = False
    for name, found in comparison["measures"].items():
        for title, ids in ((say("better", "改善"), "better"), (say("worse", "悪化"), "worse")):
            if found[ids]:
                changed = True
                named = ", ".join(found[ids][:_MOST_NAMED])
                more = "…" if len(found[ids]) > _MOST_NAMED else ""
                tell(
                    f"  {name} {found['difference']:+.3f} ({found['low']:+.3f} – "
                    f"{found['high']:+.3f}), {title} {len(found[ids])}: {named}{more}"
                )
    if not changed:
        tell(say("  no question went better or worse", "  変わった質問はありません"))


def _tell_skipped(skipped: Sequence[Report]) -> None:
    if skipped:
        named = ", ".join(each["id"] for each in skipped[:_MOST_NAMED])
        more = "…" if len(skipped) > _MOST_NAMED else ""
        tell(
            say(
                f"Set aside, for none of their documents is here ({len(skipped)}): {named}{more}",
                f"正解の文書がないため外した質問（{len(skipped)} 件）: {named}{more}",
            )
        )
