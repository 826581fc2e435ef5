"""The reading side of the lexical index, for any number of threads and processes."""

from pathlib import Path

import tantivy

from retrieval.errors import IndexUnavailable
from retrieval.lexical.asking import Demands, LexicalQuestion, Wording
from retrieval.lexical.counting import Counts
from retrieval.lexical.glossary import Glossary
from retrieval.lexical.writing import read_applied, read_mark


class LexicalIndex:
    """Ranks chunks by the terms they share with a question."""

    def __init__(self, folder: Path, glossary: Glossary | None = None) -> None:
        """Opens an index that a writer has made.

        Args:
            folder: Where it is.
            glossary: What else words are called; none by default.

        Raises:
            IndexUnavailable: There is none, or it cannot be read.
        """
        self._folder = folder
        self._glossary = glossary or Glossary(None)
        self._mark, self._seen = read_mark(folder), read_applied(folder)
        try:
            self._index = tantivy.Index.open(str(folder))
            self._index.config_reader("manual")
        except (OSError, ValueError) as error:
            raise IndexUnavailable(path=folder, reason=error) from error
        self._reload()

    @property
    def applied(self) -> int:
        """The last change that this reader is sure to show."""
        return self._seen

    def refresh(self) -> None:
        """Makes what has been committed since visible to the next question.

        Raises:
            IndexUnavailable: It is gone, or damaged.
        """
        mark = read_mark(self._folder)
        if mark != self._mark:
            # Read first: the number then never runs ahead of what the reload shows.
            applied = read_applied(self._folder)
            self._reload()
            self._mark, self._seen = mark, applied

    def ask(self, question: str, demands: Demands, also: str = "") -> LexicalQuestion:
        """Returns the question bound to one state of the index and to what the caller may see.

        Args:
            question: What to look for.
            demands: What a chunk must fulfil.
            also: What parts of the question are written otherwise, such as years.
        """
        searcher, counts = self._state
        return LexicalQuestion(searcher, counts, self._glossary, Wording(question, also), demands)

    def _reload(self) -> None:
        try:
            self._index.reload()
            searcher = self._index.searcher()
        except (OSError, ValueError) as error:
            raise IndexUnavailable(path=self._folder, reason=error) from error
        self._state = (searcher, Counts(searcher))
