"""Lies and truths through the check of sentences.

    python -m benchmarks.lies --evaluation FOLDER [--half tune|held-out] [--misses]

True sentences of public sets (JaQuAD, JSQuAD, SciFact, three handbooks, GitLab's pages in both
languages) and of the sample company are made wrong by mutators, one way each, and respelled
faithfully. Each sentence is checked against the one passage it cites. "Caught" and "false alarm"
both mean: the verdict is "unsupported", so the sentence would be withheld. Documents are split
into halves by a hash of their name; thresholds were set on the tuning half only.
"""

import argparse
import json
import random
import time
from collections.abc import Sequence
from pathlib import Path

from app.answering.checking import SentenceChecker
from app.answering.citing import Draft
from app.answering.model import Verdict
from app.settings import EMBEDDED_MODEL
from benchmarks.lies import collecting, measuring
from benchmarks.lies.pairing import Pair, pair_across_languages, pair_half
from benchmarks.lies.sample import collect_sample
from benchmarks.machine import describe_machine
from retrieval.embedding.static import StaticEmbedder
from tests.fakes.searcher import make_passage

SEED = 20_261
MOST_A_SET = 400
MOST_A_KIND = 150
MOST_TRANSLATED = 100


def make_pairs(folder: Path, half: str) -> list[Pair]:
    """Returns the pairs of one half, always the same for the same data."""
    chance = random.Random(SEED)
    gold = [
        each
        for name in collecting.SETS
        for each in collecting.collect_set(folder / name, MOST_A_SET, chance)
    ]
    gold += collect_sample(chance)
    own = [each for each in gold if collecting.half_of(each.passage.document) == half]
    pairs = pair_half(own, MOST_A_KIND, chance)
    aligned = collecting.align_pages(folder / "deeprag_gitlab", folder / "gitlab_ja")
    across = pair_across_languages(aligned, MOST_TRANSLATED, chance)
    return pairs + [pair for pair in across if pair.half == half]


def judge(
    pairs: Sequence[Pair], checker: SentenceChecker
) -> tuple[list[tuple[Pair, Verdict]], list[float]]:
    """Returns each pair's verdict, and the CPU milliseconds each took with a passage never seen."""
    judged, times = [], []
    for pair in pairs:
        passage = make_passage(pair.passage.text, name=pair.passage.title)
        begun = time.process_time()
        verdict = checker.check(Draft(pair.text, (1,)), [passage]).verdict
        times.append(1_000 * (time.process_time() - begun))
        judged.append((pair, verdict))
    return judged, times


def judge_claims(folder: Path, half: str, checker: SentenceChecker) -> dict[str, list[float]]:
    """Prints and returns how SciFact's claims fare: free wording by experts, not by rules.

    They are no part of the totals: a claim sums an abstract up, an answer is to stay near it.
    """
    counts = {True: [0, 0, 0], False: [0, 0, 0]}
    order = [Verdict.SUPPORTED, Verdict.WEAK, Verdict.UNSUPPORTED]
    for text, truth, passage in collecting.collect_claims(folder / "scifact"):
        if collecting.half_of(passage.document) == half:
            cited = make_passage(passage.text, name=passage.title)
            verdict = checker.check(Draft(text, (1,)), [cited]).verdict
            counts[truth][order.index(verdict)] += 1
    print("\nSciFact claims, free wording (supported / weak / unsupported):")
    for truth, label in ((True, "true claims"), (False, "refuted claims")):
        print(f"{label:32s}" + " / ".join(str(count) for count in counts[truth]))
    return {"true claims": counts[True], "refuted claims": counts[False]}


def main() -> None:
    """Measures one half and prints the table and the JSON line."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").split("\n")[0])
    parser.add_argument("--evaluation", type=Path, required=True, help="folder of the sets")
    parser.add_argument("--half", choices=("tune", "held-out"), default="held-out")
    parser.add_argument("--misses", action="store_true", help="print every wrong verdict")
    given = parser.parse_args()
    checker = SentenceChecker(StaticEmbedder(EMBEDDED_MODEL))
    pairs = make_pairs(given.evaluation, given.half)
    checker.check(Draft("温める。", ()), [make_passage("温める。")])  # dictionaries load once
    judged, times = judge(pairs, checker)
    rates = measuring.rate_withheld(judged)
    print(
        f"{given.half} half: {sum(p.lie for p in pairs)} lies, "
        f"{sum(not p.lie for p in pairs)} truths"
    )
    measuring.print_rates(rates)
    claims = judge_claims(given.evaluation, given.half, checker)
    cpu = {
        f"p{round(100 * s)}": round(measuring.percentile(times, s), 2) for s in (0.5, 0.95, 0.99)
    }
    print(f"\nCPU ms per sentence, passage never seen before: {cpu}")
    if given.misses:
        for pair, verdict in judged:
            if (verdict is Verdict.UNSUPPORTED) != pair.lie:
                print(f"{'MISSED' if pair.lie else 'ALARM '} {pair.kind:22s} {pair.text}")
    line = {"benchmark": "lies", "half": given.half, "cpu_ms": cpu, "claims": claims}
    print(
        json.dumps({**line, **measuring.flatten(rates), **describe_machine()}, ensure_ascii=False)
    )


if __name__ == "__main__":
    main()
