"""The only place that builds parts and puts them together.

Everything heavy is imported by the function that needs it: a command pays for what it uses.
"""

import errno
import logging
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager
from functools import partial
from pathlib import Path
from tempfile import TemporaryFile
from typing import TYPE_CHECKING

from app.equipping import (
    build_adapting,
    build_desk,
    build_reranking,
    embedder_or_absent,
    find_glossary,
    find_vocabulary,
    follow_live,
    list_labels,
    open_embedded_model,
)
from app.orders import ADAPT
from app.settings import HomeUnusable, Settings
from retrieval.catalog import Catalog

if TYPE_CHECKING:
    from app.answering.answerer import Answerer, Options
    from app.answering.ports import ChatModel
    from app.answering.sharing import SharedChat
    from app.picking_model import PickedChat
    from app.routine import Household
    from app.services import Services
    from app.tracing.model import Expectation, Inquiry
    from app.worker import Worker
    from ingestion.sources.listing import SourceLister
    from retrieval.embedding.cache import EmbeddingCache
    from retrieval.guiding import Guide
    from retrieval.search import Searcher

logger = logging.getLogger(__name__)

MEGABYTE = 2**20


def prepare_home(home: Path) -> None:
    """Makes the state folder and tries that it can be written.

    Raises:
        HomeUnusable: It cannot.
    """
    try:
        home.mkdir(parents=True, exist_ok=True)
        with TemporaryFile(dir=home):
            pass
    except OSError as error:
        if error.errno in {errno.ENOSPC, errno.EDQUOT}:
            return  # what can be done without writing still can; the rest says so itself
        raise HomeUnusable(home=home, reason=error.strerror or error) from error


def open_store(settings: Settings) -> Catalog:
    """Returns the open catalog of the state folder, which is made when it is not there.

    Raises:
        HomeUnusable: The state folder cannot be made or written.
        CatalogUnavailable: The catalog cannot be opened.
    """
    prepare_home(settings.home)
    return Catalog(settings.home / "catalog.sqlite")


def build_chat_model(settings: Settings) -> "SharedChat":
    """Returns the chat model with the queue in front of it; nothing is sent to it yet.

    Raises:
        WrongSetting: The file that should hold its key cannot be read.
    """
    from app.answering.queueing import Line
    from app.answering.sharing import SharedChat
    from app.answering.tripping import Breaker

    line = Line(settings.model_parallel, settings.model_queue, settings.queue_wait_s)
    return SharedChat(find_chat_model(settings), line, Breaker())


def find_chat_model(settings: Settings) -> "PickedChat":
    """Returns the chat model by itself; nothing is sent to it yet.

    Raises:
        WrongSetting: The file that should hold its key cannot be read.
    """
    from app.answering.chat_options import ChatOptions
    from app.picking_model import PickedChat, Place, read_key

    options = ChatOptions(
        window=settings.num_ctx,
        temperature=settings.temperature,
        top_p=settings.top_p,
        thinking_tokens=settings.thinking_tokens,
        keep_alive=settings.keep_alive,
        first_token_s=settings.answer_timeout_s,
        total_s=settings.answer_timeout_s,
    )
    key = read_key(settings.chat_key_file) if settings.chat_key_file else ""
    place = Place(settings.chat_url, settings.model, key, settings.allow_cloud)
    return PickedChat(place, options)


def _open_cache(settings: Settings) -> "closing[EmbeddingCache]":
    from retrieval.embedding.cache import EmbeddingCache

    return closing(EmbeddingCache(settings.home / "embeddings.sqlite"))


@contextmanager
def open_searcher(settings: Settings, catalog: Catalog) -> Iterator["Searcher"]:
    """Yields search over the indexes as they are; nothing is written but the embedding cache."""
    from retrieval.embedding.cache import CachedEmbedder
    from retrieval.search import Searcher

    with _open_cache(settings) as cache:
        embedder = CachedEmbedder(embedder_or_absent(settings), cache)
        glossary, reranking = find_glossary(settings), build_reranking(settings)
        searcher = Searcher(catalog, settings.home, embedder, glossary, reranking)
        with closing(searcher):
            yield searcher


def build_guide(settings: Settings, catalog: Catalog) -> "Guide":
    """Returns what marks words in passages and suggests filters."""
    from retrieval.guiding import Guide
    from retrieval.lexical.glossary import Glossary

    labels = partial(list_labels, settings)
    return Guide(catalog, Glossary(find_glossary(settings)), labels)


def build_answerer(
    settings: Settings, searcher: "Searcher", chat_model: "ChatModel | None"
) -> "Answerer":
    """Returns what answers questions from these parts."""
    from app.answering.answerer import Answerer
    from retrieval.lexical.glossary import Glossary

    options = _answer_options(settings)
    glossary = Glossary(find_glossary(settings))
    return Answerer(
        searcher, chat_model, options, embedder=open_embedded_model(), glossary=glossary
    )


def _answer_options(settings: Settings) -> "Options":
    from app.answering.answerer import Options
    from app.answering.foretelling import packaged
    from app.answering.writing import Unproved

    return Options(
        max_tokens=settings.max_answer_tokens,
        deadline_s=settings.answer_timeout_s,
        foretelling=packaged(),
        unproved=Unproved(settings.unproved),
    )


def build_inquiry(
    settings: Settings, searcher: "Searcher", chat_model: "ChatModel | None"
) -> "Callable[[Expectation], Inquiry]":
    """Returns what tells an admin why a document was not found."""
    from app.tracing.inquiring import inquire

    options = _answer_options(settings)
    return lambda expected: inquire(expected, searcher, chat_model, options)


@contextmanager
def build_services(settings: Settings, catalog: Catalog) -> Iterator["Services"]:
    """Yields everything the HTTP application is made of."""
    from app.role import is_alive
    from app.sample import find_people
    from app.services import Services
    from retrieval.originals import OriginalStore

    uploads = settings.home / "uploads"
    uploads.mkdir(exist_ok=True)
    with (
        open_searcher(settings, catalog) as searcher,
        closing(build_chat_model(settings)) as chat_model,
    ):
        answerer = build_answerer(settings, searcher, chat_model)
        yield Services(
            catalog=catalog,
            searcher=searcher,
            answerer=answerer,
            originals=OriginalStore(settings.home / "originals"),
            uploads=uploads,
            people=lambda: find_people(catalog),
            worker_alive=lambda: is_alive(settings.home),
            chat_model=chat_model,
            model_rest=chat_model.rest,
            guide=build_guide(settings, catalog),
            inquire=build_inquiry(settings, searcher, chat_model),
            tasks=build_desk(settings, catalog, searcher, answerer, chat_model),
            schedule=settings.schedule,
            folder_roots=tuple(Path(root).expanduser() for root in settings.folder_roots),
            keep_conversations_days=settings.keep_conversations_days,
            max_upload_bytes=settings.max_upload_mb * MEGABYTE,
            allowed_origins=settings.allowed_origins,
            trusted_hosts=(*settings.trusted_hosts, settings.host),
        )


def build_lister(settings: Settings) -> "SourceLister":
    """Returns what lists sources of every kind; nothing is listed yet."""
    from ingestion.sources.listing import SourceLister

    return SourceLister(_mirrors(settings))


def _mirrors(settings: Settings) -> Path:
    return settings.home / "mirrors"


def _household(settings: Settings) -> "Household":
    from app.routine import Household

    return Household(
        settings.sources_file,
        _mirrors(settings),
        settings.schedule,
        settings.keep_conversations_days,
    )


@contextmanager
def build_worker(settings: Settings) -> Iterator["Worker"]:
    """Yields a worker with a catalog connection of its own; the caller holds the role."""
    from app.routine import Routine
    from app.worker import Worker
    from ingestion.model import Limits
    from ingestion.pipeline import Pipeline
    from ingestion.reading.pool import ReadingPool
    from ingestion.reading.recognition import find_tesseract
    from retrieval.embedding.cache import CachedEmbedder
    from retrieval.indexing import Indexer
    from retrieval.originals import OriginalStore

    limits = Limits(
        seconds=settings.read_timeout_s,
        memory=settings.read_memory_mb * MEGABYTE,
        file_size=settings.max_file_mb * MEGABYTE,
        tesseract=find_tesseract(),
    )
    originals = OriginalStore(settings.home / "originals")
    with (
        open_store(settings) as catalog,
        _open_cache(settings) as cache,
        ReadingPool(settings.readers, limits) as readers,
    ):
        embedder = follow_live(settings, catalog)
        cached = CachedEmbedder(embedder, cache)
        lister = build_lister(settings)
        pipeline = Pipeline(
            catalog,
            originals,
            cached,
            readers,
            workers=settings.readers,
            lister=lister,
            vocabulary=find_vocabulary(settings),
        )
        indexer = Indexer(catalog, settings.home, embedder, cache)
        routine = Routine(catalog, _household(settings))
        worker = Worker(catalog, pipeline, indexer, originals, settings.home, routine)
        worker.take_on(ADAPT, build_adapting(settings, catalog, indexer, embedder).work)
        yield worker
