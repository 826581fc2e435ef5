"""Stable identities: the same thing gets the same id in every run and on every machine."""

import json
from collections.abc import Sequence
from hashlib import file_digest, sha256
from pathlib import Path
from uuid import UUID, uuid5

NAMESPACE = UUID("5a0a6f0e-7d0b-5c1c-9b53-6f3f0d1f4b6a")
"""The root of all ids of this project; changing it changes every id."""


def source_id(name: str) -> str:
    """Returns the id of the source with this name."""
    return str(uuid5(NAMESPACE, name))


def document_id(source_id: str, external_id: str) -> str:
    """Returns the id of a source's item, whatever its content.

    Args:
        source_id: As given by :func:`source_id`.
        external_id: What the source itself calls the item, such as a relative path.
    """
    return str(uuid5(UUID(source_id), external_id))


def chunk_id(document_id: str, heading: Sequence[str], text: str, occurrence: int) -> str:
    """Returns the id of a chunk; unchanged text under unchanged headings keeps it.

    Args:
        document_id: The document it belongs to.
        heading: Heading path from the outermost.
        text: What is shown and cited.
        occurrence: 0 for the first chunk of the document with this heading and text, then 1, ...
    """
    content = text_hash(json.dumps([*heading, text]))  # no two lists are written alike
    return str(uuid5(UUID(document_id), f"{content}:{occurrence}"))


def text_hash(text: str) -> str:
    """Returns the SHA-256 of the text's UTF-8 bytes, as 64 hexadecimal digits.

    Half a surrogate pair, which a caller can send in JSON, is hashed like any other character.
    """
    return sha256(text.encode(errors="surrogatepass")).hexdigest()


def file_hash(path: Path) -> str:
    """Returns the SHA-256 of a file's bytes, as 64 hexadecimal digits.

    Raises:
        OSError: It cannot be read.
    """
    with path.open("rb") as file:
        return file_digest(file, "sha256").hexdigest()
