"""Models tuned on this place's own documents: where they lie, and which of them serves.

A model is in force exactly while the live generation was made with it: the generation's
fingerprint is the one pointer. It serves only beside the model it was tuned from, so that naming
another model in the settings is enough to leave it.
"""

import json
import logging
import os
import shutil
import threading
from collections.abc import Callable, Collection, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path

from retrieval.embedding.cache import share_cache
from retrieval.embedding.static import StaticEmbedder
from retrieval.errors import EmbedderUnavailable
from retrieval.ports import Embedder, Vectors

NOTE = "adapted.json"
"""File that tells an adapted model from other folders; only folders that hold it are removed."""

_DRAFT = "adapting.draft"

_LOG = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class Note:
    """What an adapted model says of itself.

    Attributes:
        base: Fingerprint of the model it was tuned from.
        made_at: When, ISO 8601 in UTC.
        documents: How many it learned from.
        passages: The same of passages.
        readable_by: Who may read all of these.
    """

    base: str
    made_at: str
    documents: int
    passages: int
    readable_by: tuple[str, ...]

    def write(self, folder: Path) -> None:
        """Writes the note into a model's folder."""
        text = json.dumps(asdict(self), ensure_ascii=False, indent=2)
        (folder / NOTE).write_text(text + "\n", encoding="utf-8")


class AdaptedModels:
    """The adapted models of a state folder. Safe to share by threads."""

    def __init__(self, home: Path) -> None:
        """Takes the state folder; nothing need be there."""
        self.folder = home / "models"
        self._lock = threading.Lock()
        self._opened: StaticEmbedder | None = None

    def note(self, fingerprint: str) -> Note | None:
        """Returns what an adapted model says of itself, ``None`` where there is no such model."""
        try:
            facts = json.loads((self.folder / fingerprint / NOTE).read_text(encoding="utf-8"))
            return Note(**{**facts, "readable_by": tuple(facts["readable_by"])})
        except (OSError, ValueError, TypeError, KeyError):
            return None

    def serving(self, fingerprint: str | None, configured: Embedder) -> Embedder:
        """Returns the model for a generation.

        Args:
            fingerprint: Of the generation; ``None`` while there is none.
            configured: The model that the settings name.

        Returns:
            The adapted model where one of this fingerprint is here, whole, and tuned from the
            configured one; else the configured one.
        """
        if fingerprint is None or fingerprint == configured.fingerprint:
            return configured
        note = self.note(fingerprint)
        if note is None or note.base != configured.fingerprint:
            return configured
        found = self._open(fingerprint)
        return configured if found is None else share_cache(configured, found)

    def start_draft(self) -> Path:
        """Returns an empty folder to write a model into; what was in it before is gone."""
        draft = self.folder / _DRAFT
        shutil.rmtree(draft, ignore_errors=True)
        draft.mkdir(parents=True)
        return draft

    def take_in(self, draft: Path) -> StaticEmbedder:
        """Gives a finished model its place, under its fingerprint, and returns it.

        Nobody takes it for the one in force before a generation made with it is live.

        Raises:
            EmbedderUnavailable: What lies in the draft cannot be used.
        """
        embedder = StaticEmbedder(draft)
        place = self.folder / embedder.fingerprint
        shutil.rmtree(place, ignore_errors=True)
        for file in [path for path in draft.rglob("*") if path.is_file()]:
            with file.open("rb") as opened:
                os.fsync(opened.fileno())
        draft.rename(place)
        return embedder

    def keep_only(self, fingerprints: Collection[str]) -> None:
        """Removes the other adapted models, and what was left half made; nothing else."""
        shutil.rmtree(self.folder / _DRAFT, ignore_errors=True)
        for note in list(self.folder.glob(f"*/{NOTE}")):
            if note.parent.name not in fingerprints:
                note.unlink(missing_ok=True)  # first: without it nobody takes it for a model
                shutil.rmtree(note.parent, ignore_errors=True)

    def _open(self, fingerprint: str) -> StaticEmbedder | None:
        with self._lock:
            if self._opened is None or self._opened.fingerprint != fingerprint:
                try:
                    opened = StaticEmbedder(self.folder / fingerprint)
                except EmbedderUnavailable as error:
                    _LOG.warning("The adapted model cannot be used: %s", error)
                    return None
                if opened.fingerprint != fingerprint:
                    _LOG.warning("The adapted model %s is not what it was", fingerprint)
                    return None
                self._opened = opened
            return self._opened


class FollowingEmbedder:
    """The model that new vectors are to be made with; implements the port ``Embedder``.

    It is the adapted one while that is live, else the one the settings name. For the one process
    that publishes generations: elsewhere the live one may change between two calls.
    """

    def __init__(
        self, configured: Embedder, models: AdaptedModels, live: Callable[[], str | None]
    ) -> None:
        """Takes the parts.

        Args:
            configured: The model that the settings name.
            models: The adapted ones.
            live: Returns the live generation's fingerprint, ``None`` while there is none.
        """
        self.configured = configured
        self._models, self._live = models, live

    @property
    def fingerprint(self) -> str:
        """Of the model in force."""
        return self._current().fingerprint

    @property
    def dimension(self) -> int:
        """Length of one vector."""
        return self._current().dimension

    def embed_documents(self, texts: Sequence[str]) -> Vectors:
        """Returns an (n, dimension) array of L2-normalised rows, in the order given.

        Raises:
            EmbedderUnavailable: The model cannot be used.
        """
        return self._current().embed_documents(texts)

    def embed_query(self, text: str) -> Vectors:
        """Returns one L2-normalised (dimension,) vector.

        Raises:
            EmbedderUnavailable: The model cannot be used.
        """
        return self._current().embed_query(text)

    def _current(self) -> Embedder:
        return self._models.serving(self._live(), self.configured)
