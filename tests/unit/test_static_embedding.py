"""The static embedder and the embedding cache, where they differ from the port's promises."""

import json
import logging
import multiprocessing
import shutil
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest

from retrieval.embedding.cache import CachedEmbedder, EmbeddingCache, hash_text
from retrieval.embedding.hub import HubEmbedder
from retrieval.embedding.static import LONGEST_TEXT, StaticEmbedder
from retrieval.errors import EmbedderUnavailable
from tests.fakes.embedder import HashEmbedder

ROOT = Path(__file__).parents[2]
MODEL = ROOT / "data" / "models" / "kura-static"


@pytest.fixture(scope="module")
def static() -> StaticEmbedder:
    return StaticEmbedder(MODEL)


@pytest.fixture
def copied_model(tmp_path: Path) -> Path:
    return Path(shutil.copytree(MODEL, tmp_path / "model"))


@pytest.fixture
def cache(tmp_path: Path) -> Iterator[EmbeddingCache]:
    opened = EmbeddingCache(tmp_path / "state" / "embeddings.sqlite")
    yield opened
    opened.close()


def find_module(model: Path) -> Path:
    modules = json.loads((model / "modules.json").read_text(encoding="utf-8"))
    return model / str(modules[0]["path"])


def test_the_model_stays_below_twenty_megabytes() -> None:
    assert sum(file.stat().st_size for file in MODEL.rglob("*") if file.is_file()) < 20_000_000


def test_the_static_embedder_is_served_without_torch() -> None:
    code = (
        "import sys; from pathlib import Path; from retrieval.embedding.static import *;"
        "from retrieval.embedding import cache, hub;"
        f"StaticEmbedder(Path({str(MODEL)!r})).embed_query('蔵');"
        "print([name for name in ('torch', 'sentence_transformers', 'transformers')"
        " if name in sys.modules])"
    )
    done = subprocess.run(
        [sys.executable, "-c", code], cwd=ROOT, capture_output=True, text=True, check=True
    )
    assert done.stdout.strip() == "[]"


def test_a_thousand_chunks_take_few_steps_each(static: StaticEmbedder) -> None:
    chunk = "経費精算は月末締めで、翌月十日までに承認を受けます。領収書の添付が必要です。" * 10
    chunks = [f"{number}. {chunk}" for number in range(1_000)]
    steps = 0

    def count(*_: object) -> None:
        nonlocal steps
        steps += 1

    sys.setprofile(count)
    try:
        static.embed_documents(chunks)
    finally:
        sys.setprofile(None)
    assert steps < 100 * len(chunks), "a loop over the 300 tokens of each would be far more"


def test_a_text_of_a_million_characters_is_embedded(static: StaticEmbedder) -> None:
    sentence = "社内規程の改定は総務部が行います。"
    vector = static.embed_query(sentence * (LONGEST_TEXT // len(sentence)))
    assert float(vector @ static.embed_query(sentence)) > 0.999


def test_what_follows_the_longest_text_does_not_count(static: StaticEmbedder) -> None:
    start = "Backup tapes are kept. " * (LONGEST_TEXT // 23 + 1)
    longer = start[:LONGEST_TEXT] + "有給休暇 " * 100_000
    np.testing.assert_array_equal(
        static.embed_query(longer), static.embed_query(start[:LONGEST_TEXT])
    )


@pytest.mark.parametrize("name", ["modules.json", "tokenizer.json", "model.safetensors"])
@pytest.mark.parametrize("damage", ["missing", "cut short", "not the right format"])
def test_a_missing_or_damaged_file_is_named_with_a_remedy(
    copied_model: Path, name: str, damage: str
) -> None:
    home = copied_model if name == "modules.json" else find_module(copied_model)
    file = home / name
    if damage == "missing":
        file.unlink()
    elif damage == "cut short":
        file.write_bytes(file.read_bytes()[: file.stat().st_size // 2])
    else:
        file.write_text("{}", encoding="utf-8")
    with pytest.raises(EmbedderUnavailable) as caught:
        StaticEmbedder(copied_model)
    assert name in str(caught.value)
    assert "benchmarks.embedder.train" in str(caught.value)


def test_another_kind_of_model_is_refused(copied_model: Path) -> None:
    file = copied_model / "modules.json"
    modules = json.loads(file.read_text(encoding="utf-8"))
    modules[0]["type"] = "sentence_transformers.models.Transformer"
    file.write_text(json.dumps(modules), encoding="utf-8")
    with pytest.raises(EmbedderUnavailable, match="Transformer"):
        StaticEmbedder(copied_model)


def test_other_weights_have_another_fingerprint(copied_model: Path, static: StaticEmbedder) -> None:
    assert StaticEmbedder(copied_model).fingerprint == static.fingerprint
    weights = find_module(copied_model) / "model.safetensors"
    content = bytearray(weights.read_bytes())
    content[-1] ^= 1
    weights.write_bytes(bytes(content))
    assert StaticEmbedder(copied_model).fingerprint != static.fingerprint


def test_a_hub_model_that_is_not_on_this_machine_is_refused_by_name() -> None:
    with pytest.raises(EmbedderUnavailable, match="no-such-model"):
        HubEmbedder("kura/no-such-model")


def test_only_new_texts_are_embedded(cache: EmbeddingCache) -> None:
    model = HashEmbedder()
    embedder = CachedEmbedder(model, cache)
    first = embedder.embed_documents(["経費", "休暇", "経費"])
    second = embedder.embed_documents(["休暇", "出張", "経費"])
    assert model.embedded == ["経費", "休暇", "出張"]
    assert (embedder.hits, embedder.misses) == (3, 3)
    np.testing.assert_array_equal(second[[2, 0]], first[:2])


def test_kept_vectors_survive_the_process(tmp_path: Path) -> None:
    file = tmp_path / "embeddings.sqlite"
    cache = EmbeddingCache(file)
    fresh = CachedEmbedder(HashEmbedder(), cache).embed_documents(["契約書の押印", ""])
    cache.close()
    reopened = EmbeddingCache(file)
    model = HashEmbedder()
    kept = CachedEmbedder(model, reopened).embed_documents(["契約書の押印", ""])
    reopened.close()
    assert model.embedded == []
    np.testing.assert_array_equal(kept, fresh)


def test_another_embedder_does_not_get_these_vectors(cache: EmbeddingCache) -> None:
    CachedEmbedder(HashEmbedder(64), cache).embed_documents(["蔵"])
    other = HashEmbedder(32)
    assert CachedEmbedder(other, cache).embed_documents(["蔵"]).shape == (1, 32)
    assert other.embedded == ["蔵"]


def test_a_kept_vector_of_the_wrong_length_is_made_again(cache: EmbeddingCache) -> None:
    model = HashEmbedder()
    cache.put_many(model.fingerprint, {hash_text("蔵"): np.ones(3, dtype=np.float16)})
    rows = CachedEmbedder(model, cache).embed_documents(["蔵"])
    np.testing.assert_allclose(rows, HashEmbedder().embed_documents(["蔵"]), atol=1e-3)


def test_more_texts_than_one_statement_can_name_are_found(cache: EmbeddingCache) -> None:
    hashes = [hash_text(str(number)) for number in range(1_234)]
    cache.put_many("f", {key: np.full(2, 1, dtype=np.float16) for key in hashes})
    assert len(cache.get_many("f", [*hashes, hash_text("other")])) == 1_234


def test_a_file_that_is_no_database_is_set_aside(
    tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    file = tmp_path / "embeddings.sqlite"
    file.write_bytes(b"this was never a database" * 100)
    with caplog.at_level(logging.WARNING):
        cache = EmbeddingCache(file)
    CachedEmbedder(HashEmbedder(), cache).embed_documents(["蔵"])
    assert len(cache.get_many(HashEmbedder().fingerprint, [hash_text("蔵")])) == 1
    cache.close()
    assert [each.read_bytes()[:4] for each in tmp_path.glob("*.damaged-*")] == [b"this"]
    assert "damaged" in caplog.text


def test_a_file_that_is_damaged_while_open_is_set_aside(tmp_path: Path) -> None:
    file = tmp_path / "embeddings.sqlite"
    cache = EmbeddingCache(file)
    vectors = {hash_text(str(number)): np.ones(256, np.float16) for number in range(2_000)}
    cache.put_many("f", vectors)
    cache.close()
    content = bytearray(file.read_bytes())
    content[4096:] = b"\xff" * (len(content) - 4096)
    file.write_bytes(bytes(content))
    reopened = EmbeddingCache(file)
    assert reopened.get_many("f", list(vectors)) == {}
    reopened.put_many("f", vectors)
    assert len(reopened.get_many("f", list(vectors))) == 2_000
    reopened.close()
    assert len(list(tmp_path.glob("*.damaged-*"))) == 1


def test_a_place_that_cannot_hold_a_file_keeps_vectors_in_memory(tmp_path: Path) -> None:
    (tmp_path / "embeddings.sqlite").mkdir()
    cache = EmbeddingCache(tmp_path / "embeddings.sqlite")
    embedder = CachedEmbedder(HashEmbedder(), cache)
    embedder.embed_documents(["蔵"])
    embedder.embed_documents(["蔵"])
    cache.close()
    assert embedder.hits == 1


def fill(file: Path, process: int) -> None:
    cache = EmbeddingCache(file)
    for number in range(60):
        key = hash_text(f"{process}-{number}")
        cache.put_many("f", {key: np.full(8, process, dtype=np.float16)})
    cache.close()


def test_two_processes_fill_one_file(tmp_path: Path) -> None:
    file = tmp_path / "embeddings.sqlite"
    spawn = multiprocessing.get_context("spawn")
    writers = [spawn.Process(target=fill, args=(file, number)) for number in (1, 2)]
    for writer in writers:
        writer.start()
    for writer in writers:
        writer.join(60)
    assert [writer.exitcode for writer in writers] == [0, 0]
    cache = EmbeddingCache(file)
    hashes = [hash_text(f"{process}-{number}") for process in (1, 2) for number in range(60)]
    assert len(cache.get_many("f", hashes)) == 120
    cache.close()
