"""Models of the hub: known ones, whether they are here, and a change of model under an index."""

import json
import os
import resource
import shutil
import subprocess
import sys
from contextlib import closing
from pathlib import Path

import pytest

from app.cli.missing_models import (
    DownloadsForbidden,
    NoModelInFolder,
    UnknownModel,
    find_known,
    is_reranker,
    name_reachable,
)
from app.equipping import build_embedder, find_glossary
from app.settings import load_settings
from retrieval.embedding.cache import CachedEmbedder
from retrieval.embedding.exporting import ExportFailed, export
from retrieval.embedding.hub import HubEmbedder
from retrieval.embedding.presence import find_on_disk
from retrieval.embedding.presets import PRESETS, Task, find_preset
from retrieval.errors import EmbedderUnavailable
from retrieval.indexing import Indexer
from retrieval.model import Scope
from retrieval.search import Searcher
from tests.fakes.embedder import HashEmbedder
from tests.fakes.transformer import build_tiny
from tests.integration.console import Console
from tests.integration.search_samples import ANYONE, opened

STATIC = Path(__file__).parents[2] / "data" / "models" / "kura-static"


@pytest.fixture(scope="module")
def tiny(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Builds a tiny embedding model of random weights, called like a known one."""
    return build_tiny(tmp_path_factory.mktemp("models") / "ruri-v3-30m")


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
    console = Console(tmp_path)
    listed = console.json("models", "list")["models"]
    assert {each["name"] for each in listed} == {preset.name for preset in PRESETS}
    shown = console.run_here("models", "show", "ruri-v3-30m")
    assert "KURA_EMBEDDING_MODEL=cl-nagoya/ruri-v3-30m" in shown.stdout
    checked = console.json("models", "check")
    assert checked["sound"]
    assert checked["dimension"] == 256
    refused = console.run("models", "warm", "cl-nagoya/ruri-v3-30m")
    assert refused.returncode == 1
    assert "KURA_ALLOW_DOWNLOADS=true" in refused.stderr


@pytest.mark.parametrize(
    ("name", "error", "told"),
    [
        ("ruri-v3-30m", DownloadsForbidden, "warm cl-nagoya/ruri-v3-30m"),
        ("cl-nagoya/ruri-v4-30m", DownloadsForbidden, ": cl-nagoya/ruri-v3-30m"),
        ("bge-reranker-v2-m3", DownloadsForbidden, "KURA_RERANKER"),
        ("/srv/nothing", NoModelInFolder, "config.json"),
    ],
)
def test_a_model_that_is_not_here_is_told_by_its_full_name_and_what_to_set(
    name: str, error: type[EmbedderUnavailable], told: str
) -> None:
    with pytest.raises(error) as refused:
        name_reachable(name, load_settings())
    assert told in refused.value.message("en")
    assert refused.value.message("ja")


def test_the_built_in_model_goes_by_its_short_name(tmp_path: Path) -> None:
    assert name_reachable("kura-static", load_settings()) == str(STATIC)
    assert "CC BY-SA" in Console(tmp_path).run_here("models", "show", "kura-static").stdout
    with pytest.raises(UnknownModel, match="bge-m3"):
        find_known("bge-m4")


def test_a_model_of_noise_fails_the_check(tiny: Path, tmp_path: Path) -> None:
    done = Console(tmp_path, KURA_DEVICE="cpu").run_here("models", "check", str(tiny), "--json")
    found = json.loads(done.stdout)
    assert found["dimension"] == 16
    assert done.exit_code == (0 if found["sound"] else 1)


def test_a_model_runs_from_its_onnx_file_once_that_is_written(tiny: Path, tmp_path: Path) -> None:
    folder = tmp_path / "our models" / "ruri-v3-30m"
    shutil.copytree(tiny, folder)
    console = Console(tmp_path, KURA_HUB_BACKEND="onnx-int8")
    refused = console.run_here("models", "warm", str(folder))
    assert isinstance(refused.exception, EmbedderUnavailable)
    assert f"'{folder}' --int8" in str(refused.exception)  # as a shell takes it
    written = console.json("models", "export", str(folder), "--int8")
    assert (written["backend"], Path(written["file"]).parent.parent) == ("onnx-int8", folder)
    assert sorted(each.name for each in folder.iterdir() if each.name.startswith("tmp")) == []
    found = console.json("models", "check", str(folder))
    assert (found["backend"], found["dimension"]) == ("onnx-int8", 16)
    embedder = build_embedder(load_settings(embedding_model=str(folder), hub_backend="onnx-int8"))
    assert embedder.fingerprint.startswith("onnx-int8-1-ruri-v3-30m-")


def test_a_model_may_be_named_from_the_home_folder() -> None:
    settings = load_settings(embedding_model="~/models/e5", reranker="~/models/reranker")
    assert settings.embedding_model == str(Path.home() / "models" / "e5")
    assert settings.reranker == str(Path.home() / "models" / "reranker")
    assert load_settings(reranker="a/b").reranker == "a/b"


def test_what_is_no_transformer_or_not_here_is_not_exported() -> None:
    with pytest.raises(ExportFailed, match="no transformer"):
        export(str(STATIC), reranks=False, int8=False)
    with pytest.raises(ExportFailed, match="kura models warm"):
        export("nobody/has-this-model", reranks=False, int8=False)


def test_a_disk_that_is_full_leaves_the_file_that_was_there(tiny: Path, tmp_path: Path) -> None:
    folder = tmp_path / "tiny"
    shutil.copytree(tiny, folder)
    (folder / "onnx").mkdir()
    (folder / "onnx" / "model.onnx").write_bytes(b"before")
    before = sorted(folder.rglob("*"))
    soft, hard = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (10_000, hard))
    try:
        with pytest.raises(ExportFailed, match="cannot be written to"):
            export(str(folder), reranks=False, int8=False)
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, (soft, hard))
    assert sorted(folder.rglob("*")) == before
    assert (folder / "onnx" / "model.onnx").read_bytes() == b"before"


def test_a_folder_says_itself_that_its_model_reranks(tiny: Path, tmp_path: Path) -> None:
    settings = load_settings()
    assert not is_reranker(str(tiny), settings)
    config = {"architectures": ["BertForSequenceClassification"]}
    (tmp_path / "config.json").write_text(json.dumps(config), encoding="utf-8")
    assert is_reranker(str(tmp_path), settings)


def test_a_model_too_large_for_one_onnx_file_is_not_told_to_be_exported(tmp_path: Path) -> None:
    console = Console(tmp_path)
    assert "models export" in console.run_here("models", "show", "ruri-v3-30m").stdout
    assert "models export" not in console.run_here("models", "show", "bge-m3").stdout


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
