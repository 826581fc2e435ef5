"""Golden questions through the extractive path: no model, the default install.

    python -m benchmarks.golden [--questions FILE] [--documents FOLDER] [--verbose]

Ingests the documents into a temporary state folder, asks every question as its asker, and prints

- recall@5: the expected document is among the first five distinct documents found;
- fact: every group of expected facts occurs in the answer's sentences (NFKC, no white space, and
  no match inside a longer number);
- refusal: what should be refused was, and what should be answered was not;
- permission: of the questions that depend on who asks, those allowed find their document, or are
  quoted from it; those not allowed do not meet it: not found, not cited, not named as near.
"""

import argparse
import json
import re
import sys
import tempfile
import unicodedata
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from threading import Event

from app.answering.answerer import Answerer
from app.answering.following_up import standalone
from app.answering.model import Answer, Question, Turn
from app.bootstrap import build_answerer, build_worker, open_searcher, open_store
from app.settings import PROJECT, SAMPLE_FOLDER, Settings, load_settings
from benchmarks.machine import describe_machine
from retrieval.catalog import NewSource
from retrieval.model import EVERYONE, Access, Passage, Scope
from retrieval.search import Searcher

QUESTIONS = PROJECT / "data" / "evaluation" / "questions.jsonl"
DOCUMENTS_LOOKED_AT = 5
PASSAGES_FETCHED = 25


@dataclass(frozen=True)
class Outcome:
    """How one golden question went; a measure that does not apply is ``None``."""

    golden: dict
    found: tuple[str, ...]
    answer: Answer
    recall: bool | None
    fact: bool | None
    refusal: bool
    permission: bool | None
    leak: bool


def squeeze(text: str) -> str:
    """Returns the text in NFKC, lower case, without white space or thousands separators."""
    flat = "".join(unicodedata.normalize("NFKC", text).lower().split())
    return re.sub(r"(?<=\d),(?=\d{3})", "", flat)


def holds_fact(text: str, fact: str) -> bool:
    """Returns whether a fact is stated, a number not merely inside a longer one."""
    wanted = squeeze(fact)
    before = r"(?<![\d.])" if wanted[:1].isdigit() else ""
    after = r"(?![\d])" if wanted[-1:].isdigit() else ""
    return re.search(before + re.escape(wanted) + after, squeeze(text)) is not None


@contextmanager
def ingested(settings: Settings, documents: Path) -> Iterator[tuple[Searcher, dict[str, str]]]:
    """Yields a searcher over the documents, brought in by a real worker, and path -> id."""
    catalog = open_store(settings)
    source = catalog.sources.add(
        NewSource(name="golden", kind="folder", location=str(documents), access=Access())
    )
    job = catalog.jobs.enqueue("ingest", {"source_id": source.id}, owner="benchmark")
    with build_worker(settings) as worker:
        worker.run(Event(), until=job.id)
    state = catalog.jobs.get(job.id)
    if state.state != "succeeded":
        sys.exit(f"ingestion {state.state}: {state.report}")
    with open_searcher(settings, catalog) as searcher:
        states = catalog.documents.states(source.id)
        yield searcher, {path: state.id for path, state in states.items()}
    catalog.close()


def distinct_documents(passages: Iterable[Passage]) -> tuple[str, ...]:
    """Returns the documents' paths in the order found, each once."""
    return tuple(dict.fromkeys(passage.document.external_id for passage in passages))


def states_facts(answer: Answer, facts: Iterable[Iterable[str]]) -> bool:
    """Returns whether the answer's sentences state one alternative of every group of facts."""
    said = " ".join(sentence.text for sentence in answer.sentences)
    return all(any(holds_fact(said, one) for one in group) for group in facts)


@dataclass(frozen=True)
class Examiner:
    """Asks golden questions, each as its asker, and judges what comes back."""

    searcher: Searcher
    answerer: Answerer
    ids: Mapping[str, str]  # path -> document id
    withheld: Mapping[str, frozenset[str]]  # question -> ids its asker may not meet

    def ask(self, golden: dict) -> Outcome:
        """Returns how one golden question went."""
        scope = Scope(frozenset({EVERYONE, *golden["as"]}))
        history = tuple(Turn(turn["question"], turn["answer"]) for turn in golden["history"])
        query = standalone(golden["question"], history)
        passages = self.searcher.search(query, scope, PASSAGES_FETCHED).passages
        answer = self.answerer.answer(Question(golden["question"], scope, history))
        found = distinct_documents(passages)
        cited = {each.document_id for each in answer.citations}
        met = cited | {passage.document.id for passage in passages}
        met |= {each.document_id for each in answer.nearest}
        leak = bool(met & self.withheld.get(golden["id"], frozenset()))
        should_answer = golden["expect"] == "answer"
        recall = fact = permission = None
        if should_answer:
            recall = bool(set(found[:DOCUMENTS_LOOKED_AT]) & set(golden["documents"]))
            fact = states_facts(answer, golden["facts"])
        if golden["kind"] == "permission":
            expected = {self.ids[name] for name in golden["documents"]}
            permission = (recall or bool(cited & expected)) if should_answer else not leak
        right = (answer.kind != "refusal") == should_answer
        return Outcome(golden, found, answer, recall, fact, right, permission, leak)


def share(values: Sequence[bool | None]) -> str:
    """Returns "right/all (percent)" over the values that apply."""
    real = [value for value in values if value is not None]
    return f"{sum(real):3d}/{len(real):3d} {100 * sum(real) / len(real):5.1f}%" if real else "–"


def withhold(golden: Sequence[dict], ids: Mapping[str, str]) -> dict[str, frozenset[str]]:
    """Returns, for each question to be refused to its asker, the ids its twin's asker may meet."""
    twins = {
        squeeze(row["question"]): frozenset(ids[name] for name in row["documents"])
        for row in golden
        if row["kind"] == "permission" and row["expect"] == "answer"
    }
    return {
        row["id"]: twins[squeeze(row["question"])]
        for row in golden
        if row["kind"] == "permission" and row["expect"] == "refuse"
    }


def report(outcomes: Sequence[Outcome], leaks: int) -> None:
    """Prints the table and the JSON line."""
    print(f"{'':24s}{'recall@5':>16s}{'fact':>16s}{'refusal':>16s}{'permission':>16s}")
    groups = {"all": outcomes}
    for key in ("lang", "kind"):
        for value in sorted({outcome.golden[key] for outcome in outcomes}):
            groups[f"{key} {value}"] = [o for o in outcomes if o.golden[key] == value]
    for name, value in (("cross-language", True), ("same language", False)):
        groups[name] = [o for o in outcomes if o.golden["cross"] == value]
    table = {}
    for name, group in groups.items():
        columns = {
            measure: [getattr(outcome, measure) for outcome in group]
            for measure in ("recall", "fact", "refusal", "permission")
        }
        table[name] = {
            measure: (sum(filter(None, values)), sum(value is not None for value in values))
            for measure, values in columns.items()
        }
        print(f"{name:24s}" + "".join(f"{share(values):>16s}" for values in columns.values()))
    print(f"forbidden documents found: {leaks}")
    print(json.dumps({"benchmark": "golden", "leaks": leaks, **table, **describe_machine()}))


def explain_misses(outcomes: Sequence[Outcome]) -> None:
    """Prints each question that went wrong, with what was found and said."""
    for outcome in outcomes:
        wrong = [m for m in ("recall", "fact", "refusal") if getattr(outcome, m) is False]
        if not wrong:
            continue
        golden = outcome.golden
        said = " / ".join(sentence.text for sentence in outcome.answer.sentences)
        print(f"\n{golden['id']} [{golden['kind']}] {golden['question']}  -> {', '.join(wrong)}")
        print(f"   wanted {golden['documents']} {golden['facts']}")
        print(f"   found  {list(outcome.found[:DOCUMENTS_LOOKED_AT])}")
        print(f"   said   {outcome.answer.kind}: {said[:300]}")


def main() -> None:
    """Runs the golden questions; ends with 1 if a forbidden document was found."""
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("--questions", type=Path, default=QUESTIONS)
    parser.add_argument("--documents", type=Path, default=SAMPLE_FOLDER)
    parser.add_argument("--verbose", action="store_true", help="print every miss")
    arguments = parser.parse_args()
    golden = [json.loads(line) for line in arguments.questions.open(encoding="utf-8")]
    with tempfile.TemporaryDirectory() as home:
        settings = load_settings(home=Path(home))
        with ingested(settings, arguments.documents) as (searcher, ids):
            answerer = build_answerer(settings, searcher, None)
            examiner = Examiner(searcher, answerer, ids, withhold(golden, ids))
            outcomes = [examiner.ask(row) for row in golden]
    leaks = sum(outcome.leak for outcome in outcomes)
    if arguments.verbose:
        explain_misses(outcomes)
    report(outcomes, leaks)
    sys.exit(1 if leaks else 0)


if __name__ == "__main__":
    main()
