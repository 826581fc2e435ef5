"""The only place that builds parts and puts them together.

Everything heavy is imported by the function that needs it: a command pays for what it uses.
"""

import errno
import json
import logging
from collections.abc import Iterator
from contextlib import closing, contextmanager
from functools import lru_cache
from pathlib import Path
from tempfile import TemporaryFile
from typing import TYPE_CHECKING

from app.settings import EMBEDDED_MODEL, HomeUnusable, Settings
from retrieval.catalog import Catalog
from retrieval.errors import EmbedderUnavailable
from retrieval.ports import Embedder

if TYPE_CHECKING:
    from app.answering.answerer import Answerer
    from app.answering.ollama_chat import OllamaChat
    from app.answering.ports import ChatModel
    from app.picking_model import FirstInstalled
    from app.services import Services
    from app.worker import Worker
    from retrieval.embedding.cache import EmbeddingCache
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


def build_embedder(settings: Settings) -> Embedder:
    """Returns the embedding model the settings name.

    Raises:
        EmbedderUnavailable: It is not there or cannot be used.
    """
    folder = Path(settings.embedding_model).expanduser()
    if _is_static(folder) or (folder.is_absolute() and not folder.is_dir()):
        return _open_static(folder)
    from retrieval.embedding.hub import HubEmbedder

    return HubEmbedder(
        settings.embedding_model,
        query_prompt=settings.query_prompt,
        document_prompt=settings.document_prompt,
        allow_download=settings.allow_downloads,
    )


@lru_cache(maxsize=1)
def _open_static(folder: Path) -> Embedder:
    """Returns a static model, which takes 100 MB: those who search and who compare share one."""
    from retrieval.embedding.static import StaticEmbedder

    return StaticEmbedder(folder)


def _is_static(folder: Path) -> bool:
    """Returns whether a folder holds a model that is nothing but a table of token vectors."""
    try:
        modules = json.loads((folder / "modules.json").read_text(encoding="utf-8"))
    except (OSError, ValueError):
        return False
    return any(str(module.get("type", "")).endswith(".StaticEmbedding") for module in modules)


def build_chat_model(settings: Settings) -> "OllamaChat | FirstInstalled":
    """Returns the chat model; nothing is sent to it yet."""
    from app.answering.ollama_chat import OllamaChat, OllamaOptions
    from app.picking_model import FirstInstalled

    options = OllamaOptions(
        window=settings.num_ctx,
        first_token_s=settings.answer_timeout_s,
        total_s=settings.answer_timeout_s,
    )
    if settings.model:
        return OllamaChat(settings.ollama_url, settings.model, options)
    return FirstInstalled(settings.ollama_url, options)


def _embedder_or_absent(settings: Settings) -> Embedder:
    """Returns the embedding model, or what says at each use why there is none."""
    from app.standing_in import AbsentEmbedder

    try:
        return build_embedder(settings)
    except EmbedderUnavailable as error:
        logger.warning("going on without vectors: %s", error)
        return AbsentEmbedder(error)


def _open_cache(settings: Settings) -> "closing[EmbeddingCache]":
    from retrieval.embedding.cache import EmbeddingCache

    return closing(EmbeddingCache(settings.home / "embeddings.sqlite"))


@contextmanager
def open_searcher(settings: Settings, catalog: Catalog) -> Iterator["Searcher"]:
    """Yields search over the indexes as they are; nothing is written but the embedding cache."""
    from retrieval.embedding.cache import CachedEmbedder
    from retrieval.search import Searcher

    with _open_cache(settings) as cache:
        embedder = CachedEmbedder(_embedder_or_absent(settings), cache)
        with closing(Searcher(catalog, settings.home, embedder)) as searcher:
            yield searcher


def build_answerer(
    settings: Settings, searcher: "Searcher", chat_model: "ChatModel | None"
) -> "Answerer":
    """Returns what answers questions from these parts."""
    from app.answering.answerer import Answerer, Options
    from retrieval.lexical.glossary import Glossary

    options = Options(max_tokens=settings.max_answer_tokens, deadline_s=settings.answer_timeout_s)
    return Answerer(
        searcher, chat_model, options, embedder=_open_embedded_model(), glossary=Glossary()
    )


def _open_embedded_model() -> Embedder | None:
    """Returns the embedded model, which sentences are compared with whatever searches.

    The thresholds of comparing are measured on it, and it takes microseconds where a model from
    the hub takes a second.
    """
    try:
        return _open_static(EMBEDDED_MODEL)
    except EmbedderUnavailable as error:
        logger.warning("sentences are compared by their words only: %s", error)
        return None


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
        yield Services(
            catalog=catalog,
            searcher=searcher,
            answerer=build_answerer(settings, searcher, chat_model),
            originals=OriginalStore(settings.home / "originals"),
            uploads=uploads,
            people=lambda: find_people(catalog),
            worker_alive=lambda: is_alive(settings.home),
            chat_model=chat_model,
            max_upload_bytes=settings.max_upload_mb * MEGABYTE,
            allowed_origins=settings.allowed_origins,
            trusted_hosts=(*settings.trusted_hosts, settings.host),
        )


@contextmanager
def build_worker(settings: Settings) -> Iterator["Worker"]:
    """Yields a worker with a catalog connection of its own; the caller holds the role."""
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
        embedder = _embedder_or_absent(settings)
        cached = CachedEmbedder(embedder, cache)
        pipeline = Pipeline(catalog, originals, cached, readers, workers=settings.readers)
        indexer = Indexer(catalog, settings.home, embedder, cache)
        yield Worker(catalog, pipeline, indexer, originals, settings.home)
