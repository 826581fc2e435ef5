"""What is asked about a document one expected, and what is told of it."""

from dataclasses import dataclass
from typing import TYPE_CHECKING

from app.answering.model import Bilingual
from retrieval.model import Principals, Scope

if TYPE_CHECKING:
    from retrieval.explaining import Trace

_NOTHING = Bilingual(ja="", en="")

_FACTORS = {
    "lexical": Bilingual(ja="語句", en="words"),
    "vector": Bilingual(ja="意味", en="meaning"),
    "closeness": Bilingual(ja="一文の近さ", en="best sentence"),
    "lifecycle": Bilingual(ja="旧版", en="older edition"),
    "reranker": Bilingual(ja="並べ直し", en="reranker"),
}


def name_factor(name: str) -> Bilingual:
    """Returns what one of a passage's scores is called where people read it."""
    return _FACTORS.get(name, Bilingual(ja=name, en=name))


@dataclass(frozen=True, slots=True)
class Step:
    """One step of a document's way.

    Attributes:
        passed: ``None`` for a step that decides nothing by itself.
        remedy: What to do; empty where nothing is to be done.
    """

    name: str
    passed: bool | None
    told: Bilingual
    remedy: Bilingual = _NOTHING


@dataclass(frozen=True, slots=True)
class Inquiry:
    """A trace and what it means.

    Attributes:
        principals: Whose question it was.
        steps: In the order a document passes them.
    """

    trace: "Trace"
    principals: Principals
    steps: tuple[Step, ...]

    @property
    def verdict(self) -> str:
        """The first step it was lost at, in one word; "shown" for one that reaches the answer."""
        found = self.trace.verdict
        return "cut" if found == "shown" and self.conclusion.passed is False else found

    @property
    def conclusion(self) -> Step:
        """The step that decided."""
        lost = (step for step in self.steps if step.passed is False)
        return next(lost, self.steps[-1])


@dataclass(frozen=True, slots=True)
class Expectation:
    """A question, and the document that somebody expected to be found.

    Attributes:
        document: Its id, external id or title.
    """

    question: str
    document: str
    scope: Scope
