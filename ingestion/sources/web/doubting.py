"""Doubts a site that suddenly gives one and the same page for most of its addresses.

A site that is closed for repair, or whose errors have the status 200, answers every address alike.
What it gave before is what was accepted last: kept apart from the copies, for those are replaced
while the site is gone through, and a run may end before anybody could doubt.
"""

from collections import Counter
from collections.abc import Mapping
from pathlib import Path

from ingestion.sources.keeping import read_notes, write_notes
from ingestion.sources.web.mirroring import Copy

SAME_PAGE = "same-page"
"""Why an address is not listed that holds what most others of its site hold all at once."""

_FEWEST = 3
_NOTES = "accepted.json"


class Doubt:
    """What a site gave when it was believed last."""

    def __init__(self, mirror: Path) -> None:
        """Reads it."""
        self._place = mirror / _NOTES
        notes = read_notes(self._place)
        self._before: dict[str, str] = notes if isinstance(notes, dict) else {}

    def find(self, found: Mapping[str, Copy]) -> frozenset[str]:
        """Returns the addresses that hold one page now, where most of what was known does.

        A site that had one page everywhere before is as it was.
        """
        counted = Counter(copy.digest for copy in found.values())
        digest, count = next(iter(counted.most_common(1)), ("", 0))
        alike = frozenset(name for name, copy in found.items() if copy.digest == digest)
        known = [self._before[name] for name in alike if name in self._before]
        if count < _FEWEST or 2 * len(known) <= len(self._before):
            return frozenset()
        return alike if 2 * len(set(known)) > len(known) else frozenset()

    def accept(self, found: Mapping[str, Copy], *, is_complete: bool) -> None:
        """Notes what is believed now; of a listing that is not complete, beside what was before."""
        now = {name: copy.digest for name, copy in found.items()}
        if not is_complete:
            now = {**self._before, **now}
        if now != self._before:
            write_notes(self._place, now)
