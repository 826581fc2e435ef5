"""Puts bytes into a store of originals the way users' files come: through a tray."""

from retrieval.originals import OriginalStore


def keep(store: OriginalStore, content: bytes) -> str:
    """Keeps the bytes and returns their hash."""
    with store.open_tray() as tray:
        (tray / "file").write_bytes(content)
        return store.put(tray / "file")
