"""Rows of an index, as short as a test wants to write them."""

from retrieval.catalog import IndexRow


def make_row(name: str, text: str = "", **facts: object) -> IndexRow:
    """Returns the row of a chunk of that id, with these facts."""
    usual = {
        "chunk_id": name,
        "document_id": f"doc-{name}",
        "acl_id": 1,
        "source_id": "source",
        "department": "",
        "language": "ja",
        "media_type": "text/plain",
        "tags": (),
        "modified_at": None,
        "title": "",
        "heading": (),
        "context": "",
        "text": text,
        "indexed_hash": "0" * 64,
    }
    return IndexRow(**(usual | facts))
