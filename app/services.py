"""What the HTTP application is made of, as plain parts that ``app/bootstrap.py`` hands over.

Nothing here imports a parser, an index or a model: the application only knows what it calls.
"""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Protocol

from app.answering.model import Answer, Event, ModelState, Question
from app.scheduling import NIGHTLY
from retrieval.catalog import Catalog
from retrieval.model import Scope
from retrieval.originals import OriginalStore

if TYPE_CHECKING:
    from app.answering.ports import PassageSearch
    from app.tasking.desk import Desk
    from app.tracing.model import Expectation, Inquiry
    from retrieval.highlighting import Highlight
    from retrieval.suggesting import Suggestion


class SearchGuide(Protocol):
    """Says more of a search than what it finds; `retrieval.guiding.Guide` is one."""

    def mark(self, query: str, texts: Sequence[str]) -> "list[tuple[Highlight, ...]]":
        """Returns for each text which of its characters answer to the words of the question."""
        ...

    def suggest(self, query: str, scope: Scope) -> "tuple[Suggestion, ...]":
        """Returns the filters that a question names, each with how many documents it leaves."""
        ...


class QuestionAnswering(Protocol):
    """Answers questions; `app.answering` has the real one."""

    def stream(self, question: Question) -> Iterator[Event]:
        """Yields events as they happen; closing the generator closes the model's connection."""
        ...

    def answer(self, question: Question) -> Answer:
        """Returns the whole answer."""
        ...


@dataclass(frozen=True, slots=True)
class Person:
    """Somebody of the sample company, whom an admin may act as while its documents are there."""

    id: str
    name: str
    name_en: str
    groups: tuple[str, ...] = ()


class ModelProbe(Protocol):
    """Says how the chat model is doing; every `app.answering.ports.ChatModel` can."""

    @property
    def name(self) -> str:
        """The model's name as its server knows it."""
        ...

    def state(self) -> ModelState:
        """Returns whether it can be used; quick, and never raises."""
        ...


@dataclass(frozen=True, slots=True)
class Services:
    """All parts and plain values the application needs.

    Attributes:
        uploads: Folder that received files wait in until the worker has read them.
        people: Everybody an admin may act as now; nobody when the sample is not there.
        chat_model: The chat model that answers are written by, None when none is configured.
        worker_alive: Whether a worker process holds the worker's lock.
        model_rest: Seconds until a chat model that kept failing is asked again; asks nobody.
        guide: Says where the words of a question stand, and how to narrow it.
        inquire: Tells an admin what became of a document that somebody expected to be found.
        tasks: Summarises, compares and drafts.
        schedule: When sources without a schedule of their own are ingested.
        folder_roots: Folders below which sources may be registered and ingested; none for all.
        keep_conversations_days: How long unused conversations are kept; 0 keeps none.
        max_upload_bytes: Largest single file accepted.
        allowed_origins: Foreign origins whose pages may call with a bearer token, e.g.
            ``https://portal.example.com``.
        trusted_hosts: Host names answered to, beside localhost and the loopback addresses.
        heartbeat_s: Seconds between two heartbeat comments of a stream.
        static: Folder of the page and the widget; nothing is served while it is missing.
    """

    catalog: Catalog
    searcher: "PassageSearch"
    answerer: QuestionAnswering
    originals: OriginalStore
    uploads: Path
    people: Callable[[], tuple[Person, ...]]
    worker_alive: Callable[[], bool]
    guide: SearchGuide
    inquire: "Callable[[Expectation], Inquiry]"
    tasks: "Desk"
    chat_model: ModelProbe | None = None
    model_rest: Callable[[], int] = int
    schedule: str = NIGHTLY
    folder_roots: tuple[Path, ...] = ()
    keep_conversations_days: int = 90
    max_upload_bytes: int = 200 * 1024 * 1024
    allowed_origins: tuple[str, ...] = ()
    trusted_hosts: tuple[str, ...] = ()
    heartbeat_s: float = 15.0
    static: Path = Path(__file__).parent / "static"
