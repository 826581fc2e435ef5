"""A small company behind the API: a real catalog with a few documents, search and answers by hand.

The searcher and the answerer are true to their ports and nothing more: words are looked up in the
catalog's chunks, and the answer is the first passages, one sentence each.
"""

import time
from collections.abc import Generator
from contextlib import closing
from dataclasses import dataclass, field, replace
from pathlib import Path
from threading import Event as Flag

from app.answering.model import (
    Answer,
    AnswerKind,
    Bilingual,
    Citation,
    Event,
    Finished,
    Found,
    ModelState,
    Nearest,
    Notice,
    NoticeRaised,
    Question,
    Sentence,
    SentenceReady,
)
from app.answering.quoting import whole
from app.services import Person, Services
from app.tasking.desk import Desk, Tools
from app.tasking.finding import Finder
from app.tasking.forms import FormShelf
from app.tracing.model import Expectation, Inquiry, Step
from retrieval.catalog import Catalog, NewKey, NewSource, Source
from retrieval.errors import KuraError
from retrieval.explaining import Trace
from retrieval.guiding import Guide
from retrieval.identity import chunk_id, document_id, text_hash
from retrieval.lexical.glossary import Glossary
from retrieval.model import (
    Access,
    Block,
    BlockKind,
    Chunk,
    Metadata,
    NewVersion,
)
from retrieval.originals import OriginalStore
from tests.fakes.keeping import keep
from tests.fakes.searcher import CatalogSearcher
from tests.patience import PATIENCE_S

PEOPLE = (
    Person("hanako", "山田 花子", "Hanako Yamada", ("hr",)),
    Person("taro", "鈴木 太郎", "Taro Suzuki", ()),
)


@dataclass
class ReadingAnswerer:
    """Answers with the passages found, one sentence each.

    Attributes:
        pause_s: Seconds before each sentence.
        held: While there is one, each sentence waits until it is set.
        holding: One for each time that a sentence waited so.
        endless: Whether sentences go on until the reader closes.
        failure: Raised after the first sentence.
        closed: Set once a stream has ended or was closed.
    """

    searcher: CatalogSearcher
    pause_s: float = 0.0
    held: Flag | None = None
    holding: list[None] = field(default_factory=list)
    endless: bool = False
    failure: Exception | None = None
    closed: Flag = field(default_factory=Flag)

    def stream(self, question: Question) -> Generator[Event, None, None]:
        """Yields the answer as it comes to be."""
        try:
            yield from self._tell(question)
        finally:
            self.closed.set()

    def answer(self, question: Question) -> Answer:
        """Returns the whole answer."""
        with closing(self.stream(question)) as events:
            return next(event.answer for event in events if isinstance(event, Finished))

    def _tell(self, question: Question) -> Generator[Event, None, None]:
        passages = self.searcher.search(question.text, question.scope).passages
        citations = tuple(whole(passage, n) for n, passage in enumerate(passages, 1))
        yield Found(citations)
        notice = Notice("no-model", "引用で答えます。")
        yield NoticeRaised(notice)
        sentences = tuple(Sentence(c.quote, (c.number,)) for c in citations)
        for sentence, citation in zip(sentences, citations, strict=True):
            self._pause()
            yield SentenceReady(sentence, (citation,))
            if self.failure is not None:
                raise self.failure
        while self.endless:
            self._pause()
            yield SentenceReady(Sentence("まだ続きます。", ()), ())
        yield Finished(self._conclude(question, sentences, citations, notice))

    def _pause(self) -> None:
        if (held := self.held) is not None:
            self.holding.append(None)
            held.wait(PATIENCE_S)
        time.sleep(self.pause_s)

    def _conclude(
        self,
        question: Question,
        sentences: tuple[Sentence, ...],
        citations: tuple[Citation, ...],
        notice: Notice,
    ) -> Answer:
        nearest = tuple(
            Nearest(c.document_id, c.title, "人事部", "人事") for c in citations if c.number == 1
        )
        return Answer(
            id="answer-1",
            kind=AnswerKind.EXTRACTIVE if sentences else AnswerKind.REFUSAL,
            language=question.language or "ja",
            question=question.text,
            sentences=sentences,
            citations=citations,
            nearest=nearest,
            notices=(notice,),
            model="",
            passages_found=len(citations),
            passages_used=len(citations),
            milliseconds=1,
        )


@dataclass(frozen=True)
class StillModel:
    """A chat model that is never there."""

    name: str = "qwen3:8b"

    def state(self) -> ModelState:
        """Returns that nothing answers."""
        remedy = Bilingual("Ollama を起動してください。", "Start Ollama.")
        return ModelState(False, False, 0, "model-unreachable", remedy)


class CatalogGone(KuraError):
    """An error whose message names something that callers must not see."""

    code = "catalog-unavailable"
    ja = "秘密の場所 /srv/secret"
    en = "secret place /srv/secret"


@dataclass
class Company:
    """All that a test of the API needs, over one folder."""

    home: Path
    catalog: Catalog
    services: Services
    answerer: ReadingAnswerer
    originals: OriginalStore

    def key(
        self, user: str = "hanako", groups: tuple[str, ...] = (), scopes: tuple[str, ...] = ("ask",)
    ) -> dict[str, str]:
        """Returns the headers of a new API key."""
        new = NewKey(kind="key", user=user, groups=groups, scopes=scopes)
        return {"Authorization": f"Bearer {self.catalog.keys.create(new)[1]}"}

    def source(self, name: str = "rules", kind: str = "folder") -> Source:
        """Returns the source of this name, registered when it is not."""
        new = NewSource(name, kind, str(self.home), access=Access())
        return self.catalog.sources.find(name) or self.catalog.sources.add(new)

    def publish(
        self,
        name: str,
        text: str,
        *,
        allow: str = "everyone",
        source: Source | None = None,
        **about: object,
    ) -> str:
        """Publishes a document of one chunk for each line and returns its id."""
        source = source or self.source()
        identifier = document_id(source.id, name)
        blocks: list[Block] = []
        chunks: list[Chunk] = []
        start = 0
        for ordinal, line in enumerate(text.split("\n")):
            end = start + len(line)
            blocks.append(Block(BlockKind.PARAGRAPH, line, page=1, start=start, end=end))
            identity = chunk_id(identifier, (name,), line, ordinal)
            place = {"page": 1, "start": start, "end": end}
            chunks.append(Chunk(identity, identifier, ordinal, line, heading=(name,), **place))
            start = end + 1
        metadata = replace(
            Metadata(title=name, department="人事", language="ja", media_type="text/plain"),
            **about,
        )
        self.catalog.documents.publish(
            NewVersion(
                source_id=source.id,
                external_id=name,
                metadata=metadata,
                access=Access(allow=frozenset({allow})),
                text=text,
                blocks=tuple(blocks),
                chunks=tuple(chunks),
                content_hash=keep(self.originals, text.encode()),
                text_hash=text_hash(text),
                signature="1",
                size=len(text.encode()),
            )
        )
        return identifier


def files(*named: tuple[str, bytes]) -> list[tuple[str, tuple[str, bytes]]]:
    """Returns files as an upload sends them."""
    return [("files", pair) for pair in named]


def find_nothing(expected: Expectation) -> Inquiry:
    """Says of every document that it was never taken in."""
    step = Step("ingested", False, Bilingual("ありません。", "It is not there."))
    trace = Trace(expected.document, ingested=False)
    return Inquiry(trace, expected.scope.principals, (step,))


def open_company(home: Path, **changed: object) -> Company:
    """Returns a company with an empty catalog; values of `Services` may be changed."""
    (home / "uploads").mkdir()
    catalog = Catalog(home / "catalog.sqlite")
    searcher = CatalogSearcher(catalog)
    answerer = ReadingAnswerer(searcher)
    originals = OriginalStore(home / "originals")
    services = Services(
        catalog=catalog,
        searcher=searcher,
        answerer=answerer,
        originals=originals,
        uploads=home / "uploads",
        people=lambda: PEOPLE,
        worker_alive=lambda: False,
        guide=Guide(catalog, Glossary(), lambda: ()),
        inquire=find_nothing,
        tasks=Desk(Tools(Finder(catalog, searcher), FormShelf(home / "forms"), answerer)),
        chat_model=StillModel(),
        trusted_hosts=("testserver",),
        static=home / "static",
    )
    return Company(home, catalog, replace(services, **changed), answerer, originals)
