"""Models of the hub: known ones, whether they are here, and a change of model under an index."""

import json
import os
import shutil
import subprocess
import sys
from contextlib import closing
from pathlib import Path

import pytest

from app.equipping import build_embedder, find_glossary
from app.settings import load_settings
from retrieval.embedding.cache import CachedEmbedder
from retrieval.embedding.hub import HubEmbedder
from retrieval.embedding.presence import find_on_disk
from retrieval.embedding.presets import PRESETS, Task, find_preset
from retrieval.indexing import Indexer
from retrieval.model import Scope
from retrieval.search import Searcher
from tests.fakes.embedder import HashEmbedder
from tests.integration.search_samples import ANYONE, opened

STATIC = Path(__file__).parents[2] / "data" / "models" / "kura-static"


@pytest.fixture(scope="module")
def tiny(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Builds a tiny embedding model of random weights, called like a known one."""
    from sentence_transformers import SentenceTransformer
    from sentence_transformers.sentence_transformer.modules import Pooling, Transformer
    from transformers import BertConfig, BertModel, BertTokenizerFast

    home = tmp_path_factory.mktemp("models")
    letters = "ぁあいうえお有給休暇日出張精算会議室検索文書クエリ: abcdefghijklmnopqrstuvwxyz"
    words = ["[PAD]", "[UNK]", "[CLS]", "[SEP]", "[MASK]", *dict.fromkeys(letters.replace(" ", ""))]
    (home / "vocab.txt").write_text("\n".join(words), encoding="utf-8")
    config = BertConfig(
        vocab_size=len(words), hidden_size=16, num_hidden_layers=1, num_attention_heads=2,
        intermediate_size=16, max_position_embeddings=64,
    )  # fmt: skip
    BertModel(config).save_pretrained(home / "bert")
    tokenizer = BertTokenizerFast(vocab_file=str(home / "vocab.txt"), model_max_length=64)
    tokenizer.save_pretrained(home / "bert")
    transformer = Transformer(str(home / "bert"))
    model = SentenceTransformer(modules=[transformer, Pooling(16)], device="cpu")
    model.save(str(home / "ruri-v3-30m"))
    return home / "ruri-v3-30m"


def run(*arguments: str, home: Path, **settings: str) -> subprocess.CompletedProcess[str]:
    clean = {name: value for name, value in os.environ.items() if not name.startswith("KURA_")}
    return subprocess.run(
        [sys.executable, "-m", "app.cli", "models", *arguments],
        capture_output=True,
        text=True,
        env={**clean, "KURA_HOME": str(home), "KURA_LANGUAGE": "en", **settings},
        check=False,
    )


def test_every_preset_is_whole_and_permissive() -> None:
    assert len({preset.name for preset in PRESETS}) == len(PRESETS)
    for preset in PRESETS:
        assert preset.licence in {"MIT", "Apache-2.0"}
        assert (preset.dimension > 0) == (preset.task is Task.EMBED)
        assert preset.memory_mb > preset.weights_mb > 0
        assert preset.ja
        assert preset.en


def test_a_preset_is_found_by_its_name_and_by_a_folder_called_like_it() -> None:
    ruri = find_preset("cl-nagoya/ruri-v3-30m")
    assert ruri is not None
    assert (ruri.query_prompt, ruri.document_prompt) == ("検索クエリ: ", "検索文書: ")
    assert find_preset("/srv/models/Ruri-v3-30m/") is ruri
    assert find_preset("somebody/else") is None


def test_a_known_model_gets_its_prompts_unless_others_are_set(tiny: Path) -> None:
    by_name = build_embedder(load_settings(embedding_model=str(tiny), device="cpu"))
    by_hand = HubEmbedder(
        str(tiny), query_prompt="検索クエリ: ", document_prompt="検索文書: ", device="cpu"
    )
    without = HubEmbedder(str(tiny), query_prompt="", document_prompt="", device="cpu")
    other = build_embedder(
        load_settings(embedding_model=str(tiny), device="cpu", query_prompt="質問: ")
    )
    assert by_name.fingerprint == by_hand.fingerprint
    assert len({by_name.fingerprint, without.fingerprint, other.fingerprint}) == 3


def test_a_model_says_whether_it_is_here(tiny: Path, tmp_path: Path) -> None:
    assert find_on_disk(str(tiny)) == tiny
    assert find_on_disk("nobody/has-this-model") is None
    assert find_on_disk(str(tmp_path / "nothing")) is None


def test_models_are_listed_shown_checked_and_refused_at_the_command_line(tmp_path: Path) -> None:
    listed = json.loads(run("list", "--json", home=tmp_path).stdout)["models"]
    assert {each["name"] for each in listed} == {preset.name for preset in PRESETS}
    shown = run("show", "ruri-v3-30m", home=tmp_path)
    assert "KURA_EMBEDDING_MODEL=cl-nagoya/ruri-v3-30m" in shown.stdout
    checked = json.loads(run("check", "--json", home=tmp_path).stdout)
    assert checked["sound"]
    assert checked["dimension"] == 256
    refused = run("warm", "cl-nagoya/ruri-v3-30m", home=tmp_path)
    assert refused.returncode == 1
    assert "KURA_ALLOW_DOWNLOADS=true" in refused.stderr


def test_a_model_of_noise_fails_the_check(tiny: Path, tmp_path: Path) -> None:
    done = run("check", str(tiny), "--json", home=tmp_path, KURA_DEVICE="cpu")
    found = json.loads(done.stdout)
    assert found["dimension"] == 16
    assert done.returncode == (0 if found["sound"] else 1)


def test_vectors_of_another_model_are_never_compared_and_the_remedy_is_named(
    tmp_path: Path,
) -> None:
    with opened(tmp_path) as library:
        library.publish("a", ["旅費の精算は翌月です。"])
        library.index(publish=True)
        other = CachedEmbedder(HashEmbedder(32), library.cache)
        with closing(Searcher(library.catalog, library.home, other)) as searcher:
            found = searcher.search("旅費の精算", Scope(ANYONE))
            assert found.degraded == ("vector",)
            assert [set(each.scores) & {"vector"} for each in found.passages] == [set()]
            mismatch = searcher.mismatch()
            assert mismatch is not None
            for language in ("ja", "en"):
                told = mismatch.message(language)  # type: ignore[arg-type]
                assert "kura reindex" in told
                assert "hash-bigrams-64" in told
                assert "hash-bigrams-32" in told
            Indexer(library.catalog, library.home, HashEmbedder(32), library.cache).publish_if_due()
            assert searcher.search("旅費の精算", Scope(ANYONE)).degraded == ()
            assert searcher.mismatch() is None


def test_the_command_line_tells_of_a_changed_model(tmp_path: Path) -> None:
    from tests.integration.search_samples import Library

    library = Library(tmp_path)
    library.publish("a", ["旅費の精算は翌月です。"])
    library.index(publish=True)
    library.close()
    environment = {**os.environ, "KURA_HOME": str(tmp_path), "KURA_LANGUAGE": "en"}
    for command in (["search", "旅費", "--as", "everyone"], ["doctor", "--only", "indexes"]):
        done = subprocess.run(
            [sys.executable, "-m", "app.cli", *command],
            capture_output=True, text=True, env=environment, check=False,
        )  # fmt: skip
        assert "hash-bigrams-64" in done.stdout + done.stderr
        assert "kura reindex" in done.stdout + done.stderr


def test_a_glossary_of_the_company_is_used_by_search(tmp_path: Path) -> None:
    own = tmp_path / "own.csv"
    own.write_text("area,japanese,english\nx,ぽんぽこ制度|年次有給休暇,\n", encoding="utf-8")
    settings = load_settings(glossary=own)
    assert find_glossary(settings) == own
    with opened(tmp_path / "home") as library:
        library.publish("a", ["年次有給休暇は十日です。"])
        library.index()
        for glossary, words in ((own, True), (find_glossary(load_settings()), False)):
            searcher = Searcher(library.catalog, library.home, library.embedder, glossary)
            with closing(searcher):
                found = searcher.search("ぽんぽこ制度", Scope(ANYONE)).passages
                assert any("lexical" in each.scores for each in found) == words


def test_a_static_model_is_still_known_by_its_folder(tmp_path: Path) -> None:
    copied = tmp_path / "anything"
    shutil.copytree(STATIC, copied)
    embedder = build_embedder(load_settings(embedding_model=str(copied)))
    assert embedder.fingerprint.startswith("static-")
