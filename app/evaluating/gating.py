"""Bars that a measurement must clear, e.g. in a nightly run."""

import tomllib
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

from app.evaluating.errors import GateWrong
from app.evaluating.measures import BY_NAME
from app.evaluating.summarising import OVERALL, PERCENTILES, Summary

LATENCIES = {f"latency_{name}": name for name in PERCENTILES}
NAMES = (*BY_NAME, *LATENCIES)
LEAKS = "leaks"


@dataclass(frozen=True, slots=True)
class Bar:
    """One bar.

    Attributes:
        group: Value of a dimension, such as ``ja`` or a department; "overall" for all questions.
        at_most: Whether the measure must stay below it, not above.
    """

    measure: str
    limit: float
    group: str = OVERALL
    at_most: bool = False


@dataclass(frozen=True, slots=True)
class Judgement:
    """A bar, and what was measured: ``None`` where there was nothing to measure."""

    measure: str
    group: str
    limit: float
    at_most: bool
    value: float | None
    passed: bool

    def to_json(self) -> dict[str, Any]:
        """Returns it as plain values."""
        return asdict(self)


def read_bars(texts: Iterable[str], *, at_most: bool = False) -> list[Bar]:
    """Returns the bars written as ``recall=0.85`` or ``coverage@ja=0.8``.

    Raises:
        GateWrong: One names no measure or no number.
    """
    return [_read_bar(text, at_most=at_most) for text in texts]


def read_file(file: Path) -> list[Bar]:
    """Returns the bars of a TOML file with the tables ``at_least`` and ``at_most``.

    Raises:
        GateWrong: It cannot be read, or says something else.
    """
    try:
        tables = tomllib.loads(file.read_text(encoding="utf-8"))
    except (OSError, ValueError) as error:
        raise _wrong(f"{file}: {error}") from None
    bars: list[Bar] = []
    for name, table in tables.items():
        if name not in {"at_least", "at_most"} or not isinstance(table, Mapping):
            raise _wrong(f"{file}: [{name}]")
        texts = [f"{measure}={limit}" for measure, limit in table.items()]
        bars += read_bars(texts, at_most=name == "at_most")
    return bars


def _wrong(value: str) -> GateWrong:
    return GateWrong(value=value, names=", ".join(NAMES))


def _read_bar(text: str, *, at_most: bool) -> Bar:
    named, found, number = text.partition("=")
    measure, _, group = named.strip().partition("@")
    try:
        limit = float(number)
    except ValueError:
        raise _wrong(text) from None
    if not found or measure not in NAMES or limit < 0 or limit != limit:
        raise _wrong(text)
    return Bar(measure, limit, group or OVERALL, at_most)


def check_bars(bars: Iterable[Bar], groups: Sequence[Summary], leaks: int) -> list[Judgement]:
    """Returns how each bar fared. That no forbidden document is met is always one of them.

    A bar whose measure applies to no question of its group is not cleared: a gate must not pass
    because its questions have gone.
    """
    judged = [Judgement(LEAKS, OVERALL, 0, at_most=True, value=float(leaks), passed=not leaks)]
    for bar in bars:
        value = _find(bar, groups)
        passed = value is not None and (value <= bar.limit if bar.at_most else value >= bar.limit)
        judged.append(Judgement(bar.measure, bar.group, bar.limit, bar.at_most, value, passed))
    return judged


def _find(bar: Bar, groups: Sequence[Summary]) -> float | None:
    for group in groups:
        if group["value"] != bar.group:
            continue
        if bar.measure in LATENCIES:
            return float(group["latency_ms"][LATENCIES[bar.measure]]["value"])
        found = group["measures"].get(bar.measure)
        return None if found is None else float(found["value"])
    return None
