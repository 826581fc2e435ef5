"""`kura why`: what became of a document one expected, from its ingestion to the answer.

For administrators only: it tells of documents that the person asked for may not read.
"""

from typing import Protocol

from app.answering.answerer import Options
from app.tracing.cutting import Writer, tell_answer
from app.tracing.model import Expectation, Inquiry
from app.tracing.telling import tell_document, tell_search
from retrieval.explaining import Trace
from retrieval.model import Scope


class Tracer(Protocol):
    """Traces a document; `retrieval.search.Searcher` is one."""

    def why(self, query: str, name: str, scope: Scope, count: int = 10) -> Trace:
        """Returns how a document fares when this caller asks this question."""
        ...


def inquire(
    expected: Expectation, tracer: Tracer, writer: Writer | None, options: Options
) -> Inquiry:
    """Returns what became of a document.

    Args:
        expected: What was asked and expected, and by whom.
        tracer: The search.
        writer: The chat model, whose window decides how many passages an answer is written from.
        options: What an answer may take.
    """
    trace = tracer.why(expected.question, expected.document, expected.scope, options.passages)
    steps = list(tell_document(trace))
    if not any(step.passed is False for step in steps):
        steps += tell_search(trace)
    if trace.verdict == "shown":
        steps.append(tell_answer(trace, expected.question, writer, options))
    return Inquiry(trace, expected.scope.principals, tuple(steps))
