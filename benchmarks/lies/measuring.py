"""Rates with their intervals, per kind, and the table that shows them."""

from collections import Counter, defaultdict
from collections.abc import Iterable, Sequence

from app.answering.model import Verdict
from app.evaluating.rating import Rate
from benchmarks.lies.pairing import LIES, Pair


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
