"""The shape of what an answer offers to report: that the documents do not say it."""

from typing import Literal

from pydantic import BaseModel, Field

from app.answering.model import Answer


class GapReport(BaseModel):
    """What `POST /feedback` takes to report that the documents do not say what was asked."""

    answer_id: str
    answer_kind: Literal["generated", "extractive", "refusal"]
    question: str = Field(description="What was asked, standing alone.")
    helpful: Literal[False] = False
    reason: Literal["missing"] = "missing"
    chunks: list[str]
    nearest: list[str]

    @classmethod
    def of(cls, answer: Answer) -> "GapReport":
        """Returns the report on this answer."""
        return cls(
            answer_id=answer.id,
            answer_kind=answer.kind.value,
            question=answer.question,
            chunks=list(dict.fromkeys(citation.chunk_id for citation in answer.citations)),
            nearest=[each.document_id for each in answer.nearest],
        )
