"""Asks golden questions, each as its asker, through the same parts that answer people."""

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

from app.answering.following_up import standalone
from app.answering.language import detect
from app.answering.model import Answer, Question
from app.answering.ports import PassageSearch
from app.evaluating.matching import fold, is_cited, states_facts
from app.evaluating.measures import DOCUMENTS_LOOKED_AT
from app.evaluating.model import Golden, Outcome, Skipped
from app.evaluating.ports import Answering
from retrieval.catalog import Catalog
from retrieval.model import Passage, Principals, Scope

PASSAGES_FETCHED = 25


@dataclass(frozen=True, slots=True)
class KnownDocument:
    """A document that a golden question may name."""

    id: str
    path: str
    department: str


class KnownDocuments:
    """All documents of the installation, by every name a set may use for them."""

    def __init__(self, catalog: Catalog) -> None:
        """Reads them, without regard to who may read what."""
        self._named: dict[str, list[KnownDocument]] = {}
        self._by_id: dict[str, KnownDocument] = {}
        for source in catalog.sources.list():
            for path, state in catalog.documents.states(source.id).items():
                known = KnownDocument(state.id, path, state.metadata.department)
                self._by_id[state.id] = known
                for name in {state.id, path, f"{source.name}/{path}", state.metadata.title}:
                    self._named.setdefault(name, []).append(known)

    def find(self, names: Iterable[str]) -> tuple[KnownDocument, ...]:
        """Returns the documents that go by any of these names, in their order, each once."""
        found = (known for name in names for known in self._named.get(name, ()))
        return tuple(dict.fromkeys(found))

    def name(self, document_id: str) -> str:
        """Returns the path of a document, its id where it is not known."""
        known = self._by_id.get(document_id)
        return known.path if known else document_id


def set_aside(
    questions: Sequence[Golden], known: KnownDocuments
) -> tuple[list[Golden], list[Skipped]]:
    """Returns the questions that can be asked here, and those whose documents are not here."""
    asked, skipped = [], []
    for golden in questions:
        if golden.documents and not known.find(golden.documents):
            skipped.append(Skipped(golden.id, golden.documents))
        else:
            asked.append(golden)
    return asked, skipped


def find_forbidden(questions: Sequence[Golden], known: KnownDocuments) -> dict[str, frozenset[str]]:
    """Returns, for each question, the ids of the documents that its asker may not meet.

    Those the set names, and, for a question that must be refused to its asker and is answered to
    somebody else, what is right for that other.
    """
    twins: dict[str, frozenset[str]] = {}
    for golden in questions:
        if golden.expect == "answer":
            right = frozenset(each.id for each in known.find(golden.documents))
            words = fold(golden.question)
            twins[words] = twins.get(words, frozenset()) | right
    return {
        golden.id: frozenset(each.id for each in known.find(golden.forbidden))
        | (twins.get(fold(golden.question), frozenset()) if golden.expect == "refuse" else set())
        for golden in questions
    }


@dataclass(frozen=True, slots=True)
class Examiner:
    """Asks and judges.

    Attributes:
        asker: Who asks where a question does not say.
        forbidden: Question -> ids of documents that its asker may not meet.
    """

    searcher: PassageSearch
    answerer: Answering
    known: KnownDocuments
    forbidden: Mapping[str, frozenset[str]]
    asker: Principals

    def ask(self, golden: Golden) -> Outcome:
        """Returns how one golden question went."""
        scope = Scope(golden.principals or self.asker)
        query = standalone(golden.question, golden.history)
        passages = self.searcher.search(query, scope, PASSAGES_FETCHED).passages
        question = Question(golden.question, scope, golden.history)
        return self._judge(golden, passages, self.answerer.answer(question))

    def _judge(self, golden: Golden, passages: Sequence[Passage], answer: Answer) -> Outcome:
        wanted = self.known.find(golden.documents)
        ids = {each.id for each in wanted}
        found = list(dict.fromkeys(passage.document.id for passage in passages))
        cited = [citation.document_id for citation in answer.citations]
        met = {*found, *cited, *(each.document_id for each in answer.nearest)}
        leaks = met & self.forbidden.get(golden.id, frozenset())
        said = " ".join(sentence.text for sentence in answer.sentences)
        should_answer, answered = golden.expect == "answer", answer.kind != "refusal"
        rank = None
        if should_answer and ids:
            rank = next((place for place, each in enumerate(found, 1) if each in ids), 0)
        return Outcome(
            id=golden.id,
            set_name=golden.set_name,
            question=golden.question,
            language=golden.language,
            kind=golden.kind,
            department=wanted[0].department if wanted else "",
            expect=golden.expect,
            cross=golden.cross,
            answer_kind=str(answer.kind),
            said=said,
            said_in=detect(said) if said else "",
            found=self._name(found[:DOCUMENTS_LOOKED_AT]),
            cited=self._name(cited),
            wanted=tuple(each.path for each in wanted),
            right_citations=sum(each in ids for each in cited),
            rank=rank,
            evidence=is_cited(golden.evidence, answer.citations)
            if should_answer and answered and golden.evidence
            else None,
            fact=_judge_facts(golden, said if answered else ""),
            permission=self._judge_permission(golden, rank, ids & set(cited), leaks),
            leaks=self._name(sorted(leaks)),
            verdicts=dict(Counter(str(each.verdict) for each in answer.sentences)),
            notices=tuple(notice.code for notice in answer.notices),
            milliseconds=answer.milliseconds,
        )

    def _judge_permission(
        self, golden: Golden, rank: int | None, rightly_cited: set[str], leaks: set[str]
    ) -> bool | None:
        if golden.kind != "permission" and not self.forbidden.get(golden.id):
            return None
        if golden.expect == "refuse":
            return not leaks
        found = rank is not None and 0 < rank <= DOCUMENTS_LOOKED_AT
        return (found or bool(rightly_cited)) and not leaks

    def _name(self, ids: Iterable[str]) -> tuple[str, ...]:
        return tuple(self.known.name(each) for each in ids)


def _judge_facts(golden: Golden, answered: str) -> bool | None:
    """Returns whether an answer states the facts; what a refusal quotes as near is no answer."""
    if golden.expect != "answer" or not golden.facts:
        return None
    return states_facts(answered, golden.facts)
