"""Collects the mails found in the folders of a source into its listing."""

from datetime import UTC, datetime, time

from ingestion.model import Listing, SourceItem, Tell
from ingestion.sidecar import path_pattern
from ingestion.sources.mail.options import Choice
from ingestion.sources.mail.store import Kept, MailStore

TOO_LARGE, COPY, REFUSED, BROKEN = "too-large", "mail-copy", "folder-refused", "connection-broken"
LOST = "folder-missing"

_TOLD_EVERY = 100
_LONGEST_FOLDER = 700


class Collection:
    """What was found so far, and whether that is all there is."""

    def __init__(self, store: MailStore, choice: Choice, tell: Tell) -> None:
        """Begins with nothing found."""
        self.store = store
        self._choice = choice
        self._tell = tell
        self._since = (
            datetime.combine(choice.since, time(), UTC).timestamp() if choice.since else None
        )
        self._items: dict[str, SourceItem] = {}
        self._keys: set[str] = set()
        self._lost = dict.fromkeys(choice.folders)
        self._skipped: dict[str, str] = {}
        self._complete = True

    def wants(self, folder: str) -> bool:
        """Returns whether a folder's mails are listed."""
        for glob in [glob for glob in self._lost if path_pattern(glob).fullmatch(folder)]:
            del self._lost[glob]
        if any(path_pattern(glob).fullmatch(folder) for glob in self._choice.exclude_folders):
            return False
        return any(path_pattern(glob).fullmatch(folder) for glob in self._choice.folders)

    def add(self, folder: str, key: str, kept: Kept) -> None:
        """Takes a mail in; of two with the same bytes in one folder, the first."""
        self._keys.add(key)
        if self._since is not None and kept.is_dated and kept.sent_at < self._since:
            return
        item = self.store.describe(key, folder[:_LONGEST_FOLDER], kept)
        number = 1
        name = item.external_id
        while (other := self._items.get(name)) is not None:
            if other.signature == item.signature:
                self._skipped[name] = COPY
                return
            number += 1
            name = item.external_id.removesuffix(".eml") + f" ({number}).eml"
        self._items[name] = SourceItem(name, item.path, item.size, item.modified_at, item.signature)
        if len(self._items) % _TOLD_EVERY == 0:
            self.breathe()

    def skip(self, name: str, why: str, *, complete: bool = True) -> None:
        """Names what is not listed; where that is no choice, the listing is not complete."""
        self._skipped[name] = why
        self._complete = self._complete and complete

    def miss(self) -> None:
        """Notes that something is missing that may well be there."""
        self._complete = False

    def breathe(self) -> None:
        """Tells how many mails were found."""
        self._tell(len(self._items))

    def close(self) -> Listing:
        """Returns the listing; a complete one forgets what is no longer in the source.

        A folder that was asked for and is not there may have been renamed, or hidden from the
        account: what was in it is not taken for gone.
        """
        for glob in self._lost if self._complete else ():
            self.skip(glob, LOST, complete=False)
        if self._complete:
            self.store.keep_only(self._keys)
        self.store.save()
        items = tuple(self._items[name] for name in sorted(self._items))
        skipped = dict(sorted(self._skipped.items()))
        return Listing(items, self._complete, skipped)
