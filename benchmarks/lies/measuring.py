"""Rates with their intervals, per kind, and the table that shows them."""

import math
from collections import Counter, defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from app.answering.model import Verdict
from benchmarks.lies.pairing import LIES, Pair

_Z = 1.959964  # two-sided 95 %


@dataclass(frozen=True)
class Rate:
    """So many of so many, with Wilson's 95 % interval."""

    hits: int
    total: int

    @property
    def share(self) -> float:
        """The share, 0 of nothing."""
        return self.hits / self.total if self.total else 0.0

    @property
    def interval(self) -> tuple[float, float]:
        """Wilson's score interval (E. B. Wilson, 1927)."""
        if not self.total:
            return 0.0, 1.0
        spread = _Z**2 / self.total
        middle = (self.share + spread / 2) / (1 + spread)
        half = (
            _Z * math.sqrt(self.share * (1 - self.share) / self.total + spread / self.total / 4)
        ) / (1 + spread)
        return max(0.0, middle - half), min(1.0, middle + half)

    def __str__(self) -> str:
        """Returns ".95 (.93-.97) 114/120"."""
        low, high = self.interval
        return f"{self.share:.3f} ({low:.3f}-{high:.3f}) {self.hits:4d}/{self.total:<4d}"


def rate_withheld(judged: Iterable[tuple[Pair, Verdict]]) -> dict[tuple[bool, str, str], Rate]:
    """Returns the share withheld for each (lie, kind, language), kind and language "all" too."""
    withheld: Counter[tuple[bool, str, str]] = Counter()
    total: Counter[tuple[bool, str, str]] = Counter()
    for pair, verdict in judged:
        for kind in (pair.kind, "all"):
            for language in (pair.language, "all"):
                key = pair.lie, kind, language
                total[key] += 1
                withheld[key] += verdict is Verdict.UNSUPPORTED
    return {key: Rate(withheld[key], count) for key, count in total.items()}


def print_rates(rates: dict[tuple[bool, str, str], Rate]) -> None:
    """Prints lies first, then truths, one line a kind, a column a language."""
    for lie, title in ((True, "caught (lies withheld)"), (False, "false alarms (truths withheld)")):
        print(f"\n{title:32s}{'ja':>34s}{'en':>34s}{'all':>34s}")
        present = {kind for is_lie, kind, _ in rates if is_lie is lie} - {"all"}
        ordered = [kind for kind in LIES if kind in present] if lie else sorted(present)
        for kind in [*ordered, "all"]:
            cells = (rates.get((lie, kind, language)) for language in ("ja", "en", "all"))
            print(
                f"{kind:32s}"
                + "".join(f"{cell if cell else '–':>34}" for cell in map(_text, cells))
            )


def _text(rate: Rate | None) -> str:
    return str(rate) if rate else ""


def flatten(rates: dict[tuple[bool, str, str], Rate]) -> dict[str, dict[str, list[float]]]:
    """Returns the rates for the JSON line: [hits, total, low, high]."""
    found: dict[str, dict[str, list[float]]] = defaultdict(dict)
    for (lie, kind, language), rate in sorted(rates.items()):
        low, high = rate.interval
        name = f"{'lie' if lie else 'truth'} {kind}"
        found[name][language] = [rate.hits, rate.total, round(low, 4), round(high, 4)]
    return dict(found)


def percentile(values: Sequence[float], share: float) -> float:
    """Returns the value that the given share of the values does not exceed."""
    ordered = sorted(values)
    return ordered[min(len(ordered) - 1, int(share * len(ordered)))]
