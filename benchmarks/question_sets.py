"""The public question sets, and what the embedded model's training saw of each."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class QuestionSet:
    """A set to measure on: which corpus, which questions, and whether training saw them."""

    name: str
    corpus: str
    queries: str
    remark: str = ""


SETS = (
    QuestionSet("jaquad", "jaquad", "queries", "Japanese; dev articles unseen"),
    QuestionSet("jsquad", "jsquad", "queries", "Japanese; articles unseen"),
    QuestionSet("gitlab_ja", "gitlab_ja", "queries", "Japanese; pages seen, questions not"),
    QuestionSet("gitlab_en_ja", "gitlab_ja", "queries_en", "English on Japanese; 22 questions"),
    QuestionSet("handbook_en", "handbook_en", "queries", "English; pages seen, questions not"),
    QuestionSet("deeprag", "deeprag_gitlab", "queries", "English; pages seen, questions not"),
    QuestionSet("scifact", "scifact", "queries_train", "English; TRAINED ON these questions"),
)
