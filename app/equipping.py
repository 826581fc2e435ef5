"""Builds what search is made of, from what the settings name: models, glossary, vocabulary.

Everything heavy is imported by the function that needs it.
"""

import json
import logging
from collections.abc import Sequence
from functools import lru_cache, partial
from pathlib import Path
from typing import TYPE_CHECKING

from app.settings import EMBEDDED_MODEL, SAMPLE_FORMS, Settings
from retrieval.errors import EmbedderUnavailable

if TYPE_CHECKING:
    from app.adapting import Adapting
    from app.answering.answerer import Answerer
    from app.answering.ports import ChatModel
    from app.tasking.desk import Desk
    from retrieval.catalog import Catalog
    from retrieval.embedding.adapted import FollowingEmbedder, Note
    from retrieval.indexing import Indexer
    from retrieval.ports import Embedder
    from retrieval.reranking import Reranking
    from retrieval.search import Searcher
    from retrieval.suggesting import Label

logger = logging.getLogger(__name__)


def build_embedder(settings: Settings) -> "Embedder":
    """Returns the embedding model the settings name, with the prompts that it is known to want.

    Raises:
        EmbedderUnavailable: It is not there or cannot be used.
    """
    folder = Path(settings.embedding_model).expanduser()
    if is_static(folder) or (folder.is_absolute() and not folder.is_dir()):
        return open_static(folder)
    from retrieval.embedding.hub import HubEmbedder
    from retrieval.embedding.onnx_running import OnnxEmbedder
    from retrieval.embedding.presets import find_preset

    preset = find_preset(settings.embedding_model)
    build = (
        OnnxEmbedder
        if settings.hub_backend.is_onnx
        else partial(HubEmbedder, device=settings.device or None)
    )
    return build(
        settings.embedding_model,
        settings.hub_backend,
        query_prompt=settings.query_prompt or (preset.query_prompt if preset else None),
        document_prompt=settings.document_prompt or (preset.document_prompt if preset else None),
        allow_download=settings.allow_downloads,
    )


def embedder_or_absent(settings: Settings) -> "Embedder":
    """Returns the embedding model, or what says at each use why there is none."""
    from app.standing_in import AbsentEmbedder

    try:
        return build_embedder(settings)
    except EmbedderUnavailable as error:
        logger.warning("going on without vectors: %s", error)
        return AbsentEmbedder(error)


def open_embedded_model() -> "Embedder | None":
    """Returns the embedded model, which sentences are compared with whatever searches.

    The thresholds of comparing are measured on it, and it takes microseconds where a model from
    the hub takes a second.
    """
    try:
        return open_static(EMBEDDED_MODEL)
    except EmbedderUnavailable as error:
        logger.warning("sentences are compared by their words only: %s", error)
        return None


def follow_live(settings: Settings, catalog: "Catalog") -> "FollowingEmbedder":
    """Returns the model that new vectors are made with: the adapted one while that is live."""
    from retrieval.embedding.adapted import AdaptedModels, FollowingEmbedder

    def find_live() -> str | None:
        live = catalog.generations.live()
        return live.fingerprint if live else None

    return FollowingEmbedder(embedder_or_absent(settings), AdaptedModels(settings.home), find_live)


def find_adapted(settings: Settings, catalog: "Catalog") -> "Note | None":
    """Returns what the adapted model that is live says of itself, ``None`` where none is."""
    from retrieval.embedding.adapted import AdaptedModels

    live = catalog.generations.live()
    note = AdaptedModels(settings.home).note(live.fingerprint) if live else None
    if note is None or not is_static(Path(settings.embedding_model).expanduser()):
        return None
    return note if note.base == embedder_or_absent(settings).fingerprint else None


def build_adapting(
    settings: Settings, catalog: "Catalog", indexer: "Indexer", embedder: "FollowingEmbedder"
) -> "Adapting":
    """Returns what tunes the static model on the documents."""
    from app.adapting import Adapting
    from app.evaluating.finding import find_sets
    from app.sample import find_questions
    from retrieval.adapting.tuning import Tuner

    tuner = Tuner(catalog, settings.home, indexer, embedder, find_glossary(settings))
    return Adapting(
        catalog, tuner, lambda: find_sets(settings.home, catalog, find_questions(catalog))
    )


@lru_cache(maxsize=1)
def open_static(folder: Path) -> "Embedder":
    """Returns a static model, which takes 100 MB: those who search and who compare share one.

    Raises:
        EmbedderUnavailable: It is not there or damaged.
    """
    from retrieval.embedding.static import StaticEmbedder

    return StaticEmbedder(folder)


def is_static(folder: Path) -> bool:
    """Returns whether a folder holds a model that is nothing but a table of token vectors."""
    try:
        modules = json.loads((folder / "modules.json").read_text(encoding="utf-8"))
    except (OSError, ValueError):
        return False
    return any(str(module.get("type", "")).endswith(".StaticEmbedding") for module in modules)


def build_reranking(settings: Settings) -> "Reranking | None":
    """Returns what puts passages in a finer order, ``None`` where the settings name no model.

    The model is loaded at the first question.
    """
    if not settings.reranker:
        return None
    from retrieval.embedding.cross_encoder import CrossEncoderReranker
    from retrieval.reranking import Reranking

    reranker = CrossEncoderReranker(
        settings.reranker,
        settings.hub_backend,
        device=settings.device or None,
        allow_download=settings.allow_downloads,
    )
    return Reranking(reranker, settings.reranker_budget_s)


def build_desk(
    settings: Settings,
    catalog: "Catalog",
    searcher: "Searcher",
    answerer: "Answerer",
    chat_model: "ChatModel | None",
) -> "Desk":
    """Returns what summarises, compares and drafts."""
    from app.answering.answerer import Options
    from app.answering.writing import Unproved
    from app.tasking.desk import Desk, Tools
    from app.tasking.finding import Finder
    from app.tasking.forms import FormShelf

    return Desk(
        Tools(
            finder=Finder(catalog, searcher),
            shelf=FormShelf(settings.forms or settings.home / "forms", SAMPLE_FORMS),
            answerer=answerer,
            chat_model=chat_model,
            embedder=open_embedded_model(),
            options=Options(
                max_tokens=settings.max_answer_tokens,
                deadline_s=settings.answer_timeout_s,
                unproved=Unproved(settings.unproved),
            ),
        )
    )


def find_glossary(settings: Settings) -> Path:
    """Returns the file of the company's words: its own where the settings name one."""
    from retrieval.lexical.glossary import PACKAGED

    return settings.glossary or PACKAGED


def find_vocabulary(settings: Settings) -> Path:
    """Returns the file of tags: the company's own where the settings name one."""
    from ingestion.vocabulary import VOCABULARY

    return settings.vocabulary or VOCABULARY


def list_labels(settings: Settings) -> "Sequence[Label]":
    """Returns the controlled vocabulary as filters are suggested from it."""
    from ingestion.errors import VocabularyInvalid
    from ingestion.vocabulary import read_vocabulary
    from retrieval.suggesting import Label

    try:
        terms = read_vocabulary(find_vocabulary(settings)).terms
    except VocabularyInvalid as error:
        logger.warning("no filters are suggested from it: %s", error)
        return ()
    return tuple(
        Label(f"{term.category}:{term.id}", term.ja, term.en, term.words) for term in terms
    )
