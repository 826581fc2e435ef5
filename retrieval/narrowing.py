"""Whether a document is what was asked for, by its facts of this moment, and by which it is not."""

from retrieval.model import Document, Filters


def find_mismatches(document: Document, filters: Filters) -> tuple[str, ...]:
    """Returns the names of the fields of the filters that a document does not match.

    Values of one field are alternatives. The limits of the modification time are inclusive, and a
    document of unknown time is outside them.
    """
    facts = document.metadata
    exact = (
        ("departments", facts.department, filters.departments),
        ("languages", facts.language, filters.languages),
        ("media_types", facts.media_type, filters.media_types),
        ("source_ids", document.source_id, filters.source_ids),
        ("document_ids", document.id, filters.document_ids),
    )
    found = [name for name, value, wanted in exact if wanted and value not in wanted]
    if filters.tags and filters.tags.isdisjoint(facts.tags):
        found.append("tags")
    time = facts.modified_at
    if filters.modified_after is not None and (time is None or time < filters.modified_after):
        found.append("modified_after")
    if filters.modified_before is not None and (time is None or time > filters.modified_before):
        found.append("modified_before")
    return tuple(found)
