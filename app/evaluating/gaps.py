"""Reporting that the documents do not say what was asked."""

from collections.abc import Sequence

from app.answering.language import detect
from app.answering.model import Answer
from app.evaluating.errors import FeedbackLimited
from retrieval.catalog import Catalog, FeedbackReason, NewFeedback

MOST_AN_HOUR = 60
"""How much one person says of answers in an hour."""


def report_gap(catalog: Catalog, answer: Answer, user: str, groups: Sequence[str]) -> None:
    """Keeps that a person found no answer, with the documents that came near.

    Raises:
        FeedbackLimited: This person has said enough for an hour.
    """
    near = [each.document_id for each in answer.citations]
    near += [each.document_id for each in answer.nearest]
    said = NewFeedback(
        user=user,
        groups=tuple(groups),
        question=answer.question,
        language=detect(answer.question),
        answer_id=answer.id,
        answer_kind=answer.kind.value,
        helpful=False,
        reason=FeedbackReason.MISSING,
        documents=tuple(dict.fromkeys(near)),
        chunks=tuple(dict.fromkeys(each.chunk_id for each in answer.citations)),
    )
    if catalog.feedback.give(said, MOST_AN_HOUR) is None:
        raise FeedbackLimited(limit=MOST_AN_HOUR)
