"""Whether an answer says what it should: facts and evidence, however they are spelled."""

import re
import unicodedata
from collections import defaultdict
from collections.abc import Iterable, Sequence

from app.answering.model import Citation


def squeeze(text: str) -> str:
    """Returns the text in NFKC, lower case, without white space or thousands separators."""
    flat = "".join(unicodedata.normalize("NFKC", text).lower().split())
    return re.sub(r"(?<=\d),(?=\d{3})", "", flat)


def fold(question: str) -> str:
    """Returns a question in the spelling it is compared in: letters and digits alone."""
    return "".join(character for character in squeeze(question) if character.isalnum())


def holds_fact(text: str, fact: str) -> bool:
    """Returns whether a fact is stated, a number not merely inside a longer one."""
    wanted = squeeze(fact)
    before = r"(?<![\d.])" if wanted[:1].isdigit() else ""
    after = r"(?![\d])" if wanted[-1:].isdigit() else ""
    return re.search(before + re.escape(wanted) + after, squeeze(text)) is not None


def states_facts(said: str, facts: Iterable[Iterable[str]]) -> bool:
    """Returns whether the words state one alternative of every group of facts."""
    return all(any(holds_fact(said, one) for one in group) for group in facts)


def is_cited(evidence: str, citations: Sequence[Citation]) -> bool:
    """Returns whether the evidence stands inside what one document is cited for.

    Several citations of one document count together, in the document's order: evidence of two
    sentences may be cited sentence by sentence.
    """
    wanted = squeeze(evidence)
    quoted: defaultdict[str, list[Citation]] = defaultdict(list)
    for citation in citations:
        quoted[citation.document_id].append(citation)
    return any(
        wanted in "".join(squeeze(each.quote) for each in sorted(group, key=lambda c: c.start))
        or any(wanted in squeeze(each.quote) for each in group)
        for group in quoted.values()
    )
