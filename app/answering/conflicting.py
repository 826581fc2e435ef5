"""Finding current documents that disagree on what is asked."""

import re
from collections.abc import Iterator, Sequence
from functools import cached_property
from itertools import pairwise

from app.answering import notices
from app.answering.candidates import Candidate, list_candidates
from app.answering.composing import Composition
from app.answering.model import Event
from app.answering.numbers import codes
from app.answering.polarity import find_opposed
from app.answering.quantities import Quantity, measure, read_rates, read_tax, without_figures
from app.answering.quoting import features
from app.answering.substituting import read_tokens
from retrieval.editions import effective_date, expiry_date, is_record, series
from retrieval.errors import Language
from retrieval.lexical.tokenizing import QUESTION_WORDS
from retrieval.model import Document

ALIKE = 0.7
"""Share of the shorter sentence's words that two sentences on the same matter have in common."""

_FEWEST_TERMS = 3
_MONEY = frozenset({"yen", "dollar", "euro"})
_ASKS_MONEY = re.compile(
    r"いくら|料金|金額|費用|価格|単価|何円|\b(?:how much|costs?|fees?|price|amount)\b",
    re.IGNORECASE,
)
_ASKS_DATE = re.compile(
    r"いつ|何月|日付|期限|期日|締め?切り?|\b(?:when|what date|deadline|due)\b", re.IGNORECASE
)
_ASKS_COUNT = re.compile(r"何([^\s円]{1,4})|\bhow many (\w+)", re.IGNORECASE)
_LIGHT_WORDS = """
must need often much many long get take everi each we they requir allow
differ compar 違う 異なる 推移 比較 比べる 日数 毎 者 方 当たり 付く 辺り 日 時 必要 不要 可能 可 否
"""
_LIGHT = QUESTION_WORDS | frozenset(_LIGHT_WORDS.split())
"""Words that neither a matter nor its scope is named with."""

_JOINING = frozenset({"の", "of", "the", "for", "a", "an"})


def show_conflict(
    composition: Composition, question: str, *, compared: bool = False
) -> Iterator[Event]:
    """Adds the words of another document that disagrees with what the answer cites.

    Args:
        composition: The answer so far.
        question: What was asked.
        compared: Whether it asks of several times: then editions may differ, as is asked.
    """
    statements = [_Statement(each, question) for each in list_candidates(composition.readable)]
    cited = {citation.document_id for citation in composition.citations}
    quoted = {(citation.chunk_id, citation.quote) for citation in composition.citations}
    own = [each for each in statements if each.place in quoted]
    # What names less of the question than another quotation is not what was asked.
    most = max((len(each.asked) for each in own), default=0)
    for each in own:
        if len(each.asked) < most:
            continue
        found = _find_conflict(each, statements, compared=compared)
        if found is None:
            continue
        documents = (each.document, found.document)
        if not compared or series(documents[0]) != series(documents[1]):
            one, other = (_name(each, composition.language) for each in documents)
            yield composition.add_notice(notices.conflicting(one, other, composition.language))
        if found.document.id not in cited:
            proof = [(found.candidate.passage, found.candidate.piece)]
            yield composition.add_sentence(found.text, proof, starts_line=True)
        return


def _name(document: Document, language: Language) -> str:
    """Returns its title with the day it takes effect, else the day it was last changed."""
    facts, since = document.metadata, effective_date(document)
    changed = facts.modified_at.date() if facts.modified_at and since is None else None
    return notices.name_document(facts.title, since or changed, language, changed=bool(changed))


def _find_conflict(
    cited: "_Statement", statements: Sequence["_Statement"], *, compared: bool
) -> "_Statement | None":
    """Returns the first words of another document that state another figure for what is asked.

    The same matter: most words in common, or all that the question names, figures aside, and no
    word in whose place the other has another one (国内出張, 海外出張). Another figure: each
    states, in a unit both use and the question may mean, a value that the other lacks, for the
    same (a day, a night). Reports of two years, and dates on which each of the two itself takes
    effect, do not disagree; nor does a document that says the same as well, such as a table with
    another row that is alike.
    """
    others = [
        each
        for each in statements
        if each.document.id != cited.document.id
        and (compared or not _is_serial(cited.document, each.document))
        and (cited.agrees_with(each) or cited.differs_from(each))
        and cited.speaks_of_the_same_as(each)
    ]
    agreed = {each.document.id for each in others if cited.agrees_with(each)}
    rivals = [each for each in others if each.document.id not in agreed]
    nearest = (each for each in rivals if each.document.id == rivals[0].document.id)
    return max(nearest, key=cited.count_shared, default=None)


class _Statement:
    """What is compared of a sentence or row; each fact is only read when it is asked for."""

    def __init__(self, candidate: Candidate, question: str) -> None:
        self.candidate = candidate
        self.document = candidate.passage.document
        self.text = candidate.text
        self._question = question

    @property
    def place(self) -> tuple[str, str]:
        """The chunk it stands in, and its words there."""
        return self.candidate.passage.chunk.id, self.candidate.piece.text

    @cached_property
    def words(self) -> frozenset[str]:
        """Its content words, figures and units aside."""
        return _words(self.text) | codes(self.text)

    @cached_property
    def wanted(self) -> frozenset[str]:
        """The content words of the question."""
        return _words(_ASKS_DATE.sub(" ", _ASKS_MONEY.sub(" ", self._question)))

    @cached_property
    def asked(self) -> frozenset[str]:
        """Those of them that stand in it or above it."""
        return self.wanted & (_words(self.text) | _words(self.candidate.above))

    @cached_property
    def measures(self) -> frozenset[Quantity]:
        """Its figures in the units that the question may mean."""
        return _measure(self.text, self.document, self._question)

    @cached_property
    def codes(self) -> frozenset[str]:
        """The part numbers that stand in it, else those above it."""
        return codes(self.text) or codes(self.candidate.above)

    @cached_property
    def pairs(self) -> frozenset[tuple[str, str]]:
        """Words that form one expression, each with the one before it, heading included."""
        title, *headings = self.candidate.above.split("\n")
        heading = next((each for each in headings[::-1] if each not in title), "")
        return _pair(self.text) | _pair(heading)

    @cached_property
    def held(self) -> frozenset[str]:
        """All words in it, and those of the pairs."""
        return self.words.union(*self.pairs)

    def differs_from(self, other: "_Statement") -> bool:
        """Returns whether each has a figure that the other lacks, in one unit and for the same.

        Where neither states any, whether one denies what the other says in nearly its words.
        """
        if not self.measures and not other.measures:
            return self._is_like(other) and bool(find_opposed(self.text, [other.text]))
        mine_only = {each.unit for each in self.measures - other.measures}
        theirs_only = {each.unit for each in other.measures - self.measures}
        return bool(mine_only & theirs_only) and _are_for_the_same(self.text, other.text)

    def agrees_with(self, other: "_Statement") -> bool:
        """Returns whether the other states all of its figures too, for the same."""
        stated = bool(self.measures) and self.measures <= other.measures
        return stated and _are_for_the_same(self.text, other.text)

    def count_shared(self, other: "_Statement") -> int:
        """Returns how many words and figures both hold: of a table, the most for the same row."""
        own, others = features(self.text), features(other.text)
        return len(own[0] & others[0]) + len(own[1] & others[1])

    def speaks_of_the_same_as(self, other: "_Statement") -> bool:
        """Returns whether both are about what is asked, and about nothing else than the other."""
        if self.codes and other.codes and not self.codes & other.codes:
            return False
        if self.asked - other.asked or self._contrasts_with(other):
            return False
        if self.wanted and self.asked == self.wanted:
            shared = self.asked & self.words & other.words
            return len(shared) > 1 or self._is_like(other, least=1)
        return self._is_like(other)

    def _is_like(self, other: "_Statement", least: int = _FEWEST_TERMS) -> bool:
        smaller = min(len(self.words), len(other.words))
        return smaller >= least and len(self.words & other.words) >= ALIKE * smaller

    def _contrasts_with(self, other: "_Statement") -> bool:
        """Returns whether one expression differs by a word that only one of the two has."""
        mine = {after for before, after in self.pairs if before not in other.held}
        theirs = {after for before, after in other.pairs if before not in self.held}
        common = {after for before, after in self.pairs & other.pairs}
        return bool((mine & theirs) - common)


def _are_for_the_same(one: str, other: str) -> bool:
    """Returns whether amounts may be for the same: a day, a night, with tax, without."""
    rates, taxes = (read_rates(one), read_rates(other)), {read_tax(one), read_tax(other)} - {""}
    return len(taxes) < 2 and (not all(rates) or bool(rates[0] & rates[1]))


def _is_serial(one: Document, other: Document) -> bool:
    """Returns whether both are records of one series, such as the reports of two years."""
    return is_record(one) and is_record(other) and series(one) == series(other)


def _measure(text: str, document: Document, question: str) -> frozenset[Quantity]:
    found = measure(text)
    own_days = {effective_date(document), expiry_date(document)} - {None}
    dated = {f"{day.year}-{day.month}-{day.day}" for day in own_days if day}
    found = frozenset(each for each in found if each.value not in dated)
    wanted = _asked_units(question)
    return frozenset(each for each in found if each.unit in wanted) if wanted else found


def _asked_units(question: str) -> frozenset[str]:
    """Returns the units that an answer may be in, none where the question does not tell."""
    counted = (found[1] or f" {found[2]}" for found in _ASKS_COUNT.finditer(question))
    units = frozenset(each.unit for unit in counted for each in measure(f"1{unit}"))
    if _ASKS_MONEY.search(question):
        return units | _MONEY
    return units | {"date", "day", "month"} if _ASKS_DATE.search(question) else units


def _words(text: str) -> frozenset[str]:
    # What has no figures has mostly been taken apart before.
    plain = without_figures(text) if measure(text) or read_rates(text) else text
    found = features(plain)[0] - _LIGHT
    return frozenset(term for term in found if not term[:1].isdigit())


def _pair(text: str) -> frozenset[tuple[str, str]]:
    """Returns each word with the one before it, where only の or the like stands between."""
    tokens = read_tokens(without_figures(text))
    kept = [
        (next(iter(_words(token)), ""), sort)
        for token, sort in tokens
        if token.casefold() not in _JOINING
    ]
    return frozenset(
        (one, two)
        for (one, sort), (two, next_sort) in pairwise(kept)
        if one and two and "link" not in (sort, next_sort)
    )
