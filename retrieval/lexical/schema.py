"""What the lexical index holds of a chunk, and how a row becomes that."""

from functools import cache
from typing import TYPE_CHECKING, Any

import tantivy

from retrieval.lexical.tokenizing import adjacent_pairs, fingerprint, terms, tokenize

if TYPE_CHECKING:
    from retrieval.catalog.records import IndexRow

FORMAT = "1"
"""Raised by hand whenever the fields below change."""

WORD_FIELDS = ("title", "heading", "body", "pairs")
EXACT_FIELDS = ("chunk_id", "document_id", "source_id", "department", "language", "media_type")


def folder_name() -> str:
    """Returns the name of the folder that an index of this code's making lives in."""
    return f"{FORMAT}-{fingerprint()}"


@cache
def schema() -> Any:  # noqa: ANN401 - tantivy is untyped here
    """Returns the fields: our own terms split at white space, and exact values."""
    builder = tantivy.SchemaBuilder()
    for name in WORD_FIELDS:
        builder.add_text_field(name, tokenizer_name="whitespace", index_option="freq")
    for name in (*EXACT_FIELDS, "tags"):
        stored = name == "chunk_id"
        builder.add_text_field(name, stored=stored, tokenizer_name="raw", index_option="basic")
    builder.add_unsigned_field("acl_id", indexed=True)
    builder.add_float_field("modified_at", indexed=True, fast=True)
    return builder.build()


def exact(value: str) -> str:
    """Returns the term that stands for an exact value; the sign keeps "" a term."""
    return f"={value}"


def to_document(row: "IndexRow") -> Any:  # noqa: ANN401 - tantivy is untyped here
    """Returns a chunk as the index takes it."""
    document = tantivy.Document()
    title, heading = terms(row.title), terms(" / ".join(row.heading))
    named = {*title, *heading}
    # What the context says beyond title and headings (a date, a table's caption) counts as heading.
    heading += [term for term in terms(row.context) if term not in named]
    sentences = tokenize(row.text)
    document.add_text("title", " ".join(title))
    document.add_text("heading", " ".join(heading))
    document.add_text("body", " ".join(term for sentence in sentences for term in sentence))
    document.add_text("pairs", " ".join(adjacent_pairs(sentences)))
    for name in EXACT_FIELDS:
        document.add_text(name, exact(getattr(row, name)))
    for tag in row.tags:
        document.add_text("tags", exact(tag))
    document.add_unsigned("acl_id", row.acl_id)
    if row.modified_at is not None:
        document.add_float("modified_at", row.modified_at)
    return document
