"""Makes ``data/refusal.json`` from public question sets, and measures it on their other half.

    python -m benchmarks.refusal --evaluation FOLDER [--questions 150] [--write]

Pages are split into halves by a hash of their name. The regression is of the tuning half; the
tables are of the other. "Unseen" is the area of a regression that never saw the set of its row.
"""

import argparse
import json
from collections.abc import Sequence
from pathlib import Path

from app.answering.foretelling import PACKAGED, Foretelling
from app.settings import EMBEDDED_MODEL
from benchmarks.machine import describe_machine
from benchmarks.refusal.collecting import (
    BESIDE,
    GOLD,
    HALVES,
    PAGE_OUT,
    PASSAGE_OUT,
    SET_OUT,
    Case,
    collect,
)
from benchmarks.refusal.fitting import area, calibrate, fit, weigh_up
from retrieval.embedding.static import StaticEmbedder

_NEAR_BELOW, _REFUSE_BELOW, _HOPELESS_BELOW = 0.2, 0.05, 0.005
"""If four quotations in five are right, odds are even at a chance of 0.2 and one to five at 0.05:
below that what is quoted is said to come nearest, and not to answer."""

_CURVE = (0.01, _REFUSE_BELOW, 0.1, _NEAR_BELOW, 0.3, 0.5)


def write(foretelling: Foretelling, file: Path, cases: int) -> None:
    """Writes the regression as JSON."""
    told = {
        "about": "Made by python -m benchmarks.refusal from JaQuAD, JSQuAD, GitLab's handbook in "
        "Japanese and English, and the handbooks of Sourcegraph, GSA TTS and Mattermost.",
        "cases": cases,
        "bias": round(foretelling.bias, 4),
        "measures": {
            name: {"mean": round(mean, 4), "spread": round(spread, 4), "weight": round(weight, 4)}
            for name, (mean, spread, weight) in foretelling.weights.items()
        },
        "near_below": foretelling.near_below,
        "refuse_below": foretelling.refuse_below,
        "hopeless_below": foretelling.hopeless_below,
    }
    file.write_text(json.dumps(told, indent=2, ensure_ascii=False) + "\n", encoding="utf-8")


def show(
    foretelling: Foretelling, tuning: Sequence[Case], rest: Sequence[Case]
) -> dict[str, list[float]]:
    """Prints and returns for each group its count, its areas, and what marking does."""
    groups = {"all": list(rest)}
    for kind in (BESIDE, PASSAGE_OUT, PAGE_OUT, SET_OUT):
        groups[kind] = [case for case in rest if case.kind in (kind, GOLD)]
    for language in ("ja", "en"):
        groups[language] = [case for case in rest if case.language == language]
    for corpus in sorted({case.corpus for case in rest}):
        groups[corpus] = [case for case in rest if case.corpus == corpus]
    print(f"{'':18}{'n':>6}{'AUC':>7}{'unseen':>8}{'right':>8}{'unmarked':>10}{'right':>8}")
    table = {}
    for name, group in groups.items():
        chances = [foretelling.chance(case.gauge) for case in group]
        quoted = weigh_up(group, chances, 0.0)
        unmarked = weigh_up(group, chances, foretelling.near_below)
        row = [
            area(chances, [case.right for case in group]),
            _area_unseen(name, tuning, group),
            quoted.precise, unmarked.answered, unmarked.precise,
        ]  # fmt: skip
        table[name] = [len(group), *(round(value, 4) for value in row)]
        cells = zip(row, (7, 8, 8, 10, 8), strict=True)
        print(f"{name:18}{len(group):6}" + "".join(f"{value:{width}.3f}" for value, width in cells))
    return table


def _area_unseen(corpus: str, tuning: Sequence[Case], group: Sequence[Case]) -> float:
    """Returns the area of a regression of the other sets, not a number for what is no set."""
    others = [case for case in tuning if case.corpus != corpus]
    if len(others) == len(tuning):
        return float("nan")
    foretelling = fit(others).foretelling(0, 0, 0)
    chances = [foretelling.chance(case.gauge) for case in group]
    return area(chances, [case.right for case in group])


def show_curve(foretelling: Foretelling, cases: Sequence[Case]) -> None:
    """Prints what comes of leaving quotations unmarked from several chances on."""
    chances = [foretelling.chance(case.gauge) for case in cases]
    print(f"{'unmarked from':>13}{'answers':>9}{'right':>8}{'marked of those without':>25}")
    for least in _CURVE:
        told = weigh_up(cases, chances, least)
        print(f"{least:13.3f}{told.answered:9.3f}{told.precise:8.3f}{told.refused:25.3f}")


def main() -> None:
    """Collects, fits, shows, and writes the file when asked to."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").split("\n")[0])
    parser.add_argument("--evaluation", type=Path, required=True, help="folder of the public sets")
    parser.add_argument("--home", type=Path, default=Path("var/benchmark-refusal"))
    parser.add_argument("--questions", type=int, default=150, help="at most, a set and half")
    parser.add_argument("--write", action="store_true", help=f"write {PACKAGED.name}")
    given = parser.parse_args()
    embedder = StaticEmbedder(EMBEDDED_MODEL)
    cases = list(collect(given.evaluation, given.home, embedder, given.questions))
    tuning, rest = ([case for case in cases if case.half == half] for half in HALVES)
    fitted = fit(tuning)
    foretelling = fitted.foretelling(_NEAR_BELOW, _REFUSE_BELOW, _HOPELESS_BELOW)
    for name, _, spread, weight in zip(
        fitted.names, fitted.means, fitted.spreads, fitted.weights, strict=True
    ):
        print(f"{name:12}{weight:+.3f} a spread of {spread:.3f}")
    table = show(foretelling, tuning, rest)
    show_curve(foretelling, rest)
    chances = [foretelling.chance(case.gauge) for case in rest]
    curve = calibrate(chances, [case.right for case in rest])
    print("calibration:", "; ".join(f"{a:.2f} -> {b:.2f} ({n})" for a, b, n in curve))
    if given.write:
        write(foretelling, PACKAGED, len(tuning))
    line = {"benchmark": "refusal", "held-out": table, "calibration": curve}
    print(json.dumps({**line, **describe_machine()}))


if __name__ == "__main__":
    main()
