"""Makes feedback a golden question or a training pair."""

from collections.abc import Sequence
from dataclasses import dataclass

from app.evaluating.errors import AlreadyDecided, FeedbackMissing, SourceUnknown
from app.evaluating.matching import fold
from retrieval.catalog import Acceptance, Catalog, Feedback, FeedbackState
from retrieval.errors import NotFound
from retrieval.model import Principals

_MOST_PAIRS = 1_000_000


@dataclass(frozen=True, slots=True)
class Decision:
    """What an admin decides.

    Attributes:
        training: Whether the search model may learn from it, instead of being measured on it.
        refuse: Whether a refusal is the right answer.
        documents: Ids of the right documents; without any, those that the reader stood by.
    """

    training: bool = False
    refuse: bool = False
    documents: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class AcceptedPair:
    """A question that staff asked, and where its answer stands.

    Attributes:
        chunks: Ids of the passages that the answer cited in these documents; may be empty.
    """

    question: str
    documents: tuple[str, ...]
    chunks: tuple[str, ...]


def accept(
    catalog: Catalog, feedback_id: str, decision: Decision, principals: Principals
) -> Feedback:
    """Accepts feedback and returns it as it is now, without its giver's name.

    Raises:
        FeedbackMissing: There is none.
        AlreadyDecided: It was accepted before.
        SourceUnknown: Nobody has said which document is right, or a pair has none to learn from.
        NotFound: A document named is none that the admin may read.
    """
    row = catalog.feedback.get(feedback_id)
    if row is None:
        raise FeedbackMissing(value=feedback_id)
    for name in decision.documents:
        if catalog.documents.get(name, principals) is None:
            raise NotFound(what="document / 文書", value=name)
    documents = () if decision.refuse else decision.documents or _find_right(row)
    refused = decision.refuse or _confirms_refusal(row)
    if not documents and (not refused or decision.training):
        raise SourceUnknown(value=feedback_id)
    state = FeedbackState.TRAINING if decision.training else FeedbackState.GOLDEN
    expect = "answer" if documents else "refuse"
    accepted = catalog.feedback.accept(feedback_id, Acceptance(state, expect, documents))
    if accepted is None:
        raise AlreadyDecided(value=feedback_id, state=row.state)
    return accepted


def _find_right(row: Feedback) -> tuple[str, ...]:
    if row.correct_document:
        return (row.correct_document,)
    return row.documents if row.helpful and row.answer_kind != "refusal" else ()


def _confirms_refusal(row: Feedback) -> bool:
    """Returns whether it was right to refuse; what it quoted as near may have helped instead."""
    return row.helpful and row.answer_kind == "refusal" and not row.documents


def read_pairs(catalog: Catalog, evaluated: frozenset[str]) -> Sequence[AcceptedPair]:
    """Returns the pairs that may be trained on: accepted for it, and measured on nowhere.

    Args:
        catalog: Where feedback is.
        evaluated: From :func:`app.evaluating.finding.name_evaluated`: these are left out.
    """
    rows = catalog.feedback.list(FeedbackState.TRAINING, _MOST_PAIRS)
    return [
        AcceptedPair(row.question, row.documents, _find_passages(catalog, row))
        for row in rows
        if fold(row.question) not in evaluated
    ]


def _find_passages(catalog: Catalog, row: Feedback) -> tuple[str, ...]:
    cited = catalog.chunks.index_rows(row.chunks)
    return tuple(each.chunk_id for each in cited if each.document_id in row.documents)
