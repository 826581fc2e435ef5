"""Makes ``data/refusal.json`` from public question sets, and measures it on their other half.

    python -m benchmarks.refusal --evaluation FOLDER [--questions 60] [--write]

Pages are split into halves by a hash of their name. The regression is of the tuning half; the table
is of the other one.
"""

import argparse
import json
from collections.abc import Sequence
from pathlib import Path

from app.answering.foretelling import PACKAGED, Foretelling
from app.settings import EMBEDDED_MODEL
from benchmarks.machine import describe_machine
from benchmarks.refusal.collecting import (
    ELSEWHERE,
    GOLD,
    HALVES,
    PAGE_OUT,
    PASSAGE_OUT,
    Case,
    collect,
)
from benchmarks.refusal.fitting import area, calibrate, fit, refusal_scores
from retrieval.embedding.static import StaticEmbedder

_REFUSE_BELOW, _ASK_FROM, _NEAR_BELOW = 0.01, 0.005, 0.2
"""If four questions in five have an answer, even odds are at a chance of 0.2.

The lower ones are this low because questions of the sample company fare worse than public ones:
from 0.02 on more of its answerable questions would be refused than of its unanswerable ones.
"""


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
        "bands": {
            "refuse_below": foretelling.refuse_below,
            "near_below": foretelling.near_below,
            "ask_from": foretelling.ask_from,
        },
    }
    file.write_text(json.dumps(told, indent=2, ensure_ascii=False) + "\n", encoding="utf-8")


def show(foretelling: Foretelling, cases: Sequence[Case]) -> dict[str, list[float]]:
    """Prints and returns area, precision, recall, F1 of refusing and coverage a group."""
    groups = {"all": list(cases)}
    for kind in (PASSAGE_OUT, PAGE_OUT, ELSEWHERE):
        groups[kind] = [case for case in cases if case.kind in (kind, GOLD)]
    for language in ("ja", "en"):
        groups[language] = [case for case in cases if case.language == language]
    for corpus in sorted({case.corpus for case in cases}):
        groups[corpus] = [case for case in cases if case.corpus == corpus]
    print(f"{'':16}{'n':>6}{'AUC':>7}{'prec.':>7}{'recall':>8}{'F1':>7}{'answered':>10}")
    table = {}
    for name, group in groups.items():
        chances = [foretelling.chance(case.gauge) for case in group]
        truths = [case.answerable for case in group]
        refused = [chance < foretelling.refuse_below for chance in chances]
        row = [area(chances, truths), *refusal_scores(refused, truths)]
        table[name] = [len(group), *(round(value, 4) for value in row)]
        p, r, f1, covered = row[1:]
        print(f"{name:16}{len(group):6}{row[0]:7.3f}{p:7.3f}{r:8.3f}{f1:7.3f}{covered:10.3f}")
    return table


def main() -> None:
    """Collects, fits, shows, and writes the file when asked to."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").split("\n")[0])
    parser.add_argument("--evaluation", type=Path, required=True, help="folder of the public sets")
    parser.add_argument("--home", type=Path, default=Path("var/benchmark-refusal"))
    parser.add_argument("--questions", type=int, default=60, help="at most, a set and half")
    parser.add_argument("--write", action="store_true", help=f"write {PACKAGED.name}")
    given = parser.parse_args()
    embedder = StaticEmbedder(EMBEDDED_MODEL)
    cases = list(collect(given.evaluation, given.home, embedder, given.questions))
    tuning, rest = ([case for case in cases if case.half == half] for half in HALVES)
    fitted = fit(tuning)
    foretelling = fitted.foretelling(_REFUSE_BELOW, _NEAR_BELOW, _ASK_FROM)
    for name, _, spread, weight in zip(
        fitted.names, fitted.means, fitted.spreads, fitted.weights, strict=True
    ):
        print(f"{name:12}{weight:+.3f} a spread of {spread:.3f}")
    table = show(foretelling, rest)
    chances = [foretelling.chance(case.gauge) for case in rest]
    curve = calibrate(chances, [case.answerable for case in rest])
    print("calibration:", "; ".join(f"{a:.2f} -> {b:.2f} ({n})" for a, b, n in curve))
    if given.write:
        write(foretelling, PACKAGED, len(tuning))
    line = {"benchmark": "refusal", "held-out": table, "calibration": curve}
    print(json.dumps({**line, **describe_machine()}))


if __name__ == "__main__":
    main()
