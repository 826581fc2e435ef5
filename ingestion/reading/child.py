"""The process a file is read in: capped, without network, ending with its parent.

Started by ``ingestion.reading.pool`` as ``python -m ingestion.reading.child``.
"""

import ctypes
import json
import os
import resource
import signal
import sys
import threading
import time
from collections.abc import Callable, Sequence
from dataclasses import replace
from multiprocessing.connection import Connection

from ingestion.errors import Damaged, ReadingFailed, TooLarge, Unreadable
from ingestion.model import MEGABYTE, Limits, Parsed
from ingestion.reading.dispatch import read_file, unpack_file
from ingestion.reading.unpacking import FULL, NoSpace
from ingestion.reading.wire import (
    Request,
    decode_request,
    encode_failure,
    encode_full,
    encode_members,
    encode_parsed,
)

_OUT_OF_MEMORY_EXIT = 73
_PR_SET_DUMPABLE = 4
_LARGEST_SCRATCH_FILE = 512 * MEGABYTE
_MOST_OPEN_FILES = 256
_DENIED_PREFIXES = ("socket.", "subprocess.", "os.exec", "os.posix_spawn", "os.spawn")
_DENIED_EVENTS = frozenset({"os.system", "os.fork", "os.forkpty", "urllib.Request", "pty.spawn"})


def serve(pipe: Connection, limits: Limits) -> None:
    """Reads one file after another until the parent closes the pipe."""
    while True:
        try:
            message = pipe.recv_bytes()
        except (EOFError, OSError):
            return
        request = decode_request(message)
        _allow_cpu(limits.cpu_seconds)
        signal.setitimer(signal.ITIMER_REAL, limits.seconds + 5)  # should the parent forget us
        reply = _answer(request, replace(limits, passwords=request.passwords))
        signal.setitimer(signal.ITIMER_REAL, 0)
        pipe.send_bytes(reply)


def _answer(request: Request, limits: Limits) -> bytes:
    name = request.name
    try:
        if request.into is not None:
            return encode_members(unpack_file(request.path, name, request.into, limits))
        parsed = read_file(request.path, name, limits)
        _check_size(parsed, name, limits)
        return encode_parsed(parsed)
    except ReadingFailed as failure:
        return encode_failure(failure)
    except MemoryError:
        os._exit(_OUT_OF_MEMORY_EXIT)  # what is left of the heap cannot be relied on
    except NoSpace:
        return encode_full()
    except OSError as error:
        return _explain(error, name)
    except BaseException as error:  # noqa: BLE001 - parsers raise anything, even SystemExit
        reason = f"{type(error).__name__}: {error}"
        return encode_failure(Damaged(name=name, reason=reason[:300]))


def _explain(error: OSError, name: str) -> bytes:
    if error.errno in FULL:
        return encode_full()
    if isinstance(error, PermissionError):
        return encode_failure(Unreadable(name=name, reason=error.strerror or str(error)))
    return encode_failure(Damaged(name=name, reason=str(error)[:300]))


def _check_size(parsed: Parsed, name: str, limits: Limits) -> None:
    size = sum(len(block.text) for block in parsed.blocks)
    if size > limits.characters:
        raise TooLarge(name=name, size=f"{size:,} chars", limit=f"{limits.characters:,} chars")


def _allow_cpu(seconds: int) -> None:
    used = resource.getrusage(resource.RUSAGE_SELF)
    soft = int(used.ru_utime + used.ru_stime) + seconds + 1
    resource.setrlimit(resource.RLIMIT_CPU, (soft, resource.RLIM_INFINITY))


def _cap(memory: int) -> None:
    resource.setrlimit(resource.RLIMIT_AS, (memory, memory))
    resource.setrlimit(resource.RLIMIT_FSIZE, (_LARGEST_SCRATCH_FILE, _LARGEST_SCRATCH_FILE))
    resource.setrlimit(resource.RLIMIT_NOFILE, (_MOST_OPEN_FILES, _MOST_OPEN_FILES))
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    if sys.platform == "linux":  # document text is nobody else's to read from our memory
        ctypes.CDLL(None).prctl(_PR_SET_DUMPABLE, 0, 0, 0, 0)


def refuse_outside_access(allowed_program: str) -> Callable[[str, Sequence[object]], None]:
    """Returns a hook that refuses what reading never needs: the network and other programs.

    Args:
        allowed_program: The one program that may be run, by its full path; "" for none.
    """

    def refuse(event: str, arguments: Sequence[object]) -> None:
        if event == "subprocess.Popen" and allowed_program and arguments[0] == allowed_program:
            return
        if event in _DENIED_EVENTS or event.startswith(_DENIED_PREFIXES):
            raise RuntimeError(f"a reader may not use {event}")

    return refuse


def _end_with(parent: int) -> None:
    while os.getppid() == parent:
        time.sleep(0.5)
    os._exit(1)


def main(arguments: Sequence[str]) -> None:
    """Sets the caps and serves; the arguments are those ``pool._spawn`` passes."""
    handle, parent, values = arguments
    limits = Limits(**json.loads(values))
    _cap(limits.memory)
    threading.Thread(target=_end_with, args=(int(parent),), daemon=True).start()
    sys.addaudithook(refuse_outside_access(limits.tesseract))
    serve(Connection(int(handle)), limits)


if __name__ == "__main__":
    main(sys.argv[1:])
