"""Lists a source of mails by where they lie."""

from pathlib import Path

from ingestion.model import Listing, Tell
from ingestion.sources.mail.collecting import Collection
from ingestion.sources.mail.options import (
    read_imap_options,
    read_maildir_options,
    read_mbox_options,
)
from ingestion.sources.mail.store import MailStore
from retrieval.catalog import Source


def list_items(source: Source, mirror: Path, tell: Tell) -> Listing:
    """Returns the mails of an account, a maildir or mbox files, kept in the mirror.

    Nothing is changed where they lie. What is too large or a copy of another mail of the same
    folder is named in ``skipped``; so is a folder that could not be looked into, and the listing
    is not complete then.

    Raises:
        SourceInvalid: The location or a setting cannot be used.
        SourceUnavailable: It cannot be reached or opened.
    """
    location, settings = source.location, source.settings
    if source.kind == "imap":
        from ingestion.sources.mail.imap import collect_account

        account = read_imap_options(location, settings)
        found = Collection(MailStore(mirror), account.choice, tell)
        collect_account(account, found)
    elif source.kind == "maildir":
        from ingestion.sources.mail.maildir import collect_maildir

        maildir = read_maildir_options(location, settings)
        found = Collection(MailStore(mirror), maildir.choice, tell)
        collect_maildir(maildir, found)
    else:
        from ingestion.sources.mail.mbox import collect_boxes

        boxes = read_mbox_options(location, settings)
        found = Collection(MailStore(mirror), boxes.choice, tell)
        collect_boxes(boxes, mirror, found)
    return found.close()
