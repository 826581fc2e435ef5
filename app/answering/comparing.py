"""A sentence beside the passages it cites: what it shares with them and what they lack."""

from collections.abc import Sequence
from dataclasses import dataclass

from app.answering.analysing import (
    Names,
    is_japanese,
    japanese_names,
    latin_names,
    name_forms,
)
from app.answering.citing import without_list_number
from app.answering.instructing import blank_instructions
from app.answering.numbers import absent_codes, codes, supported
from app.answering.polarity import find_opposed
from app.answering.quantities import Figures, read_figures
from app.answering.quoting import features, fold, pieces
from app.answering.substituting import find_substituted
from app.answering.translating import cross, liken
from retrieval.lexical.tokenizing import terms
from retrieval.model import BlockKind, Passage
from retrieval.ports import Embedder

_MOST_ALIGNED = 3
_WORTH_ADDING = 0.12
_MOST_PARTS = 60  # a passage of ordinary size has about ten


@dataclass(frozen=True, slots=True)
class Comparison:
    """What is known of a sentence against its evidence.

    "Near" are the parts of the passages that speak of the same: those that share most words.

    Attributes:
        figures: Figures, units and dates that no cited passage states, or that stand apart from
            what the sentence speaks of while another figure of the unit stands there.
        codes: Part numbers that no cited passage states.
        names: Names that the parts near the sentence do not state.
        opposed: Words that the sentence denies and the passages affirm, or the other way round.
        swapped: Names and figures in whose place the passages have another one.
        shared: Share of the sentence's words that the near parts hold, 0..1; between languages how
            near they are to those of one part.
        meaning: Best cosine between the sentence and a part, or all; None without an embedder.
        across: Whether the sentence is in another language than all of its passages.
    """

    figures: tuple[str, ...]
    codes: tuple[str, ...]
    names: tuple[str, ...]
    opposed: tuple[str, ...]
    swapped: tuple[str, ...]
    shared: float
    meaning: float | None
    across: bool


def evidence_of(passage: Passage) -> str:
    """Returns all of a passage that can prove something: title, headings, text."""
    return f"{_frame(passage)}\n{passage.chunk.text}"


def compare(text: str, passages: Sequence[Passage], embedder: Embedder | None) -> Comparison:
    """Returns the comparison of a sentence with the passages it cites, taken together."""
    text = without_list_number(text)
    parts = [part for passage in passages for part in _parts(passage)]
    frames = [_frame(passage) for passage in passages]
    codes_missing = absent_codes(codes(text), fold("\n".join([*frames, *parts])))
    across = all(is_japanese(text) != is_japanese(passage.chunk.text) for passage in passages)
    if across:
        found = cross(text, frames, parts, embedder)
        framed = [*frames, *found.near]
        return Comparison(
            figures=_absent_figures(
                read_figures(text), found.near, framed, [*frames, *parts], translated=True
            ),
            codes=tuple(sorted(codes_missing)),
            names=found.names,
            opposed=found.opposed,
            swapped=(),
            shared=found.shared,
            meaning=found.meaning,
            across=True,
        )
    likeness = liken(text, parts, embedder)
    meaning = float(likeness.max()) if likeness is not None else None
    wanted = frozenset(term for term in terms(text) if not term[:1].isdigit())
    sought = wanted | supported(text)
    near = list(dict.fromkeys(_align(sought, parts) + [
        part for passage in passages for part in _align(sought, _parts(passage), most=1)
    ]))  # fmt: skip
    held = frozenset[str]().union(*(features(part)[0] for part in [*frames, *near]))
    return Comparison(
        figures=_absent_figures(read_figures(text), near, [*frames, *near], [*frames, *parts]),
        codes=tuple(sorted(codes_missing)),
        names=_absent_names(text, [*frames, *near]),
        opposed=find_opposed(text, near),
        swapped=find_substituted(text, near),
        shared=len(wanted & held) / len(wanted) if wanted else 1.0,
        meaning=meaning,
        across=False,
    )


def _parts(passage: Passage) -> list[str]:
    return [piece.text for piece in pieces(passage.chunk)][:_MOST_PARTS]


def _frame(passage: Passage) -> str:
    chunk = passage.chunk
    lines = [blank_instructions(passage.document.metadata.title), *chunk.heading, chunk.context]
    if chunk.kind is BlockKind.TABLE:
        lines.append(chunk.text.partition("\n")[0])  # the header names what each row's cells are
    return "\n".join(lines)


def _read_all(texts: Sequence[str]) -> Figures:
    return Figures.joined(read_figures(text) for text in texts)


def _align(wanted: frozenset[str], parts: Sequence[str], most: int = _MOST_ALIGNED) -> list[str]:
    """Returns the parts that speak of the same: the best one, and others that add to it."""
    left, chosen = wanted, list[str]()
    while len(chosen) < most and parts:
        gains = [len(left & _content(part)) for part in parts]
        best = max(range(len(parts)), key=gains.__getitem__)
        if chosen and gains[best] < max(2, int(_WORTH_ADDING * len(wanted))):
            break
        chosen.append(parts[best])
        left -= _content(parts[best])
    return chosen


def _content(part: str) -> frozenset[str]:
    held, figures = features(part)
    return held | figures


def _absent_figures(
    stated: Figures,
    near: Sequence[str],
    framed: Sequence[str],
    everything: Sequence[str],
    *,
    translated: bool = False,
) -> tuple[str, ...]:
    absent = _read_all(everything).lacks(stated, translated=translated)
    beside = _read_all(near)
    for label, unit in _read_all(framed).lacks(stated, translated=translated).items():
        if beside.rivals(unit):
            absent[label] = unit
    return tuple(absent)


def _absent_names(text: str, evidence: Sequence[str]) -> tuple[str, ...]:
    names = japanese_names(text) | latin_names(text)
    return Names.joined(name_forms(part) for part in evidence).lacks(names) if names else ()
