"""Opens Office files that are locked with a password, with those that the source was given."""

import tempfile
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import IO

import msoffcrypto
from msoffcrypto.exceptions import DecryptionError, FileFormatError, InvalidKeyError, ParseError

from ingestion.errors import PasswordProtected

_FAULTS = (
    DecryptionError,
    FileFormatError,
    InvalidKeyError,
    ParseError,
    ValueError,
    KeyError,
    OSError,
    AttributeError,
)


@contextmanager
def unlock(path: Path, name: str, passwords: Sequence[str]) -> Iterator[Path]:
    """Yields where the unlocked bytes are: a file without a name, gone when this process is.

    Raises:
        PasswordProtected: No password fits.
    """
    with tempfile.TemporaryFile() as plain, path.open("rb") as locked:
        if not any(_try(locked, plain, password) for password in passwords):
            raise PasswordProtected(name=name)
        plain.flush()
        yield Path(f"/dev/fd/{plain.fileno()}")


def _try(locked: IO[bytes], plain: IO[bytes], password: str) -> bool:
    try:
        locked.seek(0)
        office = msoffcrypto.OfficeFile(locked)
        verifies = office.format == "ooxml"  # older formats verify by themselves
        office.load_key(password=password, **({"verify_password": True} if verifies else {}))
        plain.truncate(0)
        office.decrypt(plain)
    except _FAULTS:
        return False
    return True
