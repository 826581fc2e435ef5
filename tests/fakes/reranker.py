"""A small true reranker: the share of the question's characters that a text holds."""

from collections.abc import Callable, Sequence

from retrieval.errors import RerankerUnavailable


class OverlapReranker:
    """Scores by shared characters; can take its time, and can fail.

    Attributes:
        read: The texts it was given, in order.
    """

    def __init__(self, pause: Callable[[], None] | None = None, *, fails: bool = False) -> None:
        """Makes one.

        Args:
            pause: Called once for each batch, before it is scored.
            fails: Whether it cannot be used.
        """
        self._pause, self._fails = pause, fails
        self.read: list[str] = []

    @property
    def name(self) -> str:
        """Always the same."""
        return "overlap"

    def score(self, query: str, texts: Sequence[str]) -> list[float]:
        """Returns the shares.

        Raises:
            RerankerUnavailable: It was made to fail.
        """
        if self._fails:
            raise RerankerUnavailable(model=self.name, reason="made to fail")
        if texts and self._pause is not None:
            self._pause()
        self.read += texts
        wanted = set(query)
        return [len(wanted & set(text)) / max(1, len(wanted)) for text in texts]
