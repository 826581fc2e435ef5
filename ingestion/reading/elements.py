"""Reads the long tail (XML) through unstructured.

Its element types are not trusted for Japanese: a heading is what looks like one. Its language
model is never fetched: a blank pipeline stands in its place. The pool starts this process with
tracking off and without a network.
"""

from collections.abc import Iterable
from pathlib import Path

import spacy
from unstructured.documents.elements import Element
from unstructured.nlp import tokenize
from unstructured.partition.xml import partition_xml

from ingestion.errors import Damaged
from ingestion.model import Limits, Parsed
from ingestion.reading.html import read_markup
from ingestion.reading.plain import judge_heading
from retrieval.model import Block, BlockKind


def _load_blank() -> spacy.language.Language:
    """Returns a pipeline that knows sentence ends and nothing else, without any download."""
    pipeline = spacy.blank("en")
    pipeline.add_pipe("sentencizer")
    return pipeline


tokenize._load_spacy_model = _load_blank


def read(path: Path, _limits: Limits) -> Parsed:
    """Returns what unstructured finds in an XML file.

    Raises:
        Damaged: The file is not of its kind.
    """
    try:
        return Parsed(tuple(_blocks(partition_xml(filename=str(path)))))
    except (ValueError, KeyError, OSError, AttributeError, TypeError) as error:
        raise Damaged(name=path.name, reason=str(error)) from error


def _blocks(elements: Iterable[Element]) -> list[Block]:
    """Returns the elements as blocks; only tables and lists keep the type they were given."""
    blocks: list[Block] = []
    for element in elements:
        text = element.text.strip()
        if not text:
            continue
        markup = getattr(element.metadata, "text_as_html", None)
        if element.category == "Table" and markup:
            blocks += read_markup(markup).blocks
            continue
        level = judge_heading(text)
        kind = BlockKind.HEADING if level else BlockKind.PARAGRAPH
        blocks.append(Block(kind, text, level=level))
    return blocks
