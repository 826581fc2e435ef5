"""The model tuned on a company's own words: when it serves, when it does not, and when it goes."""

import json
import subprocess
from pathlib import Path

import numpy as np
import pytest

from app.bootstrap import open_searcher, open_store
from app.cli.reporting import judge
from app.cli.speaking import Exit
from app.equipping import find_adapted
from app.orders import REINDEX, STAFF, AdaptOrder
from app.settings import EMBEDDED_MODEL, Settings, load_settings
from retrieval.adapting.errors import ModelNotStatic
from retrieval.adapting.tuning import Order, Tuner
from retrieval.catalog import Catalog, Job, JobState
from retrieval.embedding.adapted import NOTE, AdaptedModels, FollowingEmbedder, Note
from retrieval.embedding.cache import EmbeddingCache
from retrieval.embedding.hub import HubEmbedder
from retrieval.embedding.static import StaticEmbedder
from retrieval.fusion import VECTOR
from retrieval.indexing import Indexer
from retrieval.lexical.glossary import PACKAGED
from retrieval.model import Scope
from retrieval.search import Searcher
from tests.fakes.embedder import HashEmbedder
from tests.integration.adapting_samples import (
    CLOSED,
    WORDS,
    adapt,
    fill,
    order,
    publish,
    work,
)
from tests.integration.test_worker import started_worker
from tests.patience import PATIENCE_S, wait_for

SCOPE = Scope(STAFF)


def index(settings: Settings, catalog: Catalog) -> None:
    work(settings, catalog.jobs.enqueue(REINDEX, {}, owner="admin"))


def find(searcher: Searcher, catalog: Catalog, question: str) -> list[str]:
    """Returns the first ten passages by meaning alone."""
    names = searcher.rank_alone(VECTOR, question, SCOPE, 10)
    chunks = catalog.chunks.fetch(names, SCOPE.principals)
    return [chunks[name][0].text for name in names]


def measure(searcher: Searcher, catalog: Catalog) -> float:
    """Returns the share of right ones among the first ten when code words are asked for."""
    right = [
        plain in text for code, plain in WORDS for text in find(searcher, catalog, f"{code}とは")
    ]
    return float(np.mean(right))


def find_live(catalog: Catalog) -> str:
    live = catalog.generations.live()
    assert live is not None
    return live.fingerprint


def list_models(settings: Settings) -> list[str]:
    return [path.name for path in (settings.home / "models").glob("*")]


def test_a_running_server_finds_by_the_companys_words_until_the_model_is_dropped(
    settings: Settings, catalog: Catalog
) -> None:
    fill(catalog)
    index(settings, catalog)
    packaged = find_live(catalog)
    with open_searcher(settings, catalog) as searcher:  # as the server has it, never restarted
        before = measure(searcher, catalog)
        assert before < 0.4, "by chance it is one of eight"
        job = adapt(settings, catalog)
        assert job.state is JobState.SUCCEEDED, job.report
        assert job.report["adapted"]
        assert judge(job) is Exit.OK
        adapted = find_live(catalog)
        assert adapted == job.report["model"] != packaged
        assert measure(searcher, catalog) > before + 0.2
        assert not searcher.search("ゾルタとは", SCOPE).degraded
        note = find_adapted(settings, catalog)
        assert note is not None
        assert note.readable_by == ("everyone", "group:staff")

        publish(catalog, "new.md", [("", "ゾルタの当番の表を作る。")])
        assert find(searcher, catalog, "ゾルタの当番")[0] == "ゾルタの当番の表を作る。"

        index(settings, catalog)
        assert find_live(catalog) == adapted, "building anew keeps it"

        dropped = adapt(settings, catalog, AdaptOrder(STAFF, drop=True))
        assert dropped.report["dropped"]
        assert find_live(catalog) == packaged
        assert find_adapted(settings, catalog) is None
        assert measure(searcher, catalog) == pytest.approx(before, abs=0.05)
        assert not adapt(settings, catalog, AdaptOrder(STAFF, drop=True)).report["dropped"]


def test_an_adapted_model_opens_as_any_sentence_transformers_model(
    settings: Settings, catalog: Catalog
) -> None:
    fill(catalog, documents=50)
    folder = settings.home / "models" / adapt(settings, catalog).report["model"]
    ours, theirs = StaticEmbedder(folder), HubEmbedder(str(folder), device="cpu")
    texts = ["ゾルタの手順", "倉庫の鍵を受け取り、棚の番号を帳面に書く。", "paid leave", ""]
    ours_rows, theirs_rows = ours.embed_documents(texts), theirs.embed_documents(texts)
    np.testing.assert_allclose(ours_rows, theirs_rows, rtol=1e-3, atol=1e-5)
    base = StaticEmbedder(EMBEDDED_MODEL)
    rows = np.flatnonzero((ours.vectors == base.vectors).all(axis=1))
    assert len(rows) > 0.9 * len(base.vectors), "words that occur nowhere are as they were"


def test_neither_evaluated_questions_nor_closed_documents_are_learned_from(
    tmp_path: Path,
) -> None:
    asked, refused = "鍵はどこで受け取りますか？", "社長の年収はいくらですか"
    sets = tmp_path / "golden.jsonl"
    rows = [{"question": asked, "documents": ["faq.md"]}, {"question": refused, "expect": "refuse"}]
    sets.write_text("\n".join(json.dumps(row) for row in rows), encoding="utf-8")
    order_all = AdaptOrder(STAFF, (str(sets),))

    def learn(name: str, *, tempting: bool) -> Job:
        settings = load_settings(home=tmp_path / name, readers=1)
        with open_store(settings) as catalog:
            fill(catalog, documents=50)
            heading = "鍵は どこで受け取りますか ?" if tempting else ""  # written otherwise
            sentence = f"{refused}。" if tempting else ""
            text = f"倉庫の入口の棚にあります。{sentence}夕方までに返すことになっています。"
            publish(catalog, "faq.md", [(heading, text)])
            if tempting:
                publish(catalog, "board.md", [("ゾルタ", "工場を売る話は秘密です。")], CLOSED)
            return adapt(settings, catalog, order_all)

    clean, tempted = learn("clean", tempting=False), learn("tempted", tempting=True)
    assert clean.state is tempted.state is JobState.SUCCEEDED
    assert clean.report["model"] == tempted.report["model"], "not one number of it may differ"


def test_a_model_that_finds_worse_is_not_published(
    settings: Settings, catalog: Catalog, tmp_path: Path
) -> None:
    """Headings mislead: each names what another section is about."""
    things = ("鍵", "切符", "会議室", "機械の油", "名札", "荷物", "庭の木", "書類")
    fill(catalog, [(things[place - 1], plain) for place, (_, plain) in enumerate(WORDS)])
    for number, (thing, (_, plain)) in enumerate(zip(things, WORDS, strict=True)):
        publish(catalog, f"right-{number}.md", [("", f"{thing}のこと。{plain}。")])
    rows = [
        {"question": question, "documents": [f"right-{number}.md"], "as": ["group:staff"]}
        for number, thing in enumerate(things)
        for question in (f"{thing}について知りたい", f"{thing}はどうしますか")
    ]
    sets = tmp_path / "golden.jsonl"
    sets.write_text("\n".join(json.dumps(row) for row in rows), encoding="utf-8")
    index(settings, catalog)
    live = catalog.generations.live()
    job = adapt(settings, catalog, AdaptOrder(STAFF, (str(sets),)))
    assert job.state is JobState.SUCCEEDED, job.report
    assert not job.report["adapted"]
    assert job.report["reason"] == "worse"
    assert any(row["worse"] for row in job.report["comparisons"])
    assert judge(job) is Exit.SOME_FAILED
    assert catalog.generations.live() == live
    assert list_models(settings) == []
    assert [path.name for path in (settings.home / "generations").iterdir()] == [live.id]


def test_a_worker_killed_while_it_learns_leaves_everything_as_it_was(
    settings: Settings, catalog: Catalog
) -> None:
    fill(catalog, documents=120)
    index(settings, catalog)
    live = catalog.generations.live()
    job = order(catalog)
    with started_worker(settings) as process:
        wait_for(lambda: catalog.jobs.get(job.id).progress.get("stage") == "learning")
        process.kill()
        process.wait(PATIENCE_S)
    assert catalog.jobs.get(job.id).state is JobState.RUNNING, "it had already ended"
    assert catalog.generations.live() == live
    assert list_models(settings) == []
    with open_searcher(settings, catalog) as searcher:
        assert not searcher.search("倉庫の鍵", SCOPE).degraded
    assert catalog.jobs.cancel(job.id)


def test_what_a_killed_run_left_half_made_is_swept_and_other_folders_are_not(
    tmp_path: Path,
) -> None:
    models = AdaptedModels(tmp_path)
    (models.start_draft() / "model.safetensors").write_bytes(b"half")
    orphan, own = models.folder / "static-1-orphan", models.folder / "own-model"
    for folder in (orphan, own):
        folder.mkdir()
        (folder / "modules.json").write_text("[]", encoding="utf-8")
    Note("static-1-base", "2026-11-22T00:00:00+00:00", 50, 200, ("everyone",)).write(orphan)
    models.keep_only({"static-1-live"})
    assert [path.name for path in models.folder.iterdir()] == ["own-model"]
    assert not (own / NOTE).exists()


def test_too_small_a_corpus_is_refused_with_the_bounds(
    settings: Settings, catalog: Catalog
) -> None:
    fill(catalog, documents=20)
    publish(catalog, "closed.md", [("", "秘密の文書です。")], CLOSED)
    job = adapt(settings, catalog)
    assert job.state is JobState.FAILED
    assert job.report["error"]["code"] == "corpus-too-small"
    assert "20 documents with 80 passages, and at least 40 and 200" in job.report["error"]["en"]
    assert list_models(settings) == []


def test_only_static_models_are_tuned(settings: Settings, catalog: Catalog) -> None:
    embedder = HashEmbedder()
    cache = EmbeddingCache(settings.home / "embeddings.sqlite")
    indexer = Indexer(catalog, settings.home, embedder, cache)
    following = FollowingEmbedder(embedder, AdaptedModels(settings.home), lambda: None)
    tuner = Tuner(catalog, settings.home, indexer, following, PACKAGED)
    with pytest.raises(ModelNotStatic, match="only static models"):
        tuner.run(Order(STAFF), lambda: None, lambda *_: None)
    cache.close()


def test_an_adapted_model_serves_only_beside_the_one_it_was_tuned_from(tmp_path: Path) -> None:
    models, base = AdaptedModels(tmp_path), StaticEmbedder(EMBEDDED_MODEL)
    draft = models.start_draft()
    subprocess.run(["cp", "-r", f"{EMBEDDED_MODEL}/.", str(draft)], check=True)
    Note("static-1-another", "2026-11-22T00:00:00+00:00", 50, 200, ("everyone",)).write(draft)
    taken = models.take_in(draft)
    other = HashEmbedder()
    assert models.serving(taken.fingerprint, other) is other
    assert models.serving(None, base) is base
    assert models.serving("static-1-gone", base) is base
