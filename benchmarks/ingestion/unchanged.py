"""How fast a run sees that nothing changed in a large tree.

    python -m benchmarks.ingestion.unchanged [--files N]

Writes a tree of N small files and the catalog rows that a first run leaves (publishing 100,000
documents one by one would take half an hour), then measures a run over all of them. Reader and
embedder count what they are asked: that must be nothing.
"""

import argparse
import json
import subprocess
import sys
import tempfile
import time
from pathlib import Path
from typing import TYPE_CHECKING

from benchmarks.ingestion.side import peak_memory
from benchmarks.machine import describe_machine

if TYPE_CHECKING:
    from retrieval.catalog import Catalog, Source

FOLDERS = 1_000
AIM_FILES_PER_S = 20_000
AIM_MB = 500


def write_tree(root: Path, count: int) -> None:
    """Writes the files, a thousand folders of them."""
    for number in range(FOLDERS):
        (root / f"部署{number % 20:02}" / f"年度{number // 20:02}").mkdir(parents=True)
    for number in range(count):
        folder = number % FOLDERS
        path = root / f"部署{folder % 20:02}" / f"年度{folder // 20:02}" / f"文書{number:06}.txt"
        path.write_text(f"文書その{number}の本文です。", encoding="utf-8")


def seed(home: Path) -> None:
    """Writes the rows of documents that were read before, in one transaction."""
    from ingestion.chunking import ChunkSettings
    from ingestion.pipeline import describe_occasion
    from ingestion.planning import survey_source
    from ingestion.sidecar import Sidecar
    from ingestion.sources.folder import list_folder
    from ingestion.vocabulary import read_vocabulary
    from retrieval.catalog import Catalog
    from retrieval.catalog.rows import metadata_columns
    from retrieval.catalog.rules import rule_for
    from retrieval.catalog.schema import documents
    from retrieval.identity import document_id, text_hash
    from retrieval.model import Metadata, TagOrigin

    with Catalog(home / "catalog.sqlite") as catalog:
        source = add_source(catalog, home)
        listing = list_folder(home / "tree")
        vocabulary = read_vocabulary()
        occasion = describe_occasion(ChunkSettings(), "", vocabulary, (), confirmed=False)
        survey = survey_source(source, listing, Sidecar(), {}, occasion)
        with catalog.database.write() as connection:
            acl_id = rule_for(connection, source.id, source.access)
            rows = []
            for number, (_, task) in enumerate(survey.tasks):
                name = task.item.external_id
                tags = (f"effective:{2000 + number % 25}-{1 + number % 12:02}-01", "type:policy")
                found = tuple(TagOrigin(tag, "text", 0.9) for tag in tags)
                facts = (task.ruling.department, "ja", "text/plain", "", tags)
                metadata = Metadata(name, *facts, tag_origins=found, fact_origins=found)
                rows.append(
                    {
                        "id": document_id(source.id, name),
                        "source_id": source.id,
                        "external_id": name,
                        "acl_id": acl_id,
                        "status": "current",
                        "reason": "",
                        "details": {},
                        "version": 1,
                        **metadata_columns(metadata),
                        "size": task.item.size,
                        "signature": str(task.now),
                        "content_hash": text_hash(name),
                        "text_hash": text_hash(name),
                        "ingested_at": time.time(),
                    }
                )
            connection.execute(documents.insert(), rows)


def add_source(catalog: "Catalog", home: Path) -> "Source":
    """Returns the tree as a source that everybody may read."""
    from retrieval.catalog import NewSource
    from retrieval.model import Access

    everyone = Access(frozenset({"everyone"}))
    return catalog.sources.add(NewSource("tree", "folder", str(home / "tree"), access=everyone))


def run_once(home: Path) -> dict:
    """Returns the figures of one run over the tree."""
    from ingestion.pipeline import Pipeline
    from retrieval.catalog import Catalog
    from retrieval.embedding.cache import CachedEmbedder, EmbeddingCache
    from retrieval.originals import OriginalStore
    from tests.fakes.embedder import HashEmbedder
    from tests.fakes.reader import TextReader

    reader, model = TextReader(), HashEmbedder()
    with Catalog(home / "catalog.sqlite") as catalog:
        source = add_source(catalog, home)
        embedder = CachedEmbedder(model, EmbeddingCache(home / "embeddings.sqlite"))
        pipeline = Pipeline(catalog, OriginalStore(home / "originals"), embedder, reader)
        started, used = time.perf_counter(), time.process_time()
        report = pipeline.run(source, lambda _progress: None, pause=lambda: None)
        seconds = time.perf_counter() - started
        cpu = time.process_time() - used
    return {
        "seconds": round(seconds, 2),
        "cpu_s": round(cpu, 2),
        "unchanged": report.unchanged,
        "added": len(report.added),
        "parses": len(reader.read_names),
        "embeddings": len(model.embedded),
        "peak_mb": peak_memory() // 2**20,
    }


def main() -> None:
    """Prints the figures of the second run beside their aims."""
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("--files", type=int, default=100_000)
    parser.add_argument("--once", type=Path, help=argparse.SUPPRESS)
    options = parser.parse_args()
    if options.once:
        print(json.dumps(run_once(options.once)))
        return
    with tempfile.TemporaryDirectory() as name:
        home = Path(name)
        write_tree(home / "tree", options.files)
        seed(home)
        command = [sys.executable, "-m", "benchmarks.ingestion.unchanged", "--once", name]
        done = subprocess.run(command, check=True, capture_output=True, text=True)
        second = json.loads(done.stdout)
    rate = second["unchanged"] / second["seconds"]
    print(f"unchanged: {rate:,.0f} files/s (aim {AIM_FILES_PER_S:,}), {second['seconds']} s")
    print(f"memory:    {second['peak_mb']} MB (aim < {AIM_MB})")
    print(f"parses {second['parses']}, embeddings {second['embeddings']} (aim 0 and 0)")
    figures = {"files": options.files, "files_per_s": round(rate), **second}
    figures["files_per_cpu_s"] = round(second["unchanged"] / second["cpu_s"])
    print(json.dumps({"benchmark": "unchanged", **figures, **describe_machine()}))
    met = rate >= AIM_FILES_PER_S and second["peak_mb"] < AIM_MB
    sys.exit(0 if met and not second["parses"] and not second["embeddings"] else 1)


if __name__ == "__main__":
    main()
