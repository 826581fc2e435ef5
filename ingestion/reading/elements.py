"""Reads the long tail (Outlook messages, XML) through unstructured.

Its element types are not trusted for Japanese: a heading is what looks like one. Its language
model is never fetched: a blank pipeline stands in its place. The pool starts this process with
tracking off and without a network.
"""

from collections.abc import Iterable
from pathlib import Path

import spacy
from unstructured.documents.elements import Element
from unstructured.nlp import tokenize

from ingestion.errors import Damaged
from ingestion.model import Limits, Parsed
from ingestion.reading import detection
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
    """Returns what unstructured finds in an Outlook message or an XML file.

    Raises:
        Damaged: The file is not of its kind.
    """
    is_message = detection.detect(path, path.name) == detection.MSG
    partition = _partition_message if is_message else _partition_xml
    try:
        return partition(path)
    except (ValueError, KeyError, OSError, AttributeError, TypeError) as error:
        raise Damaged(name=path.name, reason=str(error)) from error


def _partition_message(path: Path) -> Parsed:
    from unstructured.partition.msg import partition_msg

    elements = partition_msg(filename=str(path), process_attachments=False)
    facts = elements[0].metadata if elements else None
    subject = (facts.subject if facts else None) or ""
    properties = {
        "from": ", ".join((facts.sent_from if facts else None) or []),
        "to": ", ".join((facts.sent_to if facts else None) or []),
    }
    blocks = [Block(BlockKind.HEADING, subject, level=1)] if subject else []
    note = "\n".join(f"{name.title()}: {value}" for name, value in properties.items() if value)
    if note:
        blocks.append(Block(BlockKind.NOTE, note))
    body = _blocks(elements)
    return Parsed(tuple(blocks + body), title=subject, properties=properties)


def _partition_xml(path: Path) -> Parsed:
    from unstructured.partition.xml import partition_xml

    return Parsed(tuple(_blocks(partition_xml(filename=str(path)))))


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
