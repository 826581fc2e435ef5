"""One side of the comparison: reads the files named on its input, one after the other.

    python -m benchmarks.ingestion.side kura|unstructured

Each line in is a path, each line out a JSON object: characters, CPU seconds (with those of
programs it starts), peak memory. The first file of a media type is read twice and counted once, so
that no side pays for imports. KURA_BENCHMARK_PACKAGES is a folder of more libraries to import from.
"""

import json
import os
import socket
import sys
import time
from collections.abc import Callable
from pathlib import Path

from ingestion.reading.detection import detect

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


def prepare_kura() -> None:
    """Loads what our readers load on first use, as is done for the other side."""
    import chardet

    chardet.detect("Größe".encode("latin-1"))


def prepare_unstructured() -> None:
    """Puts a blank pipeline in place of the model that unstructured would download, and uses it."""
    import spacy
    from unstructured.nlp import tokenize

    def load() -> object:
        pipeline = spacy.blank("en")
        pipeline.add_pipe("sentencizer")
        return pipeline

    tokenize._load_spacy_model = load
    from unstructured.partition.text import partition_text

    partition_text(text="One sentence of a text. And one more of it.")


def peak_memory() -> int:
    """Returns the most memory this process has held, in bytes."""
    status = Path("/proc/self/status").read_text(encoding="ascii")
    line = next(line for line in status.splitlines() if line.startswith("VmHWM"))
    return int(line.split()[1]) * 1024


def cpu_seconds() -> float:
    """Returns the CPU seconds of this process and of the programs it started and saw end."""
    times = os.times()
    return time.process_time() + times.children_user + times.children_system


def measure(path: Path, count: Count) -> dict[str, float | int | str]:
    """Returns what reading a file gave and took."""
    started = cpu_seconds()
    error, characters = "", 0
    try:
        characters = count(path)
    except BaseException as fault:  # noqa: BLE001 - parsers raise anything
        error = f"{type(fault).__name__}: {fault}"[:200]
    spent = cpu_seconds() - started
    return {"characters": characters, "seconds": spent, "peak": peak_memory(), "error": error}


def main() -> None:
    """Answers each line until the input ends."""
    os.environ["DO_NOT_TRACK"] = os.environ["SCARF_NO_ANALYTICS"] = "1"
    sys.path += filter(None, [os.environ.get("KURA_BENCHMARK_PACKAGES", "")])
    socket.setdefaulttimeout(1.0)
    count = {"kura": count_with_kura, "unstructured": count_with_unstructured}[sys.argv[1]]
    {"kura": prepare_kura, "unstructured": prepare_unstructured}[sys.argv[1]]()
    answers = os.fdopen(os.dup(1), "w")
    os.dup2(2, 1)  # what parsers print is not an answer
    seen: set[str] = set()
    for line in sys.stdin:
        path = Path(line.rstrip("\n"))
        media_type = detect(path, path.name)
        if media_type not in seen:
            seen.add(media_type)
            measure(path, count)
        print(json.dumps(measure(path, count)), file=answers, flush=True)


if __name__ == "__main__":
    main()
