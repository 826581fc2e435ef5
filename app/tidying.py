"""Removes what nothing needs any more. Run it between jobs, under the worker's lock."""

import logging
import os
import shutil
import time
from datetime import datetime, timedelta
from pathlib import Path
from typing import TYPE_CHECKING

from app.orders import UPLOAD, UploadOrder
from ingestion.gates import is_as_ruled
from ingestion.sources.kinds import MIRRORED

if TYPE_CHECKING:
    from retrieval.catalog import Catalog
    from retrieval.originals import OriginalStore

logger = logging.getLogger(__name__)

ABANDONED_S = 24 * 3600.0
"""Received files without a job are left this long: their upload may still be going on."""

LONGEST_LOG = 5 * 2**20
"""A log longer than this, in bytes, is put aside."""

RECORDS_KEPT_DAYS = 90
"""How long it is told of a job that it ended, and of a document that it was removed."""


def sweep_uploads(catalog: "Catalog", uploads: Path) -> None:
    """Removes received files of more than a day ago that no waiting job names."""
    if not uploads.is_dir():
        return
    orders = [UploadOrder.from_payload(job.payload) for job in catalog.jobs.unfinished(UPLOAD)]
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


def sweep_records(catalog: "Catalog", now: datetime) -> None:
    """Deletes what is told of jobs and removed documents of long ago, a thousand of each at most.

    What a person had set of a removed document stays as long as its source, which may have the
    document back; so does the last job of each source, which the schedule goes by.
    """
    before = (now - timedelta(days=RECORDS_KEPT_DAYS)).timestamp()
    ended = catalog.jobs.sweep(before)
    removed = catalog.documents.forget_removed(before, is_as_ruled)
    if ended or removed:
        logger.info("deleted what was kept of %d jobs, %d removed documents", ended, removed)


def sweep_conversations(catalog: "Catalog", days: int, now: datetime) -> None:
    """Deletes conversations whose last question was more than so many days ago."""
    removed = catalog.conversations.sweep((now - timedelta(days=days)).timestamp())
    if removed:
        logger.info("deleted %d conversations that nobody went on with", removed)


def sweep_feedback(catalog: "Catalog", days: int, now: datetime) -> None:
    """Deletes the names under feedback of more than so many days ago, of a day ago at least.

    The day is for how much one person may say in an hour, and for changing one's mind.
    """
    unnamed = catalog.feedback.unname((now - timedelta(days=max(days, 1))).timestamp())
    if unnamed:
        logger.info("deleted the names under %d old pieces of feedback", unnamed)


def cut_log(log: Path) -> None:
    """Puts a log that has grown long aside, over the one before; who appends to it goes on."""
    if log.is_file() and log.stat().st_size > LONGEST_LOG:
        shutil.copyfile(log, log.with_suffix(".log.1"))
        os.truncate(log, 0)
