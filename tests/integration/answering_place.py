"""Real files in a folder, read, indexed and asked about with everything that answers in earnest."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Self

from app.answering.answerer import Answerer
from app.answering.model import Answer, Question, Turn
from app.equipping import open_embedded_model
from ingestion.pipeline import Pipeline
from retrieval.catalog import Catalog, NewSource
from retrieval.embedding.cache import CachedEmbedder, EmbeddingCache
from retrieval.indexing import Indexer
from retrieval.lexical.glossary import PACKAGED, Glossary
from retrieval.model import Access, Scope
from retrieval.originals import OriginalStore
from retrieval.search import Searcher
from tests.fakes.chat_model import ScriptedChat
from tests.fakes.reader import TextReader

EVERYONE = frozenset({"everyone"})
PUBLIC = Access(EVERYONE)
BOARD = Access(frozenset({"group:board"}))


@dataclass
class AnsweringPlace:
    """A state folder with all that answers from it; the files of each source in one folder."""

    home: Path

    def __enter__(self) -> Self:
        model = open_embedded_model()
        assert model is not None
        self.model = model
        self.catalog = Catalog(self.home / "catalog.sqlite")
        self.cache = EmbeddingCache(self.home / "embeddings.sqlite")
        self.embedder = CachedEmbedder(model, self.cache)
        self.searcher = Searcher(self.catalog, self.home, self.embedder)
        return self

    def __exit__(self, *_: object) -> None:
        self.searcher.close()
        self.cache.close()
        self.catalog.close()

    def take_in(self, files: Mapping[str, str], name: str = "all", access: Access = PUBLIC) -> None:
        """Writes the files into the folder of a source, reads those that changed and indexes."""
        folder = self.home / name
        for path, text in files.items():
            (folder / path).parent.mkdir(parents=True, exist_ok=True)
            (folder / path).write_text(text, encoding="utf-8")
        source = self.catalog.sources.find(name) or self.catalog.sources.add(
            NewSource(name, "folder", str(folder), access=access)
        )
        originals = OriginalStore(self.home / "originals")
        pipeline = Pipeline(self.catalog, originals, self.embedder, TextReader())
        pipeline.run(source, lambda _: None, pause=lambda: None)
        indexer = Indexer(self.catalog, self.home, self.model, self.cache)
        indexer.catch_up()
        indexer.publish_if_due(force=True)

    def answerer(self, script: str = "") -> Answerer:
        """Returns what answers, without a guess at whether it can; a model writes the script."""
        return Answerer(
            self.searcher,
            ScriptedChat(script) if script else None,
            embedder=self.model,
            glossary=Glossary(PACKAGED),
        )

    def ask(
        self,
        question: str,
        script: str = "",
        principals: frozenset[str] = EVERYONE,
        history: Sequence[Turn] = (),
    ) -> Answer:
        """Returns the answer to a question."""
        return self.answerer(script).answer(Question(question, Scope(principals), tuple(history)))

    def ask_both_ways(self, question: str) -> list[Answer]:
        """Returns the quoted answer, and one by a model that writes its first quotation only."""
        quoted = self.ask(question)
        return [quoted, self.ask(question, f"{quoted.sentences[0].text}[1]")]


def codes(answer: Answer) -> list[str]:
    """Returns the codes of an answer's notices, those of the model aside."""
    return [notice.code for notice in answer.notices if not notice.code.startswith("no-model")]
