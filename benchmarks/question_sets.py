"""The public question sets, and what the embedded model's training saw of each."""

from dataclasses import dataclass
from pathlib import Path

from app.answering.following_up import standalone
from app.answering.model import Turn
from benchmarks.embedder.sources import Record, read_records


@dataclass(frozen=True, slots=True)
class QuestionSet:
    """A set to measure on: which corpus, which questions, and whether training saw them.

    Attributes:
        follow_ups: Of a file that holds both, the questions that lean on the one before ("And for
            the next one?") are this set, or those that stand alone.
    """

    name: str
    corpus: str
    queries: str
    remark: str = ""
    follow_ups: bool = False


SETS = (
    QuestionSet("jaquad", "jaquad", "queries", "Japanese; dev articles unseen"),
    QuestionSet("jsquad", "jsquad", "queries", "Japanese; articles unseen"),
    QuestionSet("gitlab_ja", "gitlab_ja", "queries", "Japanese; pages seen, questions not"),
    QuestionSet("gitlab_en_ja", "gitlab_ja", "queries_en", "English on Japanese; 22 questions"),
    QuestionSet(
        "deeprag_en_ja", "gitlab_ja", "queries_deeprag_en", "English on Japanese; whole pages right"
    ),
    QuestionSet("handbook_en", "handbook_en", "queries", "English; pages seen, questions not"),
    QuestionSet("deeprag", "deeprag_gitlab", "queries", "English; pages seen, questions not"),
    QuestionSet(
        "deeprag_next",
        "deeprag_gitlab",
        "queries",
        "the same; follow-up questions",
        follow_ups=True,
    ),
    QuestionSet("scifact", "scifact", "queries_train", "English; TRAINED ON these questions"),
)


def read_questions(evaluation: Path, question_set: QuestionSet) -> list[Record]:
    """Returns the questions of a set, a follow-up made standalone as an answer would have it."""
    file = evaluation / question_set.corpus / f"{question_set.queries}.jsonl.gz"
    return [
        _complete(record)
        for record in read_records(file)
        if bool(record.get("meta", {}).get("context")) == question_set.follow_ups
    ]


def _complete(record: Record) -> Record:
    before = record.get("meta", {}).get("context")
    history = (Turn(before, ""),) if before else ()
    return {**record, "query": standalone(record["query"], history)}
