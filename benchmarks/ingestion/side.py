"""One side of the comparison: reads the files named on its input, one after the other.

    python -m benchmarks.ingestion.side kura|unstructured

Each line in is a path, each line out a JSON object: characters, CPU seconds, peak memory. The
first file of a kind is read twice and counted once, so that no side pays for imports.
"""

import json
import os
import socket
import sys
import time
from collections.abc import Callable
from pathlib import Path

Count = Callable[[Path], int]


def count_with_kura(path: Path) -> int:
    """Returns how many characters our own readers find."""
    from ingestion.model import Limits
    from ingestion.reading.dispatch import read_file

    return sum(len(block.text) for block in read_file(path, path.name, Limits()).blocks)


def count_with_unstructured(path: Path) -> int:
    """Returns how many characters unstructured finds, by its fast strategy."""
    from unstructured.partition.auto import partition

    return sum(len(element.text) for element in partition(str(path), strategy="fast"))


def prepare_unstructured() -> None:
    """Puts a blank pipeline in place of the model that unstructured would download."""
    import spacy
    from unstructured.nlp import tokenize

    def load() -> object:
        pipeline = spacy.blank("en")
        pipeline.add_pipe("sentencizer")
        return pipeline

    tokenize._load_spacy_model = load


def peak_memory() -> int:
    """Returns the most memory this process has held, in bytes."""
    status = Path("/proc/self/status").read_text(encoding="ascii")
    line = next(line for line in status.splitlines() if line.startswith("VmHWM"))
    return int(line.split()[1]) * 1024


def measure(path: Path, count: Count) -> dict[str, float | int | str]:
    """Returns what reading a file gave and took."""
    started = time.process_time()
    error, characters = "", 0
    try:
        characters = count(path)
    except BaseException as fault:  # noqa: BLE001 - parsers raise anything
        error = f"{type(fault).__name__}: {fault}"[:200]
    spent = time.process_time() - started
    return {"characters": characters, "seconds": spent, "peak": peak_memory(), "error": error}


def main() -> None:
    """Answers each line until the input ends."""
    os.environ["DO_NOT_TRACK"] = "1"
    socket.setdefaulttimeout(1.0)
    count = {"kura": count_with_kura, "unstructured": count_with_unstructured}[sys.argv[1]]
    if sys.argv[1] == "unstructured":
        prepare_unstructured()
    answers = os.fdopen(os.dup(1), "w")
    os.dup2(2, 1)  # what parsers print is not an answer
    seen: set[str] = set()
    for line in sys.stdin:
        path = Path(line.rstrip("\n"))
        if path.suffix not in seen:
            seen.add(path.suffix)
            measure(path, count)
        print(json.dumps(measure(path, count)), file=answers, flush=True)


if __name__ == "__main__":
    main()
