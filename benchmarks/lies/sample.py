"""True sentences of the sample company: the evidence of the golden questions, and the rest."""

import json
import random
import tempfile
from pathlib import Path
from threading import Event

from app.bootstrap import build_worker, open_store
from app.settings import PROJECT, SAMPLE_FOLDER, load_settings
from benchmarks.lies.collecting import Gold, Text, own_sentences
from retrieval.catalog import NewSource
from retrieval.model import Access

QUESTIONS = PROJECT / "data" / "evaluation" / "questions.jsonl"


def collect_sample(chance: random.Random) -> list[Gold]:
    """Returns the sample's true sentences, with the chunks they stand in.

    Raises:
        RuntimeError: The sample could not be brought in.
    """
    texts = _read_chunks()
    gold: list[Gold] = []
    for line in QUESTIONS.read_text(encoding="utf-8").splitlines():
        evidence = json.loads(line).get("evidence", "")
        home = next((text for text in texts if evidence and evidence in text.text), None)
        if home is not None and len(evidence) > 15:
            gold.append(Gold("sample", "sentence", evidence, home))
    for text in texts:
        found = own_sentences(text)
        gold += [
            Gold("sample", "sentence", sentence, text)
            for sentence in chance.sample(found, min(2, len(found)))
        ]
    return list({(each.text, each.passage.id): each for each in gold}.values())


def _read_chunks() -> list[Text]:
    with tempfile.TemporaryDirectory() as home:
        settings = load_settings(home=Path(home))
        catalog = open_store(settings)
        source = catalog.sources.add(
            NewSource(name="lies", kind="folder", location=str(SAMPLE_FOLDER), access=Access())
        )
        job = catalog.jobs.enqueue("ingest", {"source_id": source.id}, owner="benchmark")
        with build_worker(settings) as worker:
            worker.run(Event(), until=job.id)
        state = catalog.jobs.get(job.id)
        if state.state != "succeeded":
            raise RuntimeError(f"ingestion {state.state}: {state.report}")
        texts = [
            Text(row.chunk_id, f"sample/{row.document_id}", row.language or "en", row.title,
                 row.text)
            for batch in catalog.chunks.all_index_rows(500)
            for row in batch
            if row.text.strip()
        ]  # fmt: skip
        catalog.close()
    return texts
