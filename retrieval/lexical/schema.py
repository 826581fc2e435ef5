"""What the lexical index holds of a chunk, and how a row becomes that."""

from functools import cache
from typing import TYPE_CHECKING, Any

import tantivy

from retrieval.lexical.tokenizing import adjacent_pairs, fingerprint, terms, tokenize
from retrieval.lexical.weighing import weigh_pairs, weigh_words

if TYPE_CHECKING:
    from retrieval.catalog.records import IndexRow

FORMAT = "2"
"""Raised by hand whenever the fields below, or what weighs a term, change."""

WORDS, PAIRS = "words", "pairs"
EXACT_FIELDS = ("chunk_id", "document_id", "source_id", "department", "language", "media_type")


def folder_name() -> str:
    """Returns the name of the folder that an index of this code's making lives in."""
    return f"{FORMAT}-{fingerprint()}"


@cache
def schema() -> Any:  # noqa: ANN401 - tantivy is untyped here
    """Returns the fields: our own weighed terms split at white space, and exact values."""
    builder = tantivy.SchemaBuilder()
    for name in (WORDS, PAIRS):
        builder.add_text_field(name, tokenizer_name="whitespace", index_option="basic")
    for name in (*EXACT_FIELDS, "tags"):
        stored = name == "chunk_id"
        builder.add_text_field(name, stored=stored, tokenizer_name="raw", index_option="basic")
    builder.add_unsigned_field("acl_id", indexed=True, fast=True)
    builder.add_float_field("modified_at", indexed=True, fast=True)
    return builder.build()


def exact(value: str) -> str:
    """Returns the term that stands for an exact value; the sign keeps "" a term."""
    return f"={value}"


def to_document(row: "IndexRow") -> Any:  # noqa: ANN401 - tantivy is untyped here
    """Returns a chunk as the index takes it."""
    document = tantivy.Document()
    named = terms(row.title) + terms(" / ".join(row.heading))
    # What the context says beyond title and headings (a date, a sheet's name) counts as heading.
    known = set(named)
    named += [term for term in terms(row.context) if term not in known]
    sentences = tokenize(row.text)
    body = [term for sentence in sentences for term in sentence]
    document.add_text(WORDS, " ".join(weigh_words(body, named)))
    document.add_text(PAIRS, " ".join(weigh_pairs(adjacent_pairs(sentences))))
    for name in EXACT_FIELDS:
        document.add_text(name, exact(getattr(row, name)))
    for tag in row.tags:
        document.add_text("tags", exact(tag))
    document.add_unsigned("acl_id", row.acl_id)
    if row.modified_at is not None:
        document.add_float("modified_at", row.modified_at)
    return document
