"""What reading a folder of real files gives and costs, beside unstructured.

    python -m benchmarks.ingestion --corpus FOLDER [--sample N] [--packages FOLDER] [--whole]

FOLDER has a ``manifest.jsonl`` (path, kind, expect, engines_with_text). Every file goes through
the reading pool: the table says how many gave text or which reason, CPU and peak memory. Then a
seeded sample of each kind is read by both sides (see ``comparing``); ``--packages`` is a folder of
libraries that only unstructured may import, where its extras are not installed. ``--whole`` also
ingests the folder into an empty home and says what that held in memory. Fails where a file that
others read comes back empty, or where the whole run held 1.5 GB or more.
"""

import argparse
import json
import sys
import time
from pathlib import Path

from benchmarks.ingestion.comparing import Both, compare
from benchmarks.ingestion.reading_all import Row, read_all
from benchmarks.ingestion.whole_run import WholeRun, run_over
from benchmarks.machine import describe_machine
from ingestion.model import Limits
from ingestion.reading.recognition import find_tesseract

MEGABYTE = 2**20
AIM_TIMES = 10
AIM_MB = 1500
FAIRNESS = (
    "Compared are only files that both sides read: the same ones, one process a side, both warm "
    "(imports excluded on both); CPU seconds with those of programs they start."
)


def show(rows: dict[str, Row], found: dict[str, Both]) -> None:
    """Prints the table."""
    print(f"{'kind':7s}{'files':>6s}{'text':>6s}{'CPU s':>8s}{'MB':>6s}{'both':>6s}", end="")
    print(f"{'files/CPU s':>13s}{'unstructured':>14s}{'times':>8s}  reasons")
    for kind, row in sorted(rows.items()):
        print(f"{kind:7s}{row.files:6d}{row.text:6d}{row.seconds:8.2f}", end="")
        both = found.get(kind, Both())
        print(f"{row.peak // MEGABYTE:6d}{both.files:6d}", end="")
        if both.files:
            ours, theirs = both.files / max(both.kura, 1e-6), both.files / both.unstructured
            print(f"{ours:13.1f}{theirs:14.1f}{both.times:8.1f}", end="")
        else:
            print(f"{'':35s}", end="")
        print("  " + ", ".join(f"{name} {n}" for name, n in row.reasons.most_common()))


def add_up(found: dict[str, Both]) -> Both:
    """Returns the sum of all kinds."""
    total = Both()
    for both in found.values():
        total.files += both.files
        total.kura += both.kura
        total.unstructured += both.unstructured
        total.kura_chars += both.kura_chars
        total.other_chars += both.other_chars
        total.refused += both.refused
    return total


def summarize(rows: dict[str, Row], found: dict[str, Both]) -> dict[str, object]:
    """Returns the figures of the JSON line and prints what they say."""
    total = add_up(found)
    print(FAIRNESS)
    if total.files:
        print(
            f"{total.files} files: {total.files / total.kura:.0f} files/CPU s against "
            f"{total.files / total.unstructured:.1f} = {total.times:.1f} times "
            f"(aim {AIM_TIMES}); {total.refused} more only we read"
        )
    return {
        "files": sum(row.files for row in rows.values()),
        "with_text": sum(row.text for row in rows.values()),
        "with_reason": sum(sum(row.reasons.values()) for row in rows.values()),
        "cpu_s": round(sum(row.seconds for row in rows.values()), 1),
        "reader_peak_mb": max(row.peak for row in rows.values()) // MEGABYTE,
        "compared": total.files,
        "only_kura_reads": total.refused,
        "times_unstructured": round(total.times, 1) if total.files else None,
        "characters_times": round(total.kura_chars / max(1, total.other_chars), 3),
    }


def main() -> None:
    """Prints the table and the JSON line; the exit status says whether the aims hold."""
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("--corpus", type=Path, required=True)
    parser.add_argument("--sample", type=int, default=12, help="files of each kind to compare")
    parser.add_argument("--seconds", type=float, default=400, help="most time for the comparison")
    parser.add_argument("--packages", type=Path, help="more libraries for unstructured alone")
    parser.add_argument("--whole", action="store_true", help="measure a whole run as well")
    parser.add_argument("--ocr", action="store_true", help="use tesseract where installed")
    options = parser.parse_args()
    lines = (options.corpus / "manifest.jsonl").read_text(encoding="utf-8").splitlines()
    manifest = [json.loads(line) for line in lines]
    limits = Limits(tesseract=find_tesseract() if options.ocr else "")
    started = time.monotonic()
    rows, empty = read_all(options.corpus, manifest, limits)
    reading = time.monotonic() - started
    found = compare(options.corpus, manifest, options.sample, options.seconds, options.packages)
    show(rows, found)
    for line in empty:
        print(f"EMPTY although others read it: {line}")
    figures = {**summarize(rows, found), "empty_although_others_read": len(empty)}
    figures |= {"wall_s": round(reading, 1), "ocr": bool(limits.tesseract)}
    whole = run_over(options.corpus) if options.whole else WholeRun(0, 0.0, 0)
    if options.whole:
        peak = whole.peak // MEGABYTE
        print(f"whole run: {whole.wall_s:.0f} s, peak {peak} MB of all processes (aim < {AIM_MB})")
        figures |= {"whole_s": round(whole.wall_s), "whole_peak_mb": peak, "ran": whole.status}
    print(json.dumps({"benchmark": "ingestion", **figures, **describe_machine()}))
    sys.exit(1 if empty or whole.peak >= AIM_MB * MEGABYTE else 0)


if __name__ == "__main__":
    main()
