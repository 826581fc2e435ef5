"""Golden questions through the extractive path: no model, the default install.

    python -m benchmarks.golden [--questions FILE] [--documents FOLDER] [--verbose]

Ingests the documents into a temporary state folder, asks every question as its asker, and prints
the measures of `kura eval` (`app/evaluating/measures.py` says what each counts).
"""

import argparse
import json
import sys
import tempfile
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from threading import Event

from app.bootstrap import build_answerer, build_worker, open_searcher, open_store
from app.evaluating.examining import Examiner, KnownDocuments, find_forbidden, set_aside
from app.evaluating.measures import MEASURES
from app.evaluating.model import Outcome
from app.evaluating.reading import read_set
from app.evaluating.summarising import summarise
from app.sample import QUESTIONS
from app.settings import SAMPLE_FOLDER, Settings, load_settings
from benchmarks.machine import describe_machine
from retrieval.catalog import Catalog, NewSource
from retrieval.model import EVERYONE, Access

SHOWN = ("recall", "coverage", "citation_precision", "fact", "decision", "permission")


@contextmanager
def ingested(settings: Settings, documents: Path) -> Iterator[Catalog]:
    """Yields the catalog of the documents, brought in by a real worker."""
    with open_store(settings) as catalog:
        source = catalog.sources.add(
            NewSource(name="golden", kind="folder", location=str(documents), access=Access())
        )
        job = catalog.jobs.enqueue("ingest", {"source_id": source.id}, owner="benchmark")
        with build_worker(settings) as worker:
            worker.run(Event(), until=job.id)
        state = catalog.jobs.get(job.id)
        if state is None or state.state != "succeeded":
            sys.exit(f"ingestion failed: {state}")
        yield catalog


def report(outcomes: Sequence[Outcome]) -> None:
    """Prints the table, the measures of all questions, and the JSON line."""
    groups = summarise(outcomes)
    print(f"{'':24s}" + "".join(f"{name:>22s}" for name in SHOWN))
    table = {}
    for group in groups:
        name = f"{group['dimension']} {group['value']}"
        found = group["measures"]
        cells = [_show(found[each]) if each in found else "–" for each in SHOWN]
        print(f"{name[:24]:24s}" + "".join(f"{cell:>22s}" for cell in cells))
        table[name] = {each: [one["part"], one["whole"]] for each, one in found.items()}
    for measure in MEASURES:
        if found := groups[0]["measures"].get(measure.name):
            interval = f"{found['low']:.3f}-{found['high']:.3f}"
            print(f"{measure.name:24s}{found['value']:8.3f}  {interval}  {_show(found)}")
    leaks = sum(bool(outcome.leaks) for outcome in outcomes)
    print(f"forbidden documents found: {leaks}")
    line = {"benchmark": "golden", "leaks": leaks, "latency_ms": groups[0]["latency_ms"]}
    print(json.dumps({**line, **table, **describe_machine()}, ensure_ascii=False))


def _show(found: dict[str, float]) -> str:
    return f"{found['part']:g}/{found['whole']:g} {100 * found['value']:5.1f}%"


def explain_misses(outcomes: Sequence[Outcome]) -> None:
    """Prints each question that went wrong, with what was found and said."""
    for outcome in outcomes:
        judged = {
            "recall": None if outcome.rank is None else 0 < outcome.rank <= 5,
            "fact": outcome.fact,
            "decision": outcome.answered == outcome.should_answer,
        }
        wrong = [name for name, right in judged.items() if right is False]
        if not wrong:
            continue
        print(f"\n{outcome.id} [{outcome.kind}] {outcome.question}  -> {', '.join(wrong)}")
        print(f"   wanted {list(outcome.wanted)}")
        print(f"   found  {list(outcome.found)}")
        print(f"   said   {outcome.answer_kind}: {outcome.said[:300]}")


def main() -> None:
    """Runs the golden questions; ends with 1 if a forbidden document was met."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").split("\n")[0])
    parser.add_argument("--questions", type=Path, default=QUESTIONS)
    parser.add_argument("--documents", type=Path, default=SAMPLE_FOLDER)
    parser.add_argument("--verbose", action="store_true", help="print every miss")
    arguments = parser.parse_args()
    golden = read_set(arguments.questions).questions
    with tempfile.TemporaryDirectory() as home:
        settings = load_settings(home=Path(home))
        with (
            ingested(settings, arguments.documents) as catalog,
            open_searcher(settings, catalog) as searcher,
        ):
            known = KnownDocuments(catalog)
            asked, skipped = set_aside(golden, known)
            answerer = build_answerer(settings, searcher, None)
            forbidden = find_forbidden(asked, known)
            examiner = Examiner(searcher, answerer, known, forbidden, frozenset({EVERYONE}))
            outcomes = [examiner.ask(row) for row in asked]
    if arguments.verbose:
        explain_misses(outcomes)
    for each in skipped:
        print(f"set aside: {each.id}, no document {list(each.documents)}")
    report(outcomes)
    sys.exit(1 if any(outcome.leaks for outcome in outcomes) else 0)


if __name__ == "__main__":
    main()
