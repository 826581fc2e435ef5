"""All tasks at one place, as the doors call them."""

from collections.abc import Generator
from dataclasses import dataclass, field

from app.answering.answerer import Options
from app.answering.checking import SentenceChecker
from app.answering.ports import ChatModel
from app.tasking.comparing import Comparer
from app.tasking.drafting import Asking, Drafter
from app.tasking.finding import Finder
from app.tasking.forms import FormShelf
from app.tasking.model import ComparisonOrder, DraftOrder, SummaryOrder, TaskEvent
from app.tasking.summarising import Summariser
from app.tasking.writing import TaskWriter
from retrieval.model import Principals
from retrieval.ports import Embedder


@dataclass(frozen=True, slots=True)
class Tools:
    """What tasks are done with.

    Attributes:
        chat_model: Writes; without one all is quoted.
        embedder: Measures likeness; without one words count.
    """

    finder: Finder
    shelf: FormShelf
    answerer: Asking
    chat_model: ChatModel | None = None
    embedder: Embedder | None = None
    options: Options = field(default_factory=Options)


class Desk:
    """Does tasks under the asker's access. Safe to share between threads."""

    def __init__(self, tools: Tools) -> None:
        """Keeps the parts."""
        self._tools = tools
        self._checker = SentenceChecker(tools.embedder)
        self._summariser = Summariser(tools.finder, tools.embedder)
        self._comparer = Comparer(tools.finder)
        self._drafter = Drafter(tools.shelf, tools.finder, tools.answerer)

    @property
    def finder(self) -> Finder:
        """What finds documents, threads and editions."""
        return self._tools.finder

    @property
    def shelf(self) -> FormShelf:
        """The forms there are."""
        return self._tools.shelf

    def summarise(self, order: SummaryOrder) -> Generator[TaskEvent]:
        """Returns the events of a summary; see ``Summariser.begin`` for what it raises at once."""
        return self._summariser.begin(order, self._writer(order.principals))

    def compare(self, order: ComparisonOrder) -> Generator[TaskEvent]:
        """Returns the events of a comparison; see ``Comparer.begin`` for what it raises at once."""
        return self._comparer.begin(order, self._writer(order.principals))

    def draft(self, order: DraftOrder) -> Generator[TaskEvent]:
        """Returns the events of a draft; see ``Drafter.begin`` for what it raises at once."""
        return self._drafter.begin(order)

    def _writer(self, principals: Principals) -> TaskWriter:
        tools = self._tools
        return TaskWriter(tools.chat_model, self._checker, tools.options, principals)
