"""Stands in for an embedding model that cannot be used, so that the rest goes on without it."""

from collections.abc import Sequence
from typing import TYPE_CHECKING

from retrieval.errors import EmbedderUnavailable

if TYPE_CHECKING:  # it loads numpy, and every command loads this
    from retrieval.ports import Vectors

ABSENT = "absent"
"""A fingerprint no index was ever made with."""


class AbsentEmbedder:
    """The ``Embedder`` port with nothing behind it: every use says why."""

    def __init__(self, error: EmbedderUnavailable) -> None:
        """Keeps the reason the real one could not be opened."""
        self._error = error

    @property
    def fingerprint(self) -> str:
        """A name no index was ever made with."""
        return ABSENT

    @property
    def dimension(self) -> int:
        """There are no vectors."""
        return 0

    def embed_documents(self, texts: Sequence[str]) -> "Vectors":  # noqa: ARG002 - the port's shape
        """Raises what opening the model raised.

        Raises:
            EmbedderUnavailable: Always.
        """
        raise EmbedderUnavailable(**self._error.details)

    def embed_query(self, text: str) -> "Vectors":  # noqa: ARG002 - the port's shape
        """Raises what opening the model raised.

        Raises:
            EmbedderUnavailable: Always.
        """
        raise EmbedderUnavailable(**self._error.details)
