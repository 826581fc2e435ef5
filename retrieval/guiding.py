"""What a search says beside what it finds: where the words stand, and how to narrow it."""

from collections.abc import Callable, Sequence

from retrieval.catalog.catalog import Catalog
from retrieval.highlighting import Highlight, Highlighter
from retrieval.lexical.glossary import Glossary
from retrieval.model import Scope
from retrieval.querying import understand
from retrieval.suggesting import Label, Suggester, Suggestion


class Guide:
    """Marks words and suggests filters. Safe to share by threads."""

    def __init__(
        self, catalog: Catalog, glossary: Glossary, labels: Callable[[], Sequence[Label]]
    ) -> None:
        """Takes the parts.

        Args:
            catalog: The open catalog.
            glossary: What else words are called.
            labels: Gives the controlled vocabulary.
        """
        self._glossary = glossary
        self._suggester = Suggester(catalog, labels)

    def mark(self, query: str, texts: Sequence[str]) -> list[tuple[Highlight, ...]]:
        """Returns for each text which of its characters answer to the words of the question."""
        highlighter = Highlighter(understand(query).text, self._glossary)
        return [highlighter.mark(text) for text in texts]

    def suggest(self, query: str, scope: Scope) -> tuple[Suggestion, ...]:
        """Returns the filters that a question names, each with how many documents it leaves."""
        return self._suggester.suggest(query, scope)
