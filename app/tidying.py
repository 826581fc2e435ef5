"""Removes files that nothing names any more. Run it between jobs, under the worker's lock."""

import logging
import shutil
import time
from datetime import datetime, timedelta
from pathlib import Path
from typing import TYPE_CHECKING

from app.orders import UPLOAD, UploadOrder
from ingestion.sources.kinds import MIRRORED

if TYPE_CHECKING:
    from retrieval.catalog import Catalog
    from retrieval.originals import OriginalStore

logger = logging.getLogger(__name__)

ABANDONED_S = 24 * 3600.0
"""Received files without a job are left this long: their upload may still be going on."""


def sweep_uploads(catalog: "Catalog", uploads: Path) -> None:
    """Removes received files of more than a day ago that no waiting job names."""
    if not uploads.is_dir():
        return
    waiting = [job for job in catalog.jobs.list(limit=10_000) if job.state == "queued"]
    orders = [UploadOrder.from_payload(job.payload) for job in waiting if job.kind == UPLOAD]
    named = {Path(file.path).parts[0] for order in orders for file in order.files}
    newest = time.time() - ABANDONED_S
    for tray in uploads.iterdir():
        if tray.name not in named and tray.stat().st_mtime < newest:
            shutil.rmtree(tray, ignore_errors=True)


def sweep_originals(catalog: "Catalog", originals: "OriginalStore") -> None:
    """Removes kept files whose documents are gone.

    What came within the last hour stays. Only the worker keeps originals, so that between two
    jobs every one of them that is needed is named by a document.
    """
    used = {
        state.content_hash
        for source in catalog.sources.list()
        for state in catalog.documents.states(source.id).values()
    }
    removed = originals.remove_unreferenced(used)
    if removed:
        logger.info("removed %d kept files without a document", removed)


def sweep_mirrors(catalog: "Catalog", mirrors: Path) -> None:
    """Removes the mirrors of sources that are gone, or are of a kind that needs none now."""
    if not mirrors.is_dir():
        return
    owners = {source.id for source in catalog.sources.list() if source.kind in MIRRORED}
    for entry in mirrors.iterdir():
        if entry.name.partition(".")[0] in owners:
            continue
        if entry.is_dir() and not entry.is_symlink():
            shutil.rmtree(entry, ignore_errors=True)
        else:
            entry.unlink(missing_ok=True)


def sweep_conversations(catalog: "Catalog", days: int, now: datetime) -> None:
    """Deletes conversations whose last question was more than so many days ago."""
    removed = catalog.conversations.sweep((now - timedelta(days=days)).timestamp())
    if removed:
        logger.info("deleted %d conversations that nobody went on with", removed)
